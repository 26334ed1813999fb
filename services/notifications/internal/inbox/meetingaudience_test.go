package inbox

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
)

// The audience as somebody would explain it at the desk, person by person, and
// without a look at the rules.
func shouldHear(verb string, who event.DelegateState, all []event.DelegateState, n meetingNews) bool {
	if who.Status != event.Accredited || who.Delegate == n.actor {
		return false
	}
	hasSlot := n.now.Slot != nil || n.was != nil || n.known.Slot != nil
	isNamed := false
	for _, s := range n.now.Sides {
		isNamed = isNamed || slices.Contains(s.People, who.Delegate)
	}
	switch verb {
	case "confirmed", "extended", "evicted", "unroomed", "roomed", "clashed", "moved", "cancelled", "substituted", "changed":
		if isNamed && hasSlot {
			return true
		}
	}
	for _, s := range n.now.Sides {
		if s.Delegation != who.Delegation {
			continue
		}
		switch verb {
		case "requested", "countered", "proposed":
			if !slices.Contains(n.now.Awaits, s.Delegation) {
				continue
			}
		case "agreed", "endorsed", "reconfirmed", "declined", "withdrawn":
			if s.Delegation == n.now.By {
				continue
			}
		}
		speaks := func(d event.DelegateState) bool {
			return d.Delegation == s.Delegation && d.Status == event.Accredited && slices.Contains(d.Roles, caller.Liaison)
		}
		if speaks(who) || !slices.ContainsFunc(all, speaks) && slices.Contains(s.People, who.Delegate) {
			return true
		}
	}
	return standsIn(verb, who, all, n)
}

// shouldHearOfLeaving is the same of who has no part in it any more.
func shouldHearOfLeaving(verb string, who event.DelegateState, n meetingNews) bool {
	if who.Status != event.Accredited || who.Delegate == n.actor {
		return false
	}
	switch verb {
	case "moved", "cancelled", "substituted", "changed":
		was, is := slices.Contains(n.left, who.Delegate), false
		for _, s := range n.known.Sides {
			was = was || slices.Contains(s.People, who.Delegate)
		}
		for _, s := range n.now.Sides {
			is = is || slices.Contains(s.People, who.Delegate)
		}
		return was && !is && (n.now.Slot != nil || n.was != nil || n.known.Slot != nil)
	}
	return false
}

// standsIn is the same of who hears for a delegation that has neither a liaison
// nor anybody named. The head of kr is d00 and its officer d01; nobody said of hu.
func standsIn(verb string, who event.DelegateState, all []event.DelegateState, n meetingNews) bool {
	for _, s := range n.now.Sides {
		speaks := func(d event.DelegateState) bool {
			return d.Delegation == s.Delegation && d.Status == event.Accredited &&
				(slices.Contains(d.Roles, caller.Liaison) || slices.Contains(s.People, d.Delegate))
		}
		concerned := true
		switch verb {
		case "requested", "countered", "proposed":
			concerned = slices.Contains(n.now.Awaits, s.Delegation)
		case "agreed", "endorsed", "reconfirmed", "declined", "withdrawn":
			concerned = s.Delegation != n.now.By
		}
		if !concerned || slices.ContainsFunc(all, speaks) {
			continue
		}
		var first []string
		if s.Delegation == "kr" {
			first = []string{"d00", "d01"}
		}
		there := func(id string) bool {
			return slices.ContainsFunc(all, func(d event.DelegateState) bool { return d.Delegate == id && d.Status == event.Accredited })
		}
		i := slices.IndexFunc(first, there)
		if i >= 0 && first[i] == who.Delegate || i < 0 && slices.Contains(who.Roles, caller.Desk) {
			return true
		}
	}
	return false
}

