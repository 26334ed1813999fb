package programme

import (
	"slices"
	"time"

	"plenary.example/shared/problem"
)

// A Slot is where a session is to be: the parts that are nil stay as they are.
type Slot struct {
	Start, End *time.Time
	Room       *string
}

// longest is how long a session may be.
const longest = 24 * time.Hour

// Move answers session id as it would be in slot to; when only a start is
// given the session keeps its length. revision is the one the secretariat had
// before its eyes. A session that has begun stays put: the people in the room
// would be the last to know. A cancelled one has no slot to move.
func (a Agenda) Move(c Conference, id string, revision int64, to Slot, reason string, now time.Time) (Session, error) {
	s, err := a.movable(id, revision, now)
	if err != nil {
		return Session{}, err
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
	return s.punctual(), nil
}

// Begun says whether people are in the room, or were: the chair has opened the
// session, or its time has come.
func (s Session) Begun(now time.Time) bool {
	return s.Status == Running || s.Status == Ended || !now.Before(s.Start)
}

// Over says whether the session has been closed. One that the chair opened
// lasts until the chair closes it.
func (s Session) Over(now time.Time) bool {
	return s.Status == Ended || s.Status != Running && !now.Before(s.End)
}

// movable is current for a session that may still get another slot.
func (a Agenda) movable(id string, revision int64, now time.Time) (Session, error) {
	s, err := a.current(id, revision)
	switch {
	case err != nil:
		return Session{}, err
	case s.Status == Cancelled:
		return Session{}, cancelled()
	case s.Begun(now):
		return Session{}, problem.New(problem.Conflict, "session_begun", "The session has begun.")
	}
	return s, nil
}

// current finds the session in the state the caller has seen.
func (a Agenda) current(id string, revision int64) (Session, error) {
	s, err := a.find(id)
	if err == nil && s.Revision != revision {
		return Session{}, problem.New(problem.Stale, "stale", "The session has changed since. Read it again.")
	}
	return s, err
}

// find finds the session in whatever state it is.
func (a Agenda) find(id string) (Session, error) {
	s, ok := a.sessions[id]
	if !ok {
		return Session{}, problem.Hidden()
	}
	return s, nil
}

// fits refuses a slot that nobody can have meant: it is the last look before
// people walk.
func (a Agenda) fits(c Conference, s, was Session, now time.Time) error {
	switch length := s.End.Sub(s.Start); {
	case length <= 0:
		return wrong("/endsAt", "end_before_start", "A session ends after it starts.")
	case length > longest:
		return wrong("/endsAt", "too_long", "A session lasts at most 24 hours.")
	}
	if !s.Start.Equal(was.Start) {
		if err := c.ahead(s.Start, now, "/startsAt"); err != nil {
			return err
		}
	}
	if _, ok := a.rooms[s.Room]; !ok {
		return wrong("/roomId", "room_unknown", "The conference has no such room.")
	}
	return a.vacant(s, "/roomId")
}

// ahead refuses a start that has passed, or at which nobody will be there.
func (c Conference) ahead(start, now time.Time, pointer string) error {
	if start.Before(now) {
		return wrong(pointer, "in_the_past", "On the conference clock this time has passed.")
	}
	if !c.covers(start) {
		return wrong(pointer, "outside_conference", "The conference is not held on that day.")
	}
	return nil
}

// takes says whether s is held at the time of another session. What is
// cancelled or has been closed takes no time.
func (s Session) takes(other Session) bool {
	return s.Status != Cancelled && s.Status != Ended && s.Start.Before(other.End) && other.Start.Before(s.End)
}

// vacant refuses s where another session has the room, but for those that move
// in the same step.
func (a Agenda) vacant(s Session, pointer string, moving ...string) error {
	for _, other := range a.sessions {
		if other.ID != s.ID && other.Room == s.Room && other.takes(s) && !slices.Contains(moving, other.ID) {
			return occupied(pointer, other.ID)
		}
	}
	return nil
}

// occupied refuses a room for the session that has it.
func occupied(pointer, session string) error {
	return problem.New(problem.Conflict, "room_occupied", "Another session is in that room at that time.").
		With(problem.Field{Pointer: pointer, Code: "room_occupied", Detail: "The room is occupied by session " + session + ".", Params: map[string]string{"session": session}})
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
