package live

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
)

// led is a session with these parts, "role delegate" each.
func led(id string, start time.Time, people ...programme.Part) programme.Session {
	s := panel(id)
	s.Start, s.End, s.People = start, start.Add(time.Hour), people
	return s
}

func chair(delegate string) programme.Part {
	return programme.Part{Role: programme.Chair, Delegate: delegate}
}

// wantParts compares who has parts in a session, as r has it.
func wantParts(t *testing.T, r *replica, session string, want ...programme.Part) {
	t.Helper()
	_, agenda, err := r.Conference("seoul")
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := agenda.Session(session); fmt.Sprint(s.People) != fmt.Sprint(want) {
		t.Errorf("%s has %v, want %v", session, s.People, want)
	}
}

func TestADeputyHasTheDutiesOfTheSeatOnce(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	start := time.Date(2013, 10, 18, 0, 0, 0, 0, time.UTC)
	a.now = func() time.Time { return start.Add(-time.Hour) }
	speaker := programme.Part{Role: programme.Speaker, Name: "Ada Example"}
	cancelled := led("cancelled", start, chair("ada"))
	cancelled.Status = programme.Cancelled
	add(t, a, led("over", start.Add(-4*time.Hour), chair("ada")), cancelled, led("coming", start, speaker, chair("ada")),
		led("both", start.Add(2*time.Hour), chair("bob"), programme.Part{Role: programme.Speaker, Delegate: "ada"}), led("other", start, chair("eve")))
	seat := toldOf(t, "act-1", a.now(), event.DelegateSubstituted{Substitution: "s1", Delegate: "ada", Deputy: "bob"})
	seat.Actor = "liaison"
	b, _ := open(t, e)
	b.now = a.now
	b.watch.Stop() // b is behind for sure
	hear(t, a, seat)
	r, err := a.ReleaseAt(t.Context(), "seoul", 2)
	if err != nil || len(r.Changes()) != 2 || r.Actor != "liaison" {
		t.Fatalf("released %+v, %v", r, err)
	}
	wantParts(t, a, "over", chair("ada"))
	wantParts(t, a, "cancelled", chair("ada"))
	wantParts(t, a, "coming", speaker, chair("bob"))
	wantParts(t, a, "both", chair("bob"))
	wantParts(t, a, "other", chair("eve"))

	// The secretariat arranges it otherwise, and the event comes again.
	_, _, err = a.Release(t.Context(), "seoul", "desk", "", func(_ programme.Conference, g programme.Agenda) (programme.Proposal, error) {
		s, _ := g.Session("coming")
		s.People = []programme.Part{chair("ada")}
		return programme.Proposal{Sessions: []programme.Session{s}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*replica{a, b} {
		hear(t, r, seat)
		wantParts(t, r, "coming", chair("ada"))
	}
}

func TestDutiesStayWithWhoeverIsBackOrHasNoDeputyAnyMore(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	start := time.Date(2013, 10, 18, 0, 0, 0, 0, time.UTC)
	a.now = func() time.Time { return start }
	add(t, a, led("one", start, chair("ada")), led("two", start, chair("kim")))
	stands(t, a, "ada", 3, event.Accredited)
	stands(t, a, "deputy", 2, event.Removed)
	hear(t, a, toldOf(t, "1", start, event.DelegateSubstituted{Delegate: "ada", Deputy: "bob"}))
	hear(t, a, toldOf(t, "2", start, event.DelegateSubstituted{Delegate: "kim", Deputy: "deputy"}))
	wantParts(t, a, "one", chair("ada"))
	wantParts(t, a, "two", chair("kim"))
	// A moment ahead: what is over by then is still the other's.
	hear(t, a, toldOf(t, "3", start, event.DelegateSubstituted{Delegate: "kim", Deputy: "eve", From: start.Add(time.Hour)}))
	wantParts(t, a, "two", chair("kim"))
	hear(t, a, toldOf(t, "4", start, event.DelegateSubstituted{Delegate: "kim", Deputy: "eve"}))
	wantParts(t, a, "two", chair("eve"))
}
