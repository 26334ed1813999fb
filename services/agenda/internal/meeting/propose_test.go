package meeting

import (
	"testing"
	"time"

	"plenary.example/shared/problem"
)

func TestAProposalEndsByItsTime(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		now   time.Time
		slots []time.Time
		world func(*floor)
		want  time.Time
	}{
		"a day after it was made":                   {on(10, 12, 0), []time.Time{on(17, 9, 0), on(18, 9, 0)}, nil, on(11, 12, 0)},
		"a day before the latest slot":              {on(16, 8, 0), []time.Time{on(17, 9, 0), on(17, 12, 0)}, nil, on(16, 12, 0)},
		"but not within two hours":                  {on(17, 8, 30), []time.Time{on(17, 15, 0)}, nil, on(17, 10, 30)},
		"unless the latest slot begins":             {on(17, 8, 30), []time.Time{on(17, 9, 0), on(17, 9, 30)}, nil, on(17, 9, 30)},
		"when the policy says so after other hours": {on(16, 8, 0), []time.Time{on(18, 15, 0)}, func(f *floor) { f.Policy.AnswerHours = 6 }, on(16, 14, 0)},
		"when the policy says so before the slot":   {on(16, 8, 0), []time.Time{on(17, 15, 0)}, func(f *floor) { f.Policy.BeforeHours = 4 }, on(17, 8, 0)},
		"when the policy says so on the day":        {on(17, 8, 0), []time.Time{on(17, 15, 0)}, func(f *floor) { f.Policy.SameDayHours = 5 }, on(17, 13, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t)
			f.Now = tc.now
			if tc.world != nil {
				tc.world(f)
			}
			if m := f.request(t, "m", "kr", "fr", tc.slots...); !m.Proposal.ExpiresAt.Equal(tc.want) || !m.Proposal.MadeAt.Equal(tc.now) {
				t.Errorf("made %v, expires %v, want %v", m.Proposal.MadeAt, m.Proposal.ExpiresAt, tc.want)
			}
		})
	}
}

func TestNothingIsAnsweredOnceItsTimeHasRunOut(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.request(t, "m", "kr", "fr", on(18, 9, 0))
	f.Now = m.Proposal.ExpiresAt.Add(-1)
	if _, err := f.Accept(m, of("fr"), Acceptance{}); err != nil {
		t.Errorf("just in time: %v", err)
	}
	_, err := f.Expire(m)
	refused(t, err, "nothing_to_do")
	f.Now = m.Proposal.ExpiresAt
	for _, err := range []error{
		second(f.Accept(m, of("fr"), Acceptance{})), second(f.Agree(m, of("fr"), Acceptance{})), second(f.Decline(m, of("fr"), "")),
		second(f.Counter(m, of("fr"), []time.Time{on(18, 10, 0)}, "")), second(f.Withdraw(m, of("kr"), "")), second(f.Cancel(m, byDesk, "why")),
	} {
		refused(t, err, "request_expired")
	}
	p, err := f.Sweep(m)
	stands(t, f.now(t, "m")(p, err), "expired")
	if p.Told.Verb != WasExpired {
		t.Errorf("told as %s", p.Told.Verb)
	}
	_, err = f.Sweep(f.meetings["m"])
	refused(t, err, "nothing_to_do")
}

