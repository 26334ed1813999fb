package meeting

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

func TestASubstitution(t *testing.T) {
	t.Parallel()
	const still, asked = "confirmed, 17 09:00-09:25, east", "confirmed, 17 09:00-09:25, east, substitution, awaits fr"
	for name, tc := range map[string]struct {
		by      By
		out, in string
		world   func(*floor)
		want    string // how it stands, or the code of the refusal
	}{
		"by somebody of the same rank is done":         {of("kr"), "kr-minister", "kr-second", nil, still},
		"by somebody of a higher rank is done":         {of("kr"), "kr-minister", "kr-head", nil, still},
		"by somebody of a lower rank is proposed":      {of("kr"), "kr-minister", "kr-vice", nil, asked},
		"by somebody of no known rank is proposed":     {of("kr"), "kr-minister", "kr-interpreter", nil, asked},
		"by the desk is done":                          {byDesk, "kr-minister", "kr-expert", nil, still},
		"on the other side is refused":                 {of("kr"), "fr-minister", "fr-second", nil, "not_taking_part"},
		"of who does not come is refused":              {of("kr"), "kr-head", "kr-second", nil, "not_taking_part"},
		"of nobody where somebody is named is refused": {of("kr"), "", "kr-second", nil, "not_taking_part"},
		"by the other side's is refused":               {of("kr"), "kr-minister", "fr-second", nil, "person_unknown"},
		"by who comes anyway is refused":               {of("kr"), "kr-minister", "kr-minister", nil, "takes_part_already"},
		"by who left is refused":                       {of("kr"), "kr-minister", "kr-second", func(f *floor) { f.people["kr-second"] = Person{Delegation: "kr", Status: event.Substituted} }, "person_unknown"},
		"by a third is for a meeting there is not":     {of("us"), "kr-minister", "kr-second", nil, "not_found"},
		"by who is elsewhere is refused":               {of("kr"), "kr-minister", "kr-second", engaged("kr-second"), "slot_taken"},
		"by who is elsewhere is not even proposed":     {of("kr"), "kr-minister", "kr-vice", engaged("kr-vice"), "slot_taken"},
		"once it has begun is refused":                 {of("kr"), "kr-minister", "kr-second", func(f *floor) { f.Now = on(17, 9, 0) }, "meeting_begun"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t)
			m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
			if tc.world != nil {
				tc.world(f)
			}
			p, err := f.Substitute(m, tc.by, tc.out, tc.in)
			if tc.want != still && tc.want != asked {
				refused(t, err, tc.want)
				return
			}
			got := f.now(t, "m")(p, err)
			stands(t, got, tc.want)
			if got.TakesPart(tc.in) == (tc.want == asked) || slices.Contains(p.Left, tc.out) == (tc.want == asked) {
				t.Errorf("%v come, left %v", got.Sides[0].People(), p.Left)
			}
			if said := p.Told.Out + " for " + p.Told.In; tc.want == still && said != tc.out+" for "+tc.in {
				t.Errorf("the history says %s", said)
			}
			if !m.TakesPart(tc.out) {
				t.Error("the rule changed the meeting it was given")
			}
		})
	}
}

// engaged has somebody elsewhere at nine.
func engaged(delegate string) func(*floor) {
	return func(f *floor) {
		f.Diary.Put("x", []Hold{{Resource: PersonResource(delegate), From: Cell(on(17, 9, 20)), To: Cell(on(17, 9, 25))}})
	}
}

