package meeting_test

import (
	"strings"
	"testing"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

func TestTheSmallestRoomThatSeatsEverybodyIsTaken(t *testing.T) {
	t.Parallel()
	s := berlin()
	m := ministers("m")
	best := func(m meeting.Meeting, when meeting.Slot, want string) {
		t.Helper()
		if got, found := s.Room(m, when); got != want || found != (want != "") {
			t.Errorf("the room is %q, want %q", got, want)
		}
	}
	best(m, slot("10:00", 25), "small")
	m.Sides[1].Plus = 3
	best(m, slot("10:00", 25), "mid-east")
	m.Sides[1].Plus = 8
	best(m, slot("10:00", 25), "")
	s.Policy.Rooms = []meeting.RoomRule{{Room: "small"}, {Room: "hall", Levels: []meeting.Level{meeting.HeadOfState}}}
	best(m, slot("10:00", 25), "")
	m.Level = meeting.HeadOfState
	best(m, slot("10:00", 25), "hall")

	s.rooms = append(s.rooms, programme.Room{ID: "unsaid", Kind: "bilateral"})
	s.Policy.Rooms, m.Sides[1].Plus = nil, 8
	s.set()
	best(m, slot("10:00", 25), "unsaid")
	m.Sides[1].Plus = 0
	best(m, slot("10:00", 25), "small")
	s.rooms[0].Hours = []programme.Hours{{From: "10:30", To: "20:00"}}
	s.set()
	best(m, slot("10:00", 25), "mid-east")
	best(m, slot("10:30", 25), "small")
}

func TestARoomIsKeptUntilItIsTidyAgain(t *testing.T) {
	t.Parallel()
	s := berlin()
	s.Policy.Changeovers = map[meeting.Level]int{meeting.Minister: 15}
	held := ministers("held")
	held.Slot, held.Room = slot("10:00", 25), "small"
	s.hold(held)
	m := ministers("m")
	m.Sides[0].Principals, m.Sides[1].Principals = []string{"kr2"}, []string{"hu2"}
	for clock, want := range map[string]string{"09:00": "small", "09:30": "mid-east", "10:00": "mid-east", "10:30": "mid-east", "11:00": "small"} {
		if got, _ := s.Room(m, slot(clock, 25)); got != want {
			t.Errorf("at %s the room is %s, want %s", clock, got, want)
		}
	}
	if got, _ := s.Room(m, slot("10:00", 25), "held"); got != "small" {
		t.Errorf("but for the one that is there the room is %s", got)
	}
	if got, _ := s.Room(held, slot("10:00", 25)); got != "small" {
		t.Errorf("for the one that is there the room is %s", got)
	}
	if got, _ := s.RoomBut(held, slot("10:00", 25), []string{"small", "mid-east"}); got != "mid-west" {
		t.Errorf("without two of the rooms it is %s", got)
	}
}

func TestOfRoomsOfOneSizeTheOneOnTheWayIsTaken(t *testing.T) {
	t.Parallel()
	s := berlin()
	m := ministers("m")
	m.Sides[0].Plus = 4
	before := ministers("before")
	before.Sides[1] = meeting.Side{Delegation: "acme", Principals: []string{"acme1"}}
	before.Slot, before.Room = slot("09:00", 25), "mid-west"
	s.hold(before)
	if got, _ := s.Room(m, slot("10:00", 25)); got != "mid-west" {
		t.Errorf("coming from the west the room is %s", got)
	}

	// Somebody who would come late to the smallest room comes first.
	m.Sides[0].Plus = 0
	if got, _ := s.Room(m, slot("10:00", 25)); got != "small" {
		t.Errorf("with time enough to walk the room is %s", got)
	}
	if got, _ := s.Room(m, slot("09:30", 25)); got != "mid-west" {
		t.Errorf("with no time to walk the room is %s", got)
	}

	// Where a session is counts too, for who has a part in it or picked it.
	s.sessions = []programme.Session{{ID: "s", Room: "hall", Start: at("11:25"), End: at("12:00"), Status: programme.Confirmed}}
	s.set()
	if got, _ := s.Room(m, slot("11:00", 25)); got != "small" {
		t.Errorf("before a session of others the room is %s", got)
	}
	s.picks["hu1"] = []programme.Pick{{Session: "s"}}
	if got, _ := s.Room(m, slot("11:00", 25)); got != "mid-west" {
		t.Errorf("before a session that was picked the room is %s", got)
	}
}

func TestARoomSomebodyChoseIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	s := berlin()
	held := ministers("held")
	held.Slot, held.Room = slot("10:00", 25), "small"
	s.hold(held)
	s.rooms[1].Hours = []programme.Hours{{From: "08:00", To: "10:00"}}
	s.set()
	m := ministers("m")
	m.Sides[0].Principals = nil
	when := slot("10:00", 25)
	for room, want := range map[string]string{"nowhere": "room_unknown", "hall": "room_not_for_meetings", "mid-east": "room_closed"} {
		refused(t, s.RoomFits(m, when, room), problem.Invalid, want)
	}
	refused(t, s.RoomFits(m, when, "small"), problem.Conflict, "room_taken")
	for what, err := range map[string]error{
		"but for who has it": s.RoomFits(m, when, "small", "held"), "who has it": s.RoomFits(held, when, "small"), "a free one": s.RoomFits(m, when, "mid-west"),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	m.Sides[0].Plus = 7
	refused(t, s.RoomFits(m, when, "mid-west"), problem.Invalid, "room_too_small")
}

func TestWhoChoosesARoomThatIsTakenHearsWhichOnesAreFree(t *testing.T) {
	t.Parallel()
	s := berlin()
	held := ministers("held")
	held.Slot, held.Room = slot("10:00", 25), "small"
	s.hold(held)
	m := ministers("m")
	m.Sides[0].Principals, m.Sides[1].Principals = []string{"kr2"}, []string{"hu2"}
	hears := func(want string) {
		t.Helper()
		var got []string
		for _, f := range refused(t, s.RoomFits(m, slot("10:00", 25), "small"), problem.Conflict, "room_taken") {
			got = append(got, f.Code+" "+f.Params["room"]+f.Params["startsAt"][10:16])
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("they hear of %q", got)
		}
	}
	hears("alternative mid-eastT10:00, alternative mid-westT10:00")
	for _, room := range []string{"mid-east", "mid-west"} {
		s.Diary.Put("block/"+room, []meeting.Hold{{Resource: meeting.RoomResource(room), From: meeting.Cell(at("10:00")), To: meeting.Cell(at("11:00"))}})
	}
	hears("alternative T09:30, alternative T10:30, alternative T09:00")
	s.Curt = true
	hears("")
}

func TestPeopleAreNotFreeUntilTheTimeToChangeOverIsUp(t *testing.T) {
	t.Parallel()
	s := berlin()
	s.Policy.Changeovers = map[meeting.Level]int{meeting.HeadOfState: 40}
	held := ministers("held")
	held.Slot = slot("10:00", 25)
	s.hold(held)
	m := ministers("m")
	m.Sides[1] = meeting.Side{Delegation: "acme", Interpreters: []string{"hu1"}}
	free := func(m meeting.Meeting, clock string, want bool, except ...string) {
		t.Helper()
		if got := s.FreeFor(m, slot(clock, 25), except...); got != want {
			t.Errorf("at %s they are free: %v", clock, got)
		}
	}
	free(m, "09:30", true)
	free(m, "10:00", false)
	free(m, "10:00", true, "held")
	free(m, "10:30", true)
	m.Level = meeting.HeadOfState
	free(m, "09:30", false)
	free(m, "08:30", true)

	// Who names nobody meets once at a time at each level.
	nobody := meeting.Meeting{ID: "n", Level: meeting.Expert, Slot: slot("12:00", 25), Sides: [2]meeting.Side{{Delegation: "kr"}, {Delegation: "hu", Principals: []string{"hu3"}}}}
	s.hold(nobody)
	other := meeting.Meeting{ID: "o", Level: meeting.Expert, Sides: [2]meeting.Side{{Delegation: "kr"}, {Delegation: "acme"}}}
	free(other, "12:00", false)
	other.Level = meeting.Minister
	free(other, "12:00", true)
}
