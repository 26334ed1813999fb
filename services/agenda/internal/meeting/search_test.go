package meeting_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
)

// asks is what kr wants to know of the morning of day two.
func asks() meeting.Query {
	return meeting.Query{
		By: "kr", With: "hu", Level: meeting.Minister, Principals: []string{"kr1"}, WithPrincipals: []string{"hu1"},
		From: at("09:00"), To: at("11:00"),
	}
}

func starts(offers []meeting.Offer) string {
	var slots []meeting.Slot
	for _, o := range offers {
		slots = append(slots, o.Slot)
	}
	return clocks("Europe/Berlin", slots)
}

// found is the offer at a time.
func found(t *testing.T, offers []meeting.Offer, clock string) meeting.Offer {
	t.Helper()
	i := slices.IndexFunc(offers, func(o meeting.Offer) bool { return o.Slot.Start.Equal(at(clock)) })
	if i < 0 {
		t.Fatalf("%s is not offered, but %s", clock, starts(offers))
	}
	return offers[i]
}

func TestASearchOffersWhereBothAreFree(t *testing.T) {
	t.Parallel()
	s := berlin()
	if got := s.Search(asks()); starts(got) != "09:00 09:30 10:00 10:30" || got[0].Score != 100 || got[0].Rooms != 3 || got[0].Reasons != nil {
		t.Errorf("with everybody free it offers %s: %+v", starts(got), got[0])
	}
	own, theirs := ministers("own"), ministers("theirs")
	own.Slot, own.Sides[1].Principals = slot("09:00", 25), []string{"hu2"}
	theirs.Slot, theirs.Sides[0].Principals, theirs.Room = slot("10:30", 25), []string{"kr2"}, "small"
	s.hold(own)
	s.hold(theirs)
	if got := starts(s.Search(asks())); got != "10:00 09:30" {
		t.Errorf("with a meeting of each it offers %s", got)
	}
	q := asks()
	q.Minutes = 55
	if got := starts(s.Search(q)); got != "09:30" {
		t.Errorf("two cells long it offers %s", got)
	}
	q.Minutes, q.WithPrincipals, q.Plus = 0, []string{"hu3"}, 2
	if got := found(t, s.Search(q), "10:30"); got.Rooms != 2 {
		t.Errorf("with one room taken there are %d", got.Rooms)
	}
	q.Plus = 3 // too many for the small room
	if got := found(t, s.Search(q), "10:00"); got.Rooms != 2 {
		t.Errorf("for five people there are %d rooms", got.Rooms)
	}
	q.To = at("10:50")
	if got := starts(s.Search(q)); strings.Contains(got, "10:30") {
		t.Errorf("to be over by 10:50 it offers %s", got)
	}
	q.Limit, q.From, q.To = 3, time.Time{}, time.Time{}
	if got := s.Search(q); len(got) != 3 || !got[0].Slot.Start.Equal(at("08:00").AddDate(0, 0, -1)) {
		t.Errorf("of all there are it offers %+v", got)
	}
	s.Now = at("09:30")
	if got := starts(s.Search(asks())); got != "10:00" {
		t.Errorf("at half past nine it offers %s", got)
	}
}

