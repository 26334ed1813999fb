package notifications_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/shared/caller"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

const bilateral = "0190a3c2-7b1e-7c4d-9a51-00000000b001"

// person puts somebody of a delegation onto the roster, with a phone.
func (s *stage) person(delegate, delegation string, roles ...string) {
	s.Helper()
	s.put(event.DelegateStateSubject(seoul, delegate), 1, event.DelegateState{
		Delegate: delegate, Delegation: delegation, Revision: 1, Status: event.Accredited, Roles: append(roles, caller.Delegate),
	})
}

// meet publishes how a meeting stands and what became of it.
func (s *stage) meet(m event.MeetingTold) {
	s.Helper()
	s.put(event.MeetingStateSubject(seoul, m.Meeting), m.Revision, event.MeetingState{
		Meeting: m.Meeting, Revision: m.Revision, Status: m.Status, Sides: m.Sides, Slot: m.Slot, Proposal: m.Proposal,
		Awaits: m.Awaits, ExpiresAt: m.ExpiresAt, Verb: m.Verb, By: m.By,
	})
	s.publish(seoul, m.Meeting, m.Revision, m)
}

// read is what a delegate reads in their inbox.
func (s *stage) read(at *client.ClientWithResponses) []client.InboxItem {
	s.Helper()
	got, err := at.ReadInboxWithResponse(s.Context(), nil)
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatalf("reading the inbox: %v, %v", got, err)
	}
	return got.JSON200.Items
}

func TestAPhoneSaysOnlyThatThereIsNewsOfAMeetingAndTheInboxWhenAndWhere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a, b := s.open(), s.open()
	s.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul"})
	s.person("asker", "hu", caller.Liaison)
	s.person("asked", "kr", caller.Liaison)
	s.person("minister", "kr")
	s.person("member", "kr")
	s.person("stranger", "fr", caller.Liaison)
	for _, who := range []string{"asker", "asked", "minister", "member", "stranger"} {
		s.phone(a, who, who)
	}
	sides := []event.MeetingSide{{Delegation: "hu"}, {Delegation: "kr"}}
	slot := &event.MeetingSlot{Start: s.start, End: s.start.Add(25 * time.Minute), RoomName: "Bilateral room 3"}
	s.meet(event.MeetingTold{
		Verb: "requested", Meeting: bilateral, Revision: 1, Status: "requested", By: "hu", Sides: sides, Proposal: "request",
		Awaits: []string{"kr"}, Proposed: []event.MeetingSlot{{Start: slot.Start, End: slot.End}}, ExpiresAt: s.start.Add(-time.Hour),
	})
	s.settled()
	sides[1].People = []string{"minister"}
	s.meet(event.MeetingTold{Verb: "confirmed", Meeting: bilateral, Revision: 2, Status: "confirmed", By: "kr", Sides: sides, Slot: slot})
	s.settled()
	s.wantPushes("asker", "meeting.confirmed")
	s.wantPushes("asked", "meeting.requested", "meeting.confirmed")
	s.wantPushes("minister", "meeting.confirmed")
	s.wantPushes("member")
	s.wantPushes("stranger")
	tags := map[string]bool{}
	for _, m := range s.carrier.All() {
		tags[m.Tag] = true
		if m.Title != "Your bilateral schedule has news" || m.Body != "Open the app." || m.Data["subjectKind"] != "meeting" || m.Data["subjectId"] != bilateral {
			t.Errorf("a phone shows %q, %q of %v", m.Title, m.Body, m.Data)
		}
		for _, secret := range []string{"room", "hu\"", "kr\"", slot.Start.Format("15:04"), "minister"} {
			if strings.Contains(strings.ToLower(string(m.Message)), secret) {
				t.Errorf("what goes to the carrier says %q: %s", secret, m.Message)
			}
		}
	}
	if len(tags) != 1 {
		t.Errorf("%d cards for one meeting", len(tags))
	}
	zone := time.FixedZone("Seoul", 9*60*60)
	when := slot.Start.In(zone).Format("Mon 2 Jan 15:04")
	s.eventually("the sibling has heard of the notice", func() bool { return len(s.read(s.as(b, seoul, "asked", "x"))) == 2 })
	items := s.read(s.as(b, seoul, "asked", "x"))
	if got := items[0]; got.Category != "meeting.requested" || !strings.Contains(got.Body, "Offered: "+when) || strings.Contains(got.Body, "room") {
		t.Errorf("the inbox says %q, %q", got.Title, got.Body)
	}
	got := items[1]
	if !strings.Contains(got.Body, when) || !strings.Contains(got.Body, "Bilateral room 3") || got.Subject.Kind != "meeting" || got.Subject.ID != bilateral ||
		got.After == nil || got.After.Room != "Bilateral room 3" || !got.After.StartsAt.Equal(slot.Start) {
		t.Errorf("the inbox says %+v", got)
	}
	for _, who := range []string{"member", "stranger"} {
		if items := s.read(s.as(a, seoul, who, "x")); len(items) > 0 {
			t.Errorf("%s reads %+v", who, items)
		}
	}
}
