package notifications_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/engines/phone"
	"plenary.example/services/notifications"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
)

// TestWhatAWindowGatheredIsToldByWhoeverIsUp: one replica gathers and is gone,
// others find the window over when they start, and another is woken for the next.
func TestWhatAWindowGatheredIsToldByWhoeverIsUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.windows, s.start = notifications.WindowsStandard, s.start.Add(48*time.Hour)
	n := s.open()
	s.move(seoul)
	s.pick(seoul, "ada")
	s.phone(n, "ada", "ada")
	s.phone(n, "bob", "bob")
	for range 3 {
		s.move(seoul)
	}
	s.settled()
	s.stop(n) // in the middle of the window
	s.wantPushes("ada")

	s.now = func() time.Time { return time.Now().Add(11 * time.Minute) }
	n, sibling := s.open(), s.open()
	for _, replica := range []*notifications.Service{n, sibling} {
		at := s.as(replica, seoul, "ada", "of-ada")
		s.eventually("the news is in the inbox", func() bool { return len(s.read(at)) > 0 })
		if items := s.read(at); len(items) != 1 || items[0].Before == nil || items[0].Before.Room != "Hall 1" || items[0].After.Room != "Hall 4" {
			t.Errorf("told %+v", items)
		}
	}
	s.settled()
	s.wantPushes("ada", "session.moved")
	s.wantPushes("bob")
	s.stop(n)
	s.stop(sibling)

	s.now = func() time.Time { return time.Now().Add(-time.Hour) } // by this clock no window is ever over
	s.open()
	s.move(seoul)
	s.eventually("the alarm rings", func() bool { return len(s.carrier.Phone("ada")) > 1 })
	s.settled()
	s.wantPushes("ada", "session.moved", "session.moved")
}

// TestWhoNeverHeardOfAMoveIsNotToldThatItIsTakenBack: ada's phone gets the move,
// cy reads it in the inbox, bob's phone is out of the carrier's reach and eve has
// none and does not look. Two replicas tell, and neither knows all by itself.
func TestWhoNeverHeardOfAMoveIsNotToldThatItIsTakenBack(t *testing.T) {
	t.Parallel()
	s := &programme{newStage(t), map[string]event.SessionState{}}
	s.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul"})
	a, b := s.open(), s.open()
	x := beginning(panel, 3*time.Hour)
	s.release(x)
	for _, who := range []string{"ada", "bob", "cy", "eve"} {
		s.person(who, "kr")
		s.picks(who, panel)
	}
	s.phone(a, "ada", "ada")
	s.phone(a, "bob", "bob")
	s.carrier.SetFaults(fcmsandbox.Fault{Token: "bob", Status: http.StatusServiceUnavailable})

	x.Room, x.RoomName = "annex", "Annex"
	s.release(x)
	s.worked()
	s.eventually("cy has read it", func() bool { return len(s.read(s.as(b, seoul, "cy", "of-cy"))) == 1 })
	id := s.read(s.as(b, seoul, "cy", "of-cy"))[0].ID
	for _, replica := range []*notifications.Service{a, b} {
		s.eventually("who has heard is known", func() bool {
			got := s.reach(s.desk(replica, caller.Secretariat), id).Total
			return got.Accepted == 1 && got.Fetched == 1
		})
	}
	x.Room, x.RoomName = "hall", "Hall A"
	s.release(x)
	s.worked()
	s.carrier.SetFaults()
	s.settled()
	s.wantPushes("ada", "session.moved", "session.restored")
	for who, want := range map[string]string{"ada": "session.restored", "bob": "session.stands", "cy": "session.restored", "eve": "session.stands"} {
		items := s.read(s.as(a, seoul, who, "of-"+who))
		if len(items) != 2 || items[1].Category != want || (items[1].Before == nil) != (want == "session.stands") {
			t.Errorf("%s reads %+v, want %s last", who, items, want)
		}
	}
	for token, notices := range map[string]int{"ada": 2, "bob": 1} { // after a 503 the newest is sent once more, which nobody sees
		var p phone.Phone
		for _, m := range s.carrier.Phone(token) {
			if err := p.Receive(m.Message, m.At); err != nil {
				t.Error(err)
			}
		}
		if c, _ := p.Newest("session/" + panel); len(p.Appeared()) != notices || c.Revision != 3 || !strings.Contains(c.Body, "Hall A") || strings.Contains(c.Body, "Annex") || len(p.Puzzles()) > 0 {
			t.Errorf("in the end the phone of %s shows %+v", token, c)
		}
	}
}
