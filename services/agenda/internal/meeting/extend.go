package meeting

import (
	"time"

	"plenary.example/shared/problem"
)

// Extend lets a meeting end some cells later, in its room, when room and people
// are free until then. That can be asked for while it goes on, which is when
// people find out.
func (w World) Extend(m Meeting, by By, cells int) (Plan, error) {
	party, err := m.actsFor(by)
	if err != nil {
		return Plan{}, err
	}
	_, open := w.pending(m)
	switch {
	case m.Status.Over():
		return Plan{}, errOver
	case m.Status != Confirmed:
		return Plan{}, errNoSlot
	case w.ended(m):
		return Plan{}, errEnded
	case open:
		return Plan{}, errOpen
	case cells < 1:
		return Plan{}, wrong("/cells", "min", "A meeting is extended by one cell or more.")
	}
	minutes := int(m.Slot.End.Sub(m.Slot.Start)/time.Minute) + cells*w.Grid().Cell
	if err := w.CheckLength("/cells", minutes); err != nil {
		return Plan{}, err
	}
	longer := Slot{Start: m.Slot.Start, End: m.Slot.Start.Add(time.Duration(minutes) * time.Minute)}
	before := w
	before.Now = earlier(w.Now, m.Slot.Start.Add(-1)) // that it has begun is no reason
	before.Curt = true                                // and which rooms are free is for the desk
	if err := before.Check(m, longer); err != nil {
		return Plan{}, err
	}
	next := m
	next.Slot, next.Minutes = longer, minutes
	if !w.FreeFor(m, longer) || m.Room != "" && before.RoomFits(m, longer, m.Room) != nil {
		const why = "The time after the meeting is not free."
		if w.begun(m) {
			return Plan{}, problem.New(problem.Conflict, "slot_taken", why) // it will not move any more
		}
		return Plan{}, w.instead(next, party, longer, "slot_taken", why)
	}
	return w.plan(m, next, Entry{Verb: WasExtended, Slots: []Slot{longer}, Room: m.Room}), nil
}
