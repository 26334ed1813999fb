package notifications_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

func TestRoutineNewsOfWhoWantsADigestComesAsOneCardAtTheirHour(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a, b := s.open(), s.open()
	panel := []string{session(1)}
	// On the clock of the conference it is some seconds before eight in the morning.
	zone := time.FixedZone("Seoul", 9*60*60)
	eight := time.Date(2013, 10, 17, 8, 0, 0, 0, zone)
	offset := time.Until(eight.Add(-6 * time.Second)).Round(time.Second)
	far := eight.Add(48 * time.Hour).UTC()
	s.programme(far, panel, "ada", "bob", "all")
	s.put(event.ConferenceStateSubject(seoul), 2, event.ConferenceState{
		Conference: seoul, Revision: 2, Timezone: "Asia/Seoul", ClockOffset: int64(offset / time.Second),
	})
	for _, who := range []string{"ada", "bob", "all"} {
		s.phone(a, who, who)
	}
	hours := []client.TimeOfDay{} // a machine that is slow finds its news told at the next
	for m := range 6 {
		hours = append(hours, eight.Add(time.Duration(m)*time.Minute).Format("15:04"))
	}
	for _, who := range []string{"ada", "bob"} {
		if code, p := s.me(b, who).prefer(`"0"`, client.NewPreferences{Digest: &client.DigestChoice{At: hours}}); code != http.StatusOK || len(p.Digest.At) != 6 || p.Digest.Timezone != "conference" {
			t.Fatalf("choosing a digest answers %d, %+v", code, p)
		}
	}
	s.programme(far, panel)
	s.wait("digests have come", 2*time.Minute, func() bool {
		return len(s.carrier.Phone("ada")) > 0 && len(s.carrier.Phone("bob")) > 0
	})
	s.eventually("who wants no digest is told", func() bool { return len(s.carrier.Phone("all")) == 1 })
	for _, who := range []string{"ada", "bob"} {
		s.wantPushes(who, "digest")
		if got := s.carrier.Phone(who)[0]; got.Title != "1 news item" || got.Data["subjectKind"] != "digest" {
			t.Errorf("%s is told %q of %v", who, got.Title, got.Data)
		}
		items := s.read(s.as(a, seoul, who, "of-"+who))
		if len(items) != 2 || items[1].Category != "digest" || items[1].ID != s.carrier.Phone(who)[0].NoticeID {
			t.Errorf("in the inbox of %s: %s", who, fmt.Sprint(items))
		}
	}
}
