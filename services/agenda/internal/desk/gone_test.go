package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/event"
)

// A town is a replica whose people are known.
type town struct {
	*replica
	t        testing.TB
	revision int64
	events   int
}

// peopled is a town with the delegations kr, gb and us and two ministers of each.
func peopled(t testing.TB) *town {
	t.Helper()
	r, _ := open(t, enginestest.Test(t))
	p := &town{replica: r, t: t}
	for _, d := range []string{"kr", "gb", "us"} {
		p.delegation(d, event.Accredited)
		p.person(d+"-1", event.Accredited)
		p.person(d+"-2", event.Accredited)
	}
	return p
}

func (p *town) put(subject string, state any) {
	p.t.Helper()
	data, err := json.Marshal(state)
	if err == nil {
		err = p.bus.PutState(p.t.Context(), subject, p.revision, data)
	}
	if err == nil {
		err = p.watch.Sync(p.t.Context())
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// person tells how somebody stands.
func (p *town) person(id, status string) {
	p.t.Helper()
	p.revision++
	p.put(event.DelegateStateSubject("seoul", id), event.DelegateState{Delegate: id, Delegation: id[:2], Revision: p.revision, Status: status, Rank: "minister"})
}

func (p *town) delegation(id, status string) {
	p.t.Helper()
	p.revision++
	p.put(event.DelegationStateSubject("seoul", id), event.DelegationState{Delegation: id, Revision: p.revision, Status: status, Kind: "state"})
}

// hears works an event through.
func (p *town) hears(payload event.Payload) {
	p.t.Helper()
	p.events++
	e, err := event.New(fmt.Sprint("e", p.events), "seoul", "somebody", p.revision, "", nine, payload)
	if err == nil {
		err = p.HearPeople(p.t.Context(), e)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// comes is who of the first side is named, and at which revision the meeting is.
func (p *town) comes(id string) string {
	p.t.Helper()
	m, err := p.Meeting(p.t.Context(), "seoul", id, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("%s %v %d", m.Status, m.Sides[0].Principals, m.Revision)
}

// stands compares what comes of meetings with what is wanted.
func (p *town) stands(what string, want ...string) {
	p.t.Helper()
	var got []string
	all, err := p.All("seoul")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range all {
		got = append(got, p.comes(m.ID))
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestADeputyTakesPartWhereverTheyCan(t *testing.T) {
	t.Parallel()
	p := peopled(t)
	confirmed(t, p.replica, "m1", "kr", "gb", at(0), "b1")
	confirmed(t, p.replica, "m2", "kr", "us", at(1), "b1")
	p.request(t, "m3", "kr", "us")
	// The deputy has a meeting of their own while the second is.
	if _, err := p.Do(t.Context(), "seoul", "m3", 0, meeting.By{}, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		m.Sides[0].Principals, m.Sides[1].Principals = []string{"kr-2"}, []string{"us-2"}
		return into(at(1), "b2")(w, m)
	}); err != nil {
		t.Fatal(err)
	}
	left := event.DelegateSubstituted{Delegation: "kr", Delegate: "kr-1", Deputy: "kr-2"}
	p.person("kr-1", event.Substituted)
	p.hears(event.DelegateChanged{Delegate: "kr-1", Delegation: "kr", Status: event.Substituted})
	p.stands("it is not yet said by whom", "confirmed [kr-1] 2", "confirmed [kr-1] 2", "confirmed [kr-2] 2")
	after := []string{"confirmed [kr-2] 3", "confirmed [] 3", "confirmed [kr-2] 2"}
	p.hears(left)
	p.stands("substituted", after...)
	p.hears(left)
	p.stands("told again", after...)

	p.person("kr-1", event.Accredited)
	if _, err := p.Do(t.Context(), "seoul", "m1", 0, meeting.By{}, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		return w.Substitute(m, meeting.By{Desk: true}, "kr-2", "kr-1")
	}); err != nil {
		t.Fatal(err)
	}
	p.hears(left)
	after[0] = "confirmed [kr-1] 4"
	p.stands("an old event about somebody who is back", after...)
	p.quieted(t)
	p.sound(t)
}

func TestWhoeverIsGoneIsExpectedNowhere(t *testing.T) {
	t.Parallel()
	p := peopled(t)
	confirmed(t, p.replica, "m1", "kr", "gb", at(0), "b1")
	p.request(t, "m2", "kr", "us")
	confirmed(t, p.replica, "m3", "gb", "us", at(1), "b1")
	p.person("kr-1", event.Removed)
	p.hears(event.DelegateChanged{Delegate: "kr-1", Delegation: "kr", Status: event.Removed})
	p.stands("removed", "confirmed [] 3", "requested [] 2", "confirmed [gb-1] 2")
	p.person("gb-1", event.Erased)
	p.hears(event.DelegateErased{Delegate: "gb-1"})
	p.hears(event.DelegateChanged{Delegate: "gb-1", Delegation: "gb", Status: event.Erased})
	p.stands("erased", "confirmed [] 4", "requested [] 2", "confirmed [] 3")
	p.delegation("kr", event.Removed)
	p.hears(event.DelegationChanged{Delegation: "kr", Status: event.Removed})
	p.stands("a delegation removed", "cancelled [] 5", "cancelled [] 3", "confirmed [] 3")
	p.hears(event.DelegationChanged{Delegation: "gb", Status: event.Removed})
	p.stands("a delegation that is back", "cancelled [] 5", "cancelled [] 3", "confirmed [] 3")
	p.quieted(t)
	p.sound(t)
}

func TestWhoeverIsGoneIsFoundWhenTheirEventExpired(t *testing.T) {
	t.Parallel()
	p := peopled(t)
	confirmed(t, p.replica, "m1", "kr", "gb", at(0), "b1")
	confirmed(t, p.replica, "m2", "us", "gb", at(1), "b1")
	cleared := func() {
		t.Helper()
		if err := p.ClearAway(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	cleared()
	p.person("kr-1", event.Removed)
	p.person("us-1", event.Substituted)
	cleared()
	p.stands("removed, and substituted a moment ago", "confirmed [] 3", "confirmed [us-1] 2")
	p.clock.advance(deputyComes - time.Minute)
	cleared()
	p.person("us-1", event.Accredited)
	p.person("us-1", event.Substituted)
	p.clock.advance(2 * time.Minute)
	cleared()
	p.stands("substituted once more", "confirmed [] 3", "confirmed [us-1] 2")
	p.clock.advance(deputyComes)
	cleared()
	p.stands("substituted long ago", "confirmed [] 3", "confirmed [] 3")
	p.delegation("us", event.Removed)
	cleared()
	p.stands("a delegation removed", "confirmed [] 3", "cancelled [] 4")
	p.quieted(t)
	p.sound(t)
}
