package desk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

const (
	// round is how many sweeps it takes at most to read every meeting again of
	// which more may come: half a minute.
	round = int(30 * time.Second / sweepEvery)
	// walks is how many meetings one sweep reads again at least: of those of which
	// more may come, and of the others.
	walks = 25
)

// A walk is some meetings that are read again in turn, so many in each sweep.
type walk struct {
	ids    []string
	stride int
}

func (w *walk) next() []string {
	n := min(w.stride, len(w.ids))
	next := slices.Clone(w.ids[:n])
	w.ids = w.ids[n:]
	return next
}

// reread reads the next meetings in turn, and tells what of them is still owed.
func (d *Desk) reread(ctx context.Context, c *conference) error {
	facts, _, err := d.agenda.Conference(c.id)
	if err != nil {
		return err
	}
	var errs error
	for _, id := range append(c.coming(d.wall()), c.turnTo(facts.Now(d.now()), d.wall())...) {
		m, err := d.fetch(ctx, c, id)
		switch {
		case problem.Is(err, problem.NotFound):
		case err != nil:
			errs = errors.Join(errs, err)
		case m.Pending && m.Revision > 0 && d.wall().After(m.ChangedAt.Add(overdue)):
			d.owe(c, m) // whoever wrote it is gone, or slow: then it is told twice
		}
	}
	return errs
}

// mayCome notes that the store did not answer whether it has a new meeting: until
// a moment it may come to it still, and nobody else knows of it.
func (c *conference) mayCome(id string, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unsure[id] = until
}

// coming are the meetings that may have come to the store; after their time they
// are looked for once more.
func (c *conference) coming(wall time.Time) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := slices.Collect(maps.Keys(c.unsure))
	maps.DeleteFunc(c.unsure, func(_ string, until time.Time) bool { return !wall.Before(until) })
	return ids
}

// turnTo are the next meetings to be read again, at a moment by the conference
// clock and by the wall's. Those of which more may come are all read within a
// round, however many they are: first what begins soon or was changed last. Of
// those that are over, and told of, as far as memory knows, a few at a time will
// do.
func (c *conference) turnTo(now, wall time.Time) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.live.ids) == 0 {
		ids := c.ofWhich(now, wall, true)
		c.live = walk{ids, max(walks, (len(ids)+round-1)/round)}
	}
	if len(c.done.ids) == 0 {
		c.done = walk{c.ofWhich(now, wall, false), walks}
	}
	return append(c.live.next(), c.done.next()...)
}

// ofWhich are the meetings of which more may come, or the others, by how far from
// now they begin or were changed; c.mu is held.
func (c *conference) ofWhich(now, wall time.Time, more bool) []string {
	type one struct {
		id  string
		off time.Duration
	}
	var all []one
	for id, e := range c.meetings {
		if settled := over(e.m) && !e.m.Pending && e.m.Attempt == nil && e.m.Act == ""; settled != more {
			all = append(all, one{id, off(e.m, now, wall)})
		}
	}
	slices.SortFunc(all, func(a, b one) int { return cmp.Or(cmp.Compare(a.off, b.off), cmp.Compare(a.id, b.id)) })
	ids := make([]string, 0, len(all))
	for _, o := range all {
		ids = append(ids, o.id)
	}
	return ids
}

// off is how far from now a meeting begins or was changed, whichever is nearer.
func off(m meeting.Meeting, now, wall time.Time) time.Duration {
	since := wall.Sub(m.ChangedAt).Abs()
	if m.Slot.IsZero() {
		return since
	}
	return min(since, m.Slot.Start.Sub(now).Abs())
}
