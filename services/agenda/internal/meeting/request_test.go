package meeting

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

func TestARequest(t *testing.T) {
	t.Parallel()
	nine := on(17, 9, 0)
	for name, tc := range map[string]struct {
		asked func(*Asked)
		world func(*floor)
		code  string
	}{
		"of what may be asked is made":                 {},
		"of a delegation by itself is refused":         {func(a *Asked) { a.Delegation = "kr" }, nil, "same_delegation"},
		"of a delegation nobody knows is refused":      {func(a *Asked) { a.Delegation = "xx" }, nil, "delegation_unknown"},
		"of a delegation that was removed is refused":  {nil, func(f *floor) { f.states["fr"] = Delegation{Status: event.Removed} }, "delegation_unknown"},
		"at no level there is is refused":              {func(a *Asked) { a.Level = "king" }, nil, "level_unknown"},
		"at a level that does not meet is refused":     {nil, func(f *floor) { f.Policy.Levels = []Level{Expert} }, "level_closed"},
		"by a kind that may not is refused":            {nil, func(f *floor) { f.Policy.NotAsked = []KindPair{{From: "state", To: "*"}} }, "may_not_ask"},
		"of who has not opted in is refused":           {nil, func(f *floor) { f.Policy.OptIn = true }, "not_opted_in"},
		"for the other side's people is refused":       {func(a *Asked) { a.Principals = []string{"fr-minister"} }, nil, "person_unknown"},
		"for somebody who left is refused":             {nil, func(f *floor) { f.people["kr-minister"] = Person{Delegation: "kr", Status: event.Removed} }, "person_unknown"},
		"with own people as the others is refused":     {func(a *Asked) { a.WithPrincipals = []string{"kr-second"} }, nil, "person_unknown"},
		"with an interpreter of the host is made":      {func(a *Asked) { a.Interpreters = []string{"jp-interpreter"} }, nil, ""},
		"with an interpreter nobody knows is refused":  {func(a *Asked) { a.Interpreters = []string{"x"} }, nil, "person_unknown"},
		"for the head of a side with none is refused":  {func(a *Asked) { a.Head = true }, func(f *floor) { f.states["kr"] = Delegation{Status: event.Accredited} }, "no_head"},
		"for a head who left is refused":               {func(a *Asked) { a.Head = true }, func(f *floor) { f.people["kr-head"] = Person{Delegation: "kr", Status: event.Erased} }, "no_head"},
		"with the head of a side with none is refused": {func(a *Asked) { a.WithHead = true }, func(f *floor) { f.states["fr"] = Delegation{Status: event.Accredited} }, "no_head"},
		"of no slot is refused":                        {func(a *Asked) { a.Starts = nil }, nil, "slots_missing"},
		"of four slots is refused":                     {func(a *Asked) { a.Starts = []time.Time{nine, nine, nine, nine} }, nil, "too_many_slots"},
		"of a slot between two cells is refused":       {func(a *Asked) { a.Starts = []time.Time{on(17, 9, 10)} }, nil, "slot_off_grid"},
		"of a slot at night is refused":                {func(a *Asked) { a.Starts = []time.Time{on(17, 23, 0)} }, nil, "outside_hours"},
		"of a slot that has begun is refused":          {nil, func(f *floor) { f.Now = nine }, "slot_passed"},
		"beyond the quota is refused":                  {nil, func(f *floor) { f.Policy.Quota = 1; f.meetings["x"] = standing17("kr", "us") }, "quota_reached"},
		"beyond the quota, but without a room is made": {func(a *Asked) { a.Place = "terrace" }, func(f *floor) { f.Policy.Quota = 1; f.meetings["x"] = standing17("kr", "us") }, ""},
		"with a long note is refused":                  {func(a *Asked) { a.Note = strings.Repeat("ü", 301) }, nil, "max"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, a := newFloor(t), ministers("kr", "fr", nine)
			if tc.world != nil {
				tc.world(f)
			}
			if tc.asked != nil {
				tc.asked(&a)
			}
			p, err := f.Request(a, of("kr"))
			if tc.code != "" {
				refused(t, err, tc.code)
				return
			}
			m := f.now(t, "m")(p, err)
			stands(t, m, "requested, request, awaits fr")
			if len(p.Holds) > 0 {
				t.Errorf("it holds %v", p.Holds)
			}
		})
	}
}

func TestWhateverOthersAcceptOfWhatADelegationOffersItsQuotaHolds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		f := newFloor(t)
		f.Policy.Quota = 1 + random.IntN(2)
		asked := map[string]Meeting{}
		for hour := 8; hour < 18; hour++ {
			starts := []time.Time{on(17, hour, 0), on(18, hour, 0), on(18, hour, 30)}
			random.Shuffle(len(starts), func(i, j int) { starts[i], starts[j] = starts[j], starts[i] })
			id := strconv.Itoa(hour)
			p, err := f.Request(ministers("kr", "fr", starts[:1+random.IntN(3)]...), of("kr"))
			if problem.From(err) != nil && problem.From(err).Code == "quota_reached" {
				continue
			}
			asked[id] = f.now(t, id)(p, err)
			if m := asked[id]; random.IntN(3) == 0 { // it is answered at once, with one slot or another
				f.now(t, id)(f.Accept(m, of("fr"), Acceptance{Start: m.Proposal.Slots[random.IntN(len(m.Proposal.Slots))].Start}))
				delete(asked, id)
			}
		}
		for id, m := range asked {
			f.now(t, id)(f.Accept(m, of("fr"), Acceptance{Start: m.Proposal.Slots[random.IntN(len(m.Proposal.Slots))].Start}))
		}
		for _, day := range []int{17, 18} {
			if n := f.offeredFor("kr", localDay(on(day, 12, 0), time.UTC), time.UTC); n > f.Policy.Quota {
				t.Fatalf("%d meetings on the %d., where %d may be", n, day, f.Policy.Quota)
			}
		}
	}
}

