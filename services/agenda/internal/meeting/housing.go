package meeting

import (
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// Housed says whether the room of m is there and open to meetings; a meeting
// without one is.
func (w World) Housed(m Meeting) bool {
	r, known := w.Agenda.Room(m.Room)
	return m.Room == "" || known && w.opens(r, m.Level)
}

// Unhouse takes m out of a room that is no more, or is not for meetings any more.
// It stands, and waits for another room.
func (w World) Unhouse(m Meeting) (Plan, error) {
	if m.Status != Confirmed || w.begun(m) || w.Housed(m) {
		return Plan{}, ErrNothing
	}
	next := m
	next.Room, next.WaitsForRoom = "", true
	return w.plan(m, next, Entry{Verb: WasUnroomed}), nil
}

// Evicts refuses a change from w to after that takes a coming meeting's room
// away. It says which room is in use and when, and not by whom.
func (w World) Evicts(after World, meetings []Meeting) error {
	for _, m := range meetings {
		if m.Status != Confirmed || w.ended(m) || !w.Housed(m) || after.Housed(m) {
			continue
		}
		room, _ := w.Agenda.Room(m.Room)
		return RoomInUse(room, m.Slot.Start, m.Slot.End)
	}
	return nil
}

// RoomInUse is the Conflict that says which room somebody has and when, and not
// who.
func RoomInUse(room programme.Room, start, end time.Time) error {
	from, to := start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339)
	return problem.New(problem.Conflict, "room_in_use", "The room %s is in use between %s and %s.", room.Name, from, to).
		With(problem.Field{
			Code: "room_in_use", Detail: "The room is in use in that time.",
			Params: map[string]string{"room": room.ID, "startsAt": from, "endsAt": to},
		})
}