func TestASearchOffersTheOtherSideInItsWindowsOnly(t *testing.T) {
	t.Parallel()
	s := berlin()
	windows := func(all ...meeting.Window) { s.availability["hu"] = meeting.Availability{Windows: all} }
	window := func(principal, from, to string) meeting.Window {
		return meeting.Window{Principal: principal, Start: at(from), End: at(to)}
	}
	offers := func(what, want string) {
		t.Helper()
		if got := starts(s.Search(asks())); got != want {
			t.Errorf("%s: it offers %q, want %q", what, got, want)
		}
	}
	windows(window("", "09:20", "09:55"), window("", "10:05", "11:00"))
	offers("for everybody", "09:30 10:30")
	windows(window("hu1", "09:30", "09:45"), window("", "09:45", "10:25"))
	offers("one that goes on in another", "09:30 10:00")
	windows(window("hu2", "08:00", "20:00"))
	offers("for another principal", "")
	s.Policy.Closed = true
	offers("closed, for another principal", "")
	windows()
	offers("closed, without any", "")
	s.Policy.Closed = false
	offers("without any", "09:00 09:30 10:00 10:30")

	// Who wants to meet somebody of a level meets who opened a window and is of it.
	q := asks()
	q.WithPrincipals = nil
	windows(window("hu2", "09:30", "10:00"), window("hu3", "10:30", "11:00"))
	s.people["hu3"] = meeting.Person{Delegation: "hu", Rank: "expert"}
	if got := starts(s.Search(q)); got != "09:30" {
		t.Errorf("for a minister it offers %s", got)
	}
	q.Level = meeting.Expert
	if got := starts(s.Search(q)); got != "10:30" {
		t.Errorf("for an expert it offers %s", got)
	}
}

func TestASearchSaysWhatOfTheOwnSideSpeaksAgainstASlot(t *testing.T) {
	t.Parallel()
	s := berlin()
	session := func(id, from, to string, who ...string) {
		x := programme.Session{ID: id, Room: "hall", Start: at(from), End: at(to), Status: programme.Confirmed}
		for _, d := range who {
			x.People = append(x.People, programme.Part{Role: programme.Speaker, Delegate: d})
		}
		s.sessions = append(s.sessions, x)
	}
	session("duty", "09:00", "09:20", "kr1")
	session("picked", "10:10", "10:20")
	session("later", "11:05", "11:30", "kr1")
	session("theirs", "10:00", "10:30", "hu1")
	session("cancelled", "09:30", "10:30", "kr1")
	s.sessions[4].Status = programme.Cancelled
	s.picks["kr1"] = []programme.Pick{{Session: "picked"}}
	s.rooms = slices.Delete(s.rooms, 2, 3) // what is left is in the east
	s.set()
	s.availability["kr"] = meeting.Availability{Windows: []meeting.Window{{Start: at("09:00"), End: at("10:30")}}}
	held := ministers("own")
	held.Slot, held.Room = slot("11:30", 25), "small"
	s.hold(held)

	q := asks()
	q.To = at("12:30")
	offers := s.Search(q)
	for clock, want := range map[string][]meeting.Reason{
		"09:00": {{Code: meeting.AgainstDuty, Delegate: "kr1", Session: "duty"}},
		"09:30": nil, // ten minutes to walk, and ten minutes there are
		"10:00": {{Code: meeting.AgainstPick, Delegate: "kr1", Session: "picked"}},
		"10:30": {{Code: meeting.AgainstWindow}}, // and again
		"11:00": {
			{Code: meeting.AgainstWindow},
			{Code: meeting.AgainstDuty, Delegate: "kr1", Session: "later"},
			{Code: meeting.AgainstBackToBack, Delegate: "kr1", Meeting: "own"},
		},
		"12:00": {
			{Code: meeting.AgainstWindow},
			{Code: meeting.AgainstBackToBack, Delegate: "kr1", Meeting: "own"},
		},
	} {
		if got := found(t, offers, clock).Reasons; !slices.Equal(got, want) {
			t.Errorf("against %s speaks %+v, want %+v", clock, got, want)
		}
	}
	if got := starts(offers); got != "09:30 10:00 09:00 10:30 12:00 11:00" {
		t.Errorf("the best come first: %s", got)
	}

	s.Conference.Walking[0].Minutes = 20
	if got, want := found(t, s.Search(q), "09:30").Reasons, []meeting.Reason{
		{Code: meeting.AgainstWalking, Delegate: "kr1", Session: "duty"}, {Code: meeting.AgainstWalking, Delegate: "kr1", Session: "picked"},
	}; !slices.Equal(got, want) {
		t.Errorf("with more to walk, against 09:30 speaks %+v, want %+v", got, want)
	}
	for _, r := range []string{"small", "mid-east"} {
		s.Diary.Put("block/"+r, []meeting.Hold{{Resource: meeting.RoomResource(r), From: meeting.Cell(at("10:00")), To: meeting.Cell(at("10:05"))}})
	}
	if got := found(t, s.Search(q), "10:00"); got.Rooms != 0 || got.Reasons[0] != (meeting.Reason{Code: meeting.AgainstNoRoom}) || got.Score != 25 {
		t.Errorf("with no room free it offers %+v", got)
	}
}

