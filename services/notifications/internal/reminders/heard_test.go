package reminders

import (
	"testing"
	"time"

	"plenary.example/shared/event"
)

// A change that somebody does not want to hear of says nothing to them, so their
// reminder is of how the session is now.
func TestWhoHearsOfNoChangeIsRemindedOfHowItIsNow(t *testing.T) {
	t.Parallel()
	g := setup(t).filed()
	g.deaf["deaf"] = true
	g.session("room", 1, ten, "south")
	g.session("sooner", 1, ten.Add(2*time.Hour), "")
	g.session("due", 1, ten, "")
	for _, who := range []string{"ada", "deaf"} {
		g.pick(who, 1, "room", "sooner", "due")
	}
	g.replan()
	g.at("09:45")
	g.session("due", 2, ten, "east")
	g.change("due", 2, "ada", "deaf")
	g.ring("session/due/15")
	g.wantInbox("ada", "session.moved 0")
	g.wantInbox("deaf", "session.moved 0", "session.reminder 15")

	g.ring("session/room/15")
	g.at("09:50")
	g.session("room", 2, ten, "north")
	g.change("room", 2, "ada", "deaf")
	g.session("sooner", 2, ten, "")
	g.change("sooner", 2, "ada", "deaf")
	g.replan()
	g.ring("session/room/0")
	g.ring("session/sooner/0")
	g.wantInbox("ada", "session.moved 0", "session.reminder 15", "session.moved 0", "session.moved 0")
	all := []string{
		"session.moved 0", "session.reminder 15", "session.reminder 15", "session.moved 0", "session.moved 0",
		"session.reminder 10", "session.reminder 10",
	}
	g.wantInbox("deaf", all...)
	items, _ := g.r.Ledger.Inbox("seoul", "deaf", 0, 100)
	if n := items[5]; n.After.Room != "Hall north" || n.To != 2 {
		t.Errorf("the reminder of what has another room is %+v", n)
	}
	g.r.set, g.r.slots = nil, nil // a replica that starts
	g.replan()
	for key := range g.alarms {
		g.ring(key[len("seoul/"):])
	}
	g.wantInbox("deaf", all...)
}

func TestTwoLeadsThatAreCloserThanTheWayAreBothWithTheWay(t *testing.T) {
	t.Parallel()
	g := setup(t).filed()
	g.session("before", 1, ten.Add(-75*minute), "north")
	g.session("a", 1, ten, "south")
	g.pick("bob", 1, "before", "a")
	g.leads["bob"] = []time.Duration{15 * minute, 18 * minute}
	g.replan()
	for _, x := range []struct{ at, alarm string }{
		{"09:35", "25"}, {"09:38", "22"}, {"09:42", "18"}, {"09:45", "15"},
	} {
		g.at(x.at)
		g.ring("session/a/" + x.alarm)
	}
	g.wantInbox("bob", "session.reminder 25", "session.reminder 22")
}

// Who picks something within their lead has just read when it begins. Who is given
// a part in it has not, nor has who picked it before it was moved.
func TestWhoPicksWithinTheirLeadKnows(t *testing.T) {
	t.Parallel()
	g := setup(t).filed()
	g.session("a", 2, ten, "south", func(s *event.SessionState) { s.Duties = []string{"chair"} })
	g.session("before", 1, ten.Add(-75*minute), "north")
	at := func(clock string) time.Time {
		g.at(clock)
		return g.wall
	}
	for who, p := range map[string]event.Pick{
		"early": {AgendaRevision: 2, At: at("09:00")}, "within": {AgendaRevision: 2, At: at("09:46")},
		"behind": {AgendaRevision: 1, At: at("09:46")}, "walks": {AgendaRevision: 2, At: at("09:40")},
	} {
		p.Session = "a"
		picks := []event.Pick{p}
		if who == "walks" {
			picks = append(picks, event.Pick{Session: "before", AgendaRevision: 1})
		}
		g.see(event.PicksStateSubject("seoul", who), event.PicksState{Delegate: who, Revision: 1, Picks: picks})
	}
	g.at("09:47") // a replica that starts finds the alarm overdue
	g.replan()
	g.ring("session/a/15")
	for _, who := range []string{"early", "behind", "walks", "chair"} {
		g.wantInbox(who, "session.reminder 13")
	}
	g.wantInbox("within")
}
