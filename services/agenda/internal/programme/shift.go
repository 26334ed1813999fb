package programme

import "time"

// A Scope is how much of the agenda a delay takes along. The zero Scope is none.
type Scope string

// The scopes: the session alone, what follows it in its room that day, or what
// follows it anywhere that day.
const (
	OneSession Scope = "session"
	RestOfRoom Scope = "room"
	RestOfDay  Scope = "day"
)

// night is when a day of a conference is over at the latest: what starts after
// midnight and before it belongs to the evening.
const night = 4 * time.Hour

// Delay answers what a delay of session id moves: the session itself and, as
// far as scope says, those that start no earlier that day. One that runs ends
// later; what follows is still to begin and starts later. What is cancelled has
// nothing to delay. The whole chain moves or none of it does.
func (a Agenda) Delay(c Conference, id string, revision int64, by time.Duration, scope Scope, reason string, now time.Time) ([]Session, error) {
	first, err := a.current(id, revision)
	switch {
	case err != nil:
		return nil, err
	case first.Status == Cancelled:
		return nil, cancelled()
	case first.Over(now):
		return nil, over()
	}
	chain := []Session{first}
	if scope != OneSession {
		chain = append(chain, a.following(c, first, scope, now)...)
	}
	moving := make([]string, 0, len(chain))
	for i, s := range chain {
		moving = append(moving, s.ID)
		chain[i] = s.delayed(by, reason, now)
	}
	for _, s := range chain {
		if err := a.reaches(c, s, moving, now); err != nil {
			return nil, err
		}
	}
	return chain, nil
}

// reaches refuses a delayed session that comes to where it cannot be.
func (a Agenda) reaches(c Conference, s Session, moving []string, now time.Time) error {
	if s.End.Sub(s.Start) > longest {
		return wrong("/minutes", "too_long", "A session lasts at most 24 hours.")
	}
	if !s.Begun(now) {
		if err := c.ahead(s.Start, now, "/minutes"); err != nil {
			return err
		}
	}
	return a.vacant(s, "/minutes", moving...)
}

// following are the sessions a delay of first takes along.
func (a Agenda) following(c Conference, first Session, scope Scope, now time.Time) []Session {
	zone := c.Location()
	day := dayOf(first.Start, zone)
	var rest []Session
	for _, s := range a.Sessions() {
		if s.ID == first.ID || s.Start.Before(first.Start) || s.Status == Cancelled || s.Begun(now) ||
			scope == RestOfRoom && s.Room != first.Room || dayOf(s.Start, zone) != day {
			continue
		}
		rest = append(rest, s)
	}
	return rest
}

// dayOf is the local date an instant counts for.
func dayOf(t time.Time, zone *time.Location) string {
	return t.In(zone).Add(-night).Format(time.DateOnly)
}

// delayed is s that much later, and marked so unless it has begun.
func (s Session) delayed(by time.Duration, reason string, now time.Time) Session {
	if !s.Begun(now) {
		if s.Planned.IsZero() {
			s.Planned = s.Start
		}
		s.Start, s.Delayed = s.Start.Add(by), true
	}
	s.End, s.Reason = s.End.Add(by), reason
	return s.punctual()
}

// punctual is s without the mark of a delay that has been made up for.
func (s Session) punctual() Session {
	if !s.Start.After(s.Planned) {
		s.Delayed, s.Planned = false, time.Time{}
	}
	return s
}

// Becoming are the changes that make the sessions, as they are to be, true.
func (a Agenda) Becoming(sessions []Session) []Change {
	var changes []Change
	for _, s := range sessions {
		var was *Session
		if before, known := a.sessions[s.ID]; known {
			was = &before
		}
		if c := changed(was, &s); len(c.Fields) > 0 {
			changes = append(changes, c)
		}
	}
	return changes
}
