package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// DoAll makes of several meetings what decide plans, all of it or nothing, and
// answers how they stand then. What one of them gives up another can have, and
// nobody else gets it in between. expects are the revisions that the caller has
// seen, 0 for any; nil is any for all. It fails as Do does.
func (d *Desk) DoAll(ctx context.Context, conference string, by meeting.By, ids []string, expects []int64, decide meeting.Joint) ([]meeting.Meeting, error) {
	c, err := d.find(conference)
	if err != nil {
		return nil, err
	}
	if expects == nil {
		expects = make([]int64, len(ids))
	}
	sorted := slices.Sorted(slices.Values(ids))
	if len(slices.Compact(sorted)) != len(ids) || len(expects) != len(ids) {
		return nil, problem.New(problem.Invalid, "same_meeting", "A meeting cannot be named twice.")
	}
	ctx, cancel := d.limited(ctx)
	defer cancel()
	for _, id := range sorted { // in one order, so that nobody waits for who waits for him
		done, err := c.turn(ctx, id)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	var upon []meeting.Meeting
	var last meeting.Plan
	kept := func(w meeting.World, ms []meeting.Meeting) ([]meeting.Plan, error) {
		upon = slices.Clone(ms)
		plans, err := decide(w, ms)
		if err == nil && len(plans) != len(ms) {
			err = fmt.Errorf("desk: %d plans for %d meetings", len(plans), len(ms))
		}
		if i := slices.IndexFunc(plans, func(p meeting.Plan) bool { return p.Told.Verb != "" && !p.Next.Slot.IsZero() }); err == nil && i >= 0 {
			last = plans[i]
		}
		return plans, err
	}
	done, err := again(ctx, func() ([]meeting.Meeting, error) { return d.tryAll(ctx, c, by, ids, expects, kept) })
	return done, d.outrun(c, err, by, last, func(w meeting.World) error {
		if upon == nil {
			return nil // it never came to that
		}
		_, err := decide(w, upon)
		return err
	})
}

func (d *Desk) tryAll(ctx context.Context, c *conference, by meeting.By, ids []string, expects []int64, decide meeting.Joint) ([]meeting.Meeting, error) {
	ms, plans, err := d.decidedAll(ctx, c, ids, expects, decide)
	if err != nil {
		return nil, err
	}
	a, pages, err := d.newAct(c, ms, plans, by)
	if err != nil || len(a.parts) == 0 {
		return ms, err
	}
	ctx, done, err := d.aboard(ctx, c, a.ID, a.allWants())
	if err != nil {
		return nil, err
	}
	defer done()
	a.Deadline = d.wall().Add(overdue)
	for _, p := range pages {
		if err := d.keepPage(ctx, p); err != nil {
			return nil, err
		}
	}
	if err := d.commit(ctx, c, a, ms); err != nil {
		return nil, err
	}
	if err := d.drive(ctx, c, a); err != nil { // it is true all the same
		d.broom.Push(store.Owed{Name: "act " + a.ID, Tell: func(ctx context.Context) error { return d.drive(ctx, c, a) }})
	}
	for i := range ms {
		for _, p := range a.parts {
			if p.Next.ID == ms[i].ID {
				ms[i] = p.Next
			}
		}
	}
	return ms, nil
}

// allWants is what the act wants that nobody in it has, for each of its meetings.
func (a act) allWants() map[string][]meeting.Hold {
	all := map[string][]meeting.Hold{}
	for _, p := range a.parts {
		all[p.Next.ID] = p.Wants
	}
	return all
}

// decidedAll asks for a decision on meetings that nobody is busy with. A refusal
// is believed only when it was decided on them as they are stored, and as asked
// believes it.
func (d *Desk) decidedAll(ctx context.Context, c *conference, ids []string, expects []int64, decide meeting.Joint) (ms []meeting.Meeting, plans []meeting.Plan, err error) {
	ms = make([]meeting.Meeting, len(ids))
	for i, id := range ids {
		if ms[i], err = d.ready(ctx, c, id, expects[i]); err != nil {
			return nil, nil, err
		}
	}
	refused := d.asked(ctx, c, func(w meeting.World) (wants []meeting.Hold, err error) {
		plans, err = decide(w, slices.Clone(ms))
		for _, p := range plans {
			wants = append(wants, p.Holds...)
		}
		return wants, err
	})
	if _, queue := errors.AsType[behind](refused); refused == nil || queue {
		return ms, plans, refused
	}
	for _, m := range ms {
		now, err := d.fetch(ctx, c, m.ID)
		if err != nil {
			return nil, nil, err
		}
		if now.Revision != m.Revision {
			return nil, nil, errAgain
		}
	}
	return nil, nil, refused
}

// commit makes an act true, or leaves nothing of it.
func (d *Desk) commit(ctx context.Context, c *conference, a act, ms []meeting.Meeting) error {
	if err := d.step(stepActInsert); err != nil {
		return err
	}
	if err := d.acts.Insert(ctx, a); err != nil {
		return errors.Join(fmt.Errorf("act: %w", err), d.undo(ctx, c, a))
	}
	for _, p := range a.parts {
		if err := d.mark(ctx, c, a, p, ms); err != nil {
			if !errors.Is(err, errAgain) {
				return errors.Join(err, d.undo(ctx, c, a))
			}
			return errors.Join(d.takeBack(ctx, c, a, nil), err)
		}
	}
	if wants := a.wants(d.wall()); len(wants) > 0 {
		got, taken, err := d.claim(ctx, wants)
		switch {
		case err != nil:
			return errors.Join(err, d.undo(ctx, c, a))
		case taken != "":
			if err := errors.Join(d.takeBack(ctx, c, a, got), d.meet(ctx, c, taken)); err != nil {
				return err
			}
			return errLost
		}
	}
	if err := d.step(stepActCommit); err != nil {
		return err
	}
	err := d.acts.Update(ctx, a.ID, bson.M{"state": actOpen}, bson.M{"$set": bson.M{"state": actCommitted}})
	if errors.Is(err, store.ErrStale) { // somebody found us slow, and undid it
		return errors.Join(errAgain, d.cleared(ctx, c, a, a.wants(d.wall())))
	}
	if err != nil { // it may be; whoever looks at it next goes on with it, or back
		return fmt.Errorf("act %s: %w", a.ID, err)
	}
	return nil
}

// mark gives the act a meeting to itself.
func (d *Desk) mark(ctx context.Context, c *conference, a act, p part, ms []meeting.Meeting) error {
	if err := d.step(stepActMark); err != nil {
		return err
	}
	id := p.Next.ID
	err := d.meetings.Update(ctx, id, bson.M{"revision": p.Revision, "attempt": nil, "act": nil}, bson.M{"$set": bson.M{"act": a.ID}})
	if errors.Is(err, store.ErrStale) {
		if _, err := d.fetch(ctx, c, id); err != nil {
			return err
		}
		return errAgain
	}
	if err != nil {
		return fmt.Errorf("meeting %s: %w", id, err)
	}
	m := ms[slices.IndexFunc(ms, func(m meeting.Meeting) bool { return m.ID == id })]
	m.Act = a.ID
	c.wrote(m)
	c.wants(id, p.Wants)
	return nil
}
