package meeting

import "plenary.example/shared/problem"

// Assign gives a meeting that has a slot another room, by the desk: the best of
// those free when room is empty. What is proposed for the meeting stays so.
func (w World) Assign(m Meeting, by By, room string) (Plan, error) {
	switch {
	case !by.Desk:
		return Plan{}, problem.Hidden()
	case m.Status.Over():
		return Plan{}, errOver
	case m.Status != Confirmed:
		return Plan{}, errNoSlot
	case w.ended(m):
		return Plan{}, errEnded
	case m.Place != "":
		return Plan{}, errInformal
	}
	if room == "" {
		best, found := w.Room(m, m.Slot)
		if !found {
			return Plan{}, w.instead(m, "", m.Slot, "no_room", "No room that is large enough is free for that slot.")
		}
		room = best
	} else if err := w.RoomFits(m, m.Slot, room); err != nil {
		return Plan{}, err
	}
	if room == m.Room {
		return Plan{}, ErrNothing
	}
	return w.roomed(m, room), nil
}

// roomed is m in another room at the same time.
func (w World) roomed(m Meeting, room string) Plan {
	next, verb := m, WasMoved
	if m.Room == "" {
		verb = WasRoomed
		next.Warned = false // what the desk gives after a room has lapsed is to stay
	}
	next.Room, next.WaitsForRoom = room, false
	return w.plan(m, next, Entry{Verb: verb, Slots: []Slot{m.Slot}, Room: room})
}