func TestTheOtherSideAnswersForALowerRank(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
	m = f.now(t, "m")(f.Substitute(m, of("kr"), "kr-minister", "kr-vice"))
	if kept := must(f.Decline(m, of("fr"), "")).Next; !kept.TakesPart("kr-minister") || kept.Proposal != nil {
		t.Errorf("declined: %v come, %v", kept.Sides[0].People(), kept.Proposal)
	}
	// The other side can send somebody else meanwhile: that is no answer.
	m = f.now(t, "m")(f.Substitute(m, of("fr"), "fr-minister", "fr-second"))
	stands(t, m, "confirmed, 17 09:00-09:25, east, substitution, awaits fr")
	p, err := f.Accept(m, of("fr"), Acceptance{})
	m = f.now(t, "m")(p, err)
	stands(t, m, "confirmed, 17 09:00-09:25, east")
	if !m.TakesPart("kr-vice") || !slices.Equal(p.Left, []string{"kr-minister"}) || p.Told.Verb != WasSubstituted || p.Told.Out != "kr-minister" || p.Told.In != "kr-vice" {
		t.Errorf("%v come, left %v, told %+v", m.Sides[0].People(), p.Left, p.Told)
	}
}

func TestASubstitutionWhileTheRequestIsPendingIsDoneAtOnce(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.request(t, "m", "kr", "fr", on(17, 9, 0))
	m = f.now(t, "m")(f.Substitute(m, of("fr"), "fr-minister", "fr-expert"))
	stands(t, m, "requested, request, awaits fr")
	p, err := f.Accept(m, of("fr"), Acceptance{})
	if f.now(t, "m")(p, err); !slices.ContainsFunc(p.Holds, func(h Hold) bool { return h.Resource == PersonResource("fr-expert") }) {
		t.Errorf("holds %v", p.Holds)
	}
}

func TestWhoInterpretsHasNoRankToLose(t *testing.T) {
	t.Parallel()
	f, a := newFloor(t), ministers("kr", "fr")
	a.Interpreters = []string{"kr-second"}
	m := f.now(t, "m")(f.Book(Booking{Asking: "kr", Asked: a, Start: on(17, 9, 0)}, byDesk))
	m = f.now(t, "m")(f.Substitute(m, of("kr"), "kr-second", "jp-interpreter"))
	if stands(t, m, "confirmed, 17 09:00-09:25, east"); !m.TakesPart("jp-interpreter") {
		t.Errorf("%v come", m.Sides[0].People())
	}
}

func TestASideThatNamesNobodySaysLaterWhoComes(t *testing.T) {
	t.Parallel()
	f, a := newFloor(t), ministers("kr", "fr", on(17, 9, 0))
	a.WithPrincipals = nil
	m := f.now(t, "m")(f.Request(a, of("kr")))
	m = f.now(t, "m")(f.Accept(m, of("fr"), Acceptance{}))
	if !slices.ContainsFunc(m.Holds, func(h Hold) bool { return h.Resource == DelegationResource("fr", Minister) }) {
		t.Errorf("holds %v", m.Holds)
	}
	if p := must(f.Substitute(m, byDesk, "", "fr-vice")); !p.Next.TakesPart("fr-vice") {
		t.Error("the desk cannot say who comes")
	}
	stands(t, f.becomes("m", must(f.Substitute(m, of("fr"), "", "fr-vice"))), "confirmed, 17 09:00-09:25, east, substitution, awaits kr")
	m = f.now(t, "m")(f.Substitute(m, of("fr"), "", "fr-minister"))
	if stands(t, m, "confirmed, 17 09:00-09:25, east"); !m.TakesPart("fr-minister") || len(m.Holds) != 3 {
		t.Errorf("%v come, holds %v", m.Sides[1].People(), m.Holds)
	}
}

