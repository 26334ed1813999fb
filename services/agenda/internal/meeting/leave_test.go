package meeting

import (
	"slices"
	"strings"
	"testing"

	"plenary.example/shared/event"
)

func TestWhoLeavesIsFollowedByTheDeputy(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		deputy string
		world  func(*floor)
		comes  []string
	}{
		"who is free":                            {"kr-vice", nil, []string{"kr-vice"}},
		"unless there is none":                   {"", nil, nil},
		"unless they are of another side":        {"us-minister", nil, nil},
		"unless they are elsewhere":              {"kr-vice", engaged("kr-vice"), nil},
		"unless they are not accredited, either": {"kr-vice", func(f *floor) { f.people["kr-vice"] = Person{Delegation: "kr", Status: event.Removed} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t)
			m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
			if tc.world != nil {
				tc.world(f)
			}
			p, err := f.Leave(m, "kr-minister", tc.deputy)
			m = f.now(t, "m")(p, err)
			stands(t, m, "confirmed, 17 09:00-09:25, east")
			if p.Told.Out != "kr-minister" || p.Told.In != strings.Join(tc.comes, "") {
				t.Errorf("the history says that %q left and %q came", p.Told.Out, p.Told.In)
			}
			if !slices.Equal(m.Sides[0].Principals, tc.comes) || p.Told.Verb != WasSubstituted || !slices.Equal(p.Left, []string{"kr-minister"}) {
				t.Errorf("%v come, told %s, left %v", m.Sides[0].Principals, p.Told.Verb, p.Left)
			}
		})
	}
}

func TestWhoLeavesTakesTheirProposedSeatAlong(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
	m = f.now(t, "m")(f.Substitute(m, of("kr"), "kr-minister", "kr-vice"))
	p := must(f.Leave(m, "kr-vice", ""))
	if stands(t, p.Next, "confirmed, 17 09:00-09:25, east"); p.Told.Out+p.Told.In != "" {
		t.Errorf("nobody left or came, and the history says %+v", p.Told)
	}
	_, err := f.Leave(m, "kr-expert", "kr-vice")
	refused(t, err, "nothing_to_do")
	f.Now = on(17, 9, 0)
	_, err = f.Leave(m, "kr-minister", "kr-second")
	refused(t, err, "nothing_to_do")
}

func TestADelegationThatNamesNobodyTwiceAtATimeIsAskedToMeetLater(t *testing.T) {
	t.Parallel()
	f, a := newFloor(t), ministers("us", "kr")
	a.WithPrincipals = nil
	f.now(t, "x")(f.Book(Booking{Asking: "us", Asked: a, Start: on(17, 9, 0)}, byDesk))
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
	p := must(f.Leave(m, "kr-minister", ""))
	if stands(t, f.becomes("m", p), "agreed, displacement, awaits kr fr"); p.Told.Out != "kr-minister" {
		t.Errorf("the history says %+v", p.Told)
	}
}

func TestMeetingsOfADelegationThatWasRemovedAreOff(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m, r := f.book(t, "m", "kr", "fr", on(17, 9, 0), ""), f.request(t, "r", "us", "kr", on(17, 10, 0))
	if p := must(f.Dissolve(m, "kr")); p.Next.Status != Cancelled || p.Holds != nil || p.Told.Verb != WasCancelled {
		t.Errorf("%+v", p)
	}
	stands(t, must(f.Dissolve(r, "kr")).Next, "cancelled")
	_, err := f.Dissolve(m, "us")
	refused(t, err, "nothing_to_do")
	f.Now = on(17, 9, 10)
	_, err = f.Dissolve(m, "kr")
	refused(t, err, "nothing_to_do")
}
