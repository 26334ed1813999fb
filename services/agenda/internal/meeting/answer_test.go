package meeting

import (
	"slices"
	"testing"
	"time"

	"plenary.example/shared/problem"
)

func TestARequestIsAnswered(t *testing.T) {
	t.Parallel()
	nine, ten := on(17, 9, 0), on(17, 10, 0)
	for name, tc := range map[string]struct {
		do   func(*floor, Meeting) (Plan, error)
		want string // how it stands, or the code of the refusal
		verb string
	}{
		"by accepting one slot": {
			func(f *floor, m Meeting) (Plan, error) { return f.Accept(m, of("fr"), Acceptance{Start: ten}) },
			"confirmed, 17 10:00-10:25, east", WasConfirmed,
		},
		"by accepting without saying which, which is refused": {
			func(f *floor, m Meeting) (Plan, error) { return f.Accept(m, of("fr"), Acceptance{}) }, "slot_missing", "",
		},
		"by accepting what was not offered, which is refused": {
			func(f *floor, m Meeting) (Plan, error) {
				return f.Accept(m, of("fr"), Acceptance{Start: on(17, 11, 0)})
			}, "slot_not_offered", "",
		},
		"by who asked, which is refused": {
			func(f *floor, m Meeting) (Plan, error) { return f.Accept(m, of("kr"), Acceptance{Start: nine}) }, "not_awaited", "",
		},
		"by a third, for whom there is none": {
			func(f *floor, m Meeting) (Plan, error) { return f.Accept(m, of("us"), Acceptance{Start: nine}) }, "not_found", "",
		},
		"by nobody's liaison, for whom there is none": {
			func(f *floor, m Meeting) (Plan, error) { return f.Accept(m, By{}, Acceptance{Start: nine}) }, "not_found", "",
		},
		"by the desk for who is awaited": {
			func(f *floor, m Meeting) (Plan, error) { return f.Accept(m, byDesk, Acceptance{Start: nine}) },
			"confirmed, 17 09:00-09:25, east", WasConfirmed,
		},
		"by leaving it to the desk when": {
			func(f *floor, m Meeting) (Plan, error) { return f.Agree(m, of("fr"), Acceptance{}) }, "agreed", WasAgreed,
		},
		"by declining": {
			func(f *floor, m Meeting) (Plan, error) { return f.Decline(m, of("fr"), "no time") }, "declined", WasDeclined,
		},
		"by who asked declining, which is refused": {
			func(f *floor, m Meeting) (Plan, error) { return f.Decline(m, of("kr"), "") }, "not_awaited", "",
		},
		"by who asked withdrawing": {
			func(f *floor, m Meeting) (Plan, error) { return f.Withdraw(m, of("kr"), "") }, "withdrawn", WasWithdrawn,
		},
		"by the other side withdrawing, which is refused": {
			func(f *floor, m Meeting) (Plan, error) { return f.Withdraw(m, of("fr"), "") }, "not_yours", "",
		},
		"by cancelling, which is refused": {
			func(f *floor, m Meeting) (Plan, error) { return f.Cancel(m, of("kr"), "why") }, "not_agreed", "",
		},
		"by the desk cancelling": {
			func(f *floor, m Meeting) (Plan, error) { return f.Cancel(m, byDesk, "why") }, "cancelled", WasCancelled,
		},
		"by rescheduling, which is refused": {
			func(f *floor, m Meeting) (Plan, error) { return f.Reschedule(m, of("kr"), []time.Time{nine}, "") }, "proposal_open", "",
		},
		"by other slots": {
			func(f *floor, m Meeting) (Plan, error) { return f.Counter(m, of("fr"), []time.Time{on(18, 9, 0)}, "") },
			"requested, counter, awaits kr", WasCountered,
		},
		"by other slots that are none, which is refused": {
			func(f *floor, m Meeting) (Plan, error) { return f.Counter(m, of("fr"), []time.Time{on(18, 3, 0)}, "") }, "outside_hours", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t)
			m := f.request(t, "m", "kr", "fr", nine, ten)
			p, err := tc.do(f, m)
			if tc.verb == "" {
				refused(t, err, tc.want)
				return
			}
			stands(t, f.now(t, "m")(p, err), tc.want)
			if p.Told.Verb != tc.verb {
				t.Errorf("told as %s, want %s", p.Told.Verb, tc.verb)
			}
		})
	}
}

