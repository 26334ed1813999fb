package meeting

import (
	"slices"
	"time"
)

// mostFormer is how many delegates a meeting remembers as gone from it; it is
// more than ever were on two sides.
const mostFormer = 60

// A Former is a delegate in whose calendar a meeting stood and stands no more. A
// calendar believes that an entry is gone only when it is told so, and under a
// higher number than it was told of the entry.
type Former struct {
	Delegate string `bson:"delegate"`
	// Slot and Room are where the meeting was for them last.
	Slot Slot   `bson:"slot"`
	Room string `bson:"room,omitempty"`
	// Sequence is that of the meeting when it left the calendar, and At when that
	// was, by the wall clock.
	Sequence int64     `bson:"sequence"`
	At       time.Time `bson:"at"`
}

// Expects says whether the meeting stands in the calendar of a delegate: it has a
// slot, and they are named on a side.
func (m Meeting) Expects(delegate string) bool { return m.Status == Confirmed && m.TakesPart(delegate) }

// Missing is how the meeting left the calendar of a delegate who is not expected
// any more; false for anybody else.
func (m Meeting) Missing(delegate string) (Former, bool) {
	i := slices.IndexFunc(m.Former, func(f Former) bool { return f.Delegate == delegate })
	if i < 0 || m.Expects(delegate) {
		return Former{}, false
	}
	return m.Former[i], true
}

// Concerns says whether a delegate has a part in the meeting, had one while there
// was a slot, or is to get one.
func (m Meeting) Concerns(delegate string) bool {
	_, missing := m.Missing(delegate)
	return missing || m.TakesPart(delegate) || m.Proposal != nil && delegate != "" && m.Proposal.In == delegate
}

// Stepped is next, which was m, with what calendars have to know: when it took
// its last step, which is now if its sequence rose, and whom it does not expect
// any more. The desk calls it with the wall clock's time for every plan.
func (m Meeting) Stepped(next Meeting, now time.Time) Meeting {
	next.SteppedAt, next.Former = m.SteppedAt, m.Former
	if m.Revision > 0 && next.Sequence == m.Sequence {
		return next
	}
	next.SteppedAt = now
	next.Former = slices.DeleteFunc(slices.Clone(m.Former), func(f Former) bool { return next.Expects(f.Delegate) })
	for _, d := range m.expected() {
		if !next.Expects(d) {
			next.Former = append(next.Former, Former{d, m.Slot, m.Room, next.Sequence, now})
		}
	}
	next.Former = next.Former[max(0, len(next.Former)-mostFormer):]
	return next
}

// expected are the delegates in whose calendars the meeting stands, each once.
func (m Meeting) expected() []string {
	if m.Status != Confirmed {
		return nil
	}
	all := slices.Concat(m.Sides[0].People(), m.Sides[1].People())
	slices.Sort(all)
	return slices.Compact(all)
}
