package notifications_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/services/notifications"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// A me is what one delegate does with their preferences.
type me struct {
	*stage
	*client.ClientWithResponses
}

func (s *stage) me(n *notifications.Service, delegate string) me {
	return me{s, s.as(n, seoul, delegate, "of-"+delegate)}
}

// prefer puts a choice and answers the status, and what stands then.
func (m me) prefer(etag string, c client.NewPreferences) (int, *client.Preferences) {
	m.Helper()
	got, err := m.SetPreferencesWithResponse(m.Context(), &client.SetPreferencesParams{IfMatch: etag}, c)
	if err != nil {
		m.Fatal(err)
	}
	return got.StatusCode(), got.JSON200
}

func (m me) prefers() (string, client.Preferences) {
	m.Helper()
	got, err := m.GetPreferencesWithResponse(m.Context())
	if err != nil || got.JSON200 == nil {
		m.Fatal(err, got)
	}
	return got.HTTPResponse.Header.Get("ETag"), *got.JSON200
}

func (m me) mute(session string) int {
	m.Helper()
	got, err := m.MuteSessionWithResponse(m.Context(), session)
	if err != nil {
		m.Fatal(err)
	}
	return got.StatusCode()
}

// session is the id of the nth session of a story.
func session(n int) string { return fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-00000005e%03d", n) }

// programme releases sessions, which begin at a time, in a room that is new at
// every release; everybody of who has picked them.
func (s *stage) programme(start time.Time, sessions []string, who ...string) {
	s.Helper()
	s.rev[seoul]++
	rev := s.rev[seoul]
	state := func(id string, rev int64) event.SessionState {
		room := fmt.Sprint("Hall ", rev)
		return event.SessionState{
			Session: id, Revision: rev, Title: map[string]string{"en": "Panel"}, Room: room, RoomName: room,
			Start: start, End: start.Add(time.Hour), Status: event.SessionConfirmed,
		}
	}
	var changes []event.SessionChange
	for _, id := range sessions {
		c := event.SessionChange{Session: id, Fields: []string{"room"}, After: state(id, rev)}
		if rev > 1 {
			before := state(id, rev-1)
			c.Before = &before
		}
		s.put(event.SessionStateSubject(seoul, id), rev, c.After)
		changes = append(changes, c)
	}
	if rev == 1 {
		s.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul"})
		for _, delegate := range who {
			picks := event.PicksState{Delegate: delegate, Revision: 1}
			for _, id := range sessions {
				picks.Picks = append(picks.Picks, event.Pick{Session: id, AgendaRevision: 1})
			}
			s.put(event.PicksStateSubject(seoul, delegate), 1, picks)
		}
	}
	s.put(event.AgendaHeadSubject(seoul), rev, event.AgendaHead{Conference: seoul, Revision: rev})
	s.publish(seoul, seoul, rev, event.AgendaReleased{Revision: rev, Part: 1, Parts: 1, Changes: changes})
	s.worked()
}

// speaks is the language in which a replica shows somebody their inbox.
func (s *stage) speaks(n *notifications.Service, delegate string) string {
	s.Helper()
	got, err := s.me(n, delegate).ReadInboxWithResponse(s.Context(), nil)
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatal(err, got)
	}
	return got.HTTPResponse.Header.Get("Content-Language")
}

// waiting is how many jobs wait for their time, and how many are due.
func (s *stage) waiting() (later, due int) {
	s.Helper()
	st, err := s.bus.JS().Stream(s.Context(), "PUSH")
	if err != nil {
		s.Fatal(err)
	}
	info, err := st.Info(s.Context(), jetstream.WithSubjectFilter(">"))
	if err != nil {
		s.Fatal(err)
	}
	for subject, n := range info.State.Subjects {
		if strings.HasPrefix(subject, "push.later.") {
			later += int(n)
		} else {
			due += int(n)
		}
	}
	return later, due
}

