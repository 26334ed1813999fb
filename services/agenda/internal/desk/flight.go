package desk

import (
	"context"
	"fmt"
	"slices"

	"plenary.example/services/agenda/internal/meeting"
)

// A flight is an attempt, or an act, of this replica on its way. Of those who want
// some of the same, one is on its way at a time: what can be settled here need not
// be settled by the store. What it wants is in the diary, so that whoever decides
// meanwhile looks for something else first.
type flight struct {
	wants map[cell]string
	over  chan struct{} // closed when it has landed, whatever came of it
}

// A behind says that somebody is behind a flight that wants some of the same.
type behind struct {
	flight *flight
	// wait says that there is nothing else for them; otherwise another decision, in
	// a world that knows of the flight, may bring them elsewhere.
	wait bool
}

func (behind) Error() string { return "desk: somebody else is about to have it" }

// departs notes that an attempt is on its way with what it wants for each meeting,
// unless another flight wants some of the same: then that is the answer.
func (c *conference) departs(attempt string, wants map[string][]meeting.Hold) (landed func(), inTheWay *flight) {
	f := &flight{map[cell]string{}, make(chan struct{})}
	for _, holds := range wants {
		merged(f.wants, cells(holds))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, other := range c.flying {
		if f.meets(other.wants) {
			return nil, other
		}
	}
	c.flying[attempt] = f
	for id, holds := range wants {
		e := c.entry(id)
		e.flying = holds
		c.write(e)
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.flying, attempt)
		for id := range wants {
			c.lands(id)
		}
		close(f.over)
	}, nil
}

// lands takes from a meeting what a flight wanted for it; c.mu is held.
func (c *conference) lands(id string) {
	e, ok := c.meetings[id]
	if !ok {
		return
	}
	e.flying = nil
	c.write(e)
	if e.m.Revision < 0 { // it never got so far as to be a meeting
		delete(c.meetings, id)
	}
}

func (f *flight) meets(wants map[cell]string) bool {
	for k := range f.wants {
		if _, both := wants[k]; both {
			return true
		}
	}
	return false
}

// inTheWay is a flight that wants some of what somebody else would; nil for none.
func (c *conference) inTheWay(holds []meeting.Hold) *flight {
	wants := cells(holds)
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, f := range c.flying {
		if f.meets(wants) {
			return f
		}
	}
	return nil
}

// attempting are the meetings of which memory has an attempt, of whatever replica,
// that wants some of what somebody else would. It may be over by now, for nobody
// tells of an attempt that failed.
func (c *conference) attempting(holds []meeting.Hold) []string {
	var all []string
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, h := range holds {
		for _, taken := range c.diary.Taken(h.Resource, h.From, h.To) {
			e := c.meetings[taken.Holder]
			if e != nil && e.m.Attempt != nil && !slices.Contains(all, taken.Holder) {
				all = append(all, taken.Holder)
			}
		}
	}
	return all
}

// aboard waits until an attempt or an act, which wants this for each meeting, can
// be made true: nobody else of this replica is at any of it, and few are at it at
// all. The time that its writes have, in begun, starts then, not before. done is to
// be called when it is known what came of it. It fails with behind, and busy when
// it takes longer than ctx.
func (d *Desk) aboard(ctx context.Context, c *conference, id string, wants map[string][]meeting.Hold) (begun context.Context, done func(), err error) {
	landed, other := c.departs(id, wants)
	if other != nil {
		return nil, nil, behind{other, false}
	}
	select { // those who wait come to it in the order in which they came
	case d.hands <- struct{}{}:
	case <-ctx.Done():
		landed()
		return nil, nil, fmt.Errorf("%w: %w", errLate, ctx.Err())
	}
	begun, cancel := d.begin(ctx)
	return begun, func() { cancel(); <-d.hands; landed() }, nil
}

// begin is the time that the writes of one try have, whoever stops waiting for
// them.
func (d *Desk) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience)
}
