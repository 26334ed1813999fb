package desk

import (
	"context"
	"errors"
	"slices"

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
	named := func(m meeting.Meeting) bool {
		p := m.Proposal
		return m.TakesPart(delegate) || p != nil && (p.Out == delegate || p.In == delegate)
	}
	return d.each(ctx, c, named, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		return w.Leave(m, delegate, deputy)
	})
}

func (d *Desk) dissolves(ctx context.Context, c *conference, delegation string) error {
	if one, known := d.people.delegation(c.id, delegation); known && one.Status == event.Accredited {
		return nil
	}
	party := func(m meeting.Meeting) bool { return m.Party(delegation) }
	return d.each(ctx, c, party, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		return w.Dissolve(m, delegation)
	})
}

// each does by the rules what is to be done of the meetings that are not over.
func (d *Desk) each(ctx context.Context, c *conference, which func(meeting.Meeting) bool, decide Decision) error {
	c.mu.RLock()
	some := list(c.meetings, func(m meeting.Meeting) bool { return !over(m) && which(m) })
	c.mu.RUnlock()
	var errs error
	for _, m := range some {
		if _, err := d.Do(ctx, c.id, m.ID, 0, meeting.By{}, decide); err != nil && !errors.Is(err, meeting.ErrNothing) {
			errs = errors.Join(errs, err)
		}
	}
	return errs
}

// ClearAway does what events about people ask for where they were not heard: they
// expired before they were worked through, or a meeting was asked for while they
// were. It is for when no event about people waits.
func (d *Desk) ClearAway(ctx context.Context) error {
	var errs error
	for _, c := range d.conferences() {
		c.mu.RLock()
		open := list(c.meetings, func(m meeting.Meeting) bool { return !over(m) })
		c.mu.RUnlock()
		gone, left := d.people.away(c.id, open)
		for _, delegation := range left {
			errs = errors.Join(errs, d.dissolves(ctx, c, delegation))
		}
		for _, delegate := range gone {
			errs = errors.Join(errs, d.leaves(ctx, c, delegate, ""))
		}
	}
	return errs
}

// away are those who are named in meetings and are known to take part in the
// conference no more: delegates, and delegations.
func (p *people) away(conference string, meetings []meeting.Meeting) (delegates, delegations []string) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, m := range meetings {
		for _, s := range m.Sides {
			if one, known := p.delegations[conference][s.Delegation]; known && one.Status == event.Removed {
				delegations = append(delegations, s.Delegation)
			}
			for _, delegate := range s.People() {
				if one, known := p.persons[conference][delegate]; known && one.Status != event.Accredited {
					delegates = append(delegates, delegate)
				}
			}
		}
	}
	slices.Sort(delegates)
	slices.Sort(delegations)
	return slices.Compact(delegates), slices.Compact(delegations)
}