func TestUntilTheOtherSideAgreesAMeetingStaysWhereItIs(t *testing.T) {
	t.Parallel()
	proposed := func(t *testing.T) (*floor, Meeting) {
		f := newFloor(t)
		m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "west")
		m = f.now(t, "m")(f.Reschedule(m, of("kr"), []time.Time{on(17, 9, 30), on(18, 10, 0)}, "the plane is late"))
		stands(t, m, "confirmed, 17 09:00-09:25, west, reschedule, awaits fr")
		if len(m.Holds) != 3 || m.Sequence != 1 {
			t.Errorf("holds %v, sequence %d", m.Holds, m.Sequence)
		}
		return f, m
	}
	const stays = "confirmed, 17 09:00-09:25, west"
	for name, tc := range map[string]struct {
		do   func(*floor, Meeting) (Plan, error)
		want string
	}{
		"and accepting moves it to the best room there": {
			func(f *floor, m Meeting) (Plan, error) {
				return f.Accept(m, of("fr"), Acceptance{Start: on(17, 9, 30)})
			}, "confirmed, 17 09:30-09:55, east",
		},
		"and declining leaves it":   {func(f *floor, m Meeting) (Plan, error) { return f.Decline(m, of("fr"), "") }, stays},
		"and withdrawing leaves it": {func(f *floor, m Meeting) (Plan, error) { return f.Withdraw(m, of("kr"), "") }, stays},
		"and expiring leaves it": {func(f *floor, m Meeting) (Plan, error) {
			f.Now = m.Proposal.ExpiresAt
			return f.Expire(m)
		}, stays},
		"and a counter leaves it": {func(f *floor, m Meeting) (Plan, error) {
			return f.Counter(m, of("fr"), []time.Time{on(17, 12, 0)}, "")
		}, stays + ", counter, awaits kr"},
		"and it can be cancelled": {func(f *floor, m Meeting) (Plan, error) { return f.Cancel(m, of("fr"), "no more") }, "cancelled, 17 09:00-09:25, west"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, m := proposed(t)
			stands(t, f.now(t, "m")(tc.do(f, m)), tc.want)
		})
	}
	for name, tc := range map[string]struct {
		do   func(*floor, Meeting) (Plan, error)
		code string
	}{
		"by who proposed it, when accepting": {func(f *floor, m Meeting) (Plan, error) {
			return f.Accept(m, of("kr"), Acceptance{Start: on(17, 9, 30)})
		}, "not_awaited"},
		"by the other one, when withdrawing": {func(f *floor, m Meeting) (Plan, error) { return f.Withdraw(m, of("fr"), "") }, "not_yours"},
		"by anybody, when proposing once more": {func(f *floor, m Meeting) (Plan, error) {
			return f.Reschedule(m, of("fr"), []time.Time{on(17, 12, 0)}, "")
		}, "proposal_open"},
		"by anybody, when leaving it to chance":  {func(f *floor, m Meeting) (Plan, error) { return f.Agree(m, of("fr"), Acceptance{}) }, "confirmed_already"},
		"by anybody, when cancelling for no why": {func(f *floor, m Meeting) (Plan, error) { return f.Cancel(m, of("fr"), " \t") }, "reason_missing"},
		"by a third, for whom there is none":     {func(f *floor, m Meeting) (Plan, error) { return f.Cancel(m, of("us"), "why") }, "not_found"},
		"once it has begun": {func(f *floor, m Meeting) (Plan, error) {
			f.Now = on(17, 9, 0)
			return f.Cancel(m, of("fr"), "why")
		}, "meeting_begun"},
		"to when it is anyway": {func(f *floor, m Meeting) (Plan, error) {
			return f.Counter(m, of("fr"), []time.Time{on(17, 9, 0)}, "")
		}, "same_slot"},
	} {
		t.Run("nothing is done "+name, func(t *testing.T) {
			t.Parallel()
			f, m := proposed(t)
			_, err := tc.do(f, m)
			refused(t, err, tc.code)
		})
	}
}

func TestAMeetingCannotMoveOnceItHasBegun(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.Now = on(17, 8, 30)
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
	m = f.now(t, "m")(f.Reschedule(m, of("kr"), []time.Time{on(18, 15, 0)}, ""))
	if !m.Proposal.ExpiresAt.Equal(on(17, 9, 0)) {
		t.Errorf("the other slot can be accepted until %v", m.Proposal.ExpiresAt)
	}
}

