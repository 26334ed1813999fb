package notifications_test

import (
	"maps"
	"testing"

	"plenary.example/shared/event"
)

// TestWhoIsToldIsWhoShouldBe works out by itself whose phones news is for, from all
// that happened to people before, and compares that with the phones that got it.
func TestWhoIsToldIsWhoShouldBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n, sibling := s.open(), s.open()
	const london = "london-2011"
	s.move(seoul)
	s.move(london)
	type person struct {
		conference    string
		picked, there bool
	}
	people := map[string]person{
		"ada": {seoul, true, true}, "bob": {seoul, true, true}, "idle": {seoul, false, true}, "gone": {seoul, true, false},
		"lou": {london, true, true}, "out": {seoul, true, true},
	}
	holder, signedOut := map[string]string{}, map[string]bool{"out": true}
	for who, p := range people {
		s.stands(p.conference, who, 1, event.Accredited)
		if p.picked {
			s.pick(p.conference, who)
		}
		s.register(s.as(n, p.conference, who, "of-"+who), who, who)
		holder[who] = who
	}
	s.register(s.as(sibling, seoul, "idle", "of-shared"), "shared", "shared")
	s.register(s.as(n, seoul, "bob", "of-second"), "second", "shared") // the token moves from idle to bob
	holder["shared"] = "bob"
	s.register(s.as(sibling, london, "lou", "of-lent"), "bob", "bob") // and bob's phone to another conference
	holder["bob"] = "lou"
	s.stands(seoul, "gone", 2, event.Removed)
	s.publish(seoul, "gone", 2, event.DelegateChanged{Delegate: "gone", Status: event.Removed})
	s.publish(seoul, "out", 2, event.SignInEnded{Delegate: "out", SignIn: "of-out", Reason: event.EndedSignedOut})
	s.worked()
	s.move(seoul)
	s.settled()
	want, got := map[string]int{}, map[string]int{}
	for phone, who := range holder {
		if p := people[who]; p.conference == seoul && p.picked && p.there && !signedOut[phone] {
			want[phone] = 1
		}
	}
	for _, m := range s.carrier.All() {
		got[m.Token]++
	}
	if !maps.Equal(got, want) || len(want) != 2 {
		t.Errorf("the phones %v got it, want %v", got, want)
	}
}
