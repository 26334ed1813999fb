package preferences

import (
	"cmp"
	"sync"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// askAgain is how long a push waits at most before its reader's preferences are
// looked at again: whoever ends their quiet early hears by then what they missed.
const askAgain = 5 * time.Minute

// A Gate decides right before each push whether its reader wants it, by the book.
// It answers from memory; its methods may be called side by side.
type Gate struct {
	Book *Book
	// Zone is the IANA name of a conference's time zone, Now the time on its
	// clock at a time of the wall clock.
	Zone func(conference string) string
	Now  func(conference string, wall time.Time) time.Time
	Wall func() time.Time

	zones sync.Map // IANA name -> *time.Location; loading one reads a file
}

// Verdict is whether the phone is to have n now.
func (g *Gate) Verdict(n push.Notice, d push.Device) push.Verdict {
	wall := g.Wall()
	now := g.Now(n.Conference, wall)
	v := g.Book.Of(n.Conference, d.Delegate).Verdict(n, now, g.zoneOf(n.Conference, d))
	if !v.Until.IsZero() {
		v.Until = wall.Add(min(v.Until.Sub(now), askAgain))
	}
	return v
}

// Hears tells whether any phone of a delegate hears of n, sooner or later.
func (g *Gate) Hears(n push.Notice, delegate string) bool {
	return g.Book.Of(n.Conference, delegate).Drops(n) == ""
}

// Despite tells whether n comes to the phone now though its reader has quiet.
func (g *Gate) Despite(n push.Notice, d push.Device) bool {
	if n.Urgency != push.Urgent && !always(n.Category) {
		return false
	}
	p := g.Book.Of(n.Conference, d.Delegate)
	return p.Quiet != nil && !p.quietUntil(g.Now(n.Conference, g.Wall()), g.zoneOf(n.Conference, d)).IsZero()
}

// zoneOf finds time zones for a phone at a conference.
func (g *Gate) zoneOf(conference string, d push.Device) func(string) *time.Location {
	return func(name string) *time.Location {
		switch name {
		case OfConference:
			name = g.Zone(conference)
		case OfPhone:
			name = cmp.Or(d.Zone, g.Zone(conference))
		}
		return g.zone(name)
	}
}

// Location is a time zone of somebody who prefers it, at a conference.
func (g *Gate) Location(conference, name string) *time.Location {
	return g.zoneOf(conference, push.Device{})(name)
}

// zone is UTC for a name this machine does not know.
func (g *Gate) zone(iana string) *time.Location {
	if loc, ok := g.zones.Load(iana); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(iana)
	if err != nil {
		loc = time.UTC
	}
	g.zones.Store(iana, loc)
	return loc
}
