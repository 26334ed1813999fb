package programme

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// An Agenda is all sessions and rooms of a conference at a revision. It is
// never changed: a release makes the next one.
type Agenda struct {
	Conference string
	Revision   int64
	rooms      map[string]Room
	sessions   map[string]Session
	removed    map[string]Session // see Removed
}

// Empty is the agenda of a conference before its first release.
func Empty(conference string) Agenda { return Agenda{Conference: conference} }

// Session finds a session by its id.
func (a Agenda) Session(id string) (Session, bool) { s, ok := a.sessions[id]; return s, ok }

// Room finds a room by its id.
func (a Agenda) Room(id string) (Room, bool) { r, ok := a.rooms[id]; return r, ok }

// Sessions are all sessions, by start, then room, then id.
func (a Agenda) Sessions() []Session {
	return slices.SortedFunc(maps.Values(a.sessions), func(x, y Session) int {
		return cmp.Or(x.Start.Compare(y.Start), strings.Compare(a.rooms[x.Room].Name, a.rooms[y.Room].Name), strings.Compare(x.ID, y.ID))
	})
}

// Rooms are all rooms by name.
func (a Agenda) Rooms() []Room {
	return slices.SortedFunc(maps.Values(a.rooms), func(x, y Room) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.ID, y.ID))
	})
}

// A Proposal is what somebody wants the agenda to become: the sessions and
// rooms that are new or to be different, and the ids of those that are to be no
// more.
type Proposal struct {
	Sessions     []Session
	Rooms        []Room
	Removed      []string
	RemovedRooms []string
	Note         string
	Kind         string
	// Restores is the revision that a roll-back goes back to.
	Restores int64
	// Confirmed is who let through what the breaker held, the actor or another.
	Confirmed string
}

// Kinds of release.
const (
	Live     = "live" // also the empty kind: a change made at once
	Drafted  = "draft"
	RollBack = "roll_back"
)

// A Release is one step of the agenda from a revision to the next. Inserting
// it under its id is what makes it true: of two with the same number, one wins.
type Release struct {
	ID         string    `bson:"_id"` // <conference>/<revision>
	Conference string    `bson:"conference"`
	Revision   int64     `bson:"revision"`
	At         time.Time `bson:"at"`    // wall clock
	Actor      string    `bson:"actor"` // delegate id; empty for the system
	Note       string    `bson:"note,omitempty"`
	Kind       string    `bson:"kind,omitempty"`
	Restores   int64     `bson:"restores,omitempty"` // the revision a roll-back goes back to
	// Confirmed is who let through what the breaker held; empty when it did not.
	Confirmed string `bson:"confirmed,omitempty"`
	// Command is the hash of the request this release answers, so that a
	// repeated request finds it.
	Command string `bson:"command,omitempty"`
	// After are the sessions as they are from this revision on; Before are the
	// same ones as they were, without those that are new.
	After  []Session `bson:"after"`
	Before []Session `bson:"before"`
	// Removed are sessions that are no more, as they last were.
	Removed []Session `bson:"removed,omitempty"`
	// Rooms are new or changed ones; RoomsBefore are the same ones as they were,
	// without those that are new. Releases of old have none: nil, not empty.
	Rooms        []Room `bson:"rooms"`
	RoomsBefore  []Room `bson:"roomsBefore"`
	RemovedRooms []Room `bson:"removedRooms,omitempty"`
	// Pending is set until the other services have been told.
	Pending bool `bson:"pending"`
}

// ReleaseID is the id of a release document.
func ReleaseID(conference string, revision int64) string {
	return fmt.Sprintf("%s/%d", conference, revision)
}

