package desk

import (
	"errors"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// opening is a policy under which meetings take place in these rooms.
func (r *replica) opening(t testing.TB, expect int64, rooms ...string) error {
	t.Helper()
	_, err := r.SetPolicy(t.Context(), "seoul", expect, func(_ meeting.World, p meeting.Policy) (meeting.Policy, error) {
		p.Rooms = nil
		for _, room := range rooms {
			p.Rooms = append(p.Rooms, meeting.RoomRule{Room: room})
		}
		return p, nil
	})
	return err
}

func TestARoomThatIsOpenedToMeetingsStaysWithTheSessionsInIt(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	s := session("s", 0, 4)
	s.Room = "hall"
	if err := a.releases(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := a.opening(t, 0, "hall", "b1"); err != nil {
		t.Fatal(err)
	}
	if n := a.agendaClaims(t); n != 24 {
		t.Errorf("%d cells are claimed for the session", n)
	}
	a.request(t, "m", "kr", "gb")
	b.quietedAfter(t, a)
	for _, r := range []*replica{a, b} {
		if _, err := r.Do(t.Context(), "seoul", "m", 0, meeting.By{Desk: true}, into(at(1), "hall")); !errors.Is(err, errNotFree) {
			t.Errorf("a meeting gets in: %v", err)
		}
	}
}

func TestWhatAMeetingLeavesToASessionIsClaimedForIt(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	s := session("s", 0, 4)
	s.Room = "hall"
	if err := a.releases(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	// Somebody had it in a way that is not in the diary.
	hold := meeting.Hold{Resource: meeting.RoomResource("hall"), From: meeting.Cell(at(1).Start), To: meeting.Cell(at(1).End)}
	a.request(t, "m", "kr", "gb")
	_, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{Desk: true}, func(_ meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		m.Status, m.Slot = meeting.Confirmed, at(1)
		return meeting.Plan{Next: m, Holds: []meeting.Hold{hold}, Told: meeting.Entry{Verb: meeting.WasConfirmed}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := a.find("seoul")
	c.keepPolicy(meeting.Policy{Conference: "seoul", Revision: 1, Rooms: []meeting.RoomRule{{Room: "hall"}}})
	if err := a.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := a.agendaClaims(t); n != 19 {
		t.Errorf("%d cells are claimed beside the meeting", n)
	}
	if _, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{Desk: true}, out); err != nil {
		t.Fatal(err)
	}
	a.quieted(t)
	if err := a.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := a.agendaClaims(t); n != 24 {
		t.Errorf("%d cells are claimed after it left", n)
	}
}

func TestNoMeetingLosesItsRoomBehindItsBack(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	confirmed(t, a, "m", "kr", "gb", at(0), "b1")
	removal := func(room string) error {
		_, _, err := a.live.Release(t.Context(), "seoul", "x", "", func(programme.Conference, programme.Agenda) (programme.Proposal, error) {
			return programme.Proposal{RemovedRooms: []string{room}}, nil
		})
		return err
	}
	if err := removal("b1"); !problem.Is(err, problem.Conflict) {
		t.Errorf("its room is removed: %v", err)
	}
	if err := a.opening(t, 0, "b2", "hall"); !problem.Is(err, problem.Conflict) {
		t.Errorf("its room is closed to meetings: %v", err)
	}
	if err := removal("b2"); err != nil {
		t.Errorf("another room cannot be removed: %v", err)
	}
	// A replica that did not know of it in time can still do it. Then it is told.
	c, _ := a.find("seoul")
	c.keepPolicy(meeting.Policy{Conference: "seoul", Revision: 1, Rooms: []meeting.RoomRule{{Room: "hall"}}})
	if err := a.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	m, err := a.Meeting(t.Context(), "seoul", "m", 0)
	if err != nil || m.Room != "" || !m.WaitsForRoom || m.Status != meeting.Confirmed || m.History[len(m.History)-1].Verb != meeting.WasUnroomed {
		t.Errorf("it is %s in %q, waits %t: %v", m.Status, m.Room, m.WaitsForRoom, err)
	}
	a.quieted(t)
	a.sound(t)
}

func TestABlockThatCannotStandMakesNobodyGiveWay(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	confirmed(t, a, "m", "kr", "gb", at(0), "b1")
	if err := a.releases(t.Context(), session("s", 2, 4)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Block(t.Context(), blockOf("x", "b1", 0, 4), meeting.By{Desk: true}, true); !errors.Is(err, errRoomInUse) {
		t.Errorf("it answers %v", err)
	}
	if m, err := a.Meeting(t.Context(), "seoul", "m", 0); err != nil || m.Revision != 2 {
		t.Errorf("the meeting is %s in %s: %v", m.Status, m.Room, err)
	}
}

func TestABlockTriedAgainIsNotForgottenWithTheFirstTry(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	first, err := a.Block(t.Context(), blockOf("x", "b1", 0, 2), meeting.By{Desk: true}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Unblock(t.Context(), "seoul", "x"); err != nil {
		t.Fatal(err)
	}
	a.quieted(t)
	if _, err := a.Block(t.Context(), blockOf("x", "b1", 0, 2), meeting.By{Desk: true}, false); err != nil {
		t.Fatal(err)
	}
	first.State = blockLifted
	c, _ := a.find("seoul")
	if err := a.forgetBlock(t.Context(), c, first); err != nil { // by somebody slow
		t.Fatal(err)
	}
	if all, err := a.Blocks("seoul"); err != nil || len(all) != 1 {
		t.Errorf("%v stand: %v", all, err)
	}
	a.request(t, "m", "kr", "gb")
	if _, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1")); !errors.Is(err, errNotFree) {
		t.Errorf("a meeting gets in: %v", err)
	}
}

func TestAReleaseDoesNotRelyOnTheRoomsOfAnother(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	_, agenda, err := a.live.Conference("seoul")
	if err != nil {
		t.Fatal(err)
	}
	next := func(id string) programme.Release {
		r, _ := agenda.Next("x", time.Now(), programme.Proposal{Sessions: []programme.Session{session(id, 0, 1)}})
		return r
	}
	settleOther, err := b.HoldRooms(t.Context(), agenda, next("y"))
	if err != nil {
		t.Fatal(err)
	}
	held := make(chan error, 1)
	go func() {
		_, err := a.HoldRooms(t.Context(), agenda, next("s"))
		held <- err
	}()
	settleOther(t.Context()) // it does not come true
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	if n := a.agendaClaims(t); n != 6 {
		t.Errorf("%d cells are claimed", n)
	}
}
