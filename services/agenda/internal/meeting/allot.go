package meeting

import (
	"slices"

	"plenary.example/shared/problem"
)

// Open says whether a slot can still be found for m: somebody's request that has
// not run out, or what both left to the desk.
func (w World) Open(m Meeting) bool {
	_, pending := w.pending(m)
	return m.Status == Agreed || m.Status == Requested && pending
}

// Named are the slots somebody named for a meeting that has none, the most
// wanted first: those that are proposed, or those that were when both left it to
// the desk.
func (w World) Named(m Meeting) []Slot {
	if p, pending := w.pending(m); pending {
		slots := slices.Clone(p.Slots)
		if i := slices.IndexFunc(slots, p.Chosen.Same); i > 0 { // one side has taken it
			slots = slices.Insert(slices.Delete(slots, i, i+1), 0, p.Chosen)
		}
		return slots
	}
	for _, e := range slices.Backward(m.History) {
		if (e.Verb == WasRequested || e.Verb == WasCountered) && len(e.Slots) > 0 {
			return e.Slots
		}
	}
	return nil
}

// What is in the way of a meeting at a slot.
const (
	BarredBySlot   = "slot"   // it has begun, or is none of the grid
	BarredByWindow = "window" // it is outside the windows of a side that has not agreed to it
	BarredByAsking = "asking_side"
	BarredByAsked  = "asked_side"
	BarredByRoom   = "room"
	BarredByQuota  = "quota" // the asking side has as many on that day as it may
)

// Bar is what is in the way of m at a slot of the grid; empty when nothing is
// but for rooms, which are not looked at. It is for the desk: it tells who is not
// free.
func (w World) Bar(m Meeting, s Slot) string {
	if !w.welcome(m, s) {
		return BarredByWindow
	}
	if w.quota(m, "", s) != nil {
		return BarredByQuota
	}
	for _, h := range m.Needs(s, "", w.Changeover(m.Level)) {
		switch {
		case w.Diary.Free(h, m.ID):
		case slices.Contains(m.Takes(0), h.Resource):
			return BarredByAsking
		default:
			return BarredByAsked
		}
	}
	return ""
}

// welcome says whether those who have not named s themselves let m be then.
func (w World) welcome(m Meeting, s Slot) bool {
	if p, pending := w.pending(m); pending && p.By != "" && slices.ContainsFunc(p.Slots, s.Same) {
		return w.lets(p.By, m, s)
	}
	return w.lets("", m, s)
}

// Allot gives a meeting a slot, and a room unless it is informal, that the desk
// found for it among many; see Settle. It stands for both sides' acceptance, so a
// request that has run out gets nothing any more.
func (w World) Allot(m Meeting, by By, s Slot, room string) (Plan, error) {
	switch {
	case by.Desk && m.Status == Requested && !w.Open(m):
		return Plan{}, errExpired
	case by.Desk && !m.Status.Over() && m.Status != Confirmed && !w.welcome(m, s):
		return Plan{}, problem.New(problem.Conflict, "window_closed", "A delegation does not meet at that time any more.")
	}
	return w.Settle(m, by, s, room)
}
