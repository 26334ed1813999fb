package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

const (
	// tries is how often a decision is taken on a world that turns out to be
	// another.
	tries = 15
	// waits is how long whoever is busy with a meeting is waited for.
	waits = time.Second
)

// errAgain says that the world was another than it was decided upon, and that
// memory knows more of it now.
var errAgain = errors.New("desk: decide again")

// errLost is errAgain where somebody else got some of what was wanted.
var errLost = fmt.Errorf("%w: somebody else has it", errAgain)

// errLanded says that somebody of this replica who wanted some of the same has
// got it by now, or not.
var errLanded = errors.New("desk: decide again after another")

// Do makes of a meeting what decide plans, and answers how it stands then.
// expect is the revision that the caller has seen, or 0 for any; another one is
// Stale. Of any number who want one cell of a resource, one gets it, and the
// others are asked again in a world in which it is taken. That the meeting is
// busy, or that the world would not hold still, is a Conflict. A meeting that is
// not there is hidden.
//
// Whoever stops waiting does not stop what is under way. An error that is no
// problem leaves open whether the plan came true; if so it is told.
func (d *Desk) Do(ctx context.Context, conference, id string, expect int64, by meeting.By, decide meeting.Decision) (meeting.Meeting, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Meeting{}, err
	}
	done, err := c.turn(ctx, id)
	if err != nil {
		return meeting.Meeting{}, err
	}
	defer done()
	var last meeting.Plan
	kept := func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		p, err := decide(w, m)
		last = p
		return p, err
	}
	m, err := again(func() (meeting.Meeting, error) { return d.try(ctx, c, id, expect, by, kept) })
	return m, d.outrun(c, last, by, err)
}

// outrun is err, or what somebody is told who lost every race for what they
// planned: that it is taken, and what else is free.
func (d *Desk) outrun(c *conference, last meeting.Plan, by meeting.By, err error) error {
	if !errors.Is(err, errLost) {
		return err
	}
	w, err := d.world(c)
	if err != nil {
		return err
	}
	return w.Outrun(last.Next, by)
}

// again tries until it is settled, or it becomes too much: then it is errLost
// where the last try was, and busy otherwise. However many of this
// replica want some of the same, each of them gets a turn: only time counts.
func again[T any](try func() (T, error)) (T, error) {
	var none T
	tooMuch := error(busy)
	began := time.Now()
	for passed := 0; passed < tries && time.Since(began) < patience; {
		done, err := try()
		switch {
		case errors.Is(err, errAgain):
			passed++
			if tooMuch = busy; errors.Is(err, errLost) {
				tooMuch = errLost
			}
		case errors.Is(err, errLanded):
		default:
			return done, err
		}
	}
	return none, tooMuch
}

func (d *Desk) try(ctx context.Context, c *conference, id string, expect int64, by meeting.By, decide meeting.Decision) (meeting.Meeting, error) {
	m, err := d.ready(ctx, c, id, expect)
	if err != nil {
		return m, err
	}
	var plan meeting.Plan
	m, err = d.decided(ctx, c, m, expect, func(w meeting.World, m meeting.Meeting) error {
		plan, err = decide(w, m)
		return err
	})
	if err != nil || plan.Told.Verb == "" {
		return m, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience)
	defer cancel()
	return d.come(ctx, c, m, plan, by)
}

// decided asks for a decision. A refusal is believed only when it was decided on
// the meeting as it is stored. One because somebody else has the slot need not
// be, but is asked for again when attempts of this replica were in the way, which
// may have failed since.
func (d *Desk) decided(ctx context.Context, c *conference, m meeting.Meeting, expect int64, decide func(meeting.World, meeting.Meeting) error) (meeting.Meeting, error) {
	inTheWay := c.flights()
	w, err := d.world(c)
	if err != nil {
		return m, err
	}
	refused := decide(w, m)
	if refused == nil {
		return m, nil
	}
	fresh := m
	if taken(refused) {
		if !wait(ctx, inTheWay...) {
			return m, refused
		}
		fresh, _, _ = c.known(m.ID)
	} else if fresh, err = d.fetch(ctx, c, m.ID); err != nil {
		return m, err
	} else if fresh.Revision == m.Revision {
		return m, refused
	}
	switch {
	case expect != 0 && fresh.Revision != expect:
		return fresh, stale
	case fresh.Attempt != nil || fresh.Act != "":
		return fresh, errAgain
	}
	if w, err = d.world(c); err != nil {
		return fresh, err
	}
	return fresh, decide(w, fresh)
}

