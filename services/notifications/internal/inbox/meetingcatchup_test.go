package inbox

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/shared/event"
)

func TestAnEventOfAMeetingTwiceOrOutOfOrderIsToldOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.parties()
	r.phone("kr-minister", "phone")
	first, second, third := meets("confirmed", 1), meets("extended", 2), meets("cancelled", 3)
	third.Status = "cancelled"
	r.stand(third)
	r.publishMeeting("one", "", first)
	r.publishMeeting("three", "", third)
	r.publishMeeting("two", "", second)
	r.publishMeeting("three again", "", third) // under another id, past the bus's own memory of repeats
	for range 3 {
		<-r.done
	}
	r.handled(3)
	for range 3 {
		if err := r.plan.Check(t.Context(), r.pending); err != nil {
			t.Fatal(err)
		}
	}
	r.wantInbox("kr-minister", "meeting.confirmed 0>1", "meeting.cancelled 1>3")
	if len(r.sent) != 2 || fmt.Sprint(r.to) != "[[phone] [phone]]" {
		t.Errorf("%d notices sent, to %v", len(r.sent), r.to)
	}
}

func TestAnEventThatComesAfterOneIsMissingTellsTheWhole(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.parties()
	r.meet("", meets("confirmed", 1))
	r.handled(1)
	r.meet("", meets("warned", 3, moved, reconfirm, func(m *event.MeetingTold) { m.Was = nil })) // 2, which moved it, is lost
	r.handled(3)
	r.wantInbox("kr-minister", "meeting.confirmed 0>1", "meeting.changed 1>3")
	if n, _ := r.ledger.Inbox("seoul", "kr-minister", 0, 10); n[1].Before.Room != "Room 3" || n[1].After.Room != "Room 1" || !n[1].After.ReconfirmBy.IsZero() {
		t.Errorf("notice says %+v", n[1])
	}
	r.meet("", meets("warned", 4, moved, reconfirm))
	r.handled(4)
	if n, _ := r.ledger.Inbox("seoul", "kr-liaison", 0, 10); n[len(n)-1].Category != "meeting.warned" || !n[len(n)-1].After.ReconfirmBy.Equal(meetsAt.Add(-time.Hour)) {
		t.Errorf("to be reconfirmed by %+v", n[len(n)-1])
	}
}

func TestAnEventThatSaysHowTheMeetingStandsSinceIsNotTakenAtItsWord(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.parties()
	cancelled := func(m *event.MeetingTold) { m.Status = "cancelled" }
	r.meet("", meets("confirmed", 1, cancelled)) // told after a crash, when it was cancelled already
	r.handled(1)
	r.meet("", meets("cancelled", 2, cancelled))
	r.handled(2)
	r.wantInbox("kr-minister", "meeting.changed 0>1", "meeting.cancelled 1>2")
}

func TestWhatExpiredWhileAwayIsToldFromTheState(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.parties()
	r.start()
	r.meet("", meets("confirmed", 1))
	r.handled(1)
	r.stop() // away: two events come and expire
	r.stand(meets("moved", 3, moved, func(m *event.MeetingTold) { m.Sides[0].People = []string{"hu-member"} }))
	never := meets("declined", 2, requested)
	never.Meeting, never.Status = "never-heard-of", "declined"
	r.stand(never)
	r.start()
	for range 3 { // first it is given time
		if err := r.plan.Check(t.Context(), r.pending); err != nil {
			t.Fatal(err)
		}
	}
	told := "meeting.confirmed 0>1, meeting.changed 1>3"
	r.wantInboxes(map[string]string{
		"hu-liaison": told, "kr-liaison": told, "kr-minister": told, "kr-interpreter": told,
		"hu-minister": "meeting.confirmed 0>1, meeting.left 1>3",
		"hu-member":   "meeting.changed 1>3",
	})
	r.publishMeeting("late", "", meets("moved", 3, moved)) // it had not expired after all
	r.handled(3)
	r.wantInbox("kr-liaison", "meeting.confirmed 0>1", "meeting.changed 1>3")
}

func TestAMissingEventThatLeavesTheMeetingAsItWasIsToldForWhatItIs(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.parties()
	r.start()
	check := func() {
		t.Helper()
		for range 3 {
			if err := r.plan.Check(t.Context(), r.pending); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.meet("", meets("confirmed", 1))
	r.handled(1)
	r.stand(meets("clashed", 2))
	check()
	r.stand(meets("clashed", 3)) // a write that told nothing
	check()
	r.stand(meets("warned", 4))
	check()
	told := "meeting.confirmed 0>1, meeting.clashed 1>2"
	r.wantInboxes(map[string]string{
		"hu-liaison": told + ", meeting.warned 3>4", "kr-liaison": told + ", meeting.warned 3>4",
		"hu-minister": told, "kr-minister": told, "kr-interpreter": told,
	})
}

func TestAnEventIsGivenTimeBehindItsState(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.plan.Patience = time.Hour
	r.parties()
	m := meets("confirmed", 1)
	r.stand(m)
	for range 3 {
		if err := r.plan.Check(t.Context(), r.pending); err != nil {
			t.Fatal(err)
		}
	}
	r.wantInbox("kr-minister")
	r.publishMeeting("one", "", m)
	r.handled(1)
	r.wantInbox("kr-minister", "meeting.confirmed 0>1")
}

func TestMeetingsFoundAtTheFirstSightOfAConferenceAreNoNews(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.parties()
	r.stand(meets("confirmed", 4))
	r.put(event.AgendaHeadSubject("seoul"), 7, event.AgendaHead{Conference: "seoul", Revision: 7})
	r.start()
	for range 3 {
		if err := r.plan.Check(t.Context(), r.pending); err != nil {
			t.Fatal(err)
		}
	}
	r.wantInboxes(nil)
	r.meet("", meets("cancelled", 5, func(m *event.MeetingTold) { m.Status = "cancelled" }))
	r.handled(5)
	r.wantInbox("kr-minister", "meeting.cancelled 4>5")
}
