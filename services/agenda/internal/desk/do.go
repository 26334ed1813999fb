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

// errLate says that whoever asks has no time to wait any more.
var errLate = errors.New("desk: too late to wait")

// Do makes of a meeting what decide plans, and answers how it stands then.
// expect is the revision that the caller has seen, or 0 for any; another one is
// Stale. Of any number who want one cell of a resource, one gets it, and the
// others are asked again in a world in which it is taken: who still wants it when
// ctx ends is refused what others have by then, or are about to. That the meeting
// is busy, that the world would not hold still, or that so much else is under way
// that what is free could not be had by then, is a Conflict. A meeting that is not
// there is hidden.
//
// Whoever stops waiting does not stop what is under way. An error that is no
// problem leaves open whether the plan came true; if so it is told.
func (d *Desk) Do(ctx context.Context, conference, id string, expect int64, by meeting.By, decide meeting.Decision) (meeting.Meeting, error) {
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
	var upon meeting.Meeting
	var last meeting.Plan
	kept := func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		p, err := decide(w, m)
		if upon = m; err == nil {
			last = p
		}
		return p, err
	}
	m, err := again(ctx, func() (meeting.Meeting, error) { return d.try(ctx, c, id, expect, by, kept) })
	return m, d.outrun(c, err, by, last, func(w meeting.World) error {
		if upon.ID == "" {
			return nil // it never came to that
		}
		_, err := decide(w, upon)
		return err
	})
}

// limited is ctx, which ends some time: when the request does, where it is one.
func (d *Desk) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = context.WithValue(ctx, came{}, time.Now())
	if _, limited := ctx.Deadline(); limited {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d.options.Patience)
}

// outrun is err, or what somebody is told to whom somebody else was always faster:
// that what they planned last is taken, and what else is free. Whoever ran out of
// time is asked once more what is in the way now: when nothing is, they may come
// again in a moment.
func (d *Desk) outrun(c *conference, err error, by meeting.By, last meeting.Plan, ask func(meeting.World) error) error {
	lost, late := errors.Is(err, errLost), errors.Is(err, errLate)
	if !lost && !late {
		return err
	}
	w, failed := d.world(c)
	if failed != nil {
		return failed
	}
	if lost {
		return w.Outrun(last.Next, by)
	}
	if refused := ask(w); refused != nil {
		return refused
	}
	return busy.Because(err)
}

// again tries until it is settled, or it becomes too much: then it is errLost
// where the last try was, errLate when ctx has ended, and busy otherwise. However
// many of this replica want some of the same, each of them gets a turn: only time
// counts.
func again[T any](ctx context.Context, try func() (T, error)) (T, error) {
	var none T
	hurried, lost := false, false
	for passed := 0; passed < tries; {
		done, err := try()
		queue, waits := errors.AsType[behind](err)
		switch {
		case waits:
			hurried = !hurried && !queue.wait
			if !hurried && !landed(ctx, queue.flight) {
				return none, errLate
			}
		case errors.Is(err, errAgain):
			passed++
			lost = errors.Is(err, errLost)
		case errors.Is(err, errLate) && lost:
			return none, errLost
		default:
			return done, err
		}
		if ctx.Err() != nil && !lost {
			return none, errLate
		}
	}
	if lost {
		return none, errLost
	}
	return none, busy
}

// landed waits until a flight is over; false when ctx ends before.
func landed(ctx context.Context, f *flight) bool {
	select {
	case <-f.over:
		return true
	case <-ctx.Done():
		return false
	}
}

func (d *Desk) try(ctx context.Context, c *conference, id string, expect int64, by meeting.By, decide meeting.Decision) (meeting.Meeting, error) {
	m, err := d.ready(ctx, c, id, expect)
	if err != nil {
		return m, err
	}
	plan, err := d.decided(ctx, c, m, decide)
	if err != nil || plan.Told.Verb == "" {
		return m, err
	}
	return d.come(ctx, c, m, plan, by)
}

// decided asks for a decision. A refusal is believed only when it was decided on
// the meeting as it is stored; one because somebody else has the slot, as asked
// believes it.
func (d *Desk) decided(ctx context.Context, c *conference, m meeting.Meeting, decide meeting.Decision) (plan meeting.Plan, err error) {
	refused := d.asked(ctx, c, func(w meeting.World) ([]meeting.Hold, error) {
		plan, err = decide(w, m)
		return plan.Holds, err
	})
	if _, queue := errors.AsType[behind](refused); refused == nil || queue || taken(refused) {
		return plan, refused
	}
	fresh, err := d.fetch(ctx, c, m.ID)
	if err == nil && fresh.Revision == m.Revision {
		err = refused
	} else if err == nil {
		err = errAgain
	}
	return plan, err
}

// asked asks for a decision and answers how it is refused. That somebody else has
// some of what is wanted is believed when it would be so if all failed who are only
// about to: otherwise whoever asks is behind an attempt of this replica, or in a
// world in which the others' attempts are as they are stored, and none has taken too
// long. And it is believed of meetings as they are stored since it was asked: a
// sibling may have given up what they have. Only who is refused for good is told
// what else is free, for that takes a while to find out.
func (d *Desk) asked(ctx context.Context, c *conference, decide func(meeting.World) ([]meeting.Hold, error)) error {
	w, err := d.world(c)
	if err != nil {
		return err
	}
	curt := w
	curt.Curt = true
	if _, err := decide(curt); err == nil || !taken(err) {
		return err
	}
	var seen, inTheWay []string
	curt.Diary = c.firm.Watched(func(holder string) { inTheWay = append(inTheWay, holder) })
	holds, err := decide(curt)
	for err != nil && taken(err) && d.refreshed(ctx, c, inTheWay, &seen) {
		inTheWay = nil
		holds, err = decide(curt)
	}
	if err == nil {
		if f := c.inTheWay(holds); f != nil {
			return behind{f, true}
		}
		for _, id := range c.attempting(holds) {
			if _, err := d.settled(ctx, c, id); passed(err) != nil && !problem.Is(err, problem.NotFound) {
				return err
			}
		}
	}
	_, err = decide(w)
	return err
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
		enough := time.Now().Add(waits) // of waiting: how long a read takes is another matter
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
			if time.Now().After(enough) || !rest(ctx, pause) {
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
	if len(holds.wanted) > 0 {
		return d.attempt(ctx, c, m, plan, by, holds)
	}
	ctx, cancel := d.begin(ctx)
	defer cancel()
	next, err := d.readied(ctx, m, plan, by, holds)
	if err != nil {
		return m, err
	}
	if err := d.step(stepWrite); err != nil {
		return m, err
	}
	return d.confirm(ctx, c, next, bson.M{"revision": m.Revision, "attempt": nil, "act": nil})
}

// readied is m as plan has it, with what it keeps of its holds; what its history
// has no place for is in a page then.
func (d *Desk) readied(ctx context.Context, m meeting.Meeting, plan meeting.Plan, by meeting.By, holds change) (meeting.Meeting, error) {
	next, old := d.next(m, plan, by)
	next.Holds, next.Freed = holds.kept, append(next.Freed, holds.freed...)
	return next, d.keepPage(ctx, old)
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
