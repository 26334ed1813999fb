package meeting_test

import (
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

func TestTheSlotsSomebodyNamedAreKnownAlsoOnceItIsLeftToTheDesk(t *testing.T) {
	t.Parallel()
	s, m := berlin(), ministers("m")
	first, second := slot("10:00", 25), slot("11:00", 25)
	m.Status, m.Proposal = meeting.Requested, &meeting.Proposal{
		Kind: meeting.Request, By: "kr", Slots: []meeting.Slot{first, second}, Awaits: []string{"hu"}, ExpiresAt: s.Now.Add(time.Hour),
	}
	if got := clocks("Europe/Berlin", s.Named(m)); got != "10:00 11:00" || !s.Open(m) {
		t.Errorf("named are %s, open: %v", got, s.Open(m))
	}
	m.Proposal.Chosen = second
	if got := clocks("Europe/Berlin", s.Named(m)); got != "11:00 10:00" {
		t.Errorf("once somebody has chosen, named are %s", got)
	}
	m.History = []meeting.Entry{{Verb: meeting.WasRequested, Slots: []meeting.Slot{first}}, {Verb: meeting.WasCountered, Slots: []meeting.Slot{second}}, {Verb: meeting.WasAgreed}}
	m.Status, m.Proposal = meeting.Agreed, nil
	if got := clocks("Europe/Berlin", s.Named(m)); got != "11:00" || !s.Open(m) {
		t.Errorf("when it is left to the desk, named are %s", got)
	}
}

func TestWhatIsInTheWayOfASlotIsSaidToTheDesk(t *testing.T) {
	t.Parallel()
	s, m := berlin(), ministers("m")
	m.Status = meeting.Agreed
	for clock, who := range map[string]string{"10:00": "kr1", "11:00": "hu1"} {
		x := slot(clock, 25)
		s.Diary.Put(clock, []meeting.Hold{{Resource: meeting.PersonResource(who), From: meeting.Cell(x.Start), To: meeting.Cell(x.End)}})
	}
	s.availability["hu"] = meeting.Availability{Windows: []meeting.Window{{Start: at("09:00"), End: at("12:00")}}}
	for clock, want := range map[string]string{"10:00": meeting.BarredByAsking, "11:00": meeting.BarredByAsked, "09:00": "", "13:00": meeting.BarredByWindow} {
		if got := s.Bar(m, slot(clock, 25)); got != want {
			t.Errorf("at %s it is barred by %q, want %q", clock, got, want)
		}
	}
}

func TestRoomsComeTheBestFirst(t *testing.T) {
	t.Parallel()
	s, m := berlin(), ministers("m")
	m.Sides[0].Plus = 4
	s.rooms = append(s.rooms, programme.Room{ID: "wide", Kind: "bilateral", Capacity: 20})
	s.set()
	rooms := s.Vacant(m, slot("10:00", 25))
	best, _ := s.Room(m, slot("10:00", 25))
	if len(rooms) != 3 || rooms[0] != best || rooms[2] != "wide" {
		t.Errorf("the rooms are %v, the best is %s", rooms, best)
	}
}

func TestARequestThatRanOutIsAllottedNothing(t *testing.T) {
	t.Parallel()
	s, m := berlin(), ministers("m")
	by := meeting.By{Actor: "desk-1", Desk: true}
	m.Status, m.Proposal = meeting.Requested, &meeting.Proposal{
		Kind: meeting.Request, By: "kr", Slots: []meeting.Slot{slot("10:00", 25)}, Awaits: []string{"hu"}, ExpiresAt: s.Now.Add(time.Hour),
	}
	p, err := s.Allot(m, by, slot("10:00", 25), "small")
	if err != nil || p.Next.Status != meeting.Confirmed || p.Next.Room != "small" || p.Next.Proposal != nil || len(p.Holds) != 3 || p.Told.Verb != meeting.WasConfirmed {
		t.Errorf("%v, %+v", err, p)
	}
	_, err = s.Allot(m, meeting.By{Delegation: "kr"}, slot("10:00", 25), "small")
	refused(t, err, problem.NotFound, "not_found")
	s.availability["hu"] = meeting.Availability{Windows: []meeting.Window{{Start: at("14:00"), End: at("15:00")}}}
	_, err = s.Allot(m, by, slot("10:00", 25), "small")
	refused(t, err, problem.Conflict, "window_closed")
	m.Proposal.ExpiresAt = s.Now
	_, err = s.Allot(m, by, slot("10:00", 25), "small")
	refused(t, err, problem.Conflict, "request_expired")
}
