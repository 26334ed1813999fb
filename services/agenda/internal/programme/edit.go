package programme

import (
	"time"

	"plenary.example/shared/problem"
)

// A Slot is where a session is to be: the parts that are nil stay as they are.
type Slot struct {
	Start, End *time.Time
	Room       *string
}

// Move answers session id as it would be in slot to; when only a start is
// given the session keeps its length. revision is the one the secretariat had
// before its eyes. A session that has begun stays put: the people in the room
// would be the last to know. A cancelled one has no slot to move.
func (a Agenda) Move(c Conference, id string, revision int64, to Slot, reason string, now time.Time) (Session, error) {
	s, err := a.current(id, revision)
	if err != nil {
		return Session{}, err
	}
	switch {
	case s.Status == Cancelled:
		return Session{}, problem.New(problem.Conflict, "session_cancelled", "The session is cancelled.")
	case !now.Before(s.Start):
		return Session{}, problem.New(problem.Conflict, "session_begun", "The session has begun.")
	}
	was := s
	length := s.End.Sub(s.Start)
	if to.Start != nil {
		s.Start, s.End = *to.Start, to.Start.Add(length)
	}
	if to.End != nil {
		s.End = *to.End
	}
	if to.Room != nil {
		s.Room = *to.Room
	}
	if len(Differences(was, s)) == 0 {
		return was, nil
	}
	if err := a.fits(c, s, was, now); err != nil {
		return Session{}, err
	}
	s.Reason = reason
	return s, nil
}

// Cancel answers session id as cancelled. Cancelling twice changes nothing.
func (a Agenda) Cancel(id string, revision int64, reason string, now time.Time) (Session, error) {
	s, err := a.current(id, revision)
	if err != nil {
		return Session{}, err
	}
	switch {
	case s.Status == Cancelled:
		return s, nil
	case !now.Before(s.End):
		return Session{}, problem.New(problem.Conflict, "session_over", "The session is over.")
	}
	s.Status, s.Reason = Cancelled, reason
	return s, nil
}

// current finds the session in the state the caller has seen.
func (a Agenda) current(id string, revision int64) (Session, error) {
	s, ok := a.sessions[id]
	switch {
	case !ok:
		return Session{}, problem.Hidden()
	case s.Revision != revision:
		return Session{}, problem.New(problem.Stale, "stale", "The session has changed since. Read it again.")
	}
	return s, nil
}

// fits refuses a slot that nobody can have meant: it is the last look before
// people walk.
func (a Agenda) fits(c Conference, s, was Session, now time.Time) error {
	switch length := s.End.Sub(s.Start); {
	case length <= 0:
		return wrong("/endsAt", "end_before_start", "A session ends after it starts.")
	case length > 24*time.Hour:
		return wrong("/endsAt", "too_long", "A session lasts at most 24 hours.")
	}
	if !s.Start.Equal(was.Start) {
		if s.Start.Before(now) {
			return wrong("/startsAt", "in_the_past", "On the conference clock this time has passed.")
		}
		if !c.covers(s.Start) {
			return wrong("/startsAt", "outside_conference", "The conference is not held on that day.")
		}
	}
	if _, ok := a.rooms[s.Room]; !ok {
		return wrong("/roomId", "room_unknown", "The conference has no such room.")
	}
	for _, other := range a.sessions {
		if other.ID != s.ID && other.Room == s.Room && other.Status != Cancelled &&
			other.Start.Before(s.End) && s.Start.Before(other.End) {
			return problem.New(problem.Conflict, "room_occupied", "Another session is in that room at that time.").
				With(problem.Field{Pointer: "/roomId", Code: "room_occupied", Detail: "The room is occupied by session " + other.ID + ".", Params: map[string]string{"session": other.ID}})
		}
	}
	return nil
}

// wrong refuses one member of the slot.
func wrong(pointer, code, detail string) error {
	return problem.New(problem.Invalid, code, "%s", detail).With(problem.Field{Pointer: pointer, Code: code, Detail: detail})
}

// covers tells whether an instant falls on a day of the conference, give or
// take the day before and after: people arrive, and nights are long.
func (c Conference) covers(t time.Time) bool { return c.coversIn(c.Location(), t) }

// coversIn is covers for many instants: finding the location costs more than
// the question.
func (c Conference) coversIn(loc *time.Location, t time.Time) bool {
	if len(c.Days) == 0 {
		return true
	}
	const day = "2006-01-02"
	local := t.In(loc)
	return local.AddDate(0, 0, 1).Format(day) >= c.Days[0] && local.AddDate(0, 0, -1).Format(day) <= c.Days[len(c.Days)-1]
}
