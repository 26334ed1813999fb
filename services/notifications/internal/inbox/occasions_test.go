package inbox

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// A reminder may wait: for the carrier, or for the end of somebody's night.
func TestAReminderStandsForAsLongAsWhatItSaysIsSoAndItsReaderGoes(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	p := &Planner{Mirror: NewMirror(quiet), Roster: roster.New(quiet)}
	see := func(subject string, state any) {
		data, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		p.Mirror.See(bus.Seen{Subject: subject, Data: data})
	}
	ten := time.Date(2013, 10, 17, 10, 0, 0, 0, time.UTC)
	session := event.SessionState{
		Session: "s", Revision: 1, Room: "a", RoomName: "Hall A", Start: ten, End: ten.Add(time.Hour), Status: event.SessionConfirmed,
		Duties: []string{"chair"},
	}
	meeting := event.MeetingState{
		Meeting: "m", Revision: 1, Status: isConfirmed, Slot: &event.MeetingSlot{Start: ten, End: ten.Add(time.Hour), RoomName: "B1"},
		Sides: []event.MeetingSide{{Delegation: "hu", People: []string{"ada"}}, {Delegation: "kr", People: []string{"bob"}}},
	}
	put := func() {
		see(event.SessionStateSubject("seoul", "s"), session)
		see(event.MeetingStateSubject("seoul", "m"), meeting)
	}
	put()
	see(event.PicksStateSubject("seoul", "ada"), event.PicksState{Delegate: "ada", Revision: 1, Picks: []event.Pick{{Session: "s"}}})
	reminder := func(kind, id string) push.Notice {
		o, ok := p.Occasion("seoul", push.Subject{Kind: kind, ID: id})
		if !ok {
			t.Fatalf("%s is not to come", id)
		}
		return push.Notice{Conference: "seoul", Subject: o.Subject, After: o.State}
	}
	ofSession, ofMeeting := reminder(push.Session, "s"), reminder(push.Meeting, "m")
	want := func(what string, want bool, n push.Notice, who ...string) {
		t.Helper()
		for _, delegate := range who {
			if p.Stands(n, delegate) != want {
				t.Errorf("%s, the reminder of %s stands for %s: %v", what, n.Subject, delegate, !want)
			}
		}
	}
	want("at first", true, ofSession, "ada", "chair")
	want("at first", true, ofMeeting, "ada", "bob")
	want("at first", false, ofSession, "bob")
	want("at first", false, ofMeeting, "chair")

	session.Revision, session.RoomName, session.Title = 2, "Hall of friendship", map[string]string{"en": "Panel"}
	put()
	want("under another name", true, ofSession, "ada", "chair")
	see(event.PicksStateSubject("seoul", "ada"), event.PicksState{Delegate: "ada", Revision: 2})
	want("unpicked", false, ofSession, "ada")
	session.Revision, session.Room = 3, "b"
	meeting.Revision, meeting.Slot.RoomName = 2, "B2"
	put()
	want("elsewhere", false, ofSession, "chair")
	want("elsewhere", false, ofMeeting, "ada")
	ofSession, ofMeeting = reminder(push.Session, "s"), reminder(push.Meeting, "m")
	session.Revision, session.Status = 4, event.SessionCancelled
	meeting.Revision, meeting.Sides[1].People = 3, []string{"eve"}
	put()
	want("cancelled", false, ofSession, "chair")
	want("replaced", false, ofMeeting, "bob")
	want("replaced", true, ofMeeting, "ada", "eve")
}