func TestAMeetingThatWasExtendedKeepsAllOfItsTime(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(f *floor, m Meeting) (Plan, error){
		"when a side reconfirms":    func(f *floor, m Meeting) (Plan, error) { return f.Reconfirm(m, of("kr")) },
		"when it is extended again": func(f *floor, m Meeting) (Plan, error) { return f.Extend(m, of("kr"), 1) },
		"when another slot is offered": func(f *floor, m Meeting) (Plan, error) {
			return f.Reschedule(m, of("kr"), []time.Time{on(18, 9, 0)}, "")
		},
		"when somebody is substituted": func(f *floor, m Meeting) (Plan, error) { return f.Substitute(m, of("fr"), "fr-minister", "fr-second") },
		"when it gets another room":    func(f *floor, m Meeting) (Plan, error) { return f.Assign(m, byDesk, "west") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t)
			f.book(t, "m", "kr", "fr", on(17, 9, 0), "east")
			f.now(t, "m")(f.Extend(f.meetings["m"], of("kr"), 1))
			m := f.now(t, "m")(next(f, f.meetings["m"]))
			for _, h := range m.Needs(m.Slot, m.Room, 5*time.Minute) {
				if f.Diary.Free(Hold{Resource: h.Resource, From: h.To - 1, To: h.To}) || f.Diary.Free(Hold{Resource: h.Resource, From: h.From, To: h.From + 1}) {
					t.Errorf("it stands until %s, and %s is free before: %v", m.Slot.End.Format("15:04"), h.Resource, m.Holds)
				}
			}
		})
	}
}

func TestAMeetingIsExtended(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cells int
		start time.Time
		world func(*testing.T, *floor)
		want  string
	}{
		"by a cell":                {1, on(17, 9, 0), nil, "confirmed, 17 09:00-09:55, east"},
		"by two, while it goes on": {2, on(17, 9, 0), func(_ *testing.T, f *floor) { f.Now = on(17, 9, 20) }, "confirmed, 17 09:00-10:25, east"},
		"unless it has ended":      {1, on(17, 9, 0), func(_ *testing.T, f *floor) { f.Now = on(17, 9, 25) }, "meeting_ended"},
		"unless by nothing":        {0, on(17, 9, 0), nil, "min"},
		"unless by half a day":     {24, on(17, 9, 0), nil, "length_off_grid"},
		"unless the hours end":     {1, on(17, 19, 30), nil, "outside_hours"},
		"unless other slots wait for an answer": {1, on(17, 9, 0), func(t *testing.T, f *floor) {
			f.now(t, "m")(f.Reschedule(f.meetings["m"], of("kr"), []time.Time{on(18, 9, 0)}, ""))
		}, "proposal_open"},
		"unless the room is taken":               {1, on(17, 9, 0), func(t *testing.T, f *floor) { f.book(t, "x", "us", "br", on(17, 9, 30), "east") }, "slot_taken"},
		"unless somebody of the other side goes": {1, on(17, 9, 0), func(t *testing.T, f *floor) { f.book(t, "x", "us", "fr", on(17, 9, 30), "west") }, "slot_taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t)
			f.book(t, "m", "kr", "fr", tc.start, "east")
			if tc.world != nil {
				tc.world(t, f)
			}
			p, err := f.Extend(f.meetings["m"], of("kr"), tc.cells)
			if err != nil {
				refused(t, err, tc.want)
				return
			}
			stands(t, f.now(t, "m")(p, err), tc.want)
		})
	}
}

func TestTheDeskAssignsRooms(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "big")
	f.book(t, "x", "us", "br", on(17, 9, 0), "west")
	for name, tc := range map[string]struct {
		by   By
		room string
		want string
	}{
		"the best when none is said":         {byDesk, "", "confirmed, 17 09:00-09:25, east"},
		"the one said":                       {byDesk, "east", "confirmed, 17 09:00-09:25, east"},
		"none that it has":                   {byDesk, "big", "nothing_to_do"},
		"none that is taken":                 {byDesk, "west", "room_taken"},
		"none that is not there":             {byDesk, "xx", "room_unknown"},
		"none for a side, which has no keys": {of("kr"), "east", "not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := f.Assign(m, tc.by, tc.room)
			if err != nil {
				refused(t, err, tc.want)
				return
			}
			stands(t, p.Next, tc.want)
			if p.Told.Verb != WasMoved || p.Next.Sequence != m.Sequence+1 {
				t.Errorf("told %s, sequence %d", p.Told.Verb, p.Next.Sequence)
			}
		})
	}
	m.Room, m.WaitsForRoom = "", true
	if p, err := f.Assign(m, byDesk, ""); err != nil || p.Told.Verb != WasRoomed || p.Next.WaitsForRoom {
		t.Errorf("to one that waits: %+v, %v", p, err)
	}
}