// Next is the release that makes p true. Sessions that are already so are left
// out; it answers false when nothing remains to change. A session of which only
// the Source differs is remembered so and keeps its revision: there is nothing
// to tell.
func (a Agenda) Next(actor string, at time.Time, p Proposal) (Release, bool) {
	r := Release{
		ID: ReleaseID(a.Conference, a.Revision+1), Conference: a.Conference, Revision: a.Revision + 1,
		At: at.UTC().Truncate(time.Millisecond), Actor: actor, Note: p.Note, Kind: p.Kind, Restores: p.Restores, Confirmed: p.Confirmed, Pending: true,
		After: []Session{}, Before: []Session{}, Rooms: []Room{}, RoomsBefore: []Room{},
	}
	for _, s := range p.Sessions {
		s.Start, s.End = s.Start.UTC().Truncate(time.Millisecond), s.End.UTC().Truncate(time.Millisecond)
		before, known := a.sessions[s.ID]
		switch {
		case !known:
			s.Revision, s.ChangedAt = r.Revision, r.At // who brings it back knows the number it had
		case len(Differences(before, s)) > 0:
			s.Revision, s.ChangedAt, s.Sequence = r.Revision, r.At, before.Sequence
			if p.Kind == Drafted && !before.Start.Equal(s.Start) {
				s.Delayed, s.Planned = false, time.Time{} // this is when it is released to start
			}
			if moved(before, s) {
				s.Sequence++
			}
		case before.Source.Same(s.Source):
			continue
		default: // the source has something to say that changes nothing here
			source := s.Source
			s = before
			s.Source = source
		}
		r.After = append(r.After, s)
		if known {
			r.Before = append(r.Before, before)
		}
	}
	for _, id := range p.Removed {
		if s, known := a.sessions[id]; known {
			r.Removed = append(r.Removed, s)
		}
	}
	for _, room := range p.Rooms {
		was, known := a.rooms[room.ID]
		if known && was.Same(room) {
			continue
		}
		r.Rooms = append(r.Rooms, room)
		if known {
			r.RoomsBefore = append(r.RoomsBefore, was)
		}
	}
	for _, id := range p.RemovedRooms {
		if room, known := a.rooms[id]; known {
			r.RemovedRooms = append(r.RemovedRooms, room)
		}
	}
	return r, len(r.After)+len(r.Removed)+len(r.Rooms)+len(r.RemovedRooms) > 0
}

// moved says whether a calendar has to show the session elsewhere.
func moved(a, b Session) bool {
	return !a.Start.Equal(b.Start) || !a.End.Equal(b.End) || a.Room != b.Room || (a.Status == Cancelled) != (b.Status == Cancelled)
}

// With is the agenda after r, which must be the release that follows a.
func (a Agenda) With(r Release) (Agenda, error) {
	if r.Conference != a.Conference || r.Revision != a.Revision+1 {
		return a, fmt.Errorf("release %s does not follow revision %d of %s", r.ID, a.Revision, a.Conference)
	}
	next := Agenda{
		Conference: a.Conference, Revision: r.Revision,
		rooms: make(map[string]Room, len(a.rooms)+len(r.Rooms)), sessions: make(map[string]Session, len(a.sessions)+len(r.After)),
		removed: a.forgetting(r),
	}
	maps.Copy(next.rooms, a.rooms)
	maps.Copy(next.sessions, a.sessions)
	for _, room := range r.Rooms {
		next.rooms[room.ID] = room
	}
	for _, s := range r.After {
		next.sessions[s.ID] = s.Upgraded()
	}
	for _, s := range r.Removed {
		delete(next.sessions, s.ID)
	}
	for _, room := range r.RemovedRooms {
		delete(next.rooms, room.ID)
	}
	return next, nil
}

// A Snapshot is a whole agenda as stored now and then, so that starting does
// not walk through every release there ever was.
type Snapshot struct {
	ID         string    `bson:"_id"` // as a release's
	Conference string    `bson:"conference"`
	Revision   int64     `bson:"revision"`
	Rooms      []Room    `bson:"rooms"`
	Sessions   []Session `bson:"sessions"`
	// Removed are the sessions that a person took out.
	Removed []Session `bson:"removed,omitempty"`
}

// Snapshot is a as it is stored.
func (a Agenda) Snapshot() Snapshot {
	return Snapshot{
		ReleaseID(a.Conference, a.Revision), a.Conference, a.Revision, a.Rooms(), a.Sessions(),
		slices.SortedFunc(maps.Values(a.removed), func(x, y Session) int { return strings.Compare(x.ID, y.ID) }),
	}
}

// Agenda is the agenda the snapshot was taken of.
func (s Snapshot) Agenda() Agenda {
	a := Agenda{Conference: s.Conference, Revision: s.Revision, rooms: map[string]Room{}, sessions: map[string]Session{}, removed: map[string]Session{}}
	for _, r := range s.Rooms {
		a.rooms[r.ID] = r
	}
	for _, x := range s.Sessions {
		a.sessions[x.ID] = x.Upgraded()
	}
	for _, x := range s.Removed {
		a.removed[x.ID] = x
	}
	return a
}
