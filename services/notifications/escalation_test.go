package notifications_test

import (
	"net/http"
	"testing"
	"time"

	"plenary.example/services/notifications"
	"plenary.example/shared/caller"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

func (s *stage) calls(at *client.ClientWithResponses) []client.Call {
	s.Helper()
	got, err := at.GetCallListWithResponse(s.Context(), seoul, nil)
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatalf("the call list: %v, %s", err, got.Body)
	}
	return got.JSON200.Items
}

// announceBy tells everybody of Seoul something that is to be acknowledged.
func (s *stage) announceBy(n *notifications.Service, people int, by time.Time) {
	s.Helper()
	all, key := true, client.IdempotencyKey("0123456789abcdef")
	news := client.NewAnnouncement{
		Texts: client.AnnouncementTexts{"en": {Title: "Buses", Body: "They leave now."}}, Audience: client.Audience{All: &all},
		Urgency: "urgent", AcknowledgeBy: &by, Confirm: &client.AnnouncementConfirmation{Count: people},
	}
	got, err := s.office(n).CreateAnnouncementWithResponse(s.Context(), seoul, &client.CreateAnnouncementParams{IdempotencyKey: &key}, news)
	if err != nil || got.StatusCode() != http.StatusCreated {
		s.Fatalf("announcing: %v, %s", err, got.Body)
	}
}

// TestNewsThatNobodyAcknowledgesIsCalledAfter has an announcement with a deadline
// a moment ahead; how each step waits for the next is tested without a clock.
func TestNewsThatNobodyAcknowledgesIsCalledAfter(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.named(map[string]event.Person{"hal": {Delegate: "hal", Delegation: "hu", Designation: "Hungary", Name: "Nagy Hal", Function: "Minister", Telephone: "+36 1 234"}})
	a, b := s.open(), s.open()
	s.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul", Languages: []string{"en"}})
	for who, of := range map[string]string{"hal": "hu", "min": "kr", "talks": "kr"} {
		d := event.DelegateState{Delegate: who, Delegation: of, Revision: 1, Status: event.Accredited, Rank: "minister", Roles: []string{caller.Delegate}}
		if who == "talks" {
			d.Rank, d.Roles = "", append(d.Roles, caller.Liaison)
		}
		s.put(event.DelegateStateSubject(seoul, who), 1, d)
		s.phone(a, who, who)
	}
	s.settled()
	s.announceBy(a, 3, time.Now().Add(5*time.Second))
	s.eventually("the ministers have it", func() bool { return len(s.read(s.as(a, seoul, "hal", "x"))) == 1 })
	desk := s.desk(b, caller.Desk)
	s.eventually("Hungary is to be called", func() bool { return len(s.calls(desk)) == 1 })
	call := s.calls(desk)[0]
	if call.Delegation != "hu" || call.Designation != "Hungary" || len(call.People) != 1 || call.Title != "Buses" ||
		call.People[0] != (client.Callee{DelegateID: "hal", Name: "Nagy Hal", Function: "Minister", Telephone: "+36 1 234"}) {
		t.Errorf("to call: %+v", call)
	}
	s.eventually("Korea's liaison is asked", func() bool { return len(s.read(s.as(b, seoul, "talks", "x"))) == 2 })
	asked := s.read(s.as(b, seoul, "talks", "x"))[1]
	if asked.Category != "escalation.asked" || asked.Urgency != "urgent" || asked.Delegation != "kr" {
		t.Errorf("asked: %+v", asked)
	}
	s.settled()
	s.wantPushes("talks", "announcement", "escalation.asked")
	first := s.read(s.as(a, seoul, "min", "x"))[0]
	if first.AcknowledgeBy == nil {
		t.Errorf("the minister reads %+v", first)
	}
	s.report(s.as(a, seoul, "min", "x"), "acknowledged", first.ID)
	s.report(s.as(b, seoul, "hal", "x"), "acknowledged", first.ID)
	s.eventually("nobody is to be called", func() bool { return len(s.calls(desk))+len(s.calls(s.desk(a, caller.Desk))) == 0 })
	s.settled()
	s.wantPushes("talks", "announcement", "escalation.asked", "escalation.ended")
	cards := s.carrier.Phone("talks")
	if len(cards) == 3 && cards[1].Tag != cards[2].Tag {
		t.Error("the card that nothing is needed does not take the place of the other")
	}
	made, err := desk.ReportCallsWithResponse(t.Context(), seoul, client.CallsMade{Ids: []string{call.ID, bilateral}})
	if err != nil || made.StatusCode() != http.StatusOK || *made.JSON200 != (client.ReceiptsTaken{Taken: 1, Ignored: 1}) {
		t.Errorf("reporting a call: %v, %s", err, made.Body)
	}
}
