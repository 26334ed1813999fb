// Package calendar writes the agenda as an iCalendar object (RFC 5545, with the
// refresh hints of RFC 7986): the whole of it, a room, or what one delegate has
// before them.
//
// Why so much care with a text format? A calendar that subscribes to a feed
// keeps its own copy and decides alone whether an entry it reads is newer than
// the one it has. It only believes what says so: the same UID for the same
// session for good, a SEQUENCE that rises when one has to be elsewhere, and
// LAST-MODIFIED and DTSTAMP of the moment of the change. Software that writes
// the present moment into each answer, or leaves a cancelled session out,
// teaches calendars to ignore it, and people stand in front of empty rooms. So
// nothing in here is the present moment: the same agenda is the same bytes.
package calendar

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"plenary.example/services/agenda/internal/programme"
)

// MediaType is what the object is served as.
const MediaType = "text/calendar; charset=utf-8"

// refresh is how often a subscribed calendar is asked to look.
const refresh = "PT15M"

// An Event is one session as a calendar shows it.
type Event struct {
	Session programme.Session
	// Room is where, as it is signposted.
	Room programme.Room
	// Removed is when the session left the agenda, or the schedule, by the wall
	// clock; zero for one that is in it. One that left is shown as cancelled.
	Removed time.Time
	// Steps is how often, besides, the session left whatever schedule this is, or
	// came back to it.
	Steps int64
}

// changed is when the event last became another. Sessions that are older than
// the record of it changed at the beginning of time, which calendars take for
// never.
func (e Event) changed() time.Time {
	at := e.Session.ChangedAt
	if e.Removed.After(at) {
		at = e.Removed
	}
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	return at.UTC().Truncate(time.Second)
}

// cancelled says whether nobody need come.
func (e Event) cancelled() bool {
	return e.Session.Status == programme.Cancelled || !e.Removed.IsZero()
}

// sequence rises with each step that calendars must take. Leaving the agenda is
// one; a session that comes back has a higher number than that. So is a step out
// of a schedule, which counts twice: the way back must be above it.
func (e Event) sequence() int {
	n := e.Session.Sequence + 2*e.Steps
	if !e.Removed.IsZero() {
		n++
	}
	return int(min(n, math.MaxInt32))
}

// lastChange is when any of it last became another; zero when there is nothing.
func lastChange(events []Event, meetings []Meeting) time.Time {
	var last time.Time
	for _, e := range events {
		if at := e.changed(); at.After(last) {
			last = at
		}
	}
	for _, m := range meetings {
		if at := m.changed(); at.After(last) {
			last = at
		}
	}
	return last
}

// bounds are the first start and the last end; zero when there is nothing.
func bounds(events []Event, meetings []Meeting) (first, last time.Time) {
	within := func(start, end time.Time) {
		if first.IsZero() || start.Before(first) {
			first = start
		}
		if end.After(last) {
			last = end
		}
	}
	for _, e := range events {
		within(e.Session.Start, e.Session.End)
	}
	for _, m := range meetings {
		within(m.Start, m.End)
	}
	return first, last
}

// Write is the calendar of a conference with these events, in a language, under
// a name that people see, and with the bilateral meetings of whoever it is for.
// The same arguments give the same bytes.
func Write(c programme.Conference, name, language string, events []Event, meetings ...Meeting) ([]byte, error) {
	events = slices.Clone(events)
	slices.SortFunc(events, func(a, b Event) int {
		if order := a.Session.Start.Compare(b.Session.Start); order != 0 {
			return order
		}
		return strings.Compare(a.Session.ID, b.Session.ID)
	})
	w := writer{conference: c, language: language, zone: c.Location(), cal: ics.NewCalendar()}
	meetings = slices.Clone(meetings)
	slices.SortFunc(meetings, func(a, b Meeting) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID))
	})
	w.head(name, lastChange(events, meetings))
	if first, last := bounds(events, meetings); !first.IsZero() {
		w.timezone(first, last)
	}
	for _, e := range events {
		w.event(e)
	}
	for _, m := range meetings {
		w.meeting(m)
	}
	var out bytes.Buffer
	if err := w.cal.SerializeTo(&out, ics.WithNewLine("\r\n")); err != nil {
		return nil, fmt.Errorf("write a calendar: %w", err)
	}
	return out.Bytes(), nil
}