func TestASearchIsEmptyWhereTheAskerMayNotAsk(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*scene, *meeting.Query){
		"the other did not opt in":      func(s *scene, _ *meeting.Query) { s.Policy.OptIn = true },
		"a principal is not its own":    func(_ *scene, q *meeting.Query) { q.Principals = []string{"hu1"} },
		"it names somebody of a third":  func(_ *scene, q *meeting.Query) { q.WithPrincipals = []string{"acme1"} },
		"it names nobody that is known": func(_ *scene, q *meeting.Query) { q.WithPrincipals = []string{"nobody"} },
		"an interpreter is not known":   func(_ *scene, q *meeting.Query) { q.Interpreters = []string{"nobody"} },
		"an interpreter opened no windows": func(s *scene, q *meeting.Query) {
			s.Policy.Closed, q.With, q.WithPrincipals = true, "acme", nil
			s.availability["acme"] = meeting.Availability{Windows: []meeting.Window{{Start: at("08:00"), End: at("20:00")}}}
			q.Interpreters = []string{"hu1"}
		},
	} {
		s, q := berlin(), asks()
		change(s, &q)
		if got := s.Search(q); got != nil {
			t.Errorf("%s: it offers %s", what, starts(got))
		}
	}
}

// What kr finds, and what it is told would do instead, is the same whatever hu
// and others have in their diaries, as long as they are free when they were.
func TestOfTheOtherSideASearchShowsNothingButWhetherItIsFree(t *testing.T) {
	t.Parallel()
	busy := func(s *scene) { // hu1 and hu4, who interprets, are busy from nine to half past, in no room
		s.Diary.Put("x", []meeting.Hold{
			{Resource: meeting.PersonResource("hu1"), From: meeting.Cell(at("09:00")), To: meeting.Cell(at("09:30"))},
			{Resource: meeting.PersonResource("host4"), From: meeting.Cell(at("10:30")), To: meeting.Cell(at("11:00"))},
		})
	}
	look := func(s *scene) []any {
		q := asks()
		q.Interpreters = []string{"kr2", "host4"}
		m := ministers("m")
		m.Sides[0].Interpreters = q.Interpreters
		m.Proposal = &meeting.Proposal{By: "hu", Note: "secret"}
		return []any{s.Search(q), s.Alternatives(m, "kr", slot("09:00", 25), 5)}
	}
	plain := berlin()
	busy(plain)
	want := look(plain)
	if offers := want[0].([]meeting.Offer); starts(offers) != "09:30 10:00" {
		t.Fatalf("it offers %s", starts(offers))
	}
	for what, change := range map[string]func(*scene){
		"with whom, where and at which level it meets": func(s *scene) {
			m := meeting.Meeting{ID: "x", Level: meeting.HeadOfState, Slot: slot("09:00", 25), Room: "mid-west", Topic: "secret", Sides: [2]meeting.Side{
				{Delegation: "acme", Principals: []string{"acme1"}}, {Delegation: "hu", Principals: []string{"hu1"}},
			}}
			s.meetings["x"] = m
		},
		"what blocks it": func(s *scene) {
			s.Diary.Put("x", nil)
			s.Diary.Put("session/s", []meeting.Hold{{Resource: meeting.PersonResource("hu1"), From: meeting.Cell(at("09:05")), To: meeting.Cell(at("09:10"))}})
			s.Diary.Put("y", []meeting.Hold{{Resource: meeting.PersonResource("host4"), From: meeting.Cell(at("10:50")), To: meeting.Cell(at("11:00"))}})
		},
		"what it picked, and is to do": func(s *scene) {
			s.sessions = []programme.Session{
				{ID: "s", Room: "hall", Start: at("09:30"), End: at("10:00"), Status: programme.Confirmed, People: []programme.Part{{Delegate: "hu1"}, {Delegate: "host4"}}},
				{ID: "t", Room: "hall", Start: at("10:00"), End: at("10:30"), Status: programme.Confirmed},
			}
			s.set()
			s.picks["hu1"], s.picks["host4"] = []programme.Pick{{Session: "t"}}, []programme.Pick{{Session: "t"}}
		},
		"whom it asked": func(s *scene) {
			m := ministers("asked")
			m.Status, m.Proposal = meeting.Requested, &meeting.Proposal{Slots: []meeting.Slot{slot("09:30", 25)}}
			s.meetings["asked"] = m
		},
		"what others of it do": func(s *scene) {
			m := ministers("others")
			m.Sides = [2]meeting.Side{{Delegation: "hu", Principals: []string{"hu2"}}, {Delegation: "acme"}}
			m.Slot = slot("09:30", 25)
			s.hold(m)
		},
		"how it opened its windows": func(s *scene) {
			s.availability["hu"] = meeting.Availability{OptedIn: true, Windows: []meeting.Window{
				{Start: at("00:00"), End: at("10:00")},
				{Principal: "hu1", Start: at("09:55"), End: at("23:00")},
				{Principal: "hu2", Start: at("09:30"), End: at("09:40")},
				{Start: at("00:00").AddDate(0, 0, -2), End: at("00:00")},
				{Principal: "hu1", Start: at("23:00"), End: at("23:00").AddDate(0, 0, 3)},
			}}
		},
		"who else it is": func(s *scene) {
			s.people["hu1"] = meeting.Person{Delegation: "hu", Rank: "expert", Roles: []string{"desk"}}
		},
	} {
		s := berlin()
		busy(s)
		change(s)
		if got := look(s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s shows:\n%+v, want\n%+v", what, got, want)
		}
	}
}

