package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

// orphansEvery is how often all claims are looked at.
const orphansEvery = 10 * time.Minute

// Begin looks after the meetings from now on, until Close. It is to be called
// once, when Hint has had every state message that stood at Open.
func (d *Desk) Begin() {
	if d.options.Idle {
		return
	}
	var looked time.Time
	d.loop.begin(func(ctx context.Context) {
		within, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		err := d.Sweep(within)
		if d.now().Sub(looked) > orphansEvery {
			err = errors.Join(err, d.LookForOrphans(within))
			looked = d.now()
		}
		if err != nil && ctx.Err() == nil {
			d.log.Warn("sweep failed", "err", err)
		}
	})
}

// Sweep ends what took too long, of whatever replica, frees what is due, and does
// what time alone does to meetings. It may run on any number of replicas at once.
//
// Of most of it memory knows. A replica that died before it told anything left
// marks only its own memory knew of; so each sweep also reads some meetings
// again, in turn, see turnTo. Until it comes to one, whoever wants what it left
// claimed finds out; see meet.
func (d *Desk) Sweep(ctx context.Context) error {
	for _, id := range d.agenda.IDs() {
		d.adopt(id)
	}
	errs := d.lookForActs(ctx, d.wall().Add(-lateness))
	for _, c := range d.conferences() {
		d.freeDue(c)
		errs = errors.Join(errs, d.reread(ctx, c), d.goOn(ctx, c), d.tidy(ctx, c), d.sweepBlocks(ctx, c), d.settleSessions(ctx, c), d.clash(ctx, c), d.lapse(ctx, c), d.allocate(ctx, c), d.shed(ctx, c))
	}
	return errs
}

// tidy ends the attempts and acts that memory knows of and that took too long,
// and has freed what others gave up and left.
func (d *Desk) tidy(ctx context.Context, c *conference) error {
	var errs error
	busy, freed := c.untidy(d.wall().Add(-overdue))
	for _, id := range busy {
		if _, err := d.settled(ctx, c, id); err != nil && !problem.Is(err, problem.NotFound) {
			errs = errors.Join(errs, err)
		}
	}
	for _, m := range freed {
		d.freeLate(c, m.ID, m.Freed)
	}
	return errs
}

// untidy are the meetings of which memory has an attempt or an act, and those
// that gave something up before a moment which nobody here is about to free.
func (c *conference) untidy(before time.Time) (busy []string, freed []meeting.Meeting) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for id, e := range c.meetings {
		switch {
		case e.m.Attempt != nil || e.m.Act != "":
			busy = append(busy, id)
		case (len(e.m.Freed) > 0 || e.m.Revision == 0) && e.m.ChangedAt.Before(before) &&
			!slices.ContainsFunc(c.late, func(l late) bool { return l.meeting == id }):
			freed = append(freed, e.m)
		}
	}
	return busy, freed
}

// lapse does what time does to meetings.
func (d *Desk) lapse(ctx context.Context, c *conference) error {
	w, err := d.world(c)
	if err != nil {
		return err
	}
	c.mu.RLock()
	open := list(c.meetings, func(m meeting.Meeting) bool { return !over(m) && m.Attempt == nil && m.Act == "" })
	c.mu.RUnlock()
	var errs error
	for _, m := range open {
		if _, err := w.Sweep(m); err != nil {
			continue
		}
		_, err := d.Do(ctx, c.id, m.ID, 0, meeting.By{}, meeting.World.Sweep)
		if err != nil && !problem.Is(err, problem.Conflict) { // which goes by itself, or comes again
			errs = errors.Join(errs, err)
		}
	}
	return errs
}
