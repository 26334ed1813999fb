package notifications_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"plenary.example/services/notifications"
	"plenary.example/services/notifications/internal/announce"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/schedule"
	"plenary.example/shared/caller"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// office is a client of n, signed in as the secretariat of Seoul.
func (s *stage) office(n *notifications.Service) *client.ClientWithResponses {
	s.Helper()
	return client.NewChecked(s, "http://"+n.Addr(), s.token(seoul, "office", "of-office", caller.Secretariat))
}

func (s *stage) announcement(c *client.ClientWithResponses, id string) client.Announcement {
	s.Helper()
	got, err := c.GetAnnouncementWithResponse(s.Context(), seoul, id)
	if err != nil || got.JSON200 == nil {
		s.Fatalf("reading an announcement: %v, %v", got, err)
	}
	return *got.JSON200
}

func ifMatch(revision int64) string { return fmt.Sprintf(`"%d"`, revision) }

func TestTheSecretariatAnnouncesSchedulesAndRecalls(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a, b := s.open(), s.open()
	s.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{
		Conference: seoul, Revision: 1, Timezone: "Asia/Seoul", Languages: []string{"en", "ko"},
	})
	for _, kind := range []string{"state", "media"} {
		s.put(event.DelegationStateSubject(seoul, kind), 1, event.DelegationState{Delegation: kind, Kind: kind, Revision: 1, Status: event.Accredited})
	}
	for i := range 10 {
		s.person(fmt.Sprint("state", i), "state")
	}
	s.person("media0", "media")
	s.person("media1", "media")
	s.phone(a, "state0", "first")
	s.phone(a, "media0", "camera")
	if _, err := s.as(a, seoul, "media1", "of-pen").RegisterDeviceWithResponse(t.Context(), installation("pen"),
		client.Registration{Token: "pen", Platform: "ios", Locale: "ko-KR"}); err != nil {
		t.Fatal(err)
	}
	office, sibling := s.office(a), s.office(b)
	all := true
	lunch := client.NewAnnouncement{
		Texts:    client.AnnouncementTexts{"en": {Title: "Lunch is in Hall C", Body: "Until half past two."}, "ko": {Title: "점심은 C홀", Body: "두 시 반까지."}},
		Audience: client.Audience{All: &all}, Urgency: "important",
	}

	look, err := office.PreviewAnnouncementWithResponse(t.Context(), seoul, lunch)
	if err != nil || look.JSON200 == nil {
		t.Fatalf("a preview: %v, %v", look, err)
	}
	if r := look.JSON200; r.People != 12 || r.Phones != 3 || r.Delegations != 2 || !r.NeedsConfirmation || len(r.Cards) != 2 ||
		r.Cards[0].Title != "Lunch is in Hall C" || r.Cards[0].Phones != 2 || r.Cards[1].Title != "점심은 C홀" {
		t.Errorf("the preview says %+v", r)
	}

	key := client.IdempotencyKey("0123456789abcdef")
	send := func(c *client.ClientWithResponses, n client.NewAnnouncement, count int) *client.CreateAnnouncementResponse {
		t.Helper()
		if count > 0 {
			n.Confirm = &client.AnnouncementConfirmation{Count: count}
		}
		got, err := c.CreateAnnouncementWithResponse(t.Context(), seoul, &client.CreateAnnouncementParams{IdempotencyKey: &key}, n)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := send(office, lunch, 0); got.StatusCode() != http.StatusPreconditionRequired {
		t.Errorf("telling everybody without a count: %s", got.Body)
	}
	if got := send(office, lunch, 3); got.StatusCode() != http.StatusConflict {
		t.Errorf("telling everybody with another count: %s", got.Body)
	}
	made := send(office, lunch, 12)
	if made.JSON201 == nil || made.JSON201.Status != "sent" || made.JSON201.People != 12 || made.JSON201.Phones != 3 {
		t.Fatalf("announced: %s", made.Body)
	}
	if again := send(sibling, lunch, 12); again.JSON201 == nil || again.JSON201.ID != made.JSON201.ID || again.HTTPResponse.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("repeated: %s", again.Body)
	}
	other := lunch
	other.Urgency = "urgent"
	if got := send(office, other, 12); got.StatusCode() != http.StatusUnprocessableEntity {
		t.Errorf("another under the same key: %s", got.Body)
	}
	s.settled()
	for _, phone := range []string{"first", "camera", "pen"} {
		s.wantPushes(phone, "announcement")
	}
	if m := s.carrier.Phone("pen"); len(m) != 1 || m[0].Title != "점심은 C홀" || m[0].Data["noticeId"] != made.JSON201.NoticeID {
		t.Errorf("a Korean phone shows %+v", m)
	}

	// A sibling changes what is to be sent later, and it is sent when it is due.
	kinds := []client.AudienceKinds{"media"}
	later := lunch
	later.Audience, later.SendAt, key = client.Audience{Kinds: &kinds}, new(time.Now().Add(time.Hour)), "0123456789abcdeg"
	made2 := send(office, later, 0)
	if made2.JSON201 == nil || made2.JSON201.Status != "scheduled" || made2.JSON201.NoticeID != "" {
		t.Fatalf("scheduled: %s", made2.Body)
	}
	id := made2.JSON201.ID
	title := "Press briefing"
	patch := client.AnnouncementPatch{
		SendAt: new(time.Now().Add(time.Second)), Texts: &map[string]*client.AnnouncementTextPatch{"en": {Title: &title}, "ko": nil},
	}
	change := func(revision int64) int {
		t.Helper()
		got, err := sibling.UpdateAnnouncementWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), seoul, id, &client.UpdateAnnouncementParams{IfMatch: ifMatch(revision)}, patch)
		if err != nil {
			t.Fatal(err)
		}
		return got.StatusCode()
	}
	if code := change(7); code != http.StatusPreconditionFailed {
		t.Errorf("changing what somebody has not read: %d", code)
	}
	if code := change(1); code != http.StatusOK {
		t.Errorf("changing what is scheduled: %d", code)
	}
	s.eventually("it is sent", func() bool { return s.announcement(office, id).Status == "sent" })
	if code := change(s.announcement(office, id).Revision); code != http.StatusConflict {
		t.Errorf("changing what is sent: %d", code)
	}
	s.settled()
	s.wantPushes("first", "announcement")
	s.wantPushes("pen", "announcement", "announcement")
	if m := s.carrier.Phone("pen"); m[1].Title != "Press briefing" || m[1].Tag == m[0].Tag {
		t.Errorf("the second card is %+v", m[1])
	}

	// One that is cancelled is never sent.
	later.SendAt, key = new(time.Now().Add(time.Hour)), "0123456789abcdeh"
	gone := send(office, later, 0).JSON201
	if got, err := office.CancelAnnouncementWithResponse(t.Context(), seoul, gone.ID, &client.CancelAnnouncementParams{IfMatch: ifMatch(1)}); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Errorf("cancelling: %v, %v", got, err)
	}
	if got := s.announcement(sibling, gone.ID); got.Status != "cancelled" {
		t.Errorf("cancelled, it is %s", got.Status)
	}

	// A recall replaces the card, for those who had it.
	reason := "The kitchen is closed."
	recall := func(c *client.ClientWithResponses, id string) int {
		t.Helper()
		got, err := c.RecallAnnouncementWithResponse(t.Context(), seoul, id, client.Recall{Reason: &reason})
		if err != nil {
			t.Fatal(err)
		}
		return got.StatusCode()
	}
	if code := recall(office, gone.ID); code != http.StatusConflict {
		t.Errorf("recalling what was never sent: %d", code)
	}
	if one, two := recall(office, id), recall(sibling, id); one != http.StatusOK || two != http.StatusOK {
		t.Errorf("recalling twice: %d, %d", one, two)
	}
	s.settled()
	s.wantPushes("first", "announcement")
	s.wantPushes("pen", "announcement", "announcement", "announcement.recalled")
	if m := s.carrier.Phone("pen"); m[2].Tag != m[1].Tag {
		t.Errorf("the recall %+v does not replace %+v", m[2], m[1])
	}
	items := s.read(s.as(a, seoul, "media1", "x"))
	if n := len(items); n != 3 || items[0].Body != "Until half past two." || items[1].Subject.Kind != "announcement" || items[2].Subject.Revision != 2 {
		t.Errorf("the inbox says %+v", items)
	}
	s.eventually("a sibling lists them", func() bool {
		got, err := sibling.ListAnnouncementsWithResponse(t.Context(), seoul, nil)
		return err == nil && got.JSON200 != nil && len(got.JSON200.Items) == 3 && got.JSON200.Items[1].Status == "recalled"
	})

	s.finishes(a, office)
}