func TestWhatADelegationOffersCountsUntilItIsAnswered(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.Policy.Quota = 1
	asks := func(start time.Time) error {
		_, err := f.Request(ministers("kr", "us", start), of("kr"))
		return err
	}
	m := f.request(t, "m", "kr", "fr", on(17, 9, 0), on(18, 9, 0))
	refused(t, asks(on(17, 14, 0)), "quota_reached")
	refused(t, asks(on(18, 14, 0)), "quota_reached")
	if bar := f.Bar(Meeting{Sides: m.Sides}, m.from(on(18, 14, 0))); bar != "" {
		t.Errorf("for the desk it counts on the day it wants most, but it is barred by %s", bar)
	}
	countered := f.now(t, "m")(f.Counter(m, of("fr"), []time.Time{on(17, 10, 0), on(18, 10, 0)}, ""))
	if err := asks(on(18, 14, 0)); err != nil {
		t.Errorf("what the other side offers counts: %v", err)
	}
	f.now(t, "m")(f.Accept(countered, of("kr"), Acceptance{Start: on(18, 10, 0)}))
	refused(t, asks(on(18, 14, 0)), "quota_reached")
	if err := asks(on(17, 14, 0)); err != nil {
		t.Errorf("what was not taken counts: %v", err)
	}
}

// standing17 is a meeting that stands on the 17th.
func standing17(from, to string) Meeting {
	return Meeting{ID: "x", Status: Confirmed, Sides: [2]Side{{Delegation: from}, {Delegation: to}}, Slot: Slot{on(17, 15, 0), on(17, 15, 25)}}
}

func TestARequestSaysWhatWasAsked(t *testing.T) {
	t.Parallel()
	f, a := newFloor(t), ministers("kr", "fr", on(17, 9, 0), on(17, 10, 30), on(17, 9, 0))
	a.Head, a.WithHead, a.Plus, a.Note, a.Minutes = true, true, 2, " one\u202e line\nand\tmore\x00 ", 55
	p, err := f.Request(a, of("kr"))
	m := f.now(t, "m")(p, err)
	if want := []string{"kr-head", "kr-minister"}; !slices.Equal(m.Sides[0].Principals, want) || m.Sides[1].Principals[0] != "fr-head" || m.Heads() != 6 {
		t.Errorf("asked for %v, %d heads", m.Sides[0].Principals, m.Heads())
	}
	if want := []Slot{{on(17, 9, 0), on(17, 9, 55)}, {on(17, 10, 30), on(17, 11, 25)}}; !slices.Equal(m.Proposal.Slots, want) {
		t.Errorf("offers %v", m.Proposal.Slots)
	}
	if m.Proposal.Note != "one line and more" || p.Told.Reason != m.Proposal.Note || p.Told.Verb != WasRequested {
		t.Errorf("says %q, told %+v", m.Proposal.Note, p.Told)
	}
	if m.Conference != "c" || m.Topic != "the weather" || m.Sequence != 0 {
		t.Errorf("is %+v", m)
	}
}

func TestARefusedSlotIsPointedAtAndTheNearestAreNamed(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	_, err := f.Request(ministers("kr", "fr", on(17, 9, 0), on(17, 9, 40)), of("kr"))
	refused(t, err, "slot_off_grid")
	p := problem.From(err)
	if p.Fields[0].Pointer != "/slots/1/startsAt" || p.Fields[1].Params["startsAt"] != "2013-10-17T09:30:00Z" {
		t.Errorf("points at %+v", p.Fields)
	}
}

func TestABooking(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	stands(t, f.book(t, "m", "kr", "fr", on(17, 9, 0), ""), "confirmed, 17 09:00-09:25, east")
	stands(t, f.book(t, "n", "us", "br", on(17, 9, 0), "big"), "confirmed, 17 09:00-09:25, big")
	for name, tc := range map[string]struct {
		b    Booking
		code string
	}{
		"in a room that is taken is refused":    {Booking{Asking: "us", Asked: ministers("us", "jp"), Start: on(17, 9, 0), Room: "east"}, "room_taken"},
		"in a room for sessions is refused":     {Booking{Asking: "us", Asked: ministers("us", "jp"), Start: on(17, 9, 0), Room: "hall"}, "room_not_for_meetings"},
		"of people who meet is refused":         {Booking{Asking: "kr", Asked: ministers("kr", "jp"), Start: on(17, 9, 0), Room: "west"}, "slot_taken"},
		"off the grid is refused":               {Booking{Asking: "us", Asked: ministers("us", "jp"), Start: on(17, 9, 5)}, "slot_off_grid"},
		"of a delegation nobody has is refused": {Booking{Asking: "xx", Asked: ministers("us", "jp"), Start: on(17, 9, 0)}, "delegation_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.Book(tc.b, byDesk)
			refused(t, err, tc.code)
		})
	}
	_, err := f.Book(Booking{Asking: "us", Asked: ministers("us", "jp"), Start: on(17, 10, 0)}, of("us"))
	refused(t, err, "not_found")
}

func TestAMeetingOnAnOpenDayOfThePolicyIsAsGood(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.Policy.Hours = []programme.Hours{{Day: "2013-10-16", From: "10:00", To: "12:00"}}
	stands(t, f.book(t, "m", "kr", "fr", on(16, 10, 0), ""), "confirmed, 16 10:00-10:25, east")
}
