package desk

import (
	"context"
	"errors"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// HearPeople works an event about people through: whoever takes a seat takes it
// in meetings too, whoever left takes part in none, and the meetings of a
// delegation that left are cancelled. It is what the bus calls, when Hint has had
// every state message put before. Repeating it does nothing, on any replica.
func (d *Desk) HearPeople(ctx context.Context, e event.Envelope) error {
	c, err := d.find(e.Conference)
	if err != nil {
		return nil // there are no meetings of a conference that is not there
	}
	switch e.Type {
	case event.DelegateSubstituted{}.Type():
		var s event.DelegateSubstituted
		if err := e.Into(&s); err != nil {
			return problem.New(problem.Malformed, "bad_payload", "%v", err)
		}
		return d.leaves(ctx, c, s.Delegate, s.Deputy)
	case event.DelegateErased{}.Type():
		var gone event.DelegateErased
		if err := e.Into(&gone); err != nil {
			return problem.New(problem.Malformed, "bad_payload", "%v", err)
		}
		return d.leaves(ctx, c, gone.Delegate, "")
	case event.DelegateChanged{}.Type():
		var one event.DelegateChanged
		if err := e.Into(&one); err != nil {
			return problem.New(problem.Malformed, "bad_payload", "%v", err)
		}
		// The seat of somebody substituted waits for the event that says for whom.
		if one.Status == event.Removed || one.Status == event.Erased {
			return d.leaves(ctx, c, one.Delegate, "")
		}
	case event.DelegationChanged{}.Type():
		var one event.DelegationChanged
		if err := e.Into(&one); err != nil {
			return problem.New(problem.Malformed, "bad_payload", "%v", err)
		}
		if one.Status == event.Removed {
			return d.dissolves(ctx, c, one.Delegation)
		}
	}
	return nil // they may tell of more than we know yet
}

// leaves takes a delegate out of the meetings to come. Somebody who has come back
// since stays.
func (d *Desk) leaves(ctx context.Context, c *conference, delegate, deputy string) error {
	if p, known := d.people.person(c.id, delegate); known && p.Status == event.Accredited {
		return nil
	}
	theirs, err := d.With(c.id, delegate)
	if err != nil {
		return err
	}
	return d.each(ctx, c, theirs, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		return w.Leave(m, delegate, deputy)
	})
}

func (d *Desk) dissolves(ctx context.Context, c *conference, delegation string) error {
	if one, known := d.people.delegation(c.id, delegation); known && one.Status == event.Accredited {
		return nil
	}
	theirs, err := d.Meetings(c.id, delegation)
	if err != nil {
		return err
	}
	return d.each(ctx, c, theirs, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		return w.Dissolve(m, delegation)
	})
}

// each does by the rules what is to be done of some meetings, as nobody in
// particular. Those of which memory says that there is nothing to do are not
// looked for in the store. That one cannot be done keeps no other from it.
func (d *Desk) each(ctx context.Context, c *conference, some []meeting.Meeting, decide meeting.Decision) error {
	if len(some) == 0 {
		return nil
	}
	w, err := d.world(c)
	if err != nil {
		return err
	}
	var errs error
	for _, m := range some {
		if _, err := decide(w, m); errors.Is(err, meeting.ErrNothing) {
			continue
		}
		if _, err := d.Do(ctx, c.id, m.ID, 0, meeting.By{}, decide); err != nil && !errors.Is(err, meeting.ErrNothing) {
			errs = errors.Join(errs, err)
		}
	}
	return errs
}

// deputyComes is how long after somebody was found substituted it is believed
// that nobody will say by whom any more. Events are kept for days, so it need
// not be short; but whoever meets them should know by the end of the day.
const deputyComes = time.Hour

// ClearAway does what events about people ask for where they were not heard: they
// expired before they were worked through, or a meeting was asked for while they
// were. It is for when no event about people waits.
func (d *Desk) ClearAway(ctx context.Context) error {
	var errs error
	for _, c := range d.conferences() {
		delegates, delegations := c.named()
		for _, delegation := range delegations {
			if one, _ := d.people.delegation(c.id, delegation); one.Status == event.Removed {
				errs = errors.Join(errs, d.dissolves(ctx, c, delegation))
			}
		}
		for _, delegate := range d.gone(c.id, delegates) {
			errs = errors.Join(errs, d.leaves(ctx, c, delegate, ""))
		}
	}
	return errs
}

// gone are those of some delegates who take part in the conference no more. How
// somebody stands is told before the event that says who has their seat now, so
// one who was substituted is not among them until that must have come.
func (d *Desk) gone(conference string, delegates []string) []string {
	var gone []string
	for _, one := range delegates {
		switch p, _ := d.people.person(conference, one); p.Status {
		case event.Removed, event.Erased:
			gone = append(gone, one)
		case event.Substituted:
			if d.now().Sub(d.people.since(conference, one, d.now())) >= deputyComes {
				gone = append(gone, one)
			}
		}
	}
	return gone
}

// named are the delegates and the delegations of the meetings that are not over.
func (c *conference) named() (delegates, delegations []string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	open := func(all map[string]*entry) bool {
		for _, e := range all {
			if !over(e.m) {
				return true
			}
		}
		return false
	}
	for one, all := range c.with {
		if open(all) {
			delegates = append(delegates, one)
		}
	}
	for one, all := range c.of {
		if open(all) {
			delegations = append(delegations, one)
		}
	}
	return delegates, delegations
}
