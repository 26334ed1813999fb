package reminders

import (
	"testing"
	"time"

	"plenary.example/shared/event"
)

const minute = time.Minute

func TestAlarmsFollowWhatIsToCome(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.session("a", 1, ten, "")
	g.session("far", 1, ten.Add(5*time.Hour), "")
	g.session("begun", 1, ten.Add(-61*minute), "")
	g.wantPlanned("at first", "session/a/15 09:45")
	g.session("a", 2, ten.Add(30*minute), "")
	g.wantPlanned("after a delay", "session/a/15 10:15")
	g.session("a", 3, ten, "", func(s *event.SessionState) { s.Status = event.SessionCancelled })
	g.wantPlanned("of what is cancelled")
	g.session("a", 4, ten, "")
	g.wantPlanned("of what is on again", "session/a/15 09:45")
	g.leads["ada"] = []time.Duration{5 * minute, 60 * minute, 24 * time.Hour}
	g.wantPlanned("when somebody wants more", "session/a/15 09:45", "session/a/5 09:55", "session/a/60 09:00")
	g.see(event.MeetingStateSubject("seoul", "m"), event.MeetingState{
		Meeting: "m", Revision: 1, Status: "requested", Slot: &event.MeetingSlot{Start: ten, End: ten.Add(25 * minute)},
	})
	g.wantPlanned("of a meeting nobody confirmed", "session/a/15 09:45", "session/a/5 09:55", "session/a/60 09:00")
	delete(g.leads, "ada")
	g.see(event.MeetingStateSubject("seoul", "m"), event.MeetingState{
		Meeting: "m", Revision: 2, Status: "confirmed", Slot: &event.MeetingSlot{Start: ten, End: ten.Add(25 * minute)},
	})
	g.at("09:01")
	delete(g.alarms, "seoul/session/a/60") // it rang
	g.wantPlanned("of a confirmed meeting", "meeting/m/15 09:45", "session/a/15 09:45")
}

func TestAnAlarmIsThereForEachWayToTheRoom(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.session("a", 1, ten, "south")
	g.session("b", 1, ten, "north")
	g.wantPlanned("with ways", "session/a/15 09:45", "session/a/22 09:38",
		"session/b/15 09:45", "session/b/18 09:42", "session/b/22 09:38")
}

func TestWhatAReplicaThatStartsFindsOverdueRingsAtOnceUnlessItIsOld(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.session("a", 1, ten, "")
	g.session("b", 1, ten.Add(-2*minute), "")
	g.at("09:49")
	g.wantPlanned("late", "session/a/15 09:45")
	clear(g.alarms) // they rang
	g.wantPlanned("afterwards")
	other := *g.r
	other.set = nil
	g.r = &other
	g.wantPlanned("of who starts now", "session/a/15 09:45")
}

func TestAClockThatIsPutBackMovesTheAlarms(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.session("a", 1, ten, "")
	g.replan()
	before := g.alarms["seoul/session/a/15"].At
	g.see(event.ConferenceStateSubject("seoul"), event.ConferenceState{
		Conference: "seoul", Revision: 2, ClockOffset: int64((offset - 10*minute).Seconds()),
	})
	g.replan()
	if got := g.alarms["seoul/session/a/15"].At.Sub(before); got != 10*minute {
		t.Errorf("the alarm rings %s later, want 10 minutes", got)
	}
}

func TestWhoseTurnItIsDependsOnTheirLeadsAndTheirWay(t *testing.T) {
	t.Parallel()
	leads := []time.Duration{15 * minute, 60 * minute}
	for _, x := range []struct {
		what        string
		way, before time.Duration
		when        time.Duration // 0 is not their turn
	}{
		{"a lead", 0, 15 * minute, 15 * minute},
		{"a lead of nobody", 0, 22 * minute, 0},
		{"a lead and the way", 7 * minute, 22 * minute, 22 * minute},
		{"somebody else's longer way", 3 * minute, 22 * minute, 0},
		{"their way was shorter then", 7 * minute, 18 * minute, 22 * minute},
		{"the lead without the way, which was told", 7 * minute, 15 * minute, 22 * minute},
		{"the other lead", 7 * minute, 67 * minute, 67 * minute},
		{"a lead that is nearer to the other than the way", 50 * minute, 62 * minute, 65 * minute},
		{"the other of them", 50 * minute, 110 * minute, 110 * minute},
	} {
		lead, ok := owed(leads, x.way, x.before)
		if ok != (x.when > 0) || ok && lead+x.way != x.when {
			t.Errorf("%s: it is %s, %v before, want %s", x.what, lead+x.way, ok, x.when)
		}
	}
}

func TestWhatIsMovedWhenItIsNearIsLookedAtAtOnce(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.session("a", 1, ten, "south")
	g.session("b", 1, ten, "south")
	g.session("later", 1, ten, "south")
	g.replan()
	g.at("09:50") // all rang; those who walk were reminded too
	clear(g.alarms)
	g.session("a", 2, ten.Add(-2*minute), "south")
	g.session("b", 2, ten, "north")
	g.session("later", 2, ten.Add(30*minute), "south")
	want := []string{"session/a/0 09:50", "session/b/0 09:50", "session/later/15 10:15", "session/later/22 10:08"}
	g.wantPlanned("of what was moved", want...)
	clear(g.alarms)
	g.wantPlanned("of what was looked at")
	g.session("b", 3, ten, "north", func(s *event.SessionState) { s.RoomName = "Hall of friendship" })
	g.wantPlanned("of a room that has another name")

	other := *g.r
	other.set, other.slots = nil, nil
	g.r = &other
	g.wantPlanned("of who starts now", "session/later/15 10:15", "session/later/22 10:08")
}

func TestAReminderIsReadyBeforeItsTimeAndNoPhoneBuzzesBeforeIt(t *testing.T) {
	t.Parallel()
	g := setup(t).filed()
	g.session("before", 1, ten.Add(-75*minute), "north")
	g.session("a", 1, ten, "south")
	g.pick("bob", 1, "before", "a")
	g.leads["bob"] = []time.Duration{18 * minute}
	g.replan()
	for _, x := range []struct{ at, alarm string }{{"09:35", "25"}, {"09:42", "18"}} {
		g.at(x.at)
		g.wall = g.wall.Add(-early)
		g.ring("session/a/" + x.alarm)
	}
	g.wantInbox("bob", "session.reminder 25")
	items, _ := g.r.Ledger.Inbox("seoul", "bob", 0, 1)
	if due := ten.Add(-25*minute - offset); !items[0].NotBefore.Equal(due) || !items[0].At.Equal(due.Add(-early)) {
		t.Errorf("filed at %s, it may buzz at %s", items[0].At, items[0].NotBefore)
	}
}
