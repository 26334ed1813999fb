package desk

import (
	"encoding/json"
	"testing"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

func TestADelegationWithoutAHeadIsKnownBySomebodyElseOfIt(t *testing.T) {
	t.Parallel()
	const in, gone = event.Accredited, event.Removed
	for name, tc := range map[string]struct {
		head, other string // how they stand
		want        string
	}{
		"by its head":                       {in, in, "head"},
		"by another when the head has left": {gone, in, "another"},
		"by nobody when all have":           {gone, gone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &Desk{}
			for _, p := range []event.DelegateState{
				{Delegate: "head", Delegation: "hu", Status: tc.head},
				{Delegate: "another", Delegation: "hu", Status: tc.other},
				{Delegate: "one more", Delegation: "hu", Status: tc.other},
				{Delegate: "a stranger", Delegation: "kr", Status: in},
			} {
				data, _ := json.Marshal(p)
				d.people.see("seoul", bus.Seen{Data: data})
			}
			data, _ := json.Marshal(event.DelegationState{Delegation: "hu", Status: in, Head: "head"})
			d.people.seeDelegation("seoul", bus.Seen{Data: data})
			if faces := d.Faces("seoul", []string{"hu", "nowhere"}); faces["hu"] != tc.want || faces["nowhere"] != "" || faces["kr"] != "" {
				t.Errorf("they are known by %v", faces)
			}
		})
	}
}

func TestWhoStandsInForADelegationHearsWhatNobodyElseWould(t *testing.T) {
	t.Parallel()
	const in, gone = event.Accredited, event.Removed
	for name, tc := range map[string]struct {
		head, liaison, named string // how they stand; named takes part for the delegation
		want                 string // who stands in
	}{
		"its head":                          {in, "", "", "head"},
		"its officer, without a head":       {gone, "", "", "officer"},
		"nobody beside a liaison":           {in, in, "", ""},
		"its head, after the liaison left":  {in, gone, "", "head"},
		"nobody beside who is named":        {in, "", in, ""},
		"its officer, once all others left": {gone, gone, gone, "officer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &Desk{}
			person := func(id, delegation, status string, roles ...string) {
				data, _ := json.Marshal(event.DelegateState{Delegate: id, Delegation: delegation, Status: status, Roles: roles})
				d.people.see("seoul", bus.Seen{Data: data})
			}
			person("head", "hu", tc.head, "delegate")
			person("liaison", "hu", tc.liaison, "delegate", "liaison")
			person("named", "hu", tc.named, "delegate")
			person("officer", "kr", in, "desk")
			data, _ := json.Marshal(event.DelegationState{Delegation: "hu", Status: in, Head: "head", Officer: "officer"})
			d.people.seeDelegation("seoul", bus.Seen{Data: data})
			m := meeting.Meeting{Sides: [2]meeting.Side{{Delegation: "kr", Principals: []string{"kr-1"}}, {Delegation: "hu"}}}
			if tc.named != "" {
				m.Sides[1].Principals = []string{"named"}
			}
			other := meeting.Meeting{Sides: [2]meeting.Side{{Delegation: "kr"}, {Delegation: "us"}}}
			for _, one := range []string{"head", "liaison", "named", "officer", "kr-1", ""} {
				hears := d.StandsIn("seoul", one)
				if hears(m) != (one == tc.want && one != "") || hears(other) {
					t.Errorf("%q hears of it: %t, of another: %t", one, hears(m), hears(other))
				}
			}
		})
	}
}