func TestAMeetingThatIsNotReconfirmedLosesItsRoomAfterAWarning(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.Policy.ConfirmBy = 90
	f.book(t, "m", "kr", "fr", on(17, 12, 0), "")
	sweep := func(hour, minute int) Meeting {
		t.Helper()
		f.Now = on(17, hour, minute)
		if p, err := f.Sweep(f.meetings["m"]); err == nil {
			return f.becomes("m", p)
		}
		return f.meetings["m"]
	}
	if m := sweep(9, 29); m.Warned {
		t.Error("warned too early")
	}
	f.Now = on(17, 9, 30)
	if by := must(f.Warn(f.meetings["m"])).ReconfirmBy; !by.Equal(on(17, 10, 30)) {
		t.Errorf("both are told to reconfirm before %v", by)
	}
	if m := sweep(9, 30); !m.Warned {
		t.Error("not warned an hour before")
	}
	m := f.now(t, "m")(f.Reconfirm(f.meetings["m"], of("fr")))
	_, err := f.Reconfirm(m, of("fr"))
	refused(t, err, "reconfirmed_already")
	if both := must(f.Reconfirm(m, of("kr"))).Next; acted(f.Lapse(both)) {
		t.Error("a meeting both reconfirmed lapsed")
	}
	stands(t, sweep(10, 29), "confirmed, 17 12:00-12:25, east")
	m = sweep(10, 30)
	stands(t, m, "confirmed, 17 12:00-12:25, waits")
	if len(m.Holds) != 2 {
		t.Errorf("holds %v, want the two ministers", m.Holds)
	}
	_, err = f.Sweep(m)
	refused(t, err, "nothing_to_do")
	m = f.now(t, "m")(f.Assign(m, byDesk, "west"))
	_, err = f.Sweep(m) // the desk would not have given it one for nothing
	refused(t, err, "nothing_to_do")
}

// acted says whether a rule found something to do.
func acted(_ Plan, err error) bool { return err == nil }

func TestNobodyLosesARoomWithoutWarning(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.Policy.ConfirmBy = 90
	early := f.book(t, "early", "kr", "fr", on(17, 12, 0), "")
	f.Now = on(17, 10, 0)
	late := f.book(t, "late", "us", "br", on(17, 12, 0), "")
	f.Now = on(17, 11, 0)
	for _, m := range []Meeting{early, late} {
		if _, err := f.Sweep(m); err == nil {
			t.Errorf("meeting %s was not warned in time and lost its room", m.ID)
		}
	}
	if !late.Sides[0].Reconfirmed {
		t.Error("who agreed within the hour has to say so again")
	}
	f.Policy.ConfirmBy = 0
	if m := f.book(t, "free", "jp", "br", on(17, 11, 30), ""); m.Sides[0].Reconfirmed {
		t.Error("where nobody has to reconfirm, somebody has")
	}
}

