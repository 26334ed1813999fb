package meeting

import "slices"

// Leave takes a delegate out of a meeting they can have no part in any more, and
// puts their deputy in, where there is one who is free. Otherwise their side
// names nobody in that seat, and both sides are told. What is over, or has begun,
// stays as it was.
func (w World) Leave(m Meeting, delegate, deputy string) (Plan, error) {
	if m.Status.Over() || w.begun(m) {
		return Plan{}, ErrNothing
	}
	next := m
	for i, s := range m.Sides {
		in := deputy
		if !w.Interprets(deputy, m.Sides[0].Delegation, m.Sides[1].Delegation) ||
			slices.Contains(s.Principals, delegate) && !w.accredited(deputy, s.Delegation) {
			in = ""
		}
		next.Sides[i] = s.swapped(delegate, in)
	}
	p := m.Proposal
	if p != nil && p.Kind == Substitution && (p.Out == delegate || p.In == delegate) {
		next.Proposal = nil
	}
	if !m.TakesPart(delegate) && next.Proposal == p {
		return Plan{}, ErrNothing
	}
	told := Entry{Verb: WasSubstituted}
	if m.TakesPart(delegate) {
		told.Out = delegate
	}
	if !m.TakesPart(deputy) && next.TakesPart(deputy) {
		told.In = deputy
	}
	if m.Status != Confirmed || w.FreeFor(next, m.Slot) {
		return w.plan(m, next, told), nil
	}
	if deputy != "" {
		return w.Leave(m, delegate, "")
	}
	// Nobody named can be in one such meeting at a time.
	return w.adrift(m, next, told), nil
}