func TestACounterIsAcceptedByWhoAsked(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.request(t, "m", "kr", "fr", on(17, 9, 0))
	m := f.now(t, "m")(f.Counter(f.meetings["m"], of("fr"), []time.Time{on(18, 9, 0)}, "rather then"))
	_, err := f.Accept(m, of("fr"), Acceptance{})
	refused(t, err, "not_awaited")
	_, err = f.Accept(m, of("kr"), Acceptance{Start: on(17, 9, 0)})
	refused(t, err, "slot_not_offered") // it was theirs, and is no more on offer
	stands(t, f.now(t, "m")(f.Accept(m, of("kr"), Acceptance{})), "confirmed, 18 09:00-09:25, east")

	f.request(t, "n", "kr", "us", on(17, 9, 0))
	n := f.now(t, "n")(f.Counter(f.meetings["n"], of("us"), []time.Time{on(17, 11, 0)}, ""))
	stands(t, f.becomes("n", must(f.Withdraw(n, of("kr"), ""))), "withdrawn") // it was kr's request all along
	o := f.now(t, "o")(f.Counter(f.request(t, "o", "kr", "us", on(17, 9, 0)), of("us"), []time.Time{on(17, 11, 0)}, ""))
	stands(t, f.becomes("o", must(f.Withdraw(o, of("us"), ""))), "withdrawn")
}

func must(p Plan, err error) Plan {
	if err != nil {
		panic(err)
	}
	return p
}

func TestOfRequestsForOneSlotTheFirstAcceptedGetsIt(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	nine := on(17, 9, 0)
	one, two := f.request(t, "one", "kr", "fr", nine), f.request(t, "two", "us", "fr", nine)
	if n := f.Competing(two, "fr", two.Proposal.Slots[0]); n != 1 {
		t.Errorf("fr sees %d competing requests, want 1", n)
	}
	f.request(t, "own", "us", "br", nine)
	if n := f.Competing(two, "us", two.Proposal.Slots[0]); n != 0 {
		t.Errorf("us sees %d competing requests", n)
	}
	p, err := f.Accept(one, of("fr"), Acceptance{})
	f.now(t, "one")(p, err)
	if len(p.Holds) != 3 {
		t.Errorf("holds %v, want a room and two ministers", p.Holds)
	}
	_, err = f.Accept(two, of("fr"), Acceptance{})
	refused(t, err, "slot_taken")
	fields := problem.From(err).Fields
	if len(fields) != suggested || fields[0].Params["startsAt"] != "2013-10-17T08:30:00Z" {
		t.Errorf("offers instead %v", fields)
	}
	// The answer is the same whoever of the two sides is busy.
	three := f.request(t, "three", "kr", "br", nine)
	_, busy := f.Accept(three, of("br"), Acceptance{})
	if problem.From(busy).Detail != problem.From(err).Detail {
		t.Errorf("%v and %v tell apart who is busy", busy, err)
	}
}

func TestWithoutARoomAMeetingStandsOnlyWhenThatWasSaid(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	nine := on(17, 9, 0)
	for _, room := range []string{"east", "west", "big"} {
		f.Diary.Put("block/"+room, []Hold{{Resource: RoomResource(room), From: Cell(nine), To: Cell(nine) + 6}})
	}
	m := f.request(t, "m", "kr", "fr", nine)
	_, err := f.Accept(m, of("fr"), Acceptance{})
	refused(t, err, "no_room")
	stands(t, f.now(t, "m")(f.Accept(m, of("fr"), Acceptance{WithoutRoom: true})), "confirmed, 17 09:00-09:25, waits")

	a := ministers("us", "br", nine)
	a.Place = "terrace"
	informal := f.now(t, "i")(f.Request(a, of("us")))
	stands(t, f.now(t, "i")(f.Accept(informal, of("br"), Acceptance{})), "confirmed, 17 09:00-09:25")
}

func TestARequestIsHandedToADeputyByAccepting(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.request(t, "m", "kr", "fr", on(17, 9, 0))
	plus := 4
	p, err := f.Accept(m, of("fr"), Acceptance{Principals: []string{"fr-vice"}, Interpreters: []string{"fr-interpreter"}, Plus: &plus})
	m = f.now(t, "m")(p, err)
	stands(t, m, "confirmed, 17 09:00-09:25, big") // seven need chairs
	if !slices.Equal(p.Left, []string{"fr-minister"}) || !m.TakesPart("fr-vice") || m.TakesPart("fr-minister") {
		t.Errorf("left %v, %v come", p.Left, m.Sides[1].People())
	}
	_, err = f.Accept(f.request(t, "n", "kr", "us", on(17, 10, 0)), of("us"), Acceptance{Principals: []string{"kr-vice"}})
	refused(t, err, "person_unknown")
	m = f.now(t, "m")(f.Reschedule(m, of("kr"), []time.Time{on(18, 9, 0)}, ""))
	_, err = f.Accept(m, of("fr"), Acceptance{Principals: []string{"fr-expert"}})
	refused(t, err, "stands_already") // kr would have a say in that
}