// taken says whether a refusal is about who else has something.
func taken(refused error) bool {
	switch problem.From(refused).Code {
	case "slot_taken", "room_taken", "no_room":
		return true
	}
	return false
}

// ready is a meeting that nobody is busy with, at the revision that is expected.
func (d *Desk) ready(ctx context.Context, c *conference, id string, expect int64) (meeting.Meeting, error) {
	m, _, known := c.known(id)
	if !known || m.Revision < max(expect, 1) || m.Attempt != nil || m.Act != "" {
		ctx, cancel := context.WithTimeout(ctx, waits)
		defer cancel()
		for pause := 2 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
			var err error
			if m, err = d.settled(ctx, c, id); errors.Is(err, context.DeadlineExceeded) {
				return m, busy.Because(err)
			} else if err != nil {
				return m, err
			}
			if m.Attempt == nil && m.Act == "" {
				break
			}
			if !rest(ctx, pause) {
				return m, busy
			}
		}
	}
	switch {
	case m.Revision < 1:
		return m, problem.Hidden() // it never came into being
	case expect != 0 && m.Revision != expect:
		return m, stale
	}
	return m, nil
}

// settled reads a meeting from the store and ends what somebody left undone of
// it.
func (d *Desk) settled(ctx context.Context, c *conference, id string) (meeting.Meeting, error) {
	m, err := d.fetch(ctx, c, id)
	switch {
	case err != nil:
		return m, err
	case m.Attempt != nil && d.wall().After(m.Attempt.Deadline):
		if err := d.end(ctx, c, m); err != nil {
			return m, err
		}
		return d.fetch(ctx, c, id)
	case m.Act != "":
		if err := d.resolve(ctx, c, m.Act, id); err != nil {
			return m, err
		}
		return d.fetch(ctx, c, id)
	}
	return m, nil
}

// come makes a plan true, by an attempt when there is something to claim.
func (d *Desk) come(ctx context.Context, c *conference, m meeting.Meeting, plan meeting.Plan, by meeting.By) (meeting.Meeting, error) {
	holds := compare(m.Holds, plan.Holds)
	next, old := d.next(m, plan, by)
	next.Holds, next.Freed = holds.kept, append(next.Freed, holds.freed...)
	if err := d.keepPage(ctx, old); err != nil {
		return m, err
	}
	if len(holds.wanted) > 0 {
		return d.attempt(ctx, c, m, next, holds.wanted)
	}
	if err := d.step(stepWrite); err != nil {
		return m, err
	}
	return d.confirm(ctx, c, next, bson.M{"revision": m.Revision, "attempt": nil, "act": nil})
}

// confirm writes next where the meeting is still as guard has it, and then tells
// and frees.
func (d *Desk) confirm(ctx context.Context, c *conference, next meeting.Meeting, guard bson.M) (meeting.Meeting, error) {
	err := d.meetings.Replace(ctx, next.ID, guard, next)
	switch {
	case errors.Is(err, store.ErrStale):
		if _, err := d.fetch(ctx, c, next.ID); err != nil {
			return next, err
		}
		return next, errAgain
	case err != nil:
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience)
		defer cancel()
		there, fetchErr := d.fetch(after, c, next.ID)
		if fetchErr != nil || !same(there, next) {
			return next, errors.Join(fmt.Errorf("meeting %s: %w", next.ID, err), fetchErr)
		}
	}
	c.wrote(next)
	d.owe(c, next)
	d.free(c, next.ID, next.Freed)
	return next, nil
}

// same says whether what is stored is what was to be.
func same(stored, next meeting.Meeting) bool {
	return stored.Revision == next.Revision && stored.ChangedAt.Equal(next.ChangedAt) && stored.Status == next.Status &&
		stored.Slot.Same(next.Slot) && stored.Room == next.Room && len(cells(stored.Holds)) == len(cells(next.Holds))
}

// rest waits a little; false when ctx ended.
func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
