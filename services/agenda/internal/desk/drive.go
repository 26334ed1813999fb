package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// drive does what is left to do of an act that is committed: first the claims
// that change hands do so, then each meeting becomes what it is to be. It may be
// driven any number of times, by anybody.
func (d *Desk) drive(ctx context.Context, c *conference, a act) error {
	for _, p := range a.parts {
		if err := d.handOver(ctx, a, p); err != nil {
			return err
		}
	}
	for _, p := range a.parts {
		if err := d.step(stepActNext); err != nil {
			return err
		}
		err := d.meetings.Replace(ctx, p.Next.ID, bson.M{"act": a.ID, "revision": p.Revision}, p.Next)
		switch {
		case errors.Is(err, store.ErrStale): // somebody was faster
			c.wants(p.Next.ID, nil)
			there, err := d.fetch(ctx, c, p.Next.ID)
			if err != nil && !problem.Is(err, problem.NotFound) {
				return err
			}
			if err == nil && same(there, p.Next) { // or it was we, and the answer was lost
				d.free(c, there.ID, there.Freed)
			}
			continue
		case err != nil:
			return fmt.Errorf("act %s: %w", a.ID, err)
		}
		c.wants(p.Next.ID, nil)
		c.wrote(p.Next)
		d.owe(c, p.Next)
		d.free(c, p.Next.ID, p.Next.Freed)
	}
	if err := d.step(stepActDone); err != nil {
		return err
	}
	if err := d.acts.Delete(ctx, a.ID, bson.M{"state": actCommitted}); err != nil && !errors.Is(err, store.ErrStale) {
		return fmt.Errorf("act %s: %w", a.ID, err)
	}
	return nil
}

// handOver gives a meeting the claims that another one of the act gave up for it.
func (d *Desk) handOver(ctx context.Context, a act, p part) error {
	if len(p.Gets) == 0 {
		return nil
	}
	if err := d.step(stepActMove); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, one := range p.Gets {
		for n := one.Hold.From; n < one.Hold.To; n++ {
			g.Go(func() error {
				id := meeting.ClaimID(a.Conference, one.Hold.Resource, n)
				err := d.claims.Update(gctx, id, bson.M{"meeting": one.From, "attempt": one.Hold.Attempt},
					bson.M{"$set": bson.M{"meeting": p.Next.ID, "attempt": a.ID}})
				if err != nil && !errors.Is(err, store.ErrStale) { // it has changed hands already
					return fmt.Errorf("act %s: %w", a.ID, err)
				}
				return nil
			})
		}
	}
	return g.Wait()
}

// undo ends an act of which nobody knows how far it got, unless it is committed.
// Its claims are deleted now, and again when none can arrive any more.
func (d *Desk) undo(ctx context.Context, c *conference, a act) error {
	if err := d.step(stepActUndo); err != nil {
		return err
	}
	err := d.acts.Update(ctx, a.ID, bson.M{"state": actOpen}, bson.M{"$set": bson.M{"state": actUndone}})
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("act %s: %w", a.ID, err)
	}
	return d.undone(ctx, c, a)
}

// undone takes away what an act left that was undone.
func (d *Desk) undone(ctx context.Context, c *conference, a act) error {
	c.mu.Lock()
	if !slices.ContainsFunc(c.lateActs, func(l lateAct) bool { return l.a.ID == a.ID }) {
		c.lateActs = append(c.lateActs, lateAct{a, d.wall().Add(lateness)})
	}
	c.mu.Unlock()
	return d.cleared(ctx, c, a, a.wants(d.wall()))
}

// takeBack is undo of an act of this replica that got these claims and no more.
func (d *Desk) takeBack(ctx context.Context, c *conference, a act, got []Claim) error {
	if err := d.step(stepActUndo); err != nil {
		return err
	}
	if err := d.acts.Delete(ctx, a.ID, bson.M{"state": actOpen}); err != nil && !errors.Is(err, store.ErrStale) {
		return fmt.Errorf("act %s: %w", a.ID, err)
	}
	return d.cleared(ctx, c, a, got)
}

// cleared takes its marks from the meetings of an act that is over, and then deletes
// claims of it.
func (d *Desk) cleared(ctx context.Context, c *conference, a act, claims []Claim) error {
	for _, p := range a.parts {
		if err := d.unmark(ctx, c, a.ID, p.Next.ID); err != nil {
			return err
		}
	}
	return d.release(ctx, claims)
}

// lookForActs takes up acts, of whichever replica, whose time was over before a
// moment. Long after that there is hardly ever one: mostly the meetings marked with
// an act lead to it, but one may have been left before the first mark.
func (d *Desk) lookForActs(ctx context.Context, before time.Time) error {
	all, err := store.All[act](ctx, d.acts, nil)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !a.Deadline.Before(before) {
			continue
		}
		if err := a.unpack(); err != nil {
			return err
		}
		c := d.adopt(a.Conference)
		c.mu.Lock()
		if !slices.ContainsFunc(c.left, func(o act) bool { return o.ID == a.ID }) &&
			!slices.ContainsFunc(c.lateActs, func(l lateAct) bool { return l.a.ID == a.ID }) {
			c.left = append(c.left, a)
		}
		c.mu.Unlock()
	}
	return nil
}

// goOn does what is due of the acts that were found, or undone since.
func (d *Desk) goOn(ctx context.Context, c *conference) error {
	c.mu.Lock()
	left, late := c.left, c.lateActs
	c.left, c.lateActs = nil, nil
	c.mu.Unlock()
	var errs error
	for _, a := range left {
		var err error
		switch {
		case a.State == actCommitted:
			err = d.drive(ctx, c, a)
		case a.State == actUndone:
			err = d.undone(ctx, c, a)
		case d.wall().After(a.Deadline):
			err = d.undo(ctx, c, a)
		default:
			err = errTooEarly
		}
		if err != nil {
			c.mu.Lock()
			c.left = append(c.left, a)
			c.mu.Unlock()
		}
		if !errors.Is(err, errTooEarly) {
			errs = errors.Join(errs, err)
		}
	}
	for _, l := range late {
		if err := d.forgetAct(ctx, l); err != nil {
			c.mu.Lock()
			c.lateActs = append(c.lateActs, l)
			c.mu.Unlock()
			if !errors.Is(err, errTooEarly) {
				errs = errors.Join(errs, err)
			}
		}
	}
	return errs
}

var errTooEarly = errors.New("desk: too early")

// A lateAct was undone, and has to be cleared away once more.
type lateAct struct {
	a   act
	due time.Time // wall clock
}

func (d *Desk) forgetAct(ctx context.Context, l lateAct) error {
	if d.wall().Before(l.due) {
		return errTooEarly
	}
	if err := d.release(ctx, l.a.wants(d.wall())); err != nil {
		return err
	}
	if err := d.step(stepActDone); err != nil {
		return err
	}
	if err := d.acts.Delete(ctx, l.a.ID, bson.M{"state": actUndone}); err != nil && !errors.Is(err, store.ErrStale) {
		return fmt.Errorf("act %s: %w", l.a.ID, err)
	}
	return nil
}
