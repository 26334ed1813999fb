package programme

import "time"

// What two sessions can exchange.
const (
	TimeAndRoom = "time_and_room"
	OnlyRoom    = "room"
)

// Swap answers session id and another in each other's place: in the other's
// room and, unless what is OnlyRoom, from the other's start on. Each keeps its
// length, and what comes behind it has to leave it that much time.
func (a Agenda) Swap(id string, revision int64, with, what, reason string, now time.Time) ([]Session, error) {
	x, err := a.movable(id, revision, now)
	if err != nil {
		return nil, err
	}
	other, known := a.sessions[with]
	switch {
	case id == with:
		return nil, wrong("/with", "same_session", "A session cannot be swapped with itself.")
	case !known:
		return nil, wrong("/with", "session_unknown", "The conference has no such session.")
	}
	y, err := a.movable(with, other.Revision, now)
	if err != nil {
		return nil, err
	}
	x.Room, y.Room = y.Room, x.Room
	if what != OnlyRoom {
		by := y.Start.Sub(x.Start)
		x.Start, x.End = x.Start.Add(by), x.End.Add(by)
		y.Start, y.End = y.Start.Add(-by), y.End.Add(-by)
	}
	if x.Room == y.Room && x.Start.Before(y.End) && y.Start.Before(x.End) {
		return nil, occupied("/with", with)
	}
	for _, s := range []Session{x, y} {
		if err := a.vacant(s, "/with", id, with); err != nil {
			return nil, err
		}
	}
	x.Reason, y.Reason = reason, reason
	return []Session{x.punctual(), y.punctual()}, nil
}
