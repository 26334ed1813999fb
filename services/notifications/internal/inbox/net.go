package inbox

import (
	"maps"
	"slices"
	"strings"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// Categories of notices about sessions.
const (
	Moved      = "session.moved"
	Delayed    = "session.delayed"
	Cancelled  = "session.cancelled"
	Removed    = "session.removed"
	Reinstated = "session.reinstated"
	Restored   = "session.restored" // back to when and where it was before people were told otherwise
	Stands     = "session.stands"   // how it is, for who may or may not have heard that it was otherwise
	Changed    = "session.changed"  // its end or its title
	Admission  = "session.access"
	Speakers   = "session.speakers"
	Spoken     = "session.language"
	Streamed   = "session.stream"
	Documents  = "session.documents"
)

// net names the news between two states of a session; empty when there is
// none that anybody would want to hear. Of several it names the one that people
// must act upon first.
func net(before, after event.SessionState) string {
	switch {
	case gone(before) && gone(after):
		return "" // nobody goes there; nobody cares where it would have been
	case after.Status == event.SessionCancelled:
		return Cancelled
	case after.Status == event.SessionRemoved:
		return Removed
	case gone(before):
		return Reinstated
	case after.Status == event.SessionEnded:
		return ""
	case before.Room == after.Room && after.Delayed && !before.Start.IsZero() && before.Start.Before(after.Start):
		return Delayed
	case !before.Start.Equal(after.Start) || before.Room != after.Room:
		return Moved
	case !before.End.Equal(after.End) || !maps.Equal(before.Title, after.Title):
		return Changed
	}
	if news := around(before, after); len(news) > 0 {
		return news[0]
	}
	return ""
}

// also is what else is news in a step of a category, to be said with it.
func also(category string, before, after event.SessionState) []string {
	if gone(after) || before.Start.IsZero() {
		return nil // nobody goes there, or nobody knew how it was
	}
	news := slices.DeleteFunc(around(before, after), func(c string) bool { return c == category })
	if !maps.Equal(before.Title, after.Title) && (category != Changed || !stays(before, after)) {
		news = append(news, Changed)
	}
	return news
}

// around are the categories of what is not about when and where. States from
// before these things were told say nothing of them. A language that is taken
// back is no news: nobody knows what will be spoken instead.
func around(before, after event.SessionState) (news []string) {
	if before.Stream == "" || after.Stream == "" {
		return nil
	}
	if before.Access != after.Access {
		news = append(news, Admission)
	}
	if before.People != after.People {
		news = append(news, Speakers)
	}
	if before.Language != after.Language && after.Language != "" || !slices.Equal(before.Interpretation, after.Interpretation) {
		news = append(news, Spoken)
	}
	if before.Stream != after.Stream {
		news = append(news, Streamed)
	}
	if papers(before, after) {
		news = append(news, Documents)
	}
	return news
}

// papers says whether there is a document to read that could not be read before,
// and of which nobody was told when its embargo ended.
func papers(before, after event.SessionState) bool {
	return slices.ContainsFunc(after.Documents, func(d string) bool {
		return !slices.Contains(before.Documents, d) &&
			!slices.ContainsFunc(before.Embargoed, func(e event.Embargo) bool { return e.Document == d })
	})
}

// gone says whether there is nothing to go to.
func gone(s event.SessionState) bool {
	return s.Status == event.SessionCancelled || s.Status == event.SessionRemoved
}

// over tells whether both the old and the new slot have passed: then the news
// helps nobody.
func over(before, after event.SessionState, now time.Time) bool {
	return !now.Before(end(before, after))
}

// end is when the later of both slots is over.
func end(before, after event.SessionState) time.Time {
	if before.End.After(after.End) || gone(after) && !before.End.IsZero() {
		return before.End
	}
	return after.End
}

// urgency is a matter of how soon somebody would walk to the wrong place: of
// the lead time of the earlier of both starts. Where nobody would, it is a
// matter of whether they can still make up their minds.
func urgency(before, after event.SessionState, now time.Time) push.Lane {
	start := after.Start
	if !before.Start.IsZero() && before.Start.Before(start) {
		start = before.Start
	}
	lead := start.Sub(now)
	if stays(before, after) {
		if net(before, after) == Documents { // which is the last that is named
			return push.Routine
		}
		if lead <= 4*time.Hour {
			return push.Important
		}
		return push.Routine
	}
	switch {
	case lead <= 30*time.Minute:
		return push.Urgent
	case lead <= 24*time.Hour:
		return push.Important
	}
	return push.Routine
}

// stays says whether the session is on when and where it was.
func stays(before, after event.SessionState) bool {
	return before.Start.Equal(after.Start) && before.End.Equal(after.End) &&
		before.Room == after.Room && before.RoomName == after.RoomName && gone(before) == gone(after)
}

// told turns a state of the agenda into what a notice says.
func told(s event.SessionState) push.State {
	access, _, _ := strings.Cut(s.Access, "/")
	return push.State{
		Title: s.Title, Room: s.RoomName, Place: s.Room, Start: s.Start, End: s.End, Status: s.Status, Reason: s.Reason,
		Language: s.Language, Interpretation: s.Interpretation, Stream: s.Stream, Access: access,
	}
}
