package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// load reads everything once. What others left unfinished is found by the first
// sweep.
func (d *Desk) load(ctx context.Context) error {
	all, err := store.All[meeting.Meeting](ctx, d.meetings, nil)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b meeting.Meeting) int { return a.ChangedAt.Compare(b.ChangedAt) }) // to be told in this order
	for _, m := range all {
		c := d.adopt(m.Conference)
		c.read(m, 0, time.Now())
		if m.Pending {
			d.owe(c, m)
		}
		d.freeLate(c, m.ID, m.Freed) // somebody's writes may still be on their way
	}
	policies, err := store.All[meeting.Policy](ctx, d.policies, nil)
	if err != nil {
		return err
	}
	for _, p := range policies {
		d.adopt(p.Conference).policy = p
	}
	planned, err := store.All[meeting.Allocation](ctx, d.allocations, nil)
	if err != nil {
		return err
	}
	for _, a := range planned {
		d.adopt(a.Conference).keepAllocation(a)
	}
	open, err := store.All[meeting.Availability](ctx, d.availabilities, nil)
	if err != nil {
		return err
	}
	for _, a := range open {
		d.adopt(a.Conference).availability[a.Delegation] = a
	}
	if err := d.loadBlocks(ctx); err != nil {
		return err
	}
	if err := d.lookForActs(ctx, d.wall().AddDate(1, 0, 0)); err != nil {
		return err
	}
	for _, id := range d.agenda.IDs() {
		d.noteSessions(d.adopt(id))
	}
	return nil
}

// Hint hears how far a sibling got, and how the people of a conference stand. A
// late one costs freshness only: every decision is made by a guarded write.
func (d *Desk) Hint(ctx context.Context, m bus.Seen) error {
	id, kind, entity := event.SplitState(m.Subject)
	var err error
	switch kind {
	case "agenda.meeting":
		err = d.hear(ctx, id, entity, m.Revision)
	case "agenda.meeting-policy":
		err = d.hearPolicy(ctx, id, m.Revision)
	case "agenda.meeting-availability":
		err = d.hearAvailability(ctx, id, entity, m.Revision)
	case "agenda.meeting-block":
		err = d.hearBlock(ctx, id, entity)
	case "agenda.head":
		var c *conference
		if c, err = d.find(id); err == nil {
			d.noteSessions(c)
		}
	case "agenda.meeting-allocation":
		err = d.hearAllocation(ctx, id, entity, m.Revision)
	case "delegates.delegate":
		d.people.see(id, m)
	case "delegates.delegation":
		d.people.seeDelegation(id, m)
	}
	if errors.Is(err, store.ErrMissing) || problem.Is(err, problem.NotFound) {
		return nil // the bus remembers what this store never had
	}
	return err
}

// hear takes a newer revision of a meeting that a sibling wrote.
func (d *Desk) hear(ctx context.Context, conference, id string, revision int64) error {
	c, err := d.find(conference)
	if err != nil {
		return err
	}
	if m, _, _ := c.known(id); m.Revision >= revision {
		return nil
	}
	_, _, err = d.look(ctx, c, id) // whoever wrote it tells of it
	return err
}