// UID is what calendars know a session or a meeting by, for good.
func UID(conference, id string) string { return id + programme.UIDSuffix(conference) }

// A writer carries what does not change between events.
type writer struct {
	conference programme.Conference
	language   string
	zone       *time.Location
	cal        *ics.Calendar
}

func (w *writer) head(name string, changed time.Time) {
	w.cal.SetProductId("-//Plenary//Agenda//EN")
	w.cal.SetCalscale("GREGORIAN")
	w.cal.SetMethod(ics.MethodPublish)
	w.cal.SetName(plain(name))
	w.cal.SetXWRCalName(plain(name))
	w.cal.SetXWRTimezone(w.zone.String())
	if !changed.IsZero() {
		w.cal.SetLastModified(changed)
	}
	w.cal.SetRefreshInterval(refresh) // which says itself that it is a duration
	w.cal.SetXPublishedTTL(refresh)
}

func (w *writer) event(e Event) {
	s := e.Session
	out := ics.NewEvent(UID(w.conference.ID, s.ID))
	out.SetDtStampTime(e.changed())
	out.SetModifiedAt(e.changed())
	out.SetSequence(e.sequence())
	w.times(out, s.Start, s.End)
	out.SetSummary(plain(s.Title.In(w.language)))
	if text := w.description(e); text != "" {
		out.SetDescription(text)
	}
	if place := w.place(e.Room); place != "" {
		out.SetLocation(place)
	}
	if theme := w.theme(s.Theme); theme != "" {
		out.AddCategory(theme)
	}
	out.SetClass(class(s))
	stands(out, !e.cancelled())
	w.cal.AddVEvent(out)
}

// stands says whether an event takes place, and so whether its time is taken.
func stands(out *ics.VEvent, is bool) {
	if is {
		out.SetStatus(ics.ObjectStatusConfirmed)
		out.SetTimeTransparency(ics.TransparencyOpaque)
		return
	}
	out.SetStatus(ics.ObjectStatusCancelled)
	out.SetTimeTransparency(ics.TransparencyTransparent)
}

// class says what a calendar may show to those its owner shares it with.
func class(s programme.Session) ics.Classification {
	switch {
	case s.Access.Kind == programme.Invitation:
		return ics.ClassificationConfidential
	case s.Public:
		return ics.ClassificationPublic
	}
	return ics.ClassificationPrivate
}

func (w *writer) description(e Event) string {
	s := e.Session
	var parts []string
	if s.Status == programme.Cancelled {
		parts = append(parts, s.Reason)
	}
	parts = append(parts, s.Abstract.In(w.language))
	var names []string
	for _, p := range s.People {
		if p.Name == "" {
			continue // a delegate, whom only the delegates service names
		}
		name := p.Name
		if p.Affiliation != "" {
			name += " (" + p.Affiliation + ")"
		}
		names = append(names, name)
	}
	parts = append(parts, strings.Join(names, ", "))
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return plain(strings.Join(parts, "\n\n"))
}

// place is the room and the house it is in.
func (w *writer) place(r programme.Room) string {
	house := w.conference.Venue
	for _, v := range w.conference.Venues {
		if v.ID == r.Venue {
			house = v.Name.In(w.language)
			if v.Address != "" {
				house += ", " + v.Address
			}
		}
	}
	if r.Name == "" || house == "" {
		return plain(r.Name + house)
	}
	return plain(r.Name + ", " + house)
}

// theme is the name of a theme, or the track of an imported source.
func (w *writer) theme(id string) string {
	for _, t := range w.conference.Themes {
		if t.ID == id {
			return plain(t.Name.In(w.language))
		}
	}
	return plain(id)
}

// plain is a text without what a line of an iCalendar object cannot hold:
// control characters but the tab, other line ends than \n, and what is no UTF-8.
func plain(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n' // some readers end a line there
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f:
			return -1
		}
		return r
	}, s)
}