func TestWhatTheDeskProposesBothAgreeTo(t *testing.T) {
	t.Parallel()
	nine, ten := on(18, 9, 0), on(18, 10, 0)
	offered := func(t *testing.T) (*floor, Meeting) {
		f := newFloor(t)
		m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
		m = f.now(t, "m")(f.Reschedule(m, byDesk, []time.Time{nine, ten}, ""))
		stands(t, m, "confirmed, 17 09:00-09:25, east, reschedule, awaits kr fr")
		return f, f.now(t, "m")(f.Accept(m, of("kr"), Acceptance{Start: ten}))
	}
	t.Run("and the second may take what the first chose unsaid", func(t *testing.T) {
		t.Parallel()
		f, m := offered(t)
		stands(t, m, "confirmed, 17 09:00-09:25, east, reschedule, awaits fr")
		stands(t, f.now(t, "m")(f.Accept(m, of("fr"), Acceptance{})), "confirmed, 18 10:00-10:25, east")
	})
	t.Run("and another choice is for the first to agree to", func(t *testing.T) {
		t.Parallel()
		f, m := offered(t)
		m = f.now(t, "m")(f.Accept(m, of("fr"), Acceptance{Start: nine}))
		stands(t, m, "confirmed, 17 09:00-09:25, east, reschedule, awaits kr")
		stands(t, f.now(t, "m")(f.Accept(m, of("kr"), Acceptance{})), "confirmed, 18 09:00-09:25, east")
	})
	t.Run("and one who declines keeps the meeting where it is", func(t *testing.T) {
		t.Parallel()
		f, m := offered(t)
		stands(t, f.now(t, "m")(f.Decline(m, of("fr"), "")), "confirmed, 17 09:00-09:25, east")
	})
	t.Run("and the desk agrees for both", func(t *testing.T) {
		t.Parallel()
		f := newFloor(t)
		m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
		m = f.now(t, "m")(f.Reschedule(m, byDesk, []time.Time{nine}, ""))
		stands(t, f.now(t, "m")(f.Accept(m, byDesk, Acceptance{})), "confirmed, 18 09:00-09:25, east")
	})
}

func TestWhatIsOverIsNotAnswered(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.now(t, "m")(f.Decline(f.request(t, "m", "kr", "fr", on(17, 9, 0)), of("fr"), ""))
	for name, err := range map[string]error{
		"accepted":    second(f.Accept(m, of("fr"), Acceptance{})),
		"declined":    second(f.Decline(m, of("fr"), "")),
		"withdrawn":   second(f.Withdraw(m, of("kr"), "")),
		"cancelled":   second(f.Cancel(m, of("kr"), "why")),
		"agreed":      second(f.Agree(m, of("fr"), Acceptance{})),
		"moved":       second(f.Reschedule(m, of("kr"), []time.Time{on(17, 10, 0)}, "")),
		"settled":     second(f.Settle(m, byDesk, m.from(on(17, 9, 0)), "")),
		"substituted": second(f.Substitute(m, of("kr"), "kr-minister", "kr-second")),
	} {
		if problem.From(err).Code != "meeting_over" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatRanOutIsRefusedAlikeBeforeAndAfterTheSweep(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.request(t, "m", "kr", "fr", on(17, 9, 0))
	f.Now = m.Proposal.ExpiresAt
	for _, m := range []Meeting{m, must(f.Expire(m)).Next} {
		for name, err := range map[string]error{
			"accepted":    second(f.Accept(m, of("fr"), Acceptance{})),
			"declined":    second(f.Decline(m, of("fr"), "")),
			"withdrawn":   second(f.Withdraw(m, of("kr"), "")),
			"moved":       second(f.Reschedule(m, of("kr"), []time.Time{on(17, 10, 0)}, "")),
			"substituted": second(f.Substitute(m, of("kr"), "kr-minister", "kr-second")),
			"cancelled":   second(f.Cancel(m, of("kr"), "why")),
		} {
			if problem.From(err).Code != "request_expired" {
				t.Errorf("%s while it is %s: %v", name, m.Status, err)
			}
		}
	}
}

func second(_ Plan, err error) error { return err }

func TestWhoComesCanBeSaidWhenTheSlotIsLeftToTheDesk(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	seven := 7
	m := f.request(t, "m", "kr", "fr", on(17, 9, 0))
	next := must(f.Agree(m, of("fr"), Acceptance{Principals: []string{"fr-vice"}, Interpreters: []string{"fr-interpreter"}, Plus: &seven})).Next
	if s := next.Sides[1]; next.Status != Agreed || !slices.Equal(s.Principals, []string{"fr-vice"}) || !slices.Equal(s.Interpreters, []string{"fr-interpreter"}) || s.Plus != seven {
		t.Errorf("it is %s with %+v", next.Status, s)
	}
	_, err := f.Agree(m, of("fr"), Acceptance{Principals: []string{"us-vice"}})
	refused(t, err, "person_unknown")
}
