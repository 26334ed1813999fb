package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

const (
	// applyPatience is how long whoever applies an allocation waits for it; then
	// the sweeps go on with it.
	applyPatience = 40 * time.Second
	// sweepPatience is how long one sweep goes on with an allocation, so that it
	// gets to everything else.
	sweepPatience = 5 * time.Second
	// tenure is how long one replica has for a page of an allocation before
	// another may take it for dead. It is longer than overdue, so that what the
	// dead one attempted is over by then.
	tenure = 30 * time.Second
	// atOnce is how many meetings of an allocation are dealt with side by side.
	// They do not want the same, and the store writes one at a time.
	atOnce = 4
)

// ApplyAllocation gives every meeting of an allocation its slot and its room, for
// both sides, as if they had accepted. What has changed since it was planned, or
// is taken by now, is refused one by one, and all else stands. Many may call it:
// it is done once, and whoever calls it later gets the same answer. It goes on
// after a crash, and when the caller stops waiting: then the answer is how far it
// has got.
func (d *Desk) ApplyAllocation(ctx context.Context, conference, id, actor string) (meeting.Allocation, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Allocation{}, err
	}
	within, cancel := context.WithTimeout(ctx, applyPatience)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		a, err := d.fetchAllocation(ctx, c, id)
		if err != nil || a.State == meeting.Applied || within.Err() != nil {
			return a, err
		}
		if a, err = d.goOnWith(within, c, a, actor); !errors.Is(err, errTaken) {
			return a, err
		}
		rest(within, pause)
	}
}

// errTaken says that another one is at an allocation.
var errTaken = errors.New("desk: another one applies it")

// goOnWith goes on with an allocation as long as ctx lasts, or answers errTaken.
func (d *Desk) goOnWith(ctx context.Context, c *conference, a meeting.Allocation, actor string) (meeting.Allocation, error) {
	if a.State == meeting.Applying && d.wall().Before(a.Until) {
		return a, errTaken
	}
	next := a
	next.Until = d.wall().Add(tenure)
	if a.State == meeting.Planned {
		next.State, next.AppliedBy = meeting.Applying, actor
	}
	a, err := d.putAllocation(ctx, c, progressed(next, d.wall()))
	for err == nil && a.State == meeting.Applying && ctx.Err() == nil {
		a, err = d.applyPage(ctx, c, a)
	}
	if err == nil && a.State == meeting.Applying { // for whoever comes next
		a.Until = time.Time{}
		a, err = d.putAllocation(ctx, c, a)
	}
	return a, err
}

// progressed is a as it is when its pages up to Next are applied.
func progressed(a meeting.Allocation, at time.Time) meeting.Allocation {
	if a.Next == a.Pages {
		a.State, a.AppliedAt, a.Until = meeting.Applied, at, time.Time{}
	}
	return a
}

// putAllocation writes a over what it was made of, or answers errTaken.
func (d *Desk) putAllocation(ctx context.Context, c *conference, a meeting.Allocation) (meeting.Allocation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience)
	defer cancel()
	if err := d.step(stepProgress); err != nil {
		return a, err
	}
	was := a.Revision
	a.Revision++
	switch err := d.allocations.Replace(ctx, a.Key, bson.M{"revision": was}, a); {
	case errors.Is(err, store.ErrStale):
		return a, errTaken
	case err != nil:
		return a, fmt.Errorf("allocation %s: %w", a.ID, err)
	}
	c.keepAllocation(a)
	d.tellRevision(event.MeetingAllocationSubject(c.id, a.ID), a.Revision)
	return a, nil
}

// applyPage applies the next page. After a crash in the middle of it, it is
// applied again: what a meeting got by then is found in its history.
func (d *Desk) applyPage(ctx context.Context, c *conference, a meeting.Allocation) (meeting.Allocation, error) {
	ctx = context.WithoutCancel(ctx) // a page is finished by whoever began it
	p, all, err := d.sheet(ctx, a, a.Next)
	if err != nil {
		return a, err
	}
	if !p.Done {
		if err := d.applyLines(ctx, c, a, all); err != nil {
			return a, err
		}
		if err := d.putSheet(ctx, p, all); err != nil {
			return a, err
		}
	}
	next := a
	for _, l := range all {
		if l.Code == meeting.Done {
			next.Applied++
		} else {
			next.Refused++
		}
	}
	next.Next++
	next.Until = d.wall().Add(tenure)
	return d.putAllocation(ctx, c, progressed(next, d.wall()))
}

