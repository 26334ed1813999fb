package programme

import (
	"fmt"
	"strings"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

// What an import reports besides what the reading of the file did.
const (
	// CancelledHere: the session is cancelled in the agenda, or its draft removes
	// it, and it is still in the file. It stays as it is: whoever cancelled it knew more than the file.
	CancelledHere schedulefile.Code = "cancelled_here"
	// RemovedHere: the session was taken out of the agenda here, and is still in
	// the file. It does not come back by itself.
	RemovedHere schedulefile.Code = "removed_here"
	// HasBegun: the file has another time or room for a session that has begun.
	// It keeps both: the people in the room would be the last to know.
	HasBegun schedulefile.Code = "has_begun"
	// KeptHere: the session differs from the file, by an edit or because it had
	// begun, and the file says what it said last time. It stays as it is.
	KeptHere schedulefile.Code = "kept_here"
	// EditedTwice: the session was edited here and, differently, at the source.
	// The source is taken.
	EditedTwice schedulefile.Code = "edited_twice"
	// IntoThePast: a session that has not begun is moved to before now.
	IntoThePast schedulefile.Code = "into_the_past"
	// OutsideConference: sessions lie on days on which the conference is not held.
	OutsideConference schedulefile.Code = "outside_conference"
	// OtherZone: the file was made for another time zone than the conference's.
	OtherZone schedulefile.Code = "other_zone"
	// MadeHere: the item is a session of this agenda under its own id, out of one
	// of our own exports. Here is where it is changed.
	MadeHere schedulefile.Code = "made_here"
)

// A Plan is what an import would do. Nothing is done until Sessions and Rooms
// are in a draft, and nobody is told until that is released.
type Plan struct {
	// Created and Changed are in the order of the file.
	Created []Session
	Changed []Change
	// Unchanged counts the sessions that are in the file and stay as they are.
	Unchanged int
	// Learned are those of the unchanged of which the source now says something
	// else, such as what had been edited here before. It is remembered, and
	// nobody is told.
	Learned []Session
	// Vanished are sessions that an earlier file brought and this one lacks. They
	// stay as they are: a feed that fails for ten minutes is no cancellation.
	Vanished []Session
	// Lacking are the ids of those and of the cancelled ones that the file lacks.
	Lacking map[string]bool
	// Rooms are the new ones.
	Rooms []Room
	// Warnings are the file's, then the plan's.
	Warnings []schedulefile.Warning
}

// Sessions are all new states, ready for Agenda.Next.
func (p Plan) Sessions() []Session {
	sessions := make([]Session, 0, len(p.Created)+len(p.Changed)+len(p.Learned))
	sessions = append(sessions, p.Created...)
	for _, c := range p.Changed {
		sessions = append(sessions, *c.After)
	}
	return append(sessions, p.Learned...)
}

// PlanImport compares a published schedule with the agenda. now is the
// conference clock; newID gives the ids of new sessions and rooms.
//
// A session and an item belong together by the source's guid. A guid that
// occurs several times is matched by nearest start, the same room going first
// among equals. Sessions without a guid are ours and no business of the file.
//
// Why does the plan not simply make the agenda equal to the file? Between two
// imports a secretariat moves sessions by hand, often before the source knows.
// The next file, made by people who were not in the room, must not move them
// back and buzz a thousand phones. So every imported session remembers what the
// source last said, and an import carries over only what the source has changed
// since then, field by field. The same file twice changes nothing, whatever was
// edited in between.
func (a Agenda) PlanImport(c Conference, f schedulefile.File, newID func() string, now time.Time) Plan {
	im := importer{
		agenda: a, conference: c, now: now, newID: newID,
		rooms: map[string]string{}, language: "en", themes: map[string]string{},
		silent: f.Format == schedulefile.ICalendar,
		plan:   Plan{Warnings: append([]schedulefile.Warning(nil), f.Warnings...), Lacking: map[string]bool{}},
	}
	im.prepare(f)
	matches := a.match(f.Items)
	for i, it := range f.Items {
		id, known := matches[i]
		if !known {
			id = a.made(it.GUID)
		}
		_, here := a.sessions[id]
		_, out := a.removed[id]
		switch {
		case out:
			im.plan.Unchanged++
			im.warn(it, RemovedHere, "session %s was taken out here and is still in the file; it stays out until it is put back in the draft", id)
		case known:
			im.update(a.sessions[id], it)
		case here:
			matches[i] = id
			im.plan.Unchanged++
			im.warn(it, MadeHere, "the session is from this agenda and stays as it is; change it here")
		default:
			im.create(it)
		}
	}
	im.reportOutside(f.Items)
	matched := make(map[string]bool, len(matches))
	for _, id := range matches {
		matched[id] = true
	}
	for _, s := range a.Sessions() {
		if s.External == "" || matched[s.ID] {
			continue
		}
		im.plan.Lacking[s.ID] = true
		if s.Status != Cancelled {
			im.plan.Vanished = append(im.plan.Vanished, s)
		}
	}
	return im.plan
}

// made is the id of the session an item comes from, should it come from here:
// what was made here goes out under its own id, and into calendars everything does.
func (a Agenda) made(guid string) string {
	id, _ := strings.CutSuffix(guid, UIDSuffix(a.Conference))
	return id
}

// UIDSuffix is what follows the id of a session where calendars tell sessions of
// the whole world apart.
func UIDSuffix(conference string) string { return "@" + conference + ".plenary" }

// An importer carries what does not change between the items of one file.
type importer struct {
	agenda     Agenda
	conference Conference
	now        time.Time
	newID      func() string
	plan       Plan
	// capacity and rooms are by the name of the room; rooms has ids.
	capacity map[string]int
	rooms    map[string]string
	// language is the one under which the texts of the file are kept.
	language string
	themes   map[string]string
	// silent says that the format has no words for some things, so that an item
	// without them says nothing of them.
	silent bool
}

func (im *importer) prepare(f schedulefile.File) {
	// The language of an item is the language spoken in the room, and software
	// corrects it late. The texts go under one language that does not move.
	if len(im.conference.Languages) > 0 {
		im.language = im.conference.Languages[0]
	}
	for _, r := range im.agenda.Rooms() {
		if _, double := im.rooms[r.Name]; !double {
			im.rooms[r.Name] = r.ID
		}
	}
	im.capacity = make(map[string]int, len(f.Rooms))
	for _, r := range f.Rooms {
		im.capacity[r.Name] = r.Capacity
	}
	for _, t := range im.conference.Themes {
		for _, name := range t.Name {
			im.themes[foldKey(name)] = t.ID
		}
		im.themes[foldKey(t.ID)] = t.ID
	}
	if f.Conference.TimeZone != "" && im.conference.Zone != "" && f.Conference.TimeZone != im.conference.Zone {
		im.warn(schedulefile.Item{Line: 1}, OtherZone, "the file is for the time zone %s, the conference is in %s; instants are kept", f.Conference.TimeZone, im.conference.Zone)
	}
}

// room is the id of the room of that name, a new one where there is none yet.
func (im *importer) room(name string) string {
	id, known := im.rooms[name]
	if !known {
		id = im.newID()
		im.rooms[name] = id
		im.plan.Rooms = append(im.plan.Rooms, Room{ID: id, Name: name, Kind: sideRoom, Capacity: im.capacity[name]})
	}
	return id
}

// sideRoom is the kind of a room of which only the name is known.
const sideRoom = "side"

func (im *importer) create(it schedulefile.Item) {
	s := Session{ID: im.newID(), External: it.GUID, Status: Confirmed}
	for _, f := range im.facts(&s, it, Source{}) {
		f.take()
	}
	s.Source = im.said(it, nil)
	im.plan.Created = append(im.plan.Created, s)
}

func (im *importer) reportOutside(items []schedulefile.Item) {
	n, first, loc := 0, schedulefile.Item{}, im.conference.Location()
	for _, it := range items {
		if !im.conference.coversIn(loc, it.Start) {
			if n++; n == 1 {
				first = it
			}
		}
	}
	if n > 0 {
		im.warn(first, OutsideConference, "%d items lie on days on which the conference is not held; this is the first", n)
	}
}

func (im *importer) warn(it schedulefile.Item, code schedulefile.Code, format string, args ...any) {
	im.plan.Warnings = append(im.plan.Warnings, schedulefile.Warning{Code: code, Place: it.Place, Line: it.Line, Detail: fmt.Sprintf(format, args...)})
}
