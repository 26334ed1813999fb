package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// delegate puts how a person stands on the bus, as the delegates service does.
func (r *replica) delegate(t testing.TB, id, delegation, status string, revision int64) {
	t.Helper()
	state := event.DelegateState{Delegate: id, Delegation: delegation, Revision: revision, Status: status, Rank: "minister"}
	r.announce(t, event.DelegateStateSubject("seoul", id), revision, state)
}

func (r *replica) delegation(t testing.TB, id, status string, revision int64) {
	t.Helper()
	state := event.DelegationState{Delegation: id, Revision: revision, Status: status, Kind: "state"}
	r.announce(t, event.DelegationStateSubject("seoul", id), revision, state)
}

func (r *replica) announce(t testing.TB, subject string, revision int64, state any) {
	t.Helper()
	data, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.bus.PutState(t.Context(), subject, revision, data); err != nil {
		t.Fatal(err)
	}
	if err := r.watch.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func told(t testing.TB, p event.Payload) event.Envelope {
	t.Helper()
	e, err := event.New(fmt.Sprint("e", time.Now().UnixNano()), "seoul", "x", 1, "", time.Now(), p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// offered brings a request that offers one slot until some time.
func (r *replica) offered(t testing.TB, id string, slot meeting.Slot, until time.Time) {
	t.Helper()
	_, err := r.Add(t.Context(), "seoul", id, meeting.By{Actor: "kr-9", Delegation: "kr"}, func(w meeting.World) (meeting.Plan, error) {
		m := asked("kr", "gb")
		m.ID = id
		m.Proposal = &meeting.Proposal{Kind: meeting.Request, By: "kr", Slots: []meeting.Slot{slot}, Awaits: []string{"gb"}, MadeAt: w.Now, ExpiresAt: until}
		return meeting.Plan{Next: m, Told: meeting.Entry{Verb: meeting.WasRequested}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *replica) accept(ctx context.Context, id string) (meeting.Meeting, error) {
	by := meeting.By{Actor: "gb-9", Delegation: "gb"}
	return r.Do(ctx, "seoul", id, 0, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		return w.Accept(m, by, meeting.Acceptance{})
	})
}

// delegations brings delegations, each with one principal.
func (r *replica) delegations(t testing.TB, ids ...string) {
	t.Helper()
	for _, id := range ids {
		r.delegation(t, id, event.Accredited, 1)
		r.delegate(t, id+"-1", id, event.Accredited, 1)
	}
}

func TestAcceptanceAndExpiryInTheSameMomentHaveOneOutcome(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	a.delegations(t, "kr", "gb")
	for i := range 6 {
		id := fmt.Sprint("m", i)
		w, err := a.World("seoul")
		if err != nil {
			t.Fatal(err)
		}
		a.offered(t, id, at(i), w.Now.Add(time.Hour))
		b.quietedAfter(t, a)
		b.clock.advance(time.Hour + time.Second) // where it has run out, by this clock
		a.clock.advance(59 * time.Minute)        // and here not yet
		var accepted, swept error
		var wg sync.WaitGroup
		wg.Go(func() { _, accepted = a.accept(t.Context(), id) })
		wg.Go(func() { swept = b.Sweep(t.Context()) })
		wg.Wait()
		m, err := a.fetch(t.Context(), mustFind(t, a), id)
		if err != nil || swept != nil {
			t.Fatal(err, swept)
		}
		switch {
		case m.Status == meeting.Confirmed && accepted != nil:
			t.Errorf("%s is confirmed, and its acceptance failed: %v", id, accepted)
		case m.Status == meeting.Expired && !problem.Is(accepted, problem.Conflict):
			t.Errorf("%s is expired, and its acceptance answers %v", id, accepted)
		case m.Status != meeting.Confirmed && m.Status != meeting.Expired:
			t.Errorf("%s is %s: %v", id, m.Status, accepted)
		}
		a.clock.advance(time.Minute + time.Second)
	}
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
}

func TestWhatHasRunOutCannotBeAcceptedBeforeAnySweep(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	a.delegations(t, "kr", "gb")
	w, err := a.World("seoul")
	if err != nil {
		t.Fatal(err)
	}
	a.offered(t, "m", at(0), w.Now.Add(time.Hour))
	a.clock.advance(time.Hour)
	if _, err := a.accept(t.Context(), "m"); problem.From(err).Code != "request_expired" {
		t.Errorf("it is accepted late: %v", err)
	}
	if err := a.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, err := a.Meeting(t.Context(), "seoul", "m", 0); err != nil || m.Status != meeting.Expired {
		t.Errorf("it is %s: %v", m.Status, err)
	}
}

func TestWhoeverLeavesLeavesTheirMeetings(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	a.delegations(t, "kr", "gb", "us")
	a.delegate(t, "gb-2", "gb", event.Accredited, 1)
	confirmed(t, a, "m", "kr", "gb", at(0), "b1")
	confirmed(t, a, "n", "kr", "us", at(1), "b1")
	a.delegate(t, "gb-1", "gb", event.Substituted, 2)
	for range 2 { // events come twice
		if err := a.HearPeople(t.Context(), told(t, event.DelegateSubstituted{Delegate: "gb-1", Deputy: "gb-2", Delegation: "gb"})); err != nil {
			t.Fatal(err)
		}
	}
	m, err := a.Meeting(t.Context(), "seoul", "m", 0)
	if err != nil || fmt.Sprint(m.Sides[1].Principals) != "[gb-2]" || m.Revision != 3 || m.Status != meeting.Confirmed {
		t.Errorf("at revision %d %v come: %v", m.Revision, m.Sides[1].Principals, err)
	}
	a.delegation(t, "us", event.Removed, 2)
	if err := a.HearPeople(t.Context(), told(t, event.DelegationChanged{Delegation: "us", Status: event.Removed})); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Meeting(t.Context(), "seoul", "n", 0); err != nil || n.Status != meeting.Cancelled {
		t.Errorf("the meeting of who left is %s: %v", n.Status, err)
	}
	a.delegate(t, "kr-1", "kr", event.Removed, 2) // of which no event comes
	if err := a.ClearAway(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, err := a.Meeting(t.Context(), "seoul", "m", 0); err != nil || len(m.Sides[0].Principals) > 0 {
		t.Errorf("%v still come: %v", m.Sides[0].Principals, err)
	}
	a.quieted(t)
	a.sound(t)
}

func TestASessionPutOntoSomebodyWhoMeetsIsToldOfOnce(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	a.delegations(t, "kr", "gb")
	confirmed(t, a, "m", "kr", "gb", at(1), "b1")
	s := session("s", 4, 6)
	s.Room, s.People = "hall", []programme.Part{{Role: programme.Speaker, Delegate: "gb-1"}}
	if err := a.releases(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	both := func() {
		for _, r := range []*replica{a, b, a} {
			r.quieted(t)
			b.quietedAfter(t, a)
			a.quietedAfter(t, b)
			if err := r.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	both()
	s.Start, s.End = at(0).Start, at(2).Start
	if err := a.releases(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	both()
	m, err := b.Meeting(t.Context(), "seoul", "m", 3)
	if err != nil || m.Revision != 3 || m.Status != meeting.Confirmed || m.Proposal == nil || m.History[len(m.History)-1].Verb != meeting.WasClashed {
		t.Errorf("at revision %d it is %s with %v and the history %v: %v", m.Revision, m.Status, m.Proposal, m.History, err)
	}
}

func TestWhatIsDoneToAMeetingThatWasExtendedLetsNobodyIn(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	a.delegations(t, "kr", "gb", "us")
	confirmed(t, a, "m", "kr", "gb", at(0), "b1")
	a.request(t, "n", "us", "gb")
	by := meeting.By{Actor: "kr-9", Delegation: "kr"}
	for _, act := range []meeting.Decision{
		func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Extend(m, by, 1) },
		func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Reconfirm(m, by) },
		func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Extend(m, by, 1) },
		func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
			return w.Reschedule(m, by, []time.Time{at(8).Start}, "")
		},
	} {
		if _, err := a.Do(t.Context(), "seoul", "m", 0, by, act); err != nil {
			t.Fatal(err)
		}
		a.quieted(t)
		a.sound(t)
	}
	for i := range 3 {
		_, err := a.Do(t.Context(), "seoul", "n", 0, meeting.By{Desk: true}, func(w meeting.World, n meeting.Meeting) (meeting.Plan, error) {
			return w.Settle(n, meeting.By{Desk: true}, at(i), "b2")
		})
		if err == nil || problem.From(err).Code != "slot_taken" {
			t.Errorf("one of them is elsewhere in half hour %d: %v", i, err)
		}
	}
}