func TestAMeetingLeftToTheDeskIsSettled(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.now(t, "m")(f.Agree(f.request(t, "m", "kr", "fr", on(17, 9, 0)), of("fr"), Acceptance{}))
	if _, err := f.Settle(m, of("kr"), m.from(on(17, 9, 0)), ""); err == nil {
		t.Error("a liaison settled it")
	}
	m = f.now(t, "m")(f.Reschedule(m, of("kr"), []time.Time{on(17, 11, 0)}, ""))
	stands(t, m, "agreed, reschedule, awaits fr")
	stands(t, f.becomes("m", must(f.Decline(m, of("fr"), ""))), "agreed")
	stands(t, f.becomes("m", must(f.Settle(m, byDesk, m.from(on(17, 11, 30)), "big"))), "confirmed, 17 11:30-11:55, big")
	_, err := f.Settle(f.meetings["m"], byDesk, m.from(on(17, 9, 0)), "")
	refused(t, err, "confirmed_already")
}

func TestASwapTakesTheWordOfBothOtherSides(t *testing.T) {
	t.Parallel()
	// kr meets fr at nine and us at ten, and would rather have it the other way.
	proposed := func(t *testing.T) (f *floor, m, n Meeting) {
		f = newFloor(t)
		m, n = f.book(t, "m", "kr", "fr", on(17, 9, 0), "west"), f.book(t, "n", "us", "kr", on(17, 10, 0), "big")
		plans, err := f.ProposeSwap(m, n, of("kr"), "the minister is late")
		if err != nil {
			t.Fatal(err)
		}
		m, n = f.becomes("m", plans[0]), f.becomes("n", plans[1])
		stands(t, m, "confirmed, 17 09:00-09:25, west, swap, awaits fr")
		stands(t, n, "confirmed, 17 10:00-10:25, big, swap, awaits us")
		return f, m, n
	}
	t.Run("and when both have given it they exchange time and room", func(t *testing.T) {
		t.Parallel()
		f, m, n := proposed(t)
		plans, err := f.CompleteSwap(n, m, of("us"))
		if err != nil || plans[1].Told.Verb != "" {
			t.Fatalf("%+v, %v", plans, err)
		}
		n = f.becomes("n", plans[0])
		stands(t, n, "confirmed, 17 10:00-10:25, big, swap, awaits ")
		if plans[0].Told.Verb != WasEndorsed {
			t.Errorf("told as %s", plans[0].Told.Verb)
		}
		if _, err := f.CompleteSwap(n, m, of("us")); err == nil {
			t.Error("us agreed twice")
		}
		plans, err = f.CompleteSwap(m, n, of("fr"))
		if err != nil {
			t.Fatal(err)
		}
		stands(t, f.becomes("m", plans[0]), "confirmed, 17 10:00-10:25, big")
		stands(t, f.becomes("n", plans[1]), "confirmed, 17 09:00-09:25, west")
		if plans[0].Told.Verb != WasMoved || plans[1].Told.Verb != WasMoved {
			t.Errorf("told as %s and %s", plans[0].Told.Verb, plans[1].Told.Verb)
		}
	})
	t.Run("and the desk's is enough", func(t *testing.T) {
		t.Parallel()
		f, m, n := proposed(t)
		plans, err := f.CompleteSwap(m, n, byDesk)
		if err != nil {
			t.Fatal(err)
		}
		stands(t, f.becomes("m", plans[0]), "confirmed, 17 10:00-10:25, big")
	})
	t.Run("and one that is refused comes to nothing", func(t *testing.T) {
		t.Parallel()
		f, m, n := proposed(t)
		m = f.now(t, "m")(f.Decline(m, of("fr"), ""))
		stands(t, m, "confirmed, 17 09:00-09:25, west")
		_, err := f.CompleteSwap(n, m, of("us"))
		refused(t, err, "swap_off")
		_, err = f.Expire(n) // the news of one of two may be late
		refused(t, err, "nothing_to_do")
		f.Now = f.Now.Add(time.Minute)
		p := must(f.Sweep(n))
		if p.Told.Verb != WasDeclined { // somebody did answer
			t.Errorf("told as %s", p.Told.Verb)
		}
		stands(t, f.becomes("n", p), "confirmed, 17 10:00-10:25, big")
	})
	t.Run("and cannot be accepted for one meeting, nor countered", func(t *testing.T) {
		t.Parallel()
		f, m, _ := proposed(t)
		_, err := f.Accept(m, of("fr"), Acceptance{})
		refused(t, err, "swap_of_two")
		_, err = f.Counter(m, of("fr"), []time.Time{on(17, 12, 0)}, "")
		refused(t, err, "not_counterable")
	})
	t.Run("and is not proposed where it cannot be", func(t *testing.T) {
		t.Parallel()
		f := newFloor(t)
		m, n := f.book(t, "m", "kr", "fr", on(17, 9, 0), ""), f.book(t, "n", "us", "kr", on(17, 10, 0), "")
		f.book(t, "x", "br", "us", on(17, 9, 0), "")
		for name, tc := range map[string]struct {
			m, other Meeting
			by       By
			code     string
		}{
			"with itself":                     {m, m, of("kr"), "same_meeting"},
			"by who is a side of one only":    {m, n, of("fr"), "not_found"},
			"with somebody who is busy then":  {m, n, of("kr"), "slot_taken"},
			"with somebody busy, by the desk": {m, n, byDesk, "slot_taken"},
			"with one that has no slot":       {m, f.now(t, "r")(f.Agree(f.request(t, "r", "kr", "jp", on(17, 12, 0)), of("jp"), Acceptance{})), of("kr"), "not_confirmed"},
		} {
			_, err := f.ProposeSwap(tc.m, tc.other, tc.by, "")
			t.Run(name, func(t *testing.T) { refused(t, err, tc.code) })
		}
	})
}

