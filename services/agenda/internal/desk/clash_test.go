package desk

import (
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
)

// An office releases sessions.
type office struct {
	*replica
	t testing.TB
}

// releases brings sessions as they are to be.
func (o office) releases(sessions ...programme.Session) {
	o.t.Helper()
	if err := o.replica.releases(o.t.Context(), sessions...); err != nil {
		o.t.Fatal(err)
	}
}

// looked has some replicas look at once for what was released.
func (o office) looked(replicas ...*replica) {
	o.t.Helper()
	var wg sync.WaitGroup
	for _, r := range replicas {
		r.quietedAfter(o.t, o.replica)
		wg.Go(func() {
			if err := r.clash(o.t.Context(), mustFind(o.t, r)); err != nil {
				o.t.Error(err)
			}
		})
	}
	wg.Wait()
}

// clashes is how often the sides of a meeting were told, and how it stands.
func (o office) clashes(id string) (int, meeting.Meeting) {
	o.t.Helper()
	history, err := o.History(o.t.Context(), "seoul", id)
	if err != nil {
		o.t.Fatal(err)
	}
	n := 0
	for _, e := range history {
		if e.Verb == meeting.WasClashed {
			n++
		}
	}
	m, err := o.Meeting(o.t.Context(), "seoul", id, 0)
	if err != nil {
		o.t.Fatal(err)
	}
	return n, m
}

func panelOf(id string, slot meeting.Slot, chair string) programme.Session {
	s := programme.Session{
		ID: id, Kind: programme.Panel, Room: "hall", Status: programme.Confirmed, Title: programme.Text{"en": "Panel"},
		Start: slot.Start, End: slot.Start.Add(time.Hour),
	}
	if chair != "" {
		s.People = []programme.Part{{Role: programme.Chair, Delegate: chair}}
	}
	return s
}

func TestBothSidesAreToldOnceOfASessionPutOntoTheirMeeting(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	confirmed(t, a, "m", "kr", "gb", at(2), "b1")
	confirmed(t, a, "n", "us", "pl", at(2), "b2")
	b.quietedAfter(t, a)
	o := office{a, t}
	step := func(what string, want int, s programme.Session) {
		t.Helper()
		o.releases(s)
		o.looked(a, b)
		o.looked(b)
		got, m := o.clashes("m")
		if got != want || m.Status != meeting.Confirmed || !m.Slot.Same(at(2)) {
			t.Errorf("%s: told %d times, want %d; the meeting is %s at %v", what, got, want, m.Status, m.Slot)
		}
	}
	panel := panelOf("p", at(8), "kr-1")
	step("a session at another time", 0, panel)
	panel.Start, panel.End = at(2).Start, at(4).Start
	step("moved onto it", 1, panel)
	if _, m := o.clashes("m"); m.Proposal == nil || m.Proposal.Kind != meeting.Reschedule || len(m.Proposal.Awaits) != 2 || len(m.Proposal.Slots) == 0 || m.Proposal.Slots[0].Start.Before(at(4).Start) && m.Proposal.Slots[0].End.After(at(2).Start) {
		t.Errorf("offered %+v", m.Proposal)
	}
	panel.Title = programme.Text{"en": "Another title"}
	step("called otherwise", 1, panel)
	panel.End = at(5).Start
	step("longer", 1, panel)
	panel.People = []programme.Part{{Role: programme.Chair, Delegate: "gb-1"}}
	step("chaired by the other side", 2, panel)
	panel.Status, panel.Reason = programme.Cancelled, "the weather"
	step("cancelled", 2, panel)
	panel.Status, panel.Reason = programme.Confirmed, ""
	step("reinstated", 3, panel)
	step("new", 4, panelOf("q", at(2), "kr-1"))
	if got, _ := o.clashes("n"); got != 0 {
		t.Errorf("who has nothing to do with it is told %d times", got)
	}
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
}

func TestASessionMovedOntoWhoPickedItClashesToo(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	confirmed(t, a, "m", "kr", "gb", at(2), "b1")
	o := office{a, t}
	panel := panelOf("p", at(8), "")
	put := func(slot meeting.Slot) {
		t.Helper()
		panel.Start, panel.End = slot.Start, slot.Start.Add(time.Hour)
		o.releases(panel)
	}
	put(at(8))
	o.looked(a)
	if err := a.live.Pick(t.Context(), "seoul", "gb-1", "p", nil); err != nil {
		t.Fatal(err)
	}
	put(at(1))
	put(at(9))
	o.looked(a)
	if got, _ := o.clashes("m"); got != 0 {
		t.Errorf("told %d times of a session that is elsewhere by now", got)
	}
	put(at(1))
	put(at(2))
	o.looked(a)
	if got, _ := o.clashes("m"); got != 1 {
		t.Errorf("told %d times of one that was put onto it in two steps", got)
	}
}
