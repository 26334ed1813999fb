package reminders

import (
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// change tells people of a session how it is, now.
func (g *rig) change(session string, revision int64, who ...string) {
	g.t.Helper()
	about := push.Subject{Kind: push.Session, ID: session}
	o, _ := g.r.Plan.Occasion("seoul", about)
	if err := g.r.Plan.File(g.t.Context(), push.Notice{
		Key: push.Key("seoul", about, revision-1, revision), Conference: "seoul", Subject: about, From: revision - 1, To: revision,
		Urgency: push.Urgent, Category: "session.moved", After: o.State,
	}, who); err != nil {
		g.t.Fatal(err)
	}
}

func TestReminders(t *testing.T) {
	t.Parallel()
	g := setup(t).filed()
	g.session("a", 1, ten, "south", func(s *event.SessionState) { s.Duties = []string{"chair"} })
	g.session("before", 1, ten.Add(-75*minute), "north")
	g.session("yesterday", 1, ten.Add(-24*time.Hour), "north")
	g.pick("ada", 1, "a")
	g.pick("bob", 1, "before", "a")
	g.pick("eve", 1, "yesterday", "a")
	g.leads["eve"] = nil
	g.pick("tom", 1, "yesterday", "a") // who may be anywhere by now
	g.pick("max", 1, "a")
	g.leads["max"] = []time.Duration{5 * minute, 40 * minute}
	g.replan()

	t.Run("go to each when they asked for it, and earlier who has a way", func(*testing.T) {
		g.at("09:20")
		g.ring("session/a/40")
		g.at("09:38")
		g.ring("session/a/22")
		g.wantInbox("bob", "session.reminder 22")
		g.wantInbox("ada")
		g.wantInbox("tom")
		g.at("09:45")
		g.ring("session/a/15")
		g.wantInbox("tom", "session.reminder 15")
		g.wantInbox("ada", "session.reminder 15")
		g.wantInbox("bob", "session.reminder 22")
		g.wantInbox("chair", "session.reminder 15")
		g.wantInbox("eve")
		g.wantInbox("max", "session.reminder 40")
		g.at("09:55")
		g.ring("session/a/5")
		g.wantInbox("max", "session.reminder 40", "session.reminder 5")
	})
	t.Run("are no news", func(t *testing.T) {
		about := push.Subject{Kind: push.Session, ID: "a"}
		if n, ok := g.r.Ledger.Newest("seoul", about); ok {
			t.Errorf("the newest of the session is %s", n.Category)
		}
		if g.r.Ledger.Has("seoul", "ada", about, 1) {
			t.Error("ada has heard of a revision that nobody was told of")
		}
		items, _ := g.r.Ledger.Inbox("seoul", "ada", 0, 1)
		n := items[0]
		if later, theirs := g.r.Ledger.After(n, "ada"); !theirs || len(later) > 0 {
			t.Errorf("the reminder is ada's: %v, and after it came %+v", theirs, later)
		}
		if _, theirs := g.r.Ledger.After(n, "max"); theirs {
			t.Error("ada's reminder is max's")
		}
		if n.From != 1 || n.To != 1 || n.Urgency != push.Important || !n.ExpiresAt.Equal(ten.Add(-offset)) ||
			n.After.Room != "Hall south" || !n.After.Start.Equal(ten) || n.Zone != "Asia/Seoul" {
			t.Errorf("the reminder is %+v", n)
		}
	})
	t.Run("ring again without another notice, and are sent once more", func(t *testing.T) {
		g.at("09:45")
		phone := push.Device{Installation: "i", Token: "t", Delegate: "ada", Conference: "seoul"}
		if err := g.r.Plan.Devices.Add(t.Context(), "seoul", []push.Device{phone}); err != nil {
			t.Fatal(err)
		}
		g.r.set = nil
		g.replan()
		g.ring("session/a/15")
		g.wantInbox("ada", "session.reminder 15")
		items, _ := g.r.Ledger.Inbox("seoul", "ada", 0, 1)
		if len(g.sent) != 1 || g.sent[0].Key != items[0].Key {
			t.Errorf("sent is %+v", g.sent)
		}
		g.at("09:47")
		g.r.set = nil // a replica that starts
		g.replan()
		g.ring("session/a/15")
		if len(g.sent) != 1 {
			t.Errorf("what was sent long ago is sent once more: %+v", g.sent)
		}
	})
}

func TestAChangeSupersedesTheReminder(t *testing.T) {
	t.Parallel()
	g := setup(t).filed()
	g.session("late", 1, ten, "")
	g.session("sooner", 1, ten.Add(time.Hour), "")
	g.session("cancelled", 1, ten, "")
	for _, who := range []string{"ada", "bob"} {
		g.pick(who, 1, "late", "sooner", "cancelled")
	}
	g.replan()
	stale := g.alarms["seoul/session/late/15"]

	g.at("09:45")
	g.session("late", 2, ten.Add(30*minute), "")
	g.session("sooner", 2, ten.Add(-2*minute), "")
	g.session("cancelled", 2, ten, "", func(s *event.SessionState) { s.Status = event.SessionCancelled })
	g.change("late", 2, "ada", "bob")
	g.change("sooner", 2, "ada")
	overdue := g.alarms["seoul/session/cancelled/15"]
	g.replan()
	if err := g.r.Ring(t.Context(), overdue); err != nil {
		t.Fatal(err)
	}
	g.ring("session/sooner/15")
	if err := g.r.Ring(t.Context(), stale); err != nil { // a replica that lagged had set it
		t.Fatal(err)
	}
	g.wantInbox("ada", "session.moved 0", "session.moved 0")
	g.wantInbox("bob", "session.moved 0", "session.reminder 13")

	if got := g.alarms["seoul/session/late/15"].At.Add(offset + early); !got.Equal(ten.Add(15 * minute)) {
		t.Errorf("the reminder of what was moved is at %s", got)
	}
	g.at("10:15")
	g.ring("session/late/15")
	g.wantInbox("ada", "session.moved 0", "session.moved 0", "session.reminder 15")
}

func TestAReminderWaitsForTheChangeThatPeopleAreAboutToHear(t *testing.T) {
	t.Parallel()
	g := setup(t).filed()
	g.session("a", 1, ten, "")
	g.pick("ada", 1, "a")
	g.replan()
	g.untold = true
	g.session("a", 2, ten, "elsewhere")
	g.at("09:45")
	g.ring("session/a/15")
	g.wantInbox("ada")
	if again := g.alarms["seoul/session/a/15"]; !again.At.After(g.wall) {
		t.Errorf("it does not ring again: %+v", again)
	}
	for range enough {
		g.wall = g.wall.Add(soon)
		g.ring("session/a/15")
	}
	g.wantInbox("ada", "session.reminder 14") // something must be wrong with the news
}

func TestOfAMeetingThoseAreRemindedWhoTakePartAndMayBeTold(t *testing.T) {
	t.Parallel()
	g := setup(t).filed()
	for id, d := range map[string]event.DelegateState{
		"minister": {Delegation: "hu"}, "left": {Delegation: "hu", Status: event.Removed}, "liaison": {Delegation: "hu", Roles: []string{"liaison"}},
		"speaker": {Delegation: "kr", Roles: []string{"liaison"}}, "other": {Delegation: "kr"},
	} {
		d.Delegate, d.Revision = id, 1
		if d.Status == "" {
			d.Status = event.Accredited
		}
		g.person(d)
	}
	meeting := event.MeetingState{
		Meeting: "m", Revision: 3, Status: "confirmed", Verb: "confirmed",
		Slot:  &event.MeetingSlot{Start: ten, End: ten.Add(25 * minute), RoomName: "B1", Zone: "south"},
		Sides: []event.MeetingSide{{Delegation: "hu", People: []string{"minister", "left"}}, {Delegation: "kr"}},
	}
	g.see(event.MeetingStateSubject("seoul", "m"), meeting)
	if err := g.r.Ledger.SetMet(t.Context(), "seoul", meeting); err != nil {
		t.Fatal(err)
	}
	g.session("before", 1, ten.Add(-75*minute), "north")
	g.pick("speaker", 1, "before")
	g.replan()
	g.at("09:38")
	g.ring("meeting/m/22")
	g.at("09:45")
	g.ring("meeting/m/15")
	g.wantInbox("minister", "meeting.reminder 15")
	g.wantInbox("speaker", "meeting.reminder 22")
	for _, who := range []string{"left", "liaison", "other"} {
		g.wantInbox(who)
	}
	if n, ok := g.r.Ledger.Latest("seoul", "minister", push.Subject{Kind: push.Meeting, ID: "m"}); ok {
		t.Errorf("the reminder counts as news: %+v", n)
	}
}