// putSheet keeps what became of the lines of a page. If somebody who took us for
// dead was faster, theirs is what counts.
func (d *Desk) putSheet(ctx context.Context, p sheet, all []meeting.Line) error {
	whole, err := bson.Marshal(lines{all})
	if err != nil {
		return fmt.Errorf("allocation page %s: %w", p.ID, err)
	}
	if err := d.step(stepApplied); err != nil {
		return err
	}
	err = d.sheets.Replace(ctx, p.ID, bson.M{"done": false}, sheet{p.ID, whole, true})
	if errors.Is(err, store.ErrStale) {
		return errTaken
	}
	if err != nil {
		return fmt.Errorf("allocation page %s: %w", p.ID, err)
	}
	return nil
}

// applyLines notes in each line what became of it.
func (d *Desk) applyLines(ctx context.Context, c *conference, a meeting.Allocation, all []meeting.Line) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range all {
		g.Go(func() (err error) {
			all[i].Code, err = d.applyLine(gctx, c, a, all[i])
			return err
		})
	}
	return g.Wait()
}

// applyLine gives one meeting what it is to get, and answers what became of that.
func (d *Desk) applyLine(ctx context.Context, c *conference, a meeting.Allocation, l meeting.Line) (code string, err error) {
	by := meeting.By{Actor: a.AppliedBy, Desk: true}
	for range tries { // whoever is busy with the meeting may be gone soon
		_, err = d.Do(ctx, c.id, l.Meeting, l.Revision, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
			return w.Allot(m, by, l.Slot, l.Room)
		})
		if !isBusy(err) {
			break
		}
	}
	switch p := problem.From(err); {
	case err == nil:
		return meeting.Done, nil
	case p.Kind == problem.Internal || p.Kind == problem.Unavailable:
		return "", err // nobody knows; whoever goes on finds out
	case p.Kind == problem.Stale || p.Kind == problem.NotFound || p.Code == "request_expired" || p.Code == "meeting_over" || p.Code == "confirmed_already":
		return d.changed(ctx, c, a, l)
	default:
		return p.Code, nil
	}
}

// changed is what became of a line whose meeting is another now: what this very
// allocation made of it, before a crash, or something else.
func (d *Desk) changed(ctx context.Context, c *conference, a meeting.Allocation, l meeting.Line) (string, error) {
	history, err := d.History(ctx, c.id, l.Meeting)
	switch {
	case problem.Is(err, problem.NotFound):
		return meeting.Changed, nil
	case err != nil:
		return "", err
	}
	for _, e := range history {
		if e.Revision == l.Revision+1 && e.Verb == meeting.WasConfirmed && e.Actor == a.AppliedBy && e.Room == l.Room &&
			len(e.Slots) == 1 && e.Slots[0].Same(l.Slot) {
			return meeting.Done, nil
		}
	}
	return meeting.Changed, nil
}

// allocate goes on with the allocations that were begun and left.
func (d *Desk) allocate(ctx context.Context, c *conference) error {
	c.mu.RLock()
	var left []string
	for id, a := range c.allocations {
		if a.State == meeting.Applying && !d.wall().Before(a.Until) {
			left = append(left, id)
		}
	}
	c.mu.RUnlock()
	var errs error
	for _, id := range left {
		within, cancel := context.WithTimeout(ctx, sweepPatience)
		a, err := d.fetchAllocation(within, c, id)
		if err == nil && a.State == meeting.Applying {
			_, err = d.goOnWith(within, c, a, "")
		}
		cancel()
		if err != nil && !errors.Is(err, errTaken) {
			errs = errors.Join(errs, err)
		}
	}
	return errs
}
