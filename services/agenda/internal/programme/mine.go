package programme

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Picked is why a session is in the schedule of somebody with no part in it.
const Picked = "pick"

// An Entry is a session in somebody's schedule.
type Entry struct {
	Session Session
	// Why it is there: Picked, and the roles the person has in it.
	Why []string
	// PickedAt is zero for what was not picked.
	PickedAt time.Time
}

// Mine is what a delegate has before them, by start: what they picked and where
// they have a part, cancelled sessions too. Picks of sessions that are no more
// are left out.
func (a Agenda) Mine(delegate string, picks []Pick) []Entry {
	at := make(map[string]time.Time, len(picks))
	for _, p := range picks {
		at[p.Session] = p.At
	}
	var mine []Entry
	for _, s := range a.sessions {
		e := Entry{Session: s}
		if picked, is := at[s.ID]; is {
			e.Why, e.PickedAt = append(e.Why, Picked), picked
		}
		for _, p := range s.People {
			if p.Delegate == delegate && delegate != "" && !slices.Contains(e.Why, p.Role) {
				e.Why = append(e.Why, p.Role)
			}
		}
		if e.Why != nil {
			mine = append(mine, e)
		}
	}
	slices.SortFunc(mine, func(x, y Entry) int {
		return cmp.Or(x.Session.Start.Compare(y.Session.Start), x.Session.End.Compare(y.Session.End), strings.Compare(x.Session.ID, y.Session.ID))
	})
	return mine
}

// Ways in which two things cannot both be attended.
const (
	Overlap     = "overlap"
	WalkingTime = "walking_time"
)

// A Span is a time in which somebody means to be somewhere.
type Span struct {
	ID         string // of the session, or of whatever else it is
	Start, End time.Time
	Zone       string // of the room; empty when there is none
}

// Spans are those of the sessions of a schedule that take somebody's time: what
// is cancelled or has no duration does not.
func (a Agenda) Spans(mine []Entry) []Span {
	spans := make([]Span, 0, len(mine))
	for _, e := range mine {
		if s := e.Session; s.takesTime() {
			spans = append(spans, Span{s.ID, s.Start, s.End, a.rooms[s.Room].Zone})
		}
	}
	return spans
}

// A Clash is two spans of one schedule that cannot both be attended, the earlier
// one first.
type Clash struct {
	Code          string
	First, Second string
	// By is how long they overlap, or how much longer the way takes than there is.
	By time.Duration
}

// Clashes are what of one schedule cannot be done both: at one time, or too far
// apart for the time between.
func (c Conference) Clashes(spans []Span) []Clash {
	var longest time.Duration
	for _, w := range c.Walking {
		longest = max(longest, time.Duration(w.Minutes)*time.Minute)
	}
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(x, y Span) int {
		return cmp.Or(x.Start.Compare(y.Start), x.End.Compare(y.End), strings.Compare(x.ID, y.ID))
	})
	var clashes []Clash
	for i, x := range spans {
		for _, y := range spans[i+1:] {
			left := y.Start.Sub(x.End)
			if left >= longest && left >= 0 {
				break // and whatever begins later
			}
			way := c.Between(x.Zone, y.Zone)
			switch {
			case left < 0:
				by := min(-left, y.End.Sub(y.Start))
				clashes = append(clashes, Clash{Overlap, x.ID, y.ID, by})
			case left < way:
				clashes = append(clashes, Clash{WalkingTime, x.ID, y.ID, way - left})
			}
		}
	}
	return clashes
}

func (s Session) takesTime() bool { return s.Status != Cancelled && s.End.After(s.Start) }

// During are the sessions that take somebody's time between two moments and of
// which of says so, by start, then id.
func (a Agenda) During(from, to time.Time, of func(Session) bool) []Session {
	var during []Session
	for _, s := range a.sessions {
		if s.takesTime() && s.Start.Before(to) && from.Before(s.End) && of(s) {
			during = append(during, s)
		}
	}
	slices.SortFunc(during, func(x, y Session) int {
		return cmp.Or(x.Start.Compare(y.Start), strings.Compare(x.ID, y.ID))
	})
	return during
}
