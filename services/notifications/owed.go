package notifications

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"plenary.example/shared/bus"
)

// hintWithin is how long whoever changed something waits for the bus to take the
// hint of it. One that it has not taken by then follows later.
const hintWithin = 5 * time.Second

// owed are hints for the siblings that the bus did not take. A sibling that never
// heard of a phone would never send to it, and one that never heard that a carrier
// is stopped would go on, so they are kept until they are told.
type owed struct {
	mu  sync.Mutex
	all map[string]bus.State // by subject
}

// add remembers a hint, unless a newer one of its subject is owed.
func (o *owed) add(x bus.State) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all == nil {
		o.all = map[string]bus.State{}
	}
	if old, there := o.all[x.Subject]; !there || old.Revision <= x.Revision {
		o.all[x.Subject] = x
	}
}

// pay tells what is owed, and keeps what put does not take. It stops at the first.
func (o *owed) pay(put func(bus.State) error) error {
	o.mu.Lock()
	due := slices.Collect(maps.Values(o.all))
	o.mu.Unlock()
	for _, x := range due {
		if err := put(x); err != nil {
			return fmt.Errorf("hint still owed to the siblings: %w", err)
		}
		o.mu.Lock()
		if o.all[x.Subject].Revision == x.Revision {
			delete(o.all, x.Subject)
		}
		o.mu.Unlock()
	}
	return nil
}

// any tells whether something is owed: then the bus was away a moment ago.
func (o *owed) any() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.all) > 0
}

// tellSiblings hints that what has a subject is at a revision now. It must not fail
// the request that made it so: what the bus does not take is told when it does, and
// while it is away nobody waits for it a second time.
func (s *Service) tellSiblings(subject string, revision int64) {
	hint := bus.State{Subject: subject, Revision: revision, Data: fmt.Appendf(nil, `{"revision":%d}`, revision)}
	if s.owed.any() {
		s.owed.add(hint)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), hintWithin)
	defer cancel()
	if err := s.bus.PutState(ctx, hint.Subject, hint.Revision, hint.Data); err != nil {
		s.owed.add(hint)
		s.log.Warn("siblings not told yet", "err", err)
	}
}

// tellOwed tells the siblings what they are owed, as far as the bus takes it.
func (s *Service) tellOwed(ctx context.Context) error {
	return s.owed.pay(func(x bus.State) error {
		one, cancel := context.WithTimeout(ctx, hintWithin)
		defer cancel()
		return s.bus.PutState(one, x.Subject, x.Revision, x.Data)
	})
}