func TestTheAudienceOfAMeetingIsWhoShouldHear(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 2013))
	verbs := append(event.MeetingVerbs(), "changed")
	heard := map[string]int{}
	for range 1000 {
		verb := verbs[r.IntN(len(verbs))]
		people, p := crowd(t, r)
		n := anyNews(r, verb, people)
		var want, wantLeft []string
		for _, who := range people {
			switch {
			case shouldHear(verb, who, people, n):
				want = append(want, who.Delegate)
			case shouldHearOfLeaving(verb, who, n):
				wantLeft = append(wantLeft, who.Delegate)
			}
		}
		if got, left := p.meetingAudience(n); !slices.Equal(got, want) || !slices.Equal(left, wantLeft) {
			t.Fatalf("%s is told to %v, and to %v that they have left, want %v and %v\n%+v\n%+v", verb, got, left, want, wantLeft, n, people)
		}
		heard[verb] += len(want)
		heard["left"] += len(wantLeft)
	}
	for _, verb := range append(verbs, "left") {
		if heard[verb] == 0 {
			t.Errorf("nobody ever heard of %s: the test proves nothing", verb)
		}
	}
}

// crowd is some people of four delegations, and a planner that knows them.
func crowd(t *testing.T, r *rand.Rand) ([]event.DelegateState, *Planner) {
	t.Helper()
	p := &Planner{Roster: roster.New(quiet)}
	for _, state := range []string{`{"delegation":"kr","revision":2,"head":"d00","officer":"d01"}`, `{"delegation":"kr","revision":1,"head":"d02"}`} {
		p.Roster.SeeDelegation("seoul", []byte(state))
	}
	people := make([]event.DelegateState, 0, 14)
	for i := range 14 {
		d := event.DelegateState{
			Delegate: fmt.Sprintf("d%02d", i), Delegation: []string{"hu", "kr", "fr", "un"}[r.IntN(4)], Revision: 1,
			Status: []string{event.Accredited, event.Accredited, event.Accredited, event.Removed, event.Substituted}[r.IntN(5)],
			Roles:  [][]string{{caller.Delegate}, {caller.Delegate}, {caller.Delegate, caller.Liaison}, {caller.Secretariat, caller.Desk}}[r.IntN(4)],
		}
		// They have been somebody else before.
		for _, was := range []event.DelegateState{{Delegate: d.Delegate, Delegation: "hu", Status: event.Accredited, Roles: []string{caller.Liaison, caller.Desk}}, d} {
			data, err := json.Marshal(was)
			if err != nil {
				t.Fatal(err)
			}
			p.Roster.See("seoul", data)
		}
		people = append(people, d)
	}
	return people, p
}

func anyNews(r *rand.Rand, verb string, people []event.DelegateState) meetingNews {
	category, rule := ruleOf(verb)
	some := func() (who []string) {
		for _, i := range r.Perm(len(people))[:r.IntN(4)] {
			who = append(who, people[i].Delegate)
		}
		return who
	}
	at := func() *event.MeetingSlot {
		if r.IntN(2) == 0 {
			return nil
		}
		return &event.MeetingSlot{RoomName: "Room 3"}
	}
	own := func(delegation string) event.MeetingSide { // and an interpreter of whatever delegation
		s := event.MeetingSide{Delegation: delegation, People: some()}
		s.People = slices.DeleteFunc(s.People, func(d string) bool {
			i := slices.IndexFunc(people, func(p event.DelegateState) bool { return p.Delegate == d })
			return people[i].Delegation != delegation && people[i].Delegation != "un"
		})
		return s
	}
	sides := func() []event.MeetingSide { return []event.MeetingSide{own("hu"), own("kr")} }
	n := meetingNews{
		conference: "seoul", category: category, rule: rule, was: at(), left: some(),
		known: event.MeetingState{Sides: sides(), Slot: at()}, now: event.MeetingState{Sides: sides(), Slot: at()},
	}
	n.now.By = []string{"", "hu", "kr"}[r.IntN(3)]
	n.now.Awaits = [][]string{{"hu"}, {"kr"}, {"hu", "kr"}}[r.IntN(3)]
	if r.IntN(2) == 0 {
		n.actor = people[r.IntN(len(people))].Delegate
	}
	return n
}
