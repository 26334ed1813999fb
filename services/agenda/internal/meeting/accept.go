package meeting

import (
	"slices"
	"time"

	"plenary.example/shared/problem"
)

// An Acceptance is how a side accepts.
type Acceptance struct {
	// Start is the slot it takes; zero where only one is offered, or none.
	Start time.Time
	// Principals, Interpreters and Plus are who of the side comes; nil leaves them
	// as they are. That is how a request is handed to a deputy. Where a meeting has
	// a slot, the other side has a say in that; see Substitute.
	Principals, Interpreters []string
	Plus                     *int
	// WithoutRoom lets the meeting stand without a room when none is free; the
	// desk finds one.
	WithoutRoom bool
}

// Accept agrees to what is proposed. Once nobody else is awaited the meeting has
// that slot, and a room: the best of those free at this moment. A swap takes
// both its meetings; see CompleteSwap.
func (w World) Accept(m Meeting, by By, a Acceptance) (Plan, error) {
	p, who, err := w.answered(m, by)
	switch {
	case err != nil:
		return Plan{}, err
	case p.Kind == Swap:
		return Plan{}, problem.New(problem.Conflict, "swap_of_two", "A swap is accepted for both meetings at once.")
	case p.Kind == Substitution:
		return w.substituted(m, who[0], p.By, p.Out, p.In)
	}
	slot, err := p.choice(a.Start)
	if err != nil {
		return Plan{}, err
	}
	next, err := w.attended(m, who, a)
	if err != nil {
		return Plan{}, err
	}
	agreed, err := w.confirmed(next, who[0], slot, a.WithoutRoom)
	if err != nil {
		return Plan{}, err
	}
	if left := m.left(p, who, slot); len(left) > 0 {
		p.Awaits, p.Chosen = left, slot
		next.Proposal = &p
		return w.plan(m, next, Entry{Verb: WasEndorsed, Slots: []Slot{slot}}), nil
	}
	return w.settled(m, agreed), nil
}

// choice is the slot of p that begins at start. Where somebody has chosen, that
// one is meant when nothing is said; otherwise one of several has to be named.
func (p Proposal) choice(start time.Time) (Slot, error) {
	switch {
	case start.IsZero() && !p.Chosen.IsZero():
		return p.Chosen, nil
	case start.IsZero() && len(p.Slots) == 1:
		return p.Slots[0], nil
	case start.IsZero():
		return Slot{}, wrong("/startsAt", "slot_missing", "Several slots are offered: say which one you take.")
	}
	i := slices.IndexFunc(p.Slots, func(s Slot) bool { return s.Start.Equal(start) })
	if i < 0 {
		return Slot{}, wrong("/startsAt", "slot_not_offered", "That slot is not among those offered.")
	}
	return p.Slots[i], nil
}

// left are those still awaited once who has taken slot. When somebody took
// another one, they have to agree to this one too.
func (m Meeting) left(p Proposal, who []string, slot Slot) []string {
	left := p.Awaits
	if !p.Chosen.IsZero() && !p.Chosen.Same(slot) {
		left = m.others(p.By)
	}
	return slices.DeleteFunc(slices.Clone(left), func(d string) bool { return slices.Contains(who, d) })
}

// attended is m with who comes of the side that accepts.
func (w World) attended(m Meeting, who []string, a Acceptance) (Meeting, error) {
	if a.Principals == nil && a.Interpreters == nil && a.Plus == nil {
		return m, nil
	}
	switch {
	case m.Status == Confirmed:
		return m, wrong("/principals", "stands_already", "Who comes to a meeting that has a slot is changed by a substitution.")
	case len(who) > 1:
		return m, wrong("/principals", "side_unclear", "Say for one side who comes.")
	}
	i := m.Side(who[0])
	s := m.Sides[i]
	if a.Principals != nil {
		s.Principals = a.Principals
	}
	if a.Interpreters != nil {
		s.Interpreters = a.Interpreters
	}
	if a.Plus != nil {
		s.Plus = *a.Plus
	}
	s, err := w.seated(s, m.Sides[1-i].Delegation, "/principals", "/interpreters")
	return m.with(i, s), err
}

// Agree accepts to meet and leaves it to the desk to find when. Of the acceptance
// only who comes is looked at.
func (w World) Agree(m Meeting, by By, a Acceptance) (Plan, error) {
	_, who, err := w.answered(m, by)
	if err != nil {
		return Plan{}, err
	}
	if m.Status == Confirmed {
		return Plan{}, errConfirmed
	}
	next, err := w.attended(m, who, a)
	if err != nil {
		return Plan{}, err
	}
	next.Status, next.Proposal = Agreed, nil
	return w.plan(m, next, Entry{Verb: WasAgreed}), nil
}
