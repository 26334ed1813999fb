package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

func blockOf(id, room string, from, to int) meeting.Block {
	return meeting.Block{ID: id, Conference: "seoul", Room: room, Start: at(from).Start, End: at(to).Start, Reason: "a committee"}
}

func TestABlockKeepsMeetingsOutUntilItIsLifted(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	a.request(t, "m", "kr", "gb")
	if _, err := a.Block(t.Context(), blockOf("x", "b1", 0, 2), meeting.By{Desk: true}, false); err != nil {
		t.Fatal(err)
	}
	if again, err := b.Block(t.Context(), blockOf("x", "b1", 0, 2), meeting.By{Desk: true}, false); err != nil || again.State != blockStands {
		t.Errorf("again: %v, %v", again, err)
	}
	b.quietedAfter(t, a)
	for _, r := range []*replica{a, b} {
		if all, err := r.Blocks("seoul"); err != nil || len(all) != 1 {
			t.Errorf("%v stand: %v", all, err)
		}
		if _, err := r.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(1), "b1")); !errors.Is(err, errNotFree) {
			t.Errorf("a meeting gets in: %v", err)
		}
	}
	_, err := b.Block(t.Context(), blockOf("y", "b1", 1, 3), meeting.By{Desk: true}, true)
	if !problem.Is(err, problem.Conflict) {
		t.Errorf("two blocks overlap: %v", err)
	}
	if err := b.Unblock(t.Context(), "seoul", "x"); err != nil {
		t.Fatal(err)
	}
	if err := a.Unblock(t.Context(), "seoul", "x"); !problem.Is(err, problem.NotFound) {
		t.Errorf("lifted twice: %v", err)
	}
	if _, err := b.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(1), "b1")); err != nil {
		t.Errorf("after it is lifted: %v", err)
	}
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
}

func TestABlockMakesMeetingsGiveWayOnlyWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	confirmed(t, a, "m", "kr", "gb", at(0), "b1")
	confirmed(t, a, "n", "us", "fr", at(1), "b1")
	b.quietedAfter(t, a)
	if _, err := b.Block(t.Context(), blockOf("x", "b1", 0, 2), meeting.By{Desk: true}, false); !problem.Is(err, problem.Conflict) {
		t.Errorf("it answers %v", err)
	}
	if _, err := b.Block(t.Context(), blockOf("y", "b1", 0, 2), meeting.By{Desk: true}, true); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"m", "n"} {
		m, err := b.Meeting(t.Context(), "seoul", id, 0)
		if err != nil || m.Room == "b1" || m.Status != meeting.Confirmed {
			t.Errorf("%s is %s in %s: %v", id, m.Status, m.Room, err)
		}
	}
	a.quieted(t)
	b.quieted(t)
	err := a.audit(t.Context())
	if err == nil || strings.Count(err.Error(), "of block/y under ") != 12 || strings.Count(err.Error(), "\n") != 11 {
		t.Errorf("beside the block's claims: %v", err)
	}
}

func TestABlockThatNeverCameToStandIsSweptAway(t *testing.T) {
	t.Parallel()
	for _, step := range []string{stepClaim, stepClaimHalf, stepBlockConfirm} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			e := enginestest.Test(t)
			r, arm, _, stop := dying(t, e, step, 1)
			r.request(t, "m", "kr", "gb")
			arm()
			if _, err := r.Block(t.Context(), blockOf("x", "b1", 0, 2), meeting.By{Desk: true}, false); !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			stop()
			later, _ := open(t, e)
			later.clock.advance(patience)
			later.recover(t)
			later.sound(t)
			if _, err := later.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1")); err != nil {
				t.Error(err)
			}
		})
	}
}

// session is one in a room for meetings.
func session(id string, from, to int) programme.Session {
	return programme.Session{ID: id, Kind: programme.SideEvent, Title: programme.Text{"en": id}, Room: "b1", Start: at(from).Start, End: at(to).Start, Status: programme.Confirmed}
}

// releases brings sessions into the agenda as they are here.
func (r *replica) releases(ctx context.Context, sessions ...programme.Session) error {
	_, _, err := r.live.Release(ctx, "seoul", "x", "", func(programme.Conference, programme.Agenda) (programme.Proposal, error) {
		return programme.Proposal{Sessions: sessions}, nil
	})
	return err
}

func TestASessionInARoomForMeetingsKeepsThemOut(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	a.request(t, "m", "kr", "gb")
	a.quieted(t)
	b.deaf()
	if err := a.releases(t.Context(), session("s", 0, 2)); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*replica{a, b} { // of which b knows nothing
		if _, err := r.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(1), "b1")); !problem.Is(err, problem.Conflict) {
			t.Errorf("a meeting gets in: %v", err)
		}
	}
	gone := session("s", 0, 2)
	gone.Room = "hall"
	if err := a.releases(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(1), "b1")); err != nil {
		t.Errorf("after it has moved: %v", err)
	}
	a.quieted(t)
	a.sound(t)
}

