package meeting

import "slices"

// Substitute sends somebody else in the place of one who takes part; out is
// empty where the side has named nobody so far. Once a meeting has a slot, the
// other side is asked first when who comes has a lower rank than who was to;
// the desk decides at once.
func (w World) Substitute(m Meeting, by By, out, in string) (Plan, error) {
	party, err := w.acts(m, by)
	if err != nil {
		return Plan{}, err
	}
	if party == "" && out == "" { // the desk says for whose side by whom it sends
		p, _ := w.Person(in)
		party = p.Delegation
	}
	i, err := m.seat(party, out)
	if err != nil {
		return Plan{}, err
	}
	side := m.Sides[i]
	interprets := out != "" && !slices.Contains(side.Principals, out)
	switch {
	case interprets && !w.Interprets(in, m.Sides[0].Delegation, m.Sides[1].Delegation), !interprets && !w.accredited(in, side.Delegation):
		return Plan{}, unknownPerson("/in")
	case slices.Contains(side.People(), in):
		return Plan{}, wrong("/in", "takes_part_already", "That person takes part anyway.")
	case m.Status != Confirmed || by.Desk || interprets || !w.lower(m, out, in):
		return w.substituted(m, party, side.Delegation, out, in)
	}
	if _, open := w.pending(m); open {
		return Plan{}, errOpen
	}
	if _, err := w.substituted(m, party, side.Delegation, out, in); err != nil {
		return Plan{}, err // it is not worth asking
	}
	p := Proposal{Kind: Substitution, By: side.Delegation, Out: out, In: in, ExpiresAt: w.expires(m, []Slot{m.Slot})}
	return w.propose(m, p, WasProposed)
}

// seat is the side, of a delegation's or of any for the desk, on which somebody
// sits; with nobody said, one that names no principal.
func (m Meeting) seat(party, delegate string) (int, error) {
	for i, s := range m.Sides {
		if party != "" && party != s.Delegation {
			continue
		}
		if delegate != "" && slices.Contains(s.People(), delegate) || delegate == "" && len(s.Principals) == 0 {
			return i, nil
		}
	}
	return 0, wrong("/out", "not_taking_part", "That person has no part in the meeting on your side.")
}

// substituted is m with in where out was on a side. When not everybody is free
// then, party hears when they would be; see instead.
func (w World) substituted(m Meeting, party, delegation, out, in string) (Plan, error) {
	i := m.Side(delegation)
	next := m.with(i, m.Sides[i].swapped(out, in))
	if out == "" {
		next.Sides[i].Principals = []string{in}
	}
	if p := m.Proposal; p != nil && p.Kind == Substitution && p.By == delegation && p.Out == out {
		next.Proposal = nil
	}
	if m.Status == Confirmed && !w.FreeFor(next, m.Slot) {
		return Plan{}, w.instead(next, party, m.Slot, "slot_taken", "Not everybody would be free then.")
	}
	return w.plan(m, next, Entry{Verb: WasSubstituted, Out: out, In: in}), nil
}

// swapped is s with in wherever out was, or nobody when in is empty or sits
// there already.
func (s Side) swapped(out, in string) Side {
	replace := func(people []string) []string {
		all := slices.Clone(people)
		if i := slices.Index(all, out); i >= 0 {
			all[i] = in
		}
		return each(all)
	}
	s.Principals, s.Interpreters = replace(s.Principals), replace(s.Interpreters)
	return s
}

// lower says whether in has a lower rank than out; where nobody had been named,
// than the level of the meeting. One whose rank nobody knows has the lowest.
func (w World) lower(m Meeting, out, in string) bool {
	was := m.Level
	if out != "" {
		was = w.rank(out)
	}
	return standing(w.rank(in)) > standing(was)
}

func (w World) rank(delegate string) Level {
	p, _ := w.Person(delegate)
	return LevelOf(p.Rank)
}

// standing orders levels, the most senior first and none last.
func standing(l Level) int {
	if i := slices.Index(Levels(), l); i >= 0 {
		return i
	}
	return len(Levels())
}
