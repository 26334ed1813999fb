package programme

import (
	"slices"
	"time"
)

// Urgency of a change, in the words of notices.
type Urgency string

// The urgencies.
const (
	Routine   Urgency = "routine"
	Important Urgency = "important"
	Urgent    Urgency = "urgent"
)

// Severity says how soon people must hear of the change, from what changed and
// how near the session is at now, a moment of the conference clock; and whether
// they get a notice of it at all. What one must act upon is: another time, room
// or that it is off, or on again. What one would like to know is when the session
// is near. The rest is seen when somebody looks.
//
// It is what the notifications service makes of the same change. A table that
// both walk in their tests holds them together: what somebody confirms is what
// is sent.
func (c Change) Severity(now time.Time) (u Urgency, notice bool) {
	if !c.news(now) || c.over(now) {
		return Routine, false
	}
	near := c.start().Sub(now)
	switch {
	case c.onlyPapers():
		return Routine, true
	case !c.stays() && near <= 30*time.Minute:
		return Urgent, true
	case !c.stays() && near <= 24*time.Hour, near <= 4*time.Hour:
		return Important, true
	}
	return Routine, true
}

// ForAll says whether everybody who takes part hears of the change, whether they
// picked the session or not: it is, or was, a plenary.
func (c Change) ForAll() bool {
	return c.Before != nil && c.Before.Kind == Plenary || c.After != nil && c.After.Kind == Plenary
}

// news says whether anybody would want to hear of the change: not of a session
// that nobody goes to before or after, nor of one that has ended.
func (c Change) news(now time.Time) bool {
	switch {
	case off(c.Before) && off(c.After):
		return false
	case c.Before == nil:
		return c.After.Sequence > 0 // it was taken out once, and people know it
	case off(c.Before) != off(c.After):
		return true
	case c.After.Status == Ended:
		return false
	}
	return !c.onlyPapers() || c.papers(now)
}

// onlyPapers says whether the session is but for its documents as people know it.
func (c Change) onlyPapers() bool {
	return c.stays() && sameText(c.Before.Title, c.After.Title) && !c.around()
}

// papers says whether the change brings a document that can be read now. One whose
// embargo ends later is told of then.
func (c Change) papers(now time.Time) bool {
	return slices.ContainsFunc(c.After.Documents, func(d Document) bool {
		return d.Released(now) && !slices.ContainsFunc(c.Before.Documents, d.sameFile)
	})
}

// around says whether it is news of what is not about when and where. Where the
// stream comes from is none, and neither is a language that is taken back: nobody
// knows what will be spoken instead.
func (c Change) around() bool {
	a, b := c.Before, c.After
	return !a.Access.same(b.Access) || !slices.Equal(a.People, b.People) ||
		a.Language != b.Language && b.Language != "" || !slices.Equal(a.Interpretation, b.Interpretation) ||
		(a.Stream == nil) != (b.Stream == nil) || a.Stream != nil && a.Stream.Started != b.Stream.Started
}

// off says whether there is nothing to go to.
func off(s *Session) bool { return s == nil || s.Status == Cancelled }

// stays says whether the session is on when and where it was.
func (c Change) stays() bool {
	a, b := c.Before, c.After
	return a != nil && b != nil && a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Room == b.Room && off(a) == off(b)
}

// start is the earlier of the old and the new start.
func (c Change) start() time.Time {
	if c.Before == nil || c.After != nil && c.After.Start.Before(c.Before.Start) {
		return c.After.Start
	}
	return c.Before.Start
}

// over says whether the session lies in the past, before and after. Where one
// that is off would have been matters to nobody.
func (c Change) over(now time.Time) bool {
	if c.Before != nil && now.Before(c.Before.End) {
		return false
	}
	return c.Before != nil && off(c.After) || !now.Before(c.After.End)
}