func TestMeetingsOfTwoLengthsSwapWhereBothFindTheirTime(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	long := ministers("kr", "us")
	long.Minutes = 55
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "east")
	n := f.now(t, "n")(f.Book(Booking{Asking: "kr", Asked: long, Start: on(17, 10, 0), Room: "east"}, byDesk))
	plans, err := f.ProposeSwap(m, n, byDesk, "")
	if err != nil {
		t.Fatal(err)
	}
	stands(t, f.becomes("m", plans[0]), "confirmed, 17 10:00-10:25, east")
	stands(t, f.becomes("n", plans[1]), "confirmed, 17 09:00-09:55, east")

	near := f.now(t, "near")(f.Book(Booking{Asking: "br", Asked: ministers("br", "us"), Start: on(17, 12, 0), Room: "west"}, byDesk))
	long.Delegation, long.WithPrincipals = "us", []string{"us-minister"}
	long.Principals = []string{"kr-minister"}
	after := f.now(t, "after")(f.Book(Booking{Asking: "kr", Asked: long, Start: on(17, 12, 30), Room: "west"}, byDesk))
	_, err = f.ProposeSwap(near, after, byDesk, "")
	refused(t, err, "slot_taken") // us would be in both from half past
}

func TestASwapOfUnlikeLengthsPutsNobodyIntoOneRoom(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	near := f.book(t, "near", "br", "us", on(17, 12, 0), "west")
	long := ministers("kr", "fr")
	long.Minutes = 55
	after := f.now(t, "after")(f.Book(Booking{Asking: "kr", Asked: long, Start: on(17, 12, 30), Room: "west"}, byDesk))
	plans, err := f.ProposeSwap(near, after, byDesk, "")
	if err != nil {
		t.Fatal(err)
	}
	stands(t, f.becomes("near", plans[0]), "confirmed, 17 12:30-12:55, west")
	stands(t, f.becomes("after", plans[1]), "confirmed, 17 12:00-12:55, east") // until five to one
}

func TestAMeetingThatWaitsForARoomWaitsAfterASwapToo(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	a := ministers("kr", "fr")
	a.Place = "terrace"
	m := f.now(t, "m")(f.Book(Booking{Asking: "kr", Asked: a, Start: on(17, 9, 0)}, byDesk))
	for _, room := range []string{"east", "west", "big"} {
		f.Diary.Put("block/"+room, []Hold{{Resource: RoomResource(room), From: Cell(on(17, 0, 0)), To: Cell(on(18, 0, 0))}})
	}
	r := f.request(t, "n", "us", "br", on(17, 10, 0))
	n := f.now(t, "n")(f.Accept(r, of("br"), Acceptance{WithoutRoom: true}))
	plans, err := f.ProposeSwap(m, n, byDesk, "")
	if err != nil {
		t.Fatal(err)
	}
	stands(t, f.becomes("m", plans[0]), "confirmed, 17 10:00-10:25")
	stands(t, f.becomes("n", plans[1]), "confirmed, 17 09:00-09:25, waits")
}