func TestASessionPutOntoSomebodyIsToldAndNothingIsCancelled(t *testing.T) {
	t.Parallel()
	panel := programme.Session{ID: "p", Status: programme.Confirmed, Start: on(17, 9, 0), End: on(17, 11, 0), People: []programme.Part{{Role: programme.Chair, Delegate: "fr-minister"}}}
	f := newFloor(t)
	m, none := f.book(t, "m", "kr", "fr", on(17, 9, 0), ""), programme.Session{}
	p, err := f.Clash(m, none, panel)
	got := f.now(t, "m")(p, err)
	stands(t, got, "confirmed, 17 09:00-09:25, east, reschedule, awaits kr fr")
	if p.Told.Verb != WasClashed || len(p.Told.Slots) != suggested || got.Proposal.Slots[0].overlaps(Slot{panel.Start, panel.End}) {
		t.Errorf("told %+v", p.Told)
	}
	_, err = f.Clash(got, none, panel)
	refused(t, err, "nothing_to_do") // they know
	panel.Revision++
	stands(t, must(f.Clash(got, none, panel)).Next, looks(got)) // told again, with the same proposal

	f.now(t, "m")(f.Decline(got, of("kr"), ""))
	agenda, err := f.Agenda.With(released(f.Agenda.Next("", f.Now, programme.Proposal{Sessions: []programme.Session{
		{ID: "d", Kind: programme.Panel, Room: "hall", Status: programme.Confirmed, Start: on(17, 8, 0), End: on(17, 9, 0), People: panel.People},
	}})))
	if err != nil {
		t.Fatal(err)
	}
	f.Agenda = agenda
	if slots := must(f.Clash(f.meetings["m"], none, panel)).Next.Proposal.Slots; !slots[0].Start.Equal(on(17, 11, 0)) {
		t.Errorf("offered %v, while the minister has a duty until nine", slots)
	}

	waits := must(f.Reschedule(m, of("kr"), []time.Time{on(18, 9, 0)}, "")).Next
	stands(t, must(f.Clash(waits, none, panel)).Next, "confirmed, 17 09:00-09:25, east, reschedule, awaits fr")

	elsewhere, later, off := panel, panel, panel
	elsewhere.People, off.Status = nil, programme.Cancelled
	later.Start = on(17, 9, 25)
	for _, s := range []programme.Session{elsewhere, later, off} {
		_, err := f.Clash(m, none, s)
		refused(t, err, "nothing_to_do")
	}
	short := panel
	short.End = on(17, 9, 10)
	_, err = f.Clash(m, short, panel)
	refused(t, err, "nothing_to_do") // the minister was in it before
	f.picks["kr-minister"] = []programme.Pick{{Session: "p"}}
	if _, err := f.Clash(m, none, elsewhere); err != nil {
		t.Errorf("of what was picked: %v", err)
	}
	f.picks["kr-minister"] = nil
	early := panel
	early.Start, early.End = on(17, 8, 0), on(17, 9, 0)
	for name, before := range map[string]programme.Session{"another time": early, "another chair": elsewhere, "been cancelled": off} {
		if _, err := f.Clash(m, before, panel); err != nil {
			t.Errorf("before it had %s: %v", name, err)
		}
	}
}

func released(r programme.Release, _ bool) programme.Release { return r }

func TestWhoseSlotIsTakenHearsOfOthersInsideWhatTheOtherSideOpened(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m, n := f.book(t, "m", "kr", "fr", on(17, 9, 0), "east"), f.book(t, "n", "us", "kr", on(17, 10, 0), "")
	f.book(t, "z", "br", "us", on(17, 9, 0), "")      // so m and n cannot be swapped,
	f.book(t, "y", "br", "jp", on(17, 9, 30), "east") // m cannot last longer there,
	engaged("kr-second")(f)                           // and he cannot come
	f.open["fr"] = Availability{Windows: []Window{{Start: on(17, 12, 0), End: on(17, 13, 0)}}}
	_, swapped := f.ProposeSwap(m, n, of("kr"), "")
	_, substituted := f.Substitute(m, of("kr"), "kr-minister", "kr-second")
	_, extended := f.Extend(m, of("kr"), 1)
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"swapped":     {swapped, "[2013-10-17T12:00:00Z 2013-10-17T12:30:00Z]"},
		"substituted": {substituted, "[2013-10-17T12:00:00Z 2013-10-17T12:30:00Z]"},
		"extended":    {extended, "[2013-10-17T12:00:00Z]"},
	} {
		if p := problem.From(tc.err); p == nil || p.Code != "slot_taken" {
			t.Fatalf("who would have it %s is answered %v", name, tc.err)
		}
		var others []string
		for _, field := range problem.From(tc.err).Fields {
			others = append(others, field.Params["startsAt"])
		}
		if got := fmt.Sprint(others); got != tc.want {
			t.Errorf("who would have it %s hears of %s, want %s", name, got, tc.want)
		}
	}
}
