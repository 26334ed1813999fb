package inbox

import (
	"maps"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// Categories of notices about sessions.
const (
	Moved      = "session.moved"
	Cancelled  = "session.cancelled"
	Reinstated = "session.reinstated"
	Changed    = "session.changed"
)

// net names the news between two states of a session; empty when there is
// none that anybody would want to hear.
func net(before, after event.SessionState) string {
	switch {
	case before.Status != after.Status && after.Status == event.SessionCancelled:
		return Cancelled
	case after.Status == event.SessionCancelled:
		return "" // nobody goes there; nobody cares where it would have been
	case before.Status == event.SessionCancelled:
		return Reinstated
	case !before.Start.Equal(after.Start) || before.Room != after.Room:
		return Moved
	case !before.End.Equal(after.End) || !maps.Equal(before.Title, after.Title):
		return Changed
	}
	return ""
}

// over tells whether both the old and the new slot have passed: then the news
// helps nobody.
func over(before, after event.SessionState, now time.Time) bool {
	return !now.Before(end(before, after))
}

// end is when the later of both slots is over.
func end(before, after event.SessionState) time.Time {
	if before.End.After(after.End) || after.Status == event.SessionCancelled && !before.End.IsZero() {
		return before.End
	}
	return after.End
}

// urgency is a matter of how soon somebody would walk to the wrong place: of
// the lead time of the earlier of both starts.
func urgency(before, after event.SessionState, now time.Time) push.Lane {
	start := after.Start
	if !before.Start.IsZero() && before.Start.Before(start) {
		start = before.Start
	}
	switch lead := start.Sub(now); {
	case lead < 30*time.Minute:
		return push.Urgent
	case lead < 24*time.Hour:
		return push.Important
	}
	return push.Routine
}

// told turns a state of the agenda into what a notice says.
func told(s event.SessionState) push.State {
	return push.State{Title: s.Title, Room: s.RoomName, Start: s.Start, End: s.End, Status: s.Status, Reason: s.Reason}
}
