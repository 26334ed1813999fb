package privacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

const (
	// left is how long an erasure is left to the replica that began it.
	left = 5 * time.Second
	// goOnEvery is how often what is unfinished is taken up again.
	goOnEvery = 2 * time.Second
)

// Load finds what was begun and not finished. Everybody is who has a record, of
// any status: an erasure whose document was never written is known by the
// record alone.
func (o *Office) Load(ctx context.Context, everybody []delegate.Delegate) error {
	all, err := o.kept.All(ctx)
	if err != nil {
		return fmt.Errorf("load erasures: %w", err)
	}
	begun := make(map[string]bool, len(all))
	for _, e := range all {
		if begun[e.ID] = true; !e.Done() {
			o.note(e.Conference, e.ID, time.Time{})
		}
	}
	for _, d := range everybody {
		if d.Status == event.Erased && !begun[d.ID] {
			o.note(d.Conference, d.ID, time.Time{})
		}
	}
	return nil
}

// Hear takes an event in: an erasure that another replica began is looked after
// a moment later, should that replica be gone.
func (o *Office) Hear(e event.Envelope) {
	if e.Type == (event.DelegateErased{}).Type() {
		o.note(e.Conference, e.Subject, o.now())
	}
}

func (o *Office) note(conference, delegate string, since time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.heard[delegate] = unfinished{conference, since}
}

// Run finishes what was begun, until ctx ends.
func (o *Office) Run(ctx context.Context) {
	tick := time.NewTicker(goOnEvery)
	defer tick.Stop()
	for {
		if err := o.GoOn(ctx); err != nil && ctx.Err() == nil {
			o.log.Warn("erasures wait", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// GoOn takes up once what is unfinished and not in somebody else's hands.
func (o *Office) GoOn(ctx context.Context) error {
	var errs []error
	for id, u := range o.unfinished() {
		if o.now().Sub(u.since) < left {
			continue
		}
		if err := o.goOn(ctx, id, u.conference); err != nil {
			errs = append(errs, fmt.Errorf("erasure of %s: %w", id, err))
			continue
		}
		o.mu.Lock()
		delete(o.heard, id)
		o.mu.Unlock()
	}
	return errors.Join(errs...)
}

func (o *Office) goOn(ctx context.Context, id, conference string) error {
	e, err := o.kept.Get(ctx, id)
	switch {
	case problem.Is(err, problem.NotFound):
		e = Erasure{ID: id, Conference: conference, At: o.now().UTC().Truncate(time.Millisecond)}
	case err != nil:
		return err
	case e.Done():
		return nil
	}
	return o.finish(ctx, conference, []Erasure{e})
}

func (o *Office) unfinished() map[string]unfinished {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make(map[string]unfinished, len(o.heard))
	for id, u := range o.heard {
		all[id] = u
	}
	return all
}
