package notifications_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications"
	"plenary.example/shared/caller"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// named plays the service that knows people by name: everybody is called as
// their id, and their delegation too.
func (s *stage) named(people map[string]event.Person) {
	s.Helper()
	hush, err := s.bus.Answer(event.AskDirectory, func(_ context.Context, _ string, question []byte) (any, error) {
		var q event.Lookup
		if err := json.Unmarshal(question, &q); err != nil {
			return nil, err
		}
		a := event.LookupAnswer{People: []event.Person{}}
		for _, id := range q.Delegates {
			if p, ok := people[id]; ok {
				a.People = append(a.People, p)
			}
		}
		return a, nil
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(hush)
}

func (s *stage) desk(n *notifications.Service, roles ...string) *client.ClientWithResponses {
	s.Helper()
	return s.holding(n, seoul, "organiser", "of-organiser", "host", append(roles, caller.Delegate)...)
}

func (s *stage) reach(at *client.ClientWithResponses, notice string) client.NoticeReach {
	s.Helper()
	got, err := at.GetReachWithResponse(s.Context(), seoul, notice, nil)
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatalf("the reach: %v, %s", err, got.Body)
	}
	return *got.JSON200
}

func (s *stage) unreached(at *client.ClientWithResponses) []client.Unreached {
	s.Helper()
	got, err := at.ListUnreachedWithResponse(s.Context(), seoul, nil)
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatalf("the unreached: %v, %s", err, got.Body)
	}
	return got.JSON200.Items
}

func TestTheOfficeSeesWhoDoesNotKnowYet(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.start = time.Now().Add(20 * time.Minute).UTC().Truncate(time.Second) // so that a move is urgent
	s.named(map[string]event.Person{
		"ada": {Delegate: "ada", Delegation: "kr", Designation: "Republic of Korea"},
		"hal": {Delegate: "hal", Delegation: "hu", Designation: "Hungary"},
	})
	a, b := s.open(), s.open()
	s.move(seoul)
	for who, of := range map[string]string{"ada": "kr", "bob": "kr", "hal": "hu", "ina": "hu"} {
		s.person(who, of)
		s.pick(seoul, who)
		if who != "bob" { // who has no phone
			s.phone(a, who, who)
		}
	}
	s.carrier.SetFaults(fcmsandbox.Fault{Token: "ina", Status: http.StatusNotFound, Code: "UNREGISTERED"})
	s.move(seoul)
	s.settled()
	at := s.desk(b, caller.Secretariat)
	list := func() []client.SentNotice {
		urgent := client.ListNoticesParamsUrgencyUrgent
		got, err := at.ListNoticesWithResponse(t.Context(), seoul, &client.ListNoticesParams{Urgency: &urgent})
		if err != nil || got.StatusCode() != http.StatusOK {
			t.Fatalf("the notices: %v, %s", err, got.Body)
		}
		return got.JSON200.Items
	}
	s.eventually("the sibling has heard of the notice", func() bool { return len(list()) == 1 })
	n := list()[0]
	if n.Recipients != 4 || n.Category != "session.moved" || !strings.Contains(n.Title, "Panel") {
		t.Errorf("listed %+v", n)
	}
	s.eventually("what the carrier said is known to the sibling", func() bool { return s.reach(at, n.ID).Total.Accepted == 2 })
	got := s.reach(at, n.ID)
	if c := got.Total; c.Recipients != 4 || c.NoPhone != 1 || c.Failed["unregistered"] != 1 || c.Fetched+c.Opened+c.Received+c.Queued != 0 {
		t.Errorf("the reach is %+v", c)
	}
	behind := s.unreached(at)
	if len(behind) != 2 || behind[0].Designation != "Hungary" || behind[1].Designation != "Republic of Korea" || len(behind[0].Notices) != 1 || behind[0].Meetings != 0 {
		t.Fatalf("unreached are %+v", behind)
	}
	s.read(s.as(a, seoul, "bob", "of-bob")) // one of them is enough
	s.report(s.as(a, seoul, "ada", "of-ada"), "displayed", n.ID)
	s.eventually("Korea knows", func() bool { return len(s.unreached(at)) == 1 && s.reach(at, n.ID).Total.Displayed == 1 })
	got = s.reach(at, n.ID)
	for _, d := range got.Delegations {
		if korea := d.Delegation == "kr"; d.Counts.Recipients != 2 || d.Reached != korea || korea != (d.Counts.Fetched == 1) {
			t.Errorf("by delegation: %+v", d)
		}
	}
	if s.unreached(at)[0].Delegation != "hu" {
		t.Errorf("unreached are %+v", s.unreached(at))
	}
	s.report(s.as(b, seoul, "hal", "of-hal"), "acknowledged", n.ID)
	s.eventually("everybody knows", func() bool { return len(s.unreached(at)) == 0 })
	if c := s.reach(at, n.ID).Total; c.Acknowledged != 1 || c.Opened != 1 || c.Fetched != 2 || c.Displayed != 2 {
		t.Errorf("the reach is %+v", c)
	}
	s.meetingReach(a, b)
}

// meetingReach looks at what the office learns of a bilateral meeting.
func (s *stage) meetingReach(a, b *notifications.Service) {
	s.Helper()
	sides := []event.MeetingSide{{Delegation: "hu", People: []string{"hal"}}, {Delegation: "kr", People: []string{"ada"}}}
	s.meet(event.MeetingTold{
		Verb: "confirmed", Meeting: bilateral, Revision: 2, Status: "confirmed", By: "hu", Sides: sides,
		Slot: &event.MeetingSlot{Start: s.start, End: s.start.Add(25 * time.Minute), RoomName: "Bilateral room 3"},
	})
	s.meet(event.MeetingTold{
		Verb: "unroomed", Meeting: bilateral, Revision: 3, Status: "confirmed", Sides: sides,
		Slot: &event.MeetingSlot{Start: s.start, End: s.start.Add(25 * time.Minute)},
	})
	s.worked()
	at := s.desk(b, caller.Secretariat)
	s.eventually("two delegations have not heard of a meeting", func() bool {
		behind := s.unreached(at)
		return len(behind) == 2 && behind[0].Meetings == 1 && behind[1].Meetings == 1 && len(behind[0].Notices)+len(behind[1].Notices) == 0
	})
	got, err := at.ListNoticesWithResponse(s.Context(), seoul, nil)
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatalf("the notices: %v, %s", err, got.Body)
	}
	n := got.JSON200.Items[0]
	if n.Category != "meeting.unroomed" || n.Title != "Your bilateral schedule has news" {
		s.Errorf("listed %+v", n)
	}
	for _, reader := range []string{"host", "kr"} {
		r := s.reach(s.holding(a, seoul, "organiser", "x", reader, caller.Delegate, caller.Secretariat), n.ID)
		if r.Total.Recipients != 2 || len(r.Delegations) != map[string]int{"host": 0, "kr": 1}[reader] {
			s.Errorf("%s learns %+v", reader, r)
		}
	}
}
