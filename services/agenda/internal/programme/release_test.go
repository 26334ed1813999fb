package programme

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

var day = time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)

func at(hour, minute int) time.Time {
	return day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

func session(id, room string, from, to int) Session {
	return Session{
		ID: id, Kind: Panel, Title: Text{"en": "Panel " + id}, Room: room,
		Start: at(from, 0), End: at(to, 0), Status: Confirmed,
	}
}

// released is the agenda after one release of the given things.
func released(t *testing.T, a Agenda, sessions []Session, rooms ...Room) (Agenda, Release) {
	t.Helper()
	r, ok := a.Next("actor", day, Proposal{Sessions: sessions, Rooms: rooms})
	if !ok {
		t.Fatal("nothing to release")
	}
	next, err := a.With(r)
	if err != nil {
		t.Fatal(err)
	}
	return next, r
}

func TestARelease(t *testing.T) {
	t.Parallel()
	hall, annex := Room{ID: "hall", Name: "Hall"}, Room{ID: "annex", Name: "Annex"}
	first, _ := released(t, Empty("c"), []Session{session("a", "hall", 1, 2), session("b", "hall", 2, 3)}, hall, annex)

	t.Run("leaves what does not change at its revision", func(t *testing.T) {
		t.Parallel()
		moved := session("a", "annex", 1, 2)
		second, r := released(t, first, []Session{moved, session("b", "hall", 2, 3)})
		if len(r.After) != 1 || len(r.Before) != 1 {
			t.Fatalf("release holds %d and %d sessions, want one each", len(r.After), len(r.Before))
		}
		a, _ := second.Session("a")
		b, _ := second.Session("b")
		if a.Revision != 2 || b.Revision != 1 {
			t.Errorf("revisions %d and %d, want 2 and 1", a.Revision, b.Revision)
		}
		if before, _ := first.Session("a"); before.Room != "hall" {
			t.Error("the release changed the agenda before it")
		}
	})
	t.Run("of nothing is none", func(t *testing.T) {
		t.Parallel()
		same := session("a", "hall", 1, 2)
		same.Start = same.Start.In(time.FixedZone("KST", 9*3600)) // the same instant, spelled otherwise
		same.Reason = "for no reason"
		if r, ok := first.Next("", day, Proposal{Sessions: []Session{same}, Rooms: []Room{hall}}); ok {
			t.Errorf("released %+v", r)
		}
	})
	t.Run("that does not follow is refused", func(t *testing.T) {
		t.Parallel()
		_, r := released(t, first, []Session{session("a", "annex", 1, 2)})
		if _, err := Empty("c").With(r); err == nil {
			t.Error("revision 2 was applied to revision 0")
		}
		r.Conference = "other"
		if _, err := first.With(r); err == nil {
			t.Error("a release of another conference was applied")
		}
	})
	t.Run("names what a person would notice", func(t *testing.T) {
		t.Parallel()
		s := session("a", "annex", 4, 5)
		s.Status = Cancelled
		_, r := released(t, first, []Session{s, session("new", "hall", 8, 9)})
		got := map[string][]Field{}
		for _, c := range r.Changes() {
			got[c.Session] = c.Fields
		}
		want := map[string][]Field{"a": {Time, InRoom, InStatus}, "new": {Created}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("changes %v, want %v", got, want)
		}
	})
}

// Applying the releases after revision n to the agenda at n gives the agenda
// at the end, wherever n is; and so does a snapshot.
func TestReleasesAddUpFromAnyRevision(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	agendas, releases := []Agenda{Empty("c")}, []Release{}
	for range 60 {
		a := agendas[len(agendas)-1]
		var edits []Session
		for range 1 + rnd.IntN(4) {
			start := rnd.IntN(20)
			s := session(fmt.Sprint(rnd.IntN(12)), fmt.Sprint(rnd.IntN(3)), start, start+1+rnd.IntN(3))
			if rnd.IntN(5) == 0 {
				s.Status = Cancelled
			}
			edits = append(edits, s)
		}
		r, ok := a.Next("", day, Proposal{Sessions: edits[:1]})
		if !ok {
			continue
		}
		next, err := a.With(r)
		if err != nil {
			t.Fatal(err)
		}
		agendas, releases = append(agendas, next), append(releases, r)
	}
	last := agendas[len(agendas)-1]
	for n, a := range agendas {
		if n > 0 {
			a = a.Snapshot().Agenda()
		}
		for _, r := range releases[n:] {
			var err error
			if a, err = a.With(r); err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(a.Sessions(), last.Sessions()) {
			t.Fatalf("from revision %d the agenda comes out otherwise", n)
		}
	}
}