func TestAlternativesAreTheNearestThatAreFreeForBothAndHaveARoom(t *testing.T) {
	t.Parallel()
	s := berlin()
	m, around := ministers("m"), slot("10:00", 25)
	want := func(what, by, slots string) {
		t.Helper()
		if got := clocks("Europe/Berlin", s.Alternatives(m, by, around, 3)); got != slots {
			t.Errorf("%s: the alternatives are %s, want %s", what, got, slots)
		}
	}
	want("all are free", "kr", "09:30 10:30 09:00")
	held := ministers("held")
	held.Slot, held.Sides[0].Principals = slot("09:30", 25), []string{"kr2"}
	s.hold(held)
	want("one is not", "kr", "10:30 09:00 11:00")
	for _, r := range []string{"small", "mid-east", "mid-west"} {
		s.Diary.Put("block/"+r, []meeting.Hold{{Resource: meeting.RoomResource(r), From: meeting.Cell(at("10:30")), To: meeting.Cell(at("11:00"))}})
	}
	want("there is no room", "kr", "09:00 11:00 08:30")
	m.Place = "the garden"
	want("no room is wanted", "kr", "10:30 09:00 11:00")
	m.Place = ""
	s.availability["hu"] = meeting.Availability{Windows: []meeting.Window{{Start: at("11:00"), End: at("12:00")}}}
	want("the other side opened windows", "kr", "11:00 11:30")
	want("it is told to the one that opened them", "hu", "09:00 11:00 08:30")
	want("it is told to nobody in particular", "", "11:00 11:30")
	s.Now = at("11:10")
	want("some have begun", "kr", "11:30")
	m.Slot = slot("11:30", 25)
	want("it is there anyway", "kr", "")
}