func TestASessionCannotBePutOntoAMeetingAndLearnsNothingOfIt(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	confirmed(t, b, "secret", "kr", "gb", at(1), "b1")
	b.quieted(t)
	err := a.releases(t.Context(), session("s", 0, 2), session("elsewhere", 4, 5))
	p := problem.From(err)
	if p.Kind != problem.Conflict || p.Code != "room_in_use" || fmt.Sprint(p.Fields[0].Params) != "map[endsAt:2013-10-17T01:00:00Z room:b1 startsAt:2013-10-17T00:00:00Z]" || strings.Contains(err.Error(), "secret") {
		t.Errorf("it is refused with %v %v", err, p.Fields)
	}
	if _, agenda, _ := a.live.Conference("seoul"); agenda.Revision != 1 {
		t.Errorf("the agenda is at %d", agenda.Revision)
	}
	if err := a.releases(t.Context(), session("s", 2, 4)); err != nil {
		t.Errorf("beside it: %v", err)
	}
	if n := a.agendaClaims(t); n != 12 {
		t.Errorf("%d cells are claimed for one session of an hour", n)
	}
}

func TestOfASessionAndAMeetingThatWantOneRoomOneGetsIt(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	for i := range 4 {
		id := fmt.Sprint("m", i)
		b.request(t, id, "kr", "gb")
		errs := make([]error, 2)
		var wg sync.WaitGroup
		wg.Go(func() { errs[0] = a.releases(t.Context(), session(id, i, i+1)) })
		wg.Go(func() { _, errs[1] = b.Do(t.Context(), "seoul", id, 0, meeting.By{}, into(at(i), "b1")) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%d: %v", i, errs)
		}
	}
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
}

func TestWhatIsClaimedForAReleaseThatNeverCameIsGivenBack(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, stop := open(t, e)
	_, agenda, err := a.live.Conference("seoul")
	if err != nil {
		t.Fatal(err)
	}
	r, _ := agenda.Next("x", time.Now(), programme.Proposal{Sessions: []programme.Session{session("s", 0, 2)}})
	if _, err := a.HoldRooms(t.Context(), agenda, r); err != nil {
		t.Fatal(err)
	}
	stop() // before it is released
	b, _ := open(t, e)
	b.request(t, "m", "kr", "gb")
	if _, err := b.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(1), "b1")); !problem.Is(err, problem.Conflict) {
		t.Errorf("while it may still come: %v", err)
	}
	b.clock.advance(abandoned + time.Second)
	if err := b.LookForOrphans(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.agendaClaims(t); n != 0 {
		t.Errorf("%d cells are still claimed", n)
	}
	if _, err := b.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(1), "b1")); err != nil {
		t.Error(err)
	}
}

func TestSessionsThatCameBeforeTheirRoomWasForMeetingsAreClaimedFor(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	inHall := session("s", 0, 2)
	inHall.Room = "hall"
	if err := a.releases(t.Context(), inHall); err != nil {
		t.Fatal(err)
	}
	open := func(rooms ...string) {
		t.Helper()
		p, _ := a.Policy("seoul")
		if _, err := a.SetPolicy(t.Context(), "seoul", p.Revision, func(_ meeting.World, p meeting.Policy) (meeting.Policy, error) {
			p.Rooms = nil
			for _, r := range rooms {
				p.Rooms = append(p.Rooms, meeting.RoomRule{Room: r})
			}
			return p, nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := a.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		room string
		want int
	}{{"b1", 0}, {"hall", 12}} {
		open(test.room)
		if n := a.agendaClaims(t); n != test.want {
			t.Errorf("with %s for meetings %d cells are claimed", test.room, n)
		}
	}
	open("b1") // what is claimed in a room that is not for meetings is in nobody's way
	a.clock.advance(abandoned + time.Second)
	if err := a.LookForOrphans(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := a.agendaClaims(t); n != 0 {
		t.Errorf("with the hall taken back %d cells are claimed", n)
	}
}

func TestWhatWasReadOfABlockBeforeItWasLiftedIsNotKept(t *testing.T) {
	t.Parallel()
	c, b := newConference("seoul"), blockOf("x", "b1", 0, 2)
	b.State, b.Attempt = blockStands, "a"
	c.keepBlock(b)
	known := c.ofBlocks()
	for range 2 {
		if !c.keepRead(b, known) {
			t.Error("what is as it was known is not kept")
		}
	}
	lifted := b
	lifted.State = blockLifted
	c.keepBlock(lifted)
	if c.keepRead(b, known) || len(c.blocks) > 0 || !c.diary.Free(blockHolds(b)[0]) {
		t.Error("a block that was lifted stands")
	}
}

func TestAnAgendaThatComesLateIsNotShown(t *testing.T) {
	t.Parallel()
	c, w := newConference("seoul"), meeting.World{Now: nine}
	at0, at4 := session("s", 0, 1), session("s", 4, 5)
	var worlds []meeting.World
	agenda := programme.Empty("seoul")
	for _, p := range []programme.Proposal{
		{Rooms: []programme.Room{{ID: "b1", Name: "B1", Kind: "bilateral"}}}, {Sessions: []programme.Session{at0}}, {Sessions: []programme.Session{at4}},
	} {
		r, _ := agenda.Next("x", nine, p)
		next, err := agenda.With(r)
		if err != nil {
			t.Fatal(err)
		}
		agenda, w.Agenda = next, next
		worlds = append(worlds, w)
	}
	for _, n := range []int{1, 2, 1} {
		c.show(worlds[n])
	}
	for n, free := range map[int]bool{0: true, 4: false} {
		if hold := blockHolds(blockOf("", "b1", n, n+1))[0]; c.diary.Free(hold) != free || c.firm.Free(hold) != free {
			t.Errorf("the half hour %d is free: %t", n, c.diary.Free(hold))
		}
	}
}
