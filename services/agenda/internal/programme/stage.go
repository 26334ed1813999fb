package programme

import (
	"slices"
	"time"

	"plenary.example/shared/problem"
)

// early is how long before its time a session may be opened.
const early = time.Hour

// Cancel answers session id as cancelled. Cancelling twice changes nothing.
func (a Agenda) Cancel(id string, revision int64, reason string, now time.Time) (Session, error) {
	s, err := a.current(id, revision)
	switch {
	case err != nil:
		return Session{}, err
	case s.Status == Cancelled:
		return s, nil
	case s.Over(now):
		return Session{}, over()
	}
	s.Status, s.Reason = Cancelled, reason
	return s, nil
}

// Reinstate answers session id as it was before it was cancelled, in its old
// slot, which must still be free. Of one that is not cancelled nothing changes.
func (a Agenda) Reinstate(c Conference, id string, revision int64, reason string, now time.Time) (Session, error) {
	s, err := a.current(id, revision)
	switch {
	case err != nil:
		return Session{}, err
	case s.Status != Cancelled:
		return s, nil
	case s.Over(now):
		return Session{}, over()
	}
	s.Status, s.Reason = Confirmed, reason
	if err := a.fits(c, s, s, now); err != nil {
		return Session{}, err
	}
	return s, nil
}

// Begin answers session id as opened by its chair, an hour before its time at
// the earliest. One that was closed by mistake can be opened again until its
// time is over.
func (a Agenda) Begin(id string, now time.Time) (Session, error) {
	s, err := a.find(id)
	switch {
	case err != nil:
		return Session{}, err
	case s.Status == Running:
		return s, nil
	case s.Status == Cancelled:
		return Session{}, cancelled()
	case !now.Before(s.End):
		return Session{}, over()
	case now.Before(s.Start.Add(-early)):
		return Session{}, problem.New(problem.Conflict, "too_early", "A session can be opened an hour before its time, not earlier.")
	}
	s.Status, s.Reason = Running, ""
	return s, nil
}

// Close answers session id as closed by its chair. Its times stay as they were
// announced. One that has ended changes nothing.
func (a Agenda) Close(id string, now time.Time) (Session, error) {
	s, err := a.find(id)
	switch {
	case err != nil:
		return Session{}, err
	case s.Status == Ended:
		return s, nil
	case s.Status == Cancelled:
		return Session{}, cancelled()
	case !s.Begun(now):
		return Session{}, problem.New(problem.Conflict, "session_not_begun", "The session has not begun.")
	}
	s.Status, s.Reason = Ended, ""
	return s, nil
}

// GoLive answers session id with its stream started: the link is given out from
// now on, whatever the hour.
func (a Agenda) GoLive(id string, now time.Time) (Session, error) {
	s, err := a.find(id)
	switch {
	case err != nil:
		return Session{}, err
	case s.Stream == nil:
		return Session{}, problem.New(problem.Conflict, "no_stream", "The session has no live stream.")
	case s.Status == Cancelled:
		return Session{}, cancelled()
	case s.Stream.Started:
		return s, nil
	case s.Over(now):
		return Session{}, over()
	}
	stream := *s.Stream
	stream.Started = true
	s.Stream, s.Reason = &stream, ""
	return s, nil
}

// Replace answers session id with one person in another's place: out, a
// delegate or somebody from outside by name, leaves what part they have, and in
// takes it, in the same role unless in has one. Nobody has two parts in a
// session, nor a delegate parts in two sessions at a time.
func (a Agenda) Replace(id string, revision int64, out, in Part, reason string, now time.Time) (Session, error) {
	s, err := a.current(id, revision)
	switch {
	case err != nil:
		return Session{}, err
	case s.Status == Cancelled:
		return Session{}, cancelled()
	case s.Over(now):
		return Session{}, over()
	}
	at := s.part(out)
	if at < 0 {
		return Session{}, wrong("/out", "person_unknown", "Nobody like that has a part in the session.")
	}
	if in.Role == "" {
		in.Role = s.People[at].Role
	}
	if twice := s.part(in); twice >= 0 && twice != at {
		return Session{}, wrong("/in", "person_twice", "That person has a part in the session already.")
	}
	if other, engaged := a.engaged(in.Delegate, s); engaged {
		return Session{}, wrong("/in", "person_twice", "That person has a part in session "+other+" at that time.")
	}
	s.People = slices.Clone(s.People)
	s.People[at], s.Reason = in, reason
	return s, nil
}

// part is where somebody stands among those who have one; -1 when nowhere.
func (s Session) part(who Part) int {
	return slices.IndexFunc(s.People, func(p Part) bool {
		return p.Delegate == who.Delegate && (who.Delegate != "" || p.Name == who.Name)
	})
}

// engaged finds another session at the time of s in which a delegate has a part.
func (a Agenda) engaged(delegate string, s Session) (session string, found bool) {
	if delegate == "" {
		return "", false
	}
	for _, other := range a.sessions {
		if other.ID != s.ID && other.takes(s) && slices.Contains(other.Duties(), delegate) {
			return other.ID, true
		}
	}
	return "", false
}

func cancelled() error {
	return problem.New(problem.Conflict, "session_cancelled", "The session is cancelled.")
}

func over() error { return problem.New(problem.Conflict, "session_over", "The session is over.") }
