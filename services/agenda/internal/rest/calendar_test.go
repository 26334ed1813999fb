package rest

import (
	"testing"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

func TestWhatLeftTheAgendaStaysWithThoseItConcerned(t *testing.T) {
	t.Parallel()
	left := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	session := func(id string, parts ...programme.Part) programme.Session {
		return programme.Session{ID: id, Title: programme.Text{"en": id}, People: parts, Status: programme.Confirmed}
	}
	gone := map[string]programme.Gone{
		"picked": {Session: session("picked"), At: left},
		"chairs": {Session: session("chairs", programme.Part{Role: programme.Chair, Delegate: "ada"}), At: left},
		"others": {Session: session("others", programme.Part{Role: programme.Chair, Delegate: "bob"}), At: left},
		"back":   {Session: session("back"), At: left}, // this replica has not heard of its return
	}
	part := func(id string, back bool, steps int64) programme.Lost {
		s := session(id, programme.Part{Role: programme.Chair, Delegate: "ada"})
		return programme.Lost{Gone: programme.Gone{Session: s, At: left}, Steps: steps, Back: back}
	}
	lost := map[string]programme.Lost{
		"lost": part("lost", false, 1), "chairs": part("chairs", true, 2), // and then it left the agenda
		"here": part("here", false, 1), "again": part("again", true, 2),
	}
	r, _ := programme.Empty("c").Next("", left, programme.Proposal{Sessions: []programme.Session{session("back"), session("here"), session("lost"), session("again", programme.Part{Role: programme.Chair, Delegate: "ada"})}})
	agenda, err := programme.Empty("c").With(r)
	if err != nil {
		t.Fatal(err)
	}
	f := programme.Followed{Delegate: "ada", Picks: []programme.Pick{{Session: "picked"}, {Session: "back"}, {Session: "here", At: left.Add(time.Minute)}}}
	want := map[string]bool{"picked": true, "chairs": true, "back": false, "here": false, "lost": true, "again": false}
	steps := map[string]int64{"chairs": 2, "here": 2, "lost": 1, "again": 2}
	events := following(agenda, f, programme.Left{Gone: gone, Lost: lost})
	for _, e := range events {
		if removed, expected := want[e.Session.ID]; !expected || removed == e.Removed.IsZero() {
			t.Errorf("%s, removed %s", e.Session.ID, e.Removed)
		}
		if e.Steps != steps[e.Session.ID] {
			t.Errorf("%s after %d steps", e.Session.ID, e.Steps)
		}
	}
	if len(events) != len(want) {
		t.Errorf("%d events, want %d", len(events), len(want))
	}
}
