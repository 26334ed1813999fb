package meeting

import (
	"slices"

	"plenary.example/services/agenda/internal/programme"
)

// mostClashes is how many sessions a meeting remembers to have told of.
const mostClashes = 20

// A Clashing is a session of which both sides were told that it was put onto
// somebody who takes part, as it stood then.
type Clashing struct {
	Session  string `bson:"session"`
	Revision int64  `bson:"revision"`
}

// Clash tells both sides that a session was put onto somebody who takes part:
// they have a duty in it, or picked it. Before is the session as it was, zero for
// one that is new: whom it was on before is no news. The meeting stands; where
// nothing waits for an answer, they are offered other slots. Of one revision of
// a session nobody is told twice.
func (w World) Clash(m Meeting, before, s programme.Session) (Plan, error) {
	told := slices.IndexFunc(m.Clashes, func(c Clashing) bool { return c.Session == s.ID })
	if m.Status != Confirmed || w.begun(m) || told >= 0 && m.Clashes[told].Revision >= s.Revision {
		return Plan{}, ErrNothing
	}
	news := func(delegate string) bool { return w.meets(m, s, delegate) && !w.meets(m, before, delegate) }
	if !slices.ContainsFunc(m.expected(), news) {
		return Plan{}, ErrNothing
	}
	next, entry := m, Entry{Verb: WasClashed}
	next.Clashes = slices.DeleteFunc(slices.Clone(m.Clashes), func(c Clashing) bool { return c.Session == s.ID })
	next.Clashes = append(next.Clashes[max(0, len(next.Clashes)-mostClashes+1):], Clashing{s.ID, s.Revision})
	if _, open := w.pending(m); !open {
		next.Proposal = w.elsewhere(m, Reschedule, m.Slot, Slot{Start: s.Start, End: s.End})
	}
	if next.Proposal != m.Proposal && next.Proposal != nil {
		entry.Slots = next.Proposal.Slots
	}
	return w.plan(m, next, entry), nil
}

// meets says whether a session takes time of a delegate while m does.
func (w World) meets(m Meeting, s programme.Session, delegate string) bool {
	if s.Status == programme.Cancelled || !m.Slot.overlaps(Slot{Start: s.Start, End: s.End}) {
		return false
	}
	return slices.Contains(s.Duties(), delegate) ||
		slices.ContainsFunc(w.Picks(delegate), func(p programme.Pick) bool { return p.Session == s.ID })
}