// finishes leaves an announcement as a process would that died while sending it, an
// hour ago, and wants it sent, once, with the time to acknowledge it that it gave.
func (s *stage) finishes(n *notifications.Service, office *client.ClientWithResponses) {
	s.Helper()
	st, err := store.Open(s.Context(), store.Config{URI: s.engines.StoreURI(), Dialer: s.engines.Dialer(), Database: "plenary_notifications"})
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = st.Close(s.Context()) }()
	left := announce.Announcement{
		ID: "0190a3c2-7b1e-7c4d-9a51-0000000000e1", Conference: seoul, Revision: 2, Status: announce.Sending, MadeAt: time.Now().Add(-time.Hour).UTC(), First: "en",
		Draft: announce.Draft{Texts: map[string]push.Text{"en": {Title: "Buses", Body: "They leave."}}, Audience: announce.Audience{Kinds: []string{"media"}}, Urgency: push.Urgent, AcknowledgeBy: time.Now().Add(-56 * time.Minute).UTC()},
	}
	if err := schedule.New(s.bus.JS(), 1, quiet).Set(s.Context(), schedule.Alarm{Kind: "announce", Key: left.ID, At: time.Now()}); err != nil {
		s.Fatal(err)
	}
	if err := st.Collection("announcements").Insert(s.Context(), left); err != nil {
		s.Fatal(err)
	}
	s.eventually("it is sent by whoever is left", func() bool { return s.announcement(office, left.ID).Status == "sent" })
	items := s.read(s.as(n, seoul, "media0", "x"))
	if by := items[len(items)-1].AcknowledgeBy; by == nil || by.Before(time.Now().Add(3*time.Minute)) {
		s.Errorf("it is to be acknowledged by %v", by)
	}
	s.settled()
	s.wantPushes("camera", "announcement", "announcement", "announcement.recalled", "announcement")
	s.wantPushes("first", "announcement")
}
