package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// Add brings a new meeting under an id of the caller's choosing. decide may be
// asked several times, as in Do. A meeting that is there under that id is the
// answer, whatever decide says: so a request can be repeated.
func (d *Desk) Add(ctx context.Context, conference, id string, by meeting.By, decide func(meeting.World) (meeting.Plan, error)) (meeting.Meeting, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Meeting{}, err
	}
	ctx, cancel := d.limited(ctx)
	defer cancel()
	done, err := c.turn(ctx, id)
	if err != nil {
		return meeting.Meeting{}, err
	}
	defer done()
	var last meeting.Plan
	kept := func(w meeting.World) (meeting.Plan, error) {
		p, err := decide(w)
		if err == nil {
			last = p
		}
		return p, err
	}
	m, err := again(ctx, func() (meeting.Meeting, error) { return d.tryAdd(ctx, c, id, by, kept) })
	return m, d.outrun(c, err, by, last, func(w meeting.World) error {
		_, err := decide(w)
		return err
	})
}

func (d *Desk) tryAdd(ctx context.Context, c *conference, id string, by meeting.By, decide func(meeting.World) (meeting.Plan, error)) (meeting.Meeting, error) {
	_, _, known := c.known(id)
	if known {
		if m, err := d.ready(ctx, c, id, 0); err == nil || !problem.Is(err, problem.NotFound) {
			return m, err
		}
	}
	var plan meeting.Plan
	err := d.asked(ctx, c, func(w meeting.World) (_ []meeting.Hold, err error) {
		plan, err = decide(w)
		return plan.Holds, err
	})
	if _, queue := errors.AsType[behind](err); err != nil && !queue && !known {
		// What is in its way may be the meeting itself, brought by another replica.
		if m, there := d.ready(ctx, c, id, 0); there == nil || !problem.Is(there, problem.NotFound) {
			return m, there
		}
	}
	if err != nil {
		return meeting.Meeting{}, err
	}
	return d.bring(ctx, c, id, plan, by)
}

// bring makes a plan true of a meeting that is new.
func (d *Desk) bring(ctx context.Context, c *conference, id string, plan meeting.Plan, by meeting.By) (meeting.Meeting, error) {
	m := meeting.Meeting{ID: id, Conference: c.id}
	wants := compare(nil, plan.Holds).wanted
	if len(wants) == 0 {
		ctx, cancel := d.begin(ctx)
		defer cancel()
		m.CreatedAt = d.wall()
		next, _ := d.next(m, plan, by)
		return d.insert(ctx, c, next)
	}
	attempt := uuid.NewString()
	ctx, done, err := d.aboard(ctx, c, attempt, map[string][]meeting.Hold{id: wants})
	if err != nil {
		return m, err
	}
	defer done()
	m.CreatedAt = d.wall()
	next, _ := d.next(m, plan, by)
	m = next // with its sides and all, so that its claims are explained
	m.Revision, m.Status, m.Pending, m.Owed, m.History = 0, "", false, nil, nil
	a := d.newAttempt(attempt, wants)
	m.Attempt = &a
	if err := d.step(stepInsert); err != nil {
		return m, err
	}
	switch err := d.meetings.Insert(ctx, m); {
	case errors.Is(err, store.ErrExists):
		return m, d.unstuck(ctx, c, id)
	case err != nil:
		c.mayCome(id, d.wall().Add(lateness))
		return m, fmt.Errorf("meeting %s: %w", id, err)
	}
	c.wrote(m)
	return d.claimed(ctx, c, m, next)
}

// insert writes a meeting that claims nothing.
func (d *Desk) insert(ctx context.Context, c *conference, next meeting.Meeting) (meeting.Meeting, error) {
	if err := d.step(stepInsert); err != nil {
		return next, err
	}
	switch err := d.meetings.Insert(ctx, next); {
	case errors.Is(err, store.ErrExists):
		return next, d.unstuck(ctx, c, next.ID)
	case err != nil:
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience)
		defer cancel()
		there, fetchErr := d.fetch(after, c, next.ID)
		if fetchErr != nil || !same(there, next) {
			c.mayCome(next.ID, d.wall().Add(lateness))
			return next, errors.Join(fmt.Errorf("meeting %s: %w", next.ID, err), fetchErr)
		}
	}
	c.wrote(next)
	d.owe(c, next)
	return next, nil
}

// unstuck looks at what is in the way of a new meeting: one that is there by
// now, or what is left of an attempt to bring it, which goes.
func (d *Desk) unstuck(ctx context.Context, c *conference, id string) error {
	m, err := d.settled(ctx, c, id)
	switch {
	case problem.Is(err, problem.NotFound), err == nil && m.Revision > 0:
		return errAgain
	case err != nil:
		return err
	case m.Attempt != nil:
		return busy
	}
	if err := d.releaseHolds(ctx, c, id, m.Freed); err != nil {
		return err
	}
	if err := d.unborn(ctx, c, id, ""); err != nil {
		return err
	}
	return errAgain
}