func TestWhatStandsKeepsThePauseItGot(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m, next := f.book(t, "m", "kr", "fr", on(17, 9, 0), "east"), f.book(t, "next", "us", "kr", on(17, 9, 30), "east")
	f.Policy.Changeovers = map[Level]int{Minister: 15}
	held := m.Holds
	m = f.now(t, "m")(f.Reschedule(m, of("kr"), []time.Time{on(18, 9, 0)}, ""))
	m = f.now(t, "m")(f.Substitute(m, of("kr"), "kr-minister", "kr-second"))
	if m.Holds[0].To != held[0].To || m.Holds[0].To != next.Holds[0].From {
		t.Errorf("holds %v", m.Holds)
	}
}

func TestTheQuotaIsForWhoAskedAndWhatTheyPropose(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.Policy.Quota = 1
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
	f.book(t, "other", "kr", "us", on(18, 9, 0), "")
	if _, err := f.Reschedule(m, of("kr"), []time.Time{on(17, 11, 0)}, ""); err != nil {
		t.Errorf("on the day on which it is: %v", err)
	}
	_, err := f.Reschedule(m, of("kr"), []time.Time{on(18, 11, 0)}, "")
	refused(t, err, "quota_reached")
	if _, err := f.Reschedule(m, of("fr"), []time.Time{on(18, 11, 0)}, ""); err != nil {
		t.Errorf("fr learns how much kr has asked for: %v", err)
	}
	f.book(t, "fr's own", "fr", "jp", on(18, 9, 0), "")
	if _, err := f.Reschedule(m, of("fr"), []time.Time{on(18, 11, 0)}, ""); err != nil {
		t.Errorf("what kr asked for counts as asked for by fr: %v", err)
	}
}

func TestTheQuotaHoldsOnEveryWayToOneMoreMeetingOnADay(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.book(t, "x", "kr", "us", on(17, 9, 0), "")
	moved := f.request(t, "m", "kr", "fr", on(18, 9, 0))
	moved = f.now(t, "m")(f.Counter(moved, of("fr"), []time.Time{on(17, 12, 0), on(18, 12, 0)}, ""))
	left := f.now(t, "l")(f.Agree(f.request(t, "l", "kr", "br", on(18, 15, 0)), of("br"), Acceptance{}))
	other := f.book(t, "o", "kr", "br", on(18, 10, 0), "")
	theirs := f.book(t, "t", "us", "kr", on(17, 14, 0), "")
	f.Policy.Quota = 1
	booking := func(day int) error {
		_, err := f.Book(Booking{Asking: "kr", Asked: ministers("kr", "jp"), Start: on(day, 16, 0)}, byDesk)
		return err
	}
	accepted := func(day int) error {
		_, err := f.Accept(moved, of("kr"), Acceptance{Start: on(day, 12, 0)})
		return err
	}
	_, swapped := f.ProposeSwap(other, theirs, of("kr"), "")
	_, allotted := f.Allot(left, byDesk, left.from(on(17, 15, 0)), "")
	for name, err := range map[string]error{"booked": booking(17), "accepted": accepted(17), "swapped": swapped, "allotted": allotted} {
		if problem.From(err) == nil || problem.From(err).Code != "quota_reached" {
			t.Errorf("one more is %s: %v", name, err)
		}
	}
	if bar := f.Bar(left, left.from(on(17, 15, 0))); bar != BarredByQuota {
		t.Errorf("what bars it is %q", bar)
	}
	f.Policy.Quota = 3
	_, swapped = f.ProposeSwap(other, theirs, of("kr"), "")
	for name, err := range map[string]error{"booked": booking(17), "accepted": accepted(17), "swapped": swapped} {
		if err != nil {
			t.Errorf("what is within the quota is not %s: %v", name, err)
		}
	}
}
