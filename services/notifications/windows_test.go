package notifications_test

import (
	"testing"
	"time"

	"plenary.example/services/notifications"
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
