package meeting

import (
	"cmp"
)

// Alternatives are up to n other slots at which m could take place, with a room
// if it wants one, those that begin nearest to around first. They are told to
// the delegation by, so nobody else is offered but inside the windows they
// opened; to nobody in particular, the desk and the rules, when by is empty. Why
// any other slot is not among them is not to be seen. What m itself holds, and
// what the holders excepted do, counts as free.
func (w World) Alternatives(m Meeting, by string, around Slot, n int, except ...string) []Slot {
	zone, rooms := w.Conference.Location(), w.rooms(m)
	all := w.ahead(zone, cmp.Or(m.Minutes, w.Grid().Meeting))
	nearest(all, around.Start)
	var found []Slot
	for _, s := range all {
		if len(found) == n {
			break
		}
		if s.Same(around) || s.Same(m.Slot) || !w.lets(by, m, s) || !w.FreeFor(m, s, except...) {
			continue
		}
		if m.Place != "" || len(w.vacant(zone, rooms, m, s, except...)) > 0 {
			found = append(found, s)
		}
	}
	return found
}
