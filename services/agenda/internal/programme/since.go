package programme

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Delta turns the agenda at one revision into the agenda at a later one. What
// was changed and changed back is in it, for it has another revision now; what
// came and went again is not.
type Delta struct {
	From, To int64
	// Since is when the agenda got to From, by the wall clock; zero for the
	// agenda before its first release.
	Since time.Time
	// Sessions are the new and the changed ones, and those in a room that has
	// another name, by id.
	Sessions []Session
	Removed  []Tombstone
	// Rooms are the new and the changed ones, by id.
	Rooms        []Room
	RemovedRooms []string
}

// A Tombstone stands for a session that is no more.
type Tombstone struct {
	ID string
	// Revision of the agenda that took it away.
	Revision int64
}

// Since is what led to a. made are the releases that did, the oldest first and
// without a gap up to a's own; without any there is no difference.
func (a Agenda) Since(made []*Release) Delta {
	d := Delta{From: a.Revision - int64(len(made)), To: a.Revision}
	was := map[string]*Session{} // before made, by the id of what they touched
	gone := map[string]int64{}
	for _, r := range made {
		before := byID(r.Before)
		for i := range r.After {
			touch(was, r.After[i].ID, before[r.After[i].ID])
		}
		for i := range r.Removed {
			touch(was, r.Removed[i].ID, &r.Removed[i])
			gone[r.Removed[i].ID] = r.Revision
		}
	}
	renamed := a.roomsSince(made, &d)
	for id, before := range was {
		after, is := a.sessions[id]
		switch {
		case !is && before != nil:
			d.Removed = append(d.Removed, Tombstone{id, gone[id]})
		case is && (before == nil || before.Revision != after.Revision) && !renamed[after.Room]:
			d.Sessions = append(d.Sessions, after)
		}
	}
	if len(renamed) > 0 {
		for _, s := range a.sessions {
			if renamed[s.Room] {
				d.Sessions = append(d.Sessions, s)
			}
		}
	}
	slices.SortFunc(d.Sessions, func(x, y Session) int { return strings.Compare(x.ID, y.ID) })
	slices.SortFunc(d.Removed, func(x, y Tombstone) int { return strings.Compare(x.ID, y.ID) })
	return d
}

// roomsSince fills in what became of rooms, and answers which of them are
// called otherwise than they were, or were not there.
func (a Agenda) roomsSince(made []*Release, d *Delta) (renamed map[string]bool) {
	was := map[string]*Room{}
	for _, r := range made {
		for _, room := range r.Rooms {
			if i := slices.IndexFunc(r.RoomsBefore, func(b Room) bool { return b.ID == room.ID }); i >= 0 {
				touch(was, room.ID, &r.RoomsBefore[i])
			} else if r.RoomsBefore != nil {
				touch(was, room.ID, nil)
			} else {
				touch(was, room.ID, &Room{}) // nobody knows how it was
			}
		}
		for i := range r.RemovedRooms {
			touch(was, r.RemovedRooms[i].ID, &r.RemovedRooms[i])
		}
	}
	renamed = map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(was)) {
		before := was[id]
		after, is := a.rooms[id]
		switch {
		case !is && before == nil, is && before != nil && before.Same(after):
			continue
		case is:
			d.Rooms = append(d.Rooms, after)
		default:
			d.RemovedRooms = append(d.RemovedRooms, id)
		}
		if before == nil || before.Name != after.Name {
			renamed[id] = true
		}
	}
	return renamed
}

// touch remembers how a thing was before it was first touched.
func touch[T any](was map[string]*T, id string, before *T) {
	if _, touched := was[id]; !touched {
		was[id] = before
	}
}

func byID(sessions []Session) map[string]*Session {
	m := make(map[string]*Session, len(sessions))
	for i := range sessions {
		m[sessions[i].ID] = &sessions[i]
	}
	return m
}

// Back is the agenda as it was before the releases made, which are the oldest
// first and without a gap up to a's own. A room that a release of old changed
// stays as it is now.
func (a Agenda) Back(made []*Release) (Agenda, error) {
	if len(made) == 0 {
		return a, nil
	}
	was := Agenda{Conference: a.Conference, Revision: a.Revision, rooms: maps.Clone(a.rooms), sessions: maps.Clone(a.sessions)}
	for _, r := range slices.Backward(made) {
		if r.Conference != was.Conference || r.Revision != was.Revision {
			return a, fmt.Errorf("release %s did not lead to revision %d of %s", r.ID, was.Revision, was.Conference)
		}
		was.Revision--
		for _, s := range r.After {
			delete(was.sessions, s.ID)
		}
		for _, s := range slices.Concat(r.Before, r.Removed) {
			was.sessions[s.ID] = s.Upgraded()
		}
		if r.RoomsBefore != nil {
			for _, room := range r.Rooms {
				delete(was.rooms, room.ID)
			}
		}
		for _, room := range slices.Concat(r.RoomsBefore, r.RemovedRooms) {
			was.rooms[room.ID] = room
		}
	}
	return was, nil
}

// Weight is about how many bytes the release takes in memory.
func (r *Release) Weight() int {
	total := 500
	for _, list := range [][]Session{r.After, r.Before, r.Removed} {
		for i := range list {
			total += list[i].weight()
		}
	}
	return total + 300*(len(r.Rooms)+len(r.RoomsBefore)+len(r.RemovedRooms))
}

func (s *Session) weight() int {
	total := 1000 // itself, its short texts and what is around them
	for _, text := range []Text{s.Title, s.Abstract} {
		for _, words := range text {
			total += len(words) + 32
		}
	}
	for _, d := range s.Documents {
		total += len(d.URL) + 300
	}
	return total + 150*len(s.People) + 40*(len(s.Access.Delegates)+len(s.Access.Delegations))
}
