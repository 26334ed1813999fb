package meeting

import (
	"testing"
	"time"
)

// asked is a meeting of two delegations at a level that names nobody.
func asked(from, to string, l Level) Booking {
	return Booking{Asking: from, Asked: Asked{Delegation: to, Level: l}, Start: on(17, 9, 0)}
}

func TestTheLadder(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	at := func(from, to string, l Level) Meeting { return must(f.Book(asked(from, to, l), byDesk)).Next }
	rungs := [][]Meeting{
		{at("jp", "fr", Expert), at("kr", "jp", HeadOfState)},
		{at("kr", "fr", HeadOfState)},
		{at("kr", "fr", Minister), at("kr", "fr", ViceMinister)},
		{at("kr", "fr", SeniorOfficial)},
		{at("kr", "fr", Expert)},
	}
	for i, higher := range rungs {
		for j, lower := range rungs {
			for _, winner := range higher {
				for _, loser := range lower {
					winner.ID, loser.ID = "w", "l"
					winner.Room, winner.WaitsForRoom = "", true
					_, err := f.Evict(winner, loser, byDesk)
					if i < j && err != nil {
						t.Errorf("%s of %s does not evict %s: %v", winner.Level, winner.Sides[0].Delegation, loser.Level, err)
					}
					if i >= j {
						refused(t, err, "ladder")
					}
				}
			}
		}
	}
}

func TestAnEvictedMeetingGetsAnotherRoomAtTheSameTime(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	loser := f.book(t, "l", "kr", "fr", on(17, 9, 0), "east")
	b := asked("us", "br", HeadOfState)
	b.Room = "west"
	winner := f.now(t, "w")(f.Book(b, byDesk))
	winner.Room, winner.WaitsForRoom = "", true
	winner = f.becomes("w", f.plan(winner, winner, Entry{}))
	plans, err := f.Evict(winner, loser, byDesk)
	if err != nil {
		t.Fatal(err)
	}
	stands(t, f.becomes("w", plans[0]), "confirmed, 17 09:00-09:25, east")
	stands(t, f.becomes("l", plans[1]), "confirmed, 17 09:00-09:25, west")
	if plans[0].Told.Verb != WasRoomed || plans[1].Told.Verb != WasEvicted || plans[1].Told.Room != "west" {
		t.Errorf("told %+v and %+v", plans[0].Told, plans[1].Told)
	}
}

func TestAnEvictedMeetingWithoutAnotherRoomHasSlotsToChooseFrom(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	loser := f.book(t, "l", "kr", "fr", on(17, 9, 0), "east")
	for _, room := range []string{"west", "big"} {
		f.Diary.Put("block/"+room, []Hold{{Resource: RoomResource(room), From: Cell(on(17, 0, 0)), To: Cell(on(18, 0, 0))}})
	}
	winner := f.now(t, "w")(f.Agree(f.request(t, "w", "us", "jp", on(17, 10, 0)), of("jp"), Acceptance{}))
	plans, err := f.Evict(winner, loser, byDesk)
	if err != nil {
		t.Fatal(err)
	}
	stands(t, f.becomes("w", plans[0]), "confirmed, 17 09:00-09:25, east")
	loser = f.becomes("l", plans[1])
	stands(t, loser, "agreed, displacement, awaits kr fr")
	p := loser.Proposal
	if len(loser.Holds) > 0 || p.By != "" || !p.Slots[0].Start.Equal(on(17, 8, 30)) || loser.Sequence != 2 || len(plans[1].Told.Slots) != 3 {
		t.Errorf("holds %v, offered %+v", loser.Holds, p)
	}
	loser = f.now(t, "l")(f.Accept(loser, of("fr"), Acceptance{Start: on(17, 8, 30)}))
	stands(t, loser, "agreed, displacement, awaits kr")
	if loser.Proposal.Chosen.IsZero() {
		t.Error("nobody knows what fr chose")
	}
	stands(t, must(f.Decline(loser, of("kr"), "")).Next, "agreed") // and the desk goes on
	stands(t, must(f.Agree(loser, of("kr"), Acceptance{})).Next, "agreed")
	stands(t, must(f.Counter(loser, of("kr"), []time.Time{p.Slots[1].Start}, "")).Next, "agreed, counter, awaits fr")
	stands(t, f.becomes("l", must(f.Accept(loser, of("kr"), Acceptance{}))), "confirmed, 17 08:30-08:55, east")
}

func TestNothingIsEvictedThatNeedNotBe(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	loser := f.book(t, "l", "kr", "fr", on(17, 9, 0), "east")
	roomed := f.now(t, "r")(f.Book(asked("us", "jp", HeadOfState), byDesk))
	request := f.request(t, "q", "us", "jp", on(17, 9, 0))
	agreed := f.now(t, "a")(f.Agree(request, of("jp"), Acceptance{}))
	big := agreed
	big.Sides[0].Plus = 10
	own := f.now(t, "o")(f.Agree(f.request(t, "o", "kr", "jp", on(17, 9, 0)), of("jp"), Acceptance{}))
	away := f.now(t, "away")(f.Agree(f.request(t, "away", "br", "jp", on(17, 9, 0)), of("jp"), Acceptance{}))
	f.book(t, "x", "br", "us", on(17, 9, 0), "")
	for name, tc := range map[string]struct {
		winner, loser Meeting
		by            By
		code          string
	}{
		"by who is not the desk":             {agreed, loser, of("us"), "not_found"},
		"for itself":                         {loser, loser, byDesk, "same_meeting"},
		"for one that has a room":            {roomed, loser, byDesk, "wants_no_room"},
		"for a request":                      {request, loser, byDesk, "wants_no_room"},
		"for one that finds no chairs there": {big, loser, byDesk, "room_too_small"},
		"for one whose people are elsewhere": {away, loser, byDesk, "slot_taken"},
		"that has no room":                   {agreed, own, byDesk, "no_room_to_give"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.Evict(tc.winner, tc.loser, tc.by)
			refused(t, err, tc.code)
		})
	}
	// The minister gives up one meeting for another, so another room does not help.
	if plans, err := f.Evict(own, loser, byDesk); err != nil {
		t.Error(err)
	} else {
		stands(t, plans[1].Next, "agreed, displacement, awaits kr fr")
	}
	f.Now = on(17, 9, 0)
	_, err := f.Evict(agreed, loser, byDesk)
	refused(t, err, "meeting_begun")
}

func TestACommitteeDisplacesAMeeting(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "east")
	stands(t, must(f.Displace(m, byDesk)).Next, "confirmed, 17 09:00-09:25, west")
	_, err := f.Displace(m, of("kr"))
	refused(t, err, "not_found")
	_, err = f.Displace(f.request(t, "r", "us", "br", on(17, 9, 0)), byDesk)
	refused(t, err, "nothing_to_do")
}
