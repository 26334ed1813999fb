package seat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// lookEvery is how often a replica looks at what the others have planned, or
// left behind.
const lookEvery = 3 * time.Second

// Run does what is planned when its moment has come, until ctx ends.
func (d *Desk) Run(ctx context.Context) {
	for {
		if err := d.Work(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("substitutions wait", "err", err)
		}
		timer := time.NewTimer(d.pause())
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-d.wake:
			timer.Stop()
		}
	}
}

// pause is until the next moment, or the next look.
func (d *Desk) pause() time.Duration {
	next := lookEvery
	for _, s := range d.of(func(s Substitution) bool { return s.State == Planned }) {
		next = min(next, s.From.Sub(d.clock(s.Conference)))
	}
	return max(next, 10*time.Millisecond)
}

// Work looks once at all substitutions and takes every step that can be taken
// now. What fails is taken up again with the next call.
func (d *Desk) Work(ctx context.Context) error {
	err := d.look(ctx)
	for _, s := range d.of(func(s Substitution) bool { return !s.over() }) {
		if s.State == Planned && d.clock(s.Conference).Before(s.From) && !d.hopeless(ctx, s) {
			continue
		}
		_, failed := d.drive(ctx, s)
		err = errors.Join(err, failed)
	}
	return err
}

// look reads what there is. There are a hundred of them, at a large conference.
func (d *Desk) look(ctx context.Context) error {
	for {
		d.mu.Lock()
		before := d.written
		d.mu.Unlock()
		all, err := d.kept.All(ctx)
		if err != nil {
			return fmt.Errorf("look at the substitutions: %w", err)
		}
		if d.replace(all, before) {
			return nil
		}
	}
}

// replace takes all for what is known, unless this replica has written one
// since they were read.
func (d *Desk) replace(all []Substitution, before int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written != before {
		return false
	}
	clear(d.known)
	for _, s := range all {
		d.known[s.Key] = s
	}
	return true
}

// hopeless says that memory shows an obstacle to a planned substitution; it is
// looked at again before anything follows from it.
func (d *Desk) hopeless(ctx context.Context, s Substitution) bool {
	leaving, err := d.book.Delegate(ctx, s.Conference, s.Delegate)
	if err != nil {
		return problem.Is(err, problem.NotFound)
	}
	deputy, err := d.book.Delegate(ctx, s.Conference, s.Deputy)
	if err != nil {
		return problem.Is(err, problem.NotFound)
	}
	return s.obstacle(leaving, deputy) != ""
}

// drive takes the remaining steps of s, or withdraws it when there is an
// obstacle. It returns s as it is then.
func (d *Desk) drive(ctx context.Context, s Substitution) (Substitution, error) {
	if s.State == Planned {
		if !d.clock(s.Conference).Before(s.From) {
			opened, err := d.advance(ctx, s, Open)
			if err != nil || opened.State != Open {
				return opened, err
			}
			s = opened
		} else if why, err := d.obstacle(ctx, s); err != nil || why == "" {
			return s, err
		} else {
			s.Reason = why
			return d.advance(ctx, s, Withdrawn)
		}
	}
	why, err := d.handOver(ctx, s)
	if err != nil {
		return s, fmt.Errorf("substitution %s: %w", s.ID, err)
	}
	if why != "" {
		s.Reason = why
		return d.advance(ctx, s, Withdrawn)
	}
	if err := d.passHead(ctx, s); err != nil {
		return s, fmt.Errorf("substitution %s: %w", s.ID, err)
	}
	return d.advance(ctx, s, Done)
}

// handOver makes the person substituted, in the write that also tells of it.
// The Book ends their sign-ins before anybody hears of it, also after a crash.
func (d *Desk) handOver(ctx context.Context, s Substitution) (obstacle string, err error) {
	deputy, err := d.fresh(ctx, s.Conference, s.Deputy)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return "", err
	}
	_, err = d.book.ChangeDelegate(ctx, s.Conference, s.Delegate, 0, s.Actor, s.Delegate, func(leaving delegate.Delegate) (delegate.Delegate, error) {
		obstacle = ""
		if s.handed(leaving) { // by whoever came this far before
			return leaving, nil
		}
		if obstacle = s.obstacle(leaving, deputy); obstacle == "" && d.last(leaving) {
			obstacle = LastOffice
		}
		if obstacle == "" {
			leaving.Status, leaving.Deputy = event.Substituted, s.Deputy
		}
		return leaving, nil
	}, s.news())
	if problem.Is(err, problem.NotFound) {
		return DelegateGone, nil
	}
	return obstacle, err
}

// passHead makes the deputy head of the delegation if the person was.
func (d *Desk) passHead(ctx context.Context, s Substitution) error {
	_, err := d.book.ChangeDelegation(ctx, s.Conference, s.Delegation, 0, s.Actor, s.Delegate, func(g delegate.Delegation) (delegate.Delegation, error) {
		if g.Head == s.Delegate {
			g.Head = s.Deputy
		}
		return g, nil
	})
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	return err
}

// obstacle is what the store says about one.
func (d *Desk) obstacle(ctx context.Context, s Substitution) (string, error) {
	leaving, err := d.fresh(ctx, s.Conference, s.Delegate)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return "", err
	}
	deputy, err := d.fresh(ctx, s.Conference, s.Deputy)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return "", err
	}
	return s.obstacle(leaving, deputy), nil
}

// advance puts s into a state. When somebody else has put it into another
// meanwhile, that is the one it returns.
func (d *Desk) advance(ctx context.Context, s Substitution, to string) (Substitution, error) {
	from := s.State
	s.State = to
	err := d.kept.Advance(ctx, s, from)
	if errors.Is(err, ErrStale) {
		s, err = d.kept.Get(ctx, s.Key)
	}
	if err != nil {
		return s, fmt.Errorf("substitution %s: %w", s.ID, err)
	}
	d.keep(s)
	return s, nil
}

// Forget removes every substitution of seats that people left, for good: they
// are erased. What is planned with one of them as deputy withdraws by itself, and
// what was done keeps an id that leads to nobody.
func (d *Desk) Forget(ctx context.Context, conference string, people ...string) error {
	if err := d.look(ctx); err != nil {
		return err
	}
	for _, s := range d.of(func(s Substitution) bool { return s.Conference == conference && slices.Contains(people, s.Delegate) }) {
		if err := d.kept.Delete(ctx, s.Key); err != nil {
			return fmt.Errorf("forget substitution %s: %w", s.ID, err)
		}
		d.mu.Lock()
		d.written++
		delete(d.known, s.Key)
		d.mu.Unlock()
	}
	return nil
}
