package meeting

import (
	"cmp"
	"math"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// bilateral is the kind of the rooms that are for meetings unless the policy
// says otherwise.
const bilateral = "bilateral"

// Room is the best room for m at s; false when there is none. Everybody gets
// there in time rather than not, it is the smallest in which everybody has a
// chair, and of those the one nearest to where they come from and go to. What
// the holders excepted have, and m itself, counts as free.
func (w World) Room(m Meeting, s Slot, except ...string) (string, bool) {
	return w.RoomBut(m, s, nil, except...)
}

// RoomBut is Room, with some rooms left out.
func (w World) RoomBut(m Meeting, s Slot, out []string, except ...string) (string, bool) {
	rooms := w.vacant(w.Conference.Location(), w.rooms(m), m, s, except...)
	rooms = slices.DeleteFunc(rooms, func(r programme.Room) bool { return slices.Contains(out, r.ID) })
	if len(rooms) == 0 {
		return "", false
	}
	people := slices.Concat(m.Sides[0].People(), m.Sides[1].People())
	return w.nearestRoom(rooms, w.engagements(people, s.Start.Add(-near), s.End.Add(near), m.ID), s).ID, true
}

// Vacant are the rooms in which m can be at s, the best first; see Room.
func (w World) Vacant(m Meeting, s Slot) []string {
	rooms := w.vacant(w.Conference.Location(), w.rooms(m), m, s)
	people := slices.Concat(m.Sides[0].People(), m.Sides[1].People())
	slices.SortStableFunc(rooms, w.better(rooms, w.engagements(people, s.Start.Add(-near), s.End.Add(near), m.ID), s))
	ids := make([]string, len(rooms))
	for i, r := range rooms {
		ids[i] = r.ID
	}
	return ids
}

// RoomFits refuses a room that somebody chose for m at s: one that is not there
// (Invalid room_unknown), is not for meetings of the level (Invalid
// room_not_for_meetings), has too few chairs (Invalid room_too_small), is shut
// (Invalid room_closed), or is taken (Conflict room_taken) by another holder
// than those excepted and m. It is for the desk, whom it tells which rooms would do
// instead or, where there is none, which slots.
func (w World) RoomFits(m Meeting, s Slot, room string, except ...string) error {
	const at = "/roomId"
	r, known := w.Agenda.Room(room)
	switch {
	case !known:
		return wrong(at, "room_unknown", "The conference has no such room.")
	case !w.opens(r, m.Level):
		return wrong(at, "room_not_for_meetings", "The room is not for meetings of that level.")
	case !seats(r, m.Heads()):
		return wrong(at, "room_too_small", "The room has too few chairs.")
	case !r.Opens(s.Start, s.End, w.Conference.Location()):
		return wrong(at, "room_closed", "The room is shut at that time.")
	case !w.roomFree(r, m, s, except...):
		return w.roomTaken(m, s)
	}
	return nil
}

// roomTaken refuses a room that somebody has at a slot, and names rooms that nobody
// has then; see RoomFits.
func (w World) roomTaken(m Meeting, s Slot) error {
	refused := problem.New(problem.Conflict, "room_taken", "The room is taken at that time.")
	if w.Curt {
		return refused
	}
	free := w.Vacant(m, s)
	if len(free) == 0 {
		return refused.With(w.Suggest(w.Alternatives(m, "", s, suggested))...)
	}
	for _, id := range free[:min(len(free), suggested)] {
		r, _ := w.Agenda.Room(id)
		f := w.Suggest([]Slot{s})[0]
		f.Detail, f.Params["room"] = "The room "+r.Name+" is free then.", id
		refused = refused.With(f)
	}
	return refused
}

// FreeFor says whether the people of m, and its delegations where they name
// nobody, are free at s, up to the end of the time to change over. What the
// holders excepted have, and m itself, counts as free. Rooms are not looked at.
func (w World) FreeFor(m Meeting, s Slot, except ...string) bool {
	but := append(slices.Clone(except), m.ID)
	return !slices.ContainsFunc(m.Needs(s, "", w.pause(m, s)), func(h Hold) bool { return !w.Diary.Free(h, but...) })
}

// rooms are those in which m can ever be, the smallest first; one of which
// nobody has said how many chairs it has comes last.
func (w World) rooms(m Meeting) []programme.Room {
	heads := m.Heads()
	rooms := slices.DeleteFunc(w.Agenda.Rooms(), func(r programme.Room) bool { return !w.opens(r, m.Level) || !seats(r, heads) })
	slices.SortStableFunc(rooms, bySize) // they come by name
	return rooms
}

func bySize(a, b programme.Room) int { return cmp.Compare(size(a), size(b)) }

func size(r programme.Room) int { return cmp.Or(r.Capacity, math.MaxInt) }

// seats says whether so many people have a chair, as far as anybody has said.
func seats(r programme.Room, heads int) bool { return r.Capacity == 0 || r.Capacity >= heads }

// vacant are those of rooms that are open and free at s, in their order.
func (w World) vacant(zone *time.Location, rooms []programme.Room, m Meeting, s Slot, except ...string) []programme.Room {
	var free []programme.Room
	for _, r := range rooms {
		if r.Opens(s.Start, s.End, zone) && w.roomFree(r, m, s, except...) {
			free = append(free, r)
		}
	}
	return free
}

func (w World) roomFree(r programme.Room, m Meeting, s Slot, except ...string) bool {
	hold := Hold{Resource: RoomResource(r.ID), From: Cell(s.Start), To: Cell(s.End.Add(w.pause(m, s)).Add(step - 1))}
	return w.Diary.Free(hold, append(slices.Clone(except), m.ID)...)
}

// nearestRoom is the best of rooms, the smallest of which comes first.
func (w World) nearestRoom(rooms []programme.Room, around []engagement, s Slot) programme.Room {
	return slices.MinFunc(rooms, w.better(rooms, around, s))
}

// better compares rooms: that is better to which fewer come late or leave too
// late, then the smaller, then the nearer.
func (w World) better(rooms []programme.Room, around []engagement, s Slot) func(a, b programme.Room) int {
	type way struct {
		late int
		long time.Duration
	}
	ways := make(map[string]way) // by zone
	for _, r := range rooms {
		if _, known := ways[r.Zone]; known {
			continue
		}
		var x way
		for _, e := range around {
			if far := w.Conference.Between(e.zone, r.Zone); far > 0 && e.gap(s) >= 0 {
				x.long += far
				if far > e.gap(s) {
					x.late++
				}
			}
		}
		ways[r.Zone] = x
	}
	return func(a, b programme.Room) int {
		x, y := ways[a.Zone], ways[b.Zone]
		return cmp.Or(cmp.Compare(x.late, y.late), bySize(a, b), cmp.Compare(x.long, y.long))
	}
}
