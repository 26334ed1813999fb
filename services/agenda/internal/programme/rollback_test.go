package programme

import (
	"testing"
	"time"

	"plenary.example/shared/problem"
)

func TestARollBackGoesForwardToWhatWas(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 16, 0, 0, 0, 0, time.UTC)
	at := func(id string, hour int, room string) Session {
		start := now.Add(time.Duration(hour) * time.Hour)
		return Session{ID: id, Title: Text{"en": id}, Room: room, Start: start, End: start.Add(time.Hour), Status: Confirmed}
	}
	step := func(a Agenda, p Proposal) Agenda {
		r, _ := a.Next("x", now, p)
		next, err := a.With(r)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	old := step(Empty("seoul"), Proposal{
		Rooms:    []Room{{ID: "hall", Name: "Hall"}, {ID: "annex", Name: "Annex"}},
		Sessions: []Session{at("past", -2, "hall"), at("moved", 5, "hall"), at("gone", 7, "hall"), at("brought forward", 9, "hall")},
	})
	moved, _ := old.Session("moved")
	moved.Room = "loft"
	past, _ := old.Session("past")
	past.Title = Text{"en": "as it was held"}
	forward, _ := old.Session("brought forward")
	forward.Start, forward.End = now.Add(-time.Minute), now.Add(time.Hour)
	a := step(old, Proposal{
		Rooms: []Room{{ID: "loft", Name: "Loft"}}, RemovedRooms: []string{"annex"}, Removed: []string{"gone"},
		Sessions: []Session{moved, past, forward, at("new", 6, "loft")},
	})
	p, err := a.RollBack(old, now)
	if err != nil {
		t.Fatal(err)
	}
	b := step(a, p)
	for _, c := range Changes(old, b) {
		if c.Session != "past" && c.Session != "brought forward" {
			t.Errorf("%s is not as it was: %v", c.Session, c.Fields)
		}
	}
	if rooms := RoomChanges(old, b); len(rooms) != 0 {
		t.Errorf("rooms are not as they were: %+v", rooms)
	}
	if s, _ := b.Session("past"); s.Title.In() != "as it was held" {
		t.Error("what is over is rewritten")
	}
	if s, _ := b.Session("brought forward"); !s.Start.Equal(forward.Start) {
		t.Error("what has begun is moved")
	}
	was, _ := old.Session("gone")
	if s, _ := b.Session("gone"); s.Sequence <= was.Sequence || b.Revision != 3 {
		t.Errorf("who has the calendar entry would not believe it: %d", s.Sequence)
	}
	if m, _ := b.Session("moved"); m.Sequence != 2 {
		t.Errorf("the sequence is %d after there and back", m.Sequence)
	}
}

func TestARollBackDoesNotPutTwoInOneRoom(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 16, 0, 0, 0, 0, time.UTC)
	s := Session{ID: "one", Room: "hall", Start: now.Add(time.Hour), End: now.Add(2 * time.Hour), Status: Confirmed}
	r, _ := Empty("seoul").Next("x", now, Proposal{Rooms: []Room{{ID: "hall"}}, Sessions: []Session{s}})
	old, _ := Empty("seoul").With(r)
	long := Session{ID: "long", Room: "hall", Start: now.Add(-time.Hour), End: now.Add(3 * time.Hour), Status: Confirmed}
	away := s
	away.Start, away.End = s.Start.Add(5*time.Hour), s.End.Add(5*time.Hour)
	r, _ = old.Next("x", now, Proposal{Sessions: []Session{away, long}})
	a, _ := old.With(r)
	if _, err := a.RollBack(old, now); !problem.Is(err, problem.Conflict) {
		t.Errorf("answered %v", err)
	}
}
