// Package programme holds the rules of the agenda: what a session is, what may
// become of it, and what a release says.
//
// Why is the agenda a sequence of releases rather than a collection of
// sessions? A conference is read by everybody and changed by a few, and each
// change must be told exactly once to exactly the right people. A release is
// one numbered step that holds everything that changed with it, so inserting
// the next number is the lock between two secretaries, ten sessions change at
// one stroke or not at all, and the audit, the roll-back, the sync of the
// phones and the event to the other services are one and the same document.
// The price is that the present is computed; a conference is small, so it is
// computed once, in memory.
package programme

import (
	"maps"
	"slices"
	"time"
)

// Text is one wording per BCP 47 language of the conference.
type Text map[string]string

// In is the wording in the first of the languages there is one for, else in
// English, else in the first language by the alphabet; empty when there is none.
func (t Text) In(languages ...string) string {
	for _, l := range append(languages, "en") {
		if s, ok := t[l]; ok {
			return s
		}
	}
	for _, l := range slices.Sorted(maps.Keys(t)) {
		return t[l]
	}
	return ""
}

// Status of a session. The zero Status is none of them.
type Status string

// The statuses of a session. Running and Ended are set by hand, when the chair
// opens and closes it; a session nobody opens goes by its times.
const (
	Confirmed Status = "confirmed"
	Running   Status = "running"
	Ended     Status = "ended"
	Cancelled Status = "cancelled"
)

// Kinds of session. Kind is an open set towards clients.
const (
	Plenary   = "plenary"
	Panel     = "panel"
	SideEvent = "side_event"
	Ceremony  = "ceremony"
	Break     = "break"
	Reception = "reception"
	Photo     = "photo"
	Press     = "press"
	Other     = "other"
)

// A Session is an item of the agenda with a time and a room.
type Session struct {
	ID string `bson:"id"`
	// External is the id the imported source gave it; empty when it is ours.
	External string `bson:"external,omitempty"`
	// Source is what the imported source last said about the session, nil when
	// it is ours.
	Source *Source `bson:"source,omitempty"`
	// Revision is the agenda's revision that brought the session to this state,
	// and ChangedAt when that was, by the wall clock.
	Revision  int64     `bson:"revision"`
	ChangedAt time.Time `bson:"changedAt,omitempty"`
	// Sequence counts the changes of time, room and status, as RFC 5545 wants it:
	// a calendar drops an entry whose number it has passed.
	Sequence int64  `bson:"sequence,omitempty"`
	Kind     string `bson:"kind"`
	Title    Text   `bson:"title"`
	Abstract Text   `bson:"abstract,omitempty"`
	// Theme is the id of a theme of the conference, or the track of the source.
	Theme string `bson:"theme,omitempty"`
	Room  string `bson:"room"`
	// Start and End are instants on the conference clock.
	Start  time.Time `bson:"start"`
	End    time.Time `bson:"end"`
	Status Status    `bson:"status"`
	Reason string    `bson:"reason,omitempty"` // given for the last change
	// Delayed says that a live change made it later than it was released, and
	// Planned when it was to start before the first of them.
	Delayed bool      `bson:"delayed,omitempty"`
	Planned time.Time `bson:"planned,omitempty"`
	// Language is spoken in the room; Interpretation are the languages it is
	// interpreted into. BCP 47.
	Language       string     `bson:"language,omitempty"`
	Interpretation []string   `bson:"interpretation,omitempty"`
	People         []Part     `bson:"people,omitempty"`
	Access         Access     `bson:"access,omitempty"`
	Stream         *Stream    `bson:"stream,omitempty"`
	Documents      []Document `bson:"documents,omitempty"`
	// Public sessions are in the part of the agenda that anybody may read.
	Public bool `bson:"public,omitempty"`
	// Speakers is how people were stored before they had parts; see Upgraded.
	Speakers []string `bson:"speakers,omitempty"`
}

// A Pick is one session, chosen at a time and with a revision of the agenda
// before the delegate's eyes: of what changes later they are told.
type Pick struct {
	Session        string    `bson:"session"`
	AgendaRevision int64     `bson:"agendaRevision"`
	At             time.Time `bson:"at"` // wall clock
}

// A Room is a place of the conference.
type Room struct {
	ID       string `bson:"id"`
	Name     string `bson:"name"`
	Kind     string `bson:"kind"`
	Capacity int    `bson:"capacity,omitempty"`
	// Zone groups rooms by walking time.
	Zone string `bson:"zone,omitempty"`
	// Venue is the id of one of the conference's venues, empty for the only one.
	Venue string `bson:"venue,omitempty"`
	// Hours are when it is open; none means always.
	Hours []Hours `bson:"hours,omitempty"`
}

// A Theme is one of the subjects the conference treats.
type Theme struct {
	ID   string `bson:"id"`
	Name Text   `bson:"name"`
}

// A Conference is one edition: the tenant, with its zone and its clock.
type Conference struct {
	ID   string `bson:"_id"`
	Name Text   `bson:"name"`
	// Zone is an IANA time zone.
	Zone string `bson:"zone"`
	// Days are the local dates, as 2006-01-02, in order.
	Days      []string `bson:"days"`
	Venue     string   `bson:"venue"` // in a line, as it is signposted
	Venues    []Venue  `bson:"venues,omitempty"`
	Walking   []Walk   `bson:"walking,omitempty"`
	Grid      Grid     `bson:"grid,omitempty"`
	Themes    []Theme  `bson:"themes"`
	Languages []string `bson:"languages"`
	// ClockOffset is added to the wall clock to get the conference clock. Only
	// samples and rehearsals have one.
	ClockOffset time.Duration `bson:"clockOffset"`
	// Revision counts changes of these facts, not of the agenda.
	Revision int64 `bson:"revision"`
	// Pending is set until the other services have been told.
	Pending bool `bson:"pending"`
}

// Now is the conference clock at the given wall time.
func (c Conference) Now(wall time.Time) time.Time { return wall.Add(c.ClockOffset) }

// Location is the conference's time zone; UTC when the zone is not known to
// this machine, which loading refuses.
func (c Conference) Location() *time.Location {
	if loc, err := time.LoadLocation(c.Zone); err == nil {
		return loc
	}
	return time.UTC
}
