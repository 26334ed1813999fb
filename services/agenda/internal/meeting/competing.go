package meeting

import "slices"

// Competing is how many other requests that wait for the answer of a delegation
// offer a slot that shares a moment with s. It is for that delegation only.
func (w World) Competing(m Meeting, delegation string, s Slot) int {
	n := 0
	for _, other := range w.Meetings(delegation) {
		p, open := w.pending(other)
		if !open || other.ID == m.ID || other.Status != Requested || !slices.Contains(p.Awaits, delegation) {
			continue
		}
		if slices.ContainsFunc(p.Slots, s.overlaps) {
			n++
		}
	}
	return n
}