func TestADelegateChoosesWhatMayBuzz(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a, b := s.open(), s.open()
	panels := []string{session(1), session(2)}
	s.programme(s.start, panels, "off", "mutes", "sleeps", "korean", "discreet", "all")
	for _, who := range []string{"off", "mutes", "sleeps", "korean", "discreet", "all"} {
		s.phone(a, who, who)
	}
	no, ko := false, "ko"

	off := s.me(b, "off")
	etag, p := off.prefers()
	if etag != `"0"` || !p.Push.Sessions || p.QuietHours != nil || len(p.Reminders.Sessions) != 1 || p.Reminders.Meetings[0] != 15 {
		t.Errorf("before anything is chosen %s is %+v", etag, p)
	}
	if code, p := off.prefer(etag, client.NewPreferences{Language: &ko, Push: &client.PushChoice{Sessions: &no}, Reminders: &client.ReminderChoice{Meetings: &[]int{60, 5}}}); code != http.StatusOK || p.Push.Sessions || !p.Push.Meetings || fmt.Sprint(p.Reminders.Meetings) != "[5 60]" {
		t.Errorf("choosing answers %d, %+v", code, p)
	}
	if code, _ := s.me(a, "off").prefer(etag, client.NewPreferences{}); code != http.StatusPreconditionFailed {
		t.Errorf("choosing what another screen has changed answers %d", code)
	}
	for name, c := range map[string]client.NewPreferences{
		"no time of day": {QuietHours: &client.QuietHours{From: "22:00", To: "25:00"}},
		"no span":        {QuietHours: &client.QuietHours{From: "22:00", To: "22:00"}},
		"no zone":        {QuietHours: &client.QuietHours{From: "22:00", To: "07:00", Timezone: new("Local")}},
		"twice":          {Reminders: &client.ReminderChoice{Sessions: &[]int{5, 5}}},
	} {
		bad := client.NewChecked(t, "http://"+a.Addr(), s.token(seoul, "off", "of-off"), client.AllowBadRequests)
		if code, _ := (me{s, bad}).prefer(`"1"`, c); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
	}

	if code := s.me(a, "mutes").mute(session(1)); code != http.StatusNoContent {
		t.Errorf("muting answers %d", code)
	}
	if code := s.me(a, "mutes").mute(session(9)); code != http.StatusNotFound {
		t.Errorf("muting what is not there answers %d", code)
	}
	now := time.Now().In(time.FixedZone("Seoul", 9*60*60))
	sleeping := client.NewPreferences{QuietHours: &client.QuietHours{From: now.Add(-time.Hour).Format("15:04"), To: now.Add(6 * time.Hour).Format("15:04")}}
	if code, _ := s.me(a, "sleeps").prefer(`"0"`, sleeping); code != http.StatusOK {
		t.Errorf("going to sleep answers %d", code)
	}
	if code, _ := s.me(a, "korean").prefer(`"0"`, client.NewPreferences{Language: &ko}); code != http.StatusOK {
		t.Errorf("choosing a language answers %d", code)
	}
	if code, _ := s.me(a, "discreet").prefer(`"0"`, client.NewPreferences{LockScreen: new(client.NewPreferencesLockScreenNeutral)}); code != http.StatusOK {
		t.Errorf("choosing a neutral lock screen answers %d", code)
	}
	s.eventually("each knows what the other took", func() bool {
		return s.speaks(a, "off") == "ko" && s.speaks(b, "korean") == "ko"
	})

	s.programme(s.start, panels)
	only := func(waits int) func() bool {
		return func() bool { later, due := s.waiting(); return later == waits && due == 0 }
	}
	s.eventually("only what waits is left", only(2))
	s.wantPushes("off")
	s.wantPushes("sleeps")
	s.wantPushes("mutes", "session.moved")
	s.wantPushes("korean", "session.moved", "session.moved")
	s.wantPushes("all", "session.moved", "session.moved")
	s.wantPushes("discreet", "session.moved", "session.moved")
	if got := s.carrier.Phone("mutes")[0].Data["subjectId"]; got != session(2) {
		t.Errorf("of %s who muted it hears", got)
	}
	if got := s.carrier.Phone("korean")[0].Title; got != "장소 변경: Panel" {
		t.Errorf("in Korean it says %q", got)
	}
	if got := s.carrier.Phone("discreet")[0]; strings.Contains(string(got.Message), "Panel") || strings.Contains(string(got.Message), "Hall") {
		t.Errorf("a neutral card says %s", got.Message)
	}
	for _, who := range []string{"off", "mutes", "sleeps", "discreet"} {
		if got := s.read(s.as(a, seoul, who, "of-"+who)); len(got) != 2 {
			t.Errorf("in the inbox of %s there are %d", who, len(got))
		}
	}
	// Brought forward, it begins in twenty minutes: that passes, and the card says so.
	s.programme(time.Now().Add(20*time.Minute).UTC().Truncate(time.Second), panels)
	s.eventually("only what waited is left", only(2))
	s.wantPushes("sleeps", "session.moved", "session.moved")
	if night, day := s.carrier.Phone("sleeps")[0].Body, s.carrier.Phone("all")[2].Body; !strings.HasPrefix(night, day) || night == day {
		t.Errorf("who sleeps is told %q, who does not %q", night, day)
	}

	if got, err := s.me(b, "mutes").UnmuteSessionWithResponse(t.Context(), session(1)); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Error(got, err)
	}
	if _, p := s.me(a, "mutes").prefers(); len(p.MutedSessions) != 0 || p.Revision != 2 {
		t.Errorf("what is muted no more is %+v", p)
	}

	s.stands(seoul, "sleeps", 2, event.Erased)
	s.publish(seoul, "sleeps", 2, event.DelegateErased{Delegate: "sleeps"})
	s.worked()
	if h := s.ask(seoul, "sleeps"); h.Preferences.Revision != 0 {
		t.Errorf("of somebody erased %+v is held", h.Preferences)
	}
	again := s.open()
	if _, p := s.me(again, "off").prefers(); p.Push.Sessions {
		t.Error("a replica that has just started has forgotten what was chosen")
	}
}
