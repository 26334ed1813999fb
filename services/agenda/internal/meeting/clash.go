package meeting

import (
	"slices"

	"plenary.example/services/agenda/internal/programme"
)

// Clash tells both sides that a session was put onto somebody who takes part:
// they have a duty in it, or picked it. The meeting stands; where nothing waits
// for an answer, they are offered other slots.
func (w World) Clash(m Meeting, s programme.Session) (Plan, error) {
	if m.Status != Confirmed || w.begun(m) || s.Status == programme.Cancelled || !m.Slot.overlaps(Slot{Start: s.Start, End: s.End}) {
		return Plan{}, ErrNothing
	}
	busy := func(delegate string) bool {
		return slices.Contains(s.Duties(), delegate) ||
			slices.ContainsFunc(w.Picks(delegate), func(p programme.Pick) bool { return p.Session == s.ID })
	}
	if !slices.ContainsFunc(slices.Concat(m.Sides[0].People(), m.Sides[1].People()), busy) {
		return Plan{}, ErrNothing
	}
	next, told := m, Entry{Verb: WasClashed}
	if _, open := w.pending(m); !open {
		next.Proposal = w.elsewhere(m, Reschedule, m.Slot, Slot{Start: s.Start, End: s.End})
	}
	if next.Proposal != m.Proposal && next.Proposal != nil {
		told.Slots = next.Proposal.Slots
	}
	return w.plan(m, next, told), nil
}
