package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// A world is a running Plenary as its users see it, in whatever processes it
// runs: one base URL, and the page that shows the phones.
type world struct {
	url    string
	phones string
	sample sample.Conference
}

// signIn returns a client of somebody of the sample.
func (w world) signIn(t *testing.T, d sample.Delegate, options ...client.CheckOption) *client.ClientWithResponses {
	t.Helper()
	answer, err := client.NewChecked(t, w.url, "").SignInWithResponse(t.Context(), client.SignIn{
		Conference: w.sample.ID, Accreditation: d.Accreditation, ActivationCode: d.ActivationCode,
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer.JSON201 == nil {
		t.Fatalf("sign-in of %s answers %s: %s", d.Accreditation, answer.Status(), answer.Body)
	}
	return client.NewChecked(t, w.url, answer.JSON201.AccessToken, options...)
}

// A received push, as the sandbox has it.
type received struct {
	Tag      string `json:"tag"`
	NoticeID string `json:"noticeId"`
	Revision int64  `json:"revision"`
	Title    string `json:"title"`
	Body     string `json:"body"`
}

// phone waits until the phone has received n pushes and returns them, first
// one first. It watches the page's live stream, as a person would.
func (w world) phone(t *testing.T, token string, n int) []received {
	t.Helper()
	live := get(t, w.phones+"/events?q="+url.QueryEscape(token))
	defer live.Body.Close()
	lines := bufio.NewScanner(live.Body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "data:") {
			continue
		}
		answer := get(t, w.phones+"/phones/"+url.PathEscape(token))
		text := body(t, answer)
		if answer.StatusCode == http.StatusNotFound {
			continue // nothing yet
		}
		var shown struct{ Received []received }
		if err := json.Unmarshal([]byte(text), &shown); err != nil {
			t.Fatalf("phone %s: %v in %s", token, err, text)
		}
		if len(shown.Received) >= n {
			slices.Reverse(shown.Received)
			return shown.Received
		}
	}
	t.Fatalf("the page's stream ended (%v) before phone %s had %d pushes", lines.Err(), token, n)
	return nil
}

// story walks the whole path once: sign in, register, read, pick, move, be
// told, cancel, be told again. It ends with what a restart must not lose.
func story(t *testing.T, w world) (kept memory) {
	t.Helper()
	delegate, secretariat := oneOf(w.sample, "delegate"), oneOf(w.sample, "secretariat")
	app, desk := w.signIn(t, delegate), w.signIn(t, secretariat)
	s := unpicked(t, w.sample, delegate)

	me, err := app.GetMeWithResponse(t.Context())
	if err != nil || me.JSON200 == nil || me.JSON200.Name != delegate.Name {
		t.Fatalf("me: %v %+v, want %s", err, me, delegate.Name)
	}
	w.clock(t, app)

	token := fmt.Sprintf("story:%d", time.Now().UnixNano())
	phone := client.Registration{Token: token, Platform: client.RegistrationPlatform("ios"), Locale: "en-GB"}
	registered, err := app.RegisterDeviceWithResponse(t.Context(), "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a", phone)
	if err != nil || registered.JSON200 == nil {
		t.Fatalf("register a phone: %v %+v", err, registered)
	}

	w.readAgenda(t, app, s)
	for range 2 { // picking twice is picking once
		picked, err := app.PickSessionWithResponse(t.Context(), s.ID, nil)
		if err != nil || picked.StatusCode() != http.StatusNoContent {
			t.Fatalf("pick: %v %+v", err, picked)
		}
	}

	etag := w.move(t, app, desk, s)
	first := w.phone(t, token, 1)[0]
	item := w.news(t, app, first.NoticeID)
	if item.Category != "session.moved" || item.Subject.ID != s.ID || item.Title != first.Title || item.Body != first.Body {
		t.Errorf("the inbox says %+v, the phone %+v", item, first)
	}
	if item.Before == nil || item.After == nil || !item.Before.StartsAt.Equal(s.Start) || !item.After.StartsAt.Equal(s.Start.Add(15*time.Minute)) {
		t.Errorf("the inbox tells of a move from %+v to %+v, want a quarter of an hour from %s", item.Before, item.After, s.Start)
	}
	loc, err := time.LoadLocation(w.sample.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, moment := range []time.Time{s.Start, s.Start.Add(15 * time.Minute)} {
		if local := moment.In(loc).Format("15:04"); !strings.Contains(first.Title+first.Body, local) {
			t.Errorf("the phone says %q, %q, which does not name %s", first.Title, first.Body, local)
		}
	}

	cancelled, err := desk.CancelSessionWithResponse(t.Context(), w.sample.ID, s.ID,
		&client.CancelSessionParams{IfMatch: etag}, client.Cancellation{Reason: "The speaker is ill"})
	if err != nil || cancelled.JSON200 == nil || cancelled.JSON200.Status != "cancelled" {
		t.Fatalf("cancel: %v %+v", err, cancelled)
	}
	second := w.phone(t, token, 2)[1]
	if second.Tag != first.Tag || second.NoticeID == first.NoticeID || second.Revision <= first.Revision {
		t.Errorf("the second push is %+v, want it to replace %+v", second, first)
	}
	if last := w.news(t, app, second.NoticeID); last.Category != "session.cancelled" || last.Seq <= item.Seq {
		t.Errorf("the last item is %+v, want a cancellation after %d", last, item.Seq)
	}
	return memory{session: s.ID, notices: []string{first.NoticeID, second.NoticeID}, token: token, delegate: delegate}
}

// unpicked is a session still to come that the delegate has not picked, in a
// room that is free for a quarter of an hour after it.
func unpicked(t *testing.T, c sample.Conference, d sample.Delegate) sample.Session {
	t.Helper()
	for _, s := range slices.Backward(c.Sessions) {
		next := slices.IndexFunc(c.Sessions, func(o sample.Session) bool {
			return o.Room == s.Room && !o.Start.Before(s.End) && o.Start.Before(s.End.Add(15*time.Minute))
		})
		if s.Kind == "side_event" && next < 0 && !slices.Contains(c.Picks, sample.Pick{Delegate: d.ID, Session: s.ID}) {
			return s
		}
	}
	t.Fatal("the sample has no session for the story")
	return sample.Session{}
}

// clock holds the conference clock to the morning of the first day.
func (w world) clock(t *testing.T, app *client.ClientWithResponses) {
	t.Helper()
	c, err := app.GetConferenceWithResponse(t.Context(), w.sample.ID, nil)
	if err != nil || c.JSON200 == nil {
		t.Fatalf("conference: %v %+v", err, c)
	}
	if since := c.JSON200.Now.Sub(w.sample.Opens()); since < -time.Second || since > time.Hour {
		t.Errorf("the conference clock shows %s, want it shortly after %s", c.JSON200.Now, w.sample.Opens())
	}
}

// readAgenda reads it in full, then only asks whether it still holds.
func (w world) readAgenda(t *testing.T, app *client.ClientWithResponses, want sample.Session) {
	t.Helper()
	language := w.sample.Languages[len(w.sample.Languages)-1]
	full, err := app.GetAgendaWithResponse(t.Context(), w.sample.ID, &client.GetAgendaParams{AcceptLanguage: &language})
	if err != nil || full.JSON200 == nil {
		t.Fatalf("agenda: %v %+v", err, full)
	}
	at := slices.IndexFunc(full.JSON200.Sessions, func(s client.Session) bool { return s.ID == want.ID })
	if len(full.JSON200.Sessions) != len(w.sample.Sessions) || at < 0 {
		t.Fatalf("the agenda has %d sessions, want %d and %s among them", len(full.JSON200.Sessions), len(w.sample.Sessions), want.ID)
	}
	if got := full.JSON200.Sessions[at]; got.Title != want.Title[language] || !got.StartsAt.Equal(want.Start) || got.Timezone != w.sample.Zone {
		t.Errorf("the agenda says %+v, want %q at %s", got, want.Title[language], want.Start)
	}
	etag := full.HTTPResponse.Header.Get("ETag")
	again, err := app.GetAgendaWithResponse(t.Context(), w.sample.ID, &client.GetAgendaParams{AcceptLanguage: &language, IfNoneMatch: &etag})
	if err != nil || again.StatusCode() != http.StatusNotModified || len(again.Body) > 0 {
		t.Errorf("the agenda asked for with its ETag %s answers %s with %d bytes, want 304 and none", etag, again.Status(), len(again.Body))
	}
}

// move moves the session a quarter of an hour and returns its new ETag. On the
// way everybody who may not, or not like this, is refused.
func (w world) move(t *testing.T, app, desk *client.ClientWithResponses, s sample.Session) string {
	t.Helper()
	to := s.Start.Add(15 * time.Minute)
	patch := client.SessionPatch{StartsAt: &to}
	change := func(by *client.ClientWithResponses, etag string) *client.ChangeSessionResponse {
		t.Helper()
		answer, err := by.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), w.sample.ID, s.ID,
			&client.ChangeSessionParams{IfMatch: etag}, patch)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	read, err := desk.GetSessionWithResponse(t.Context(), w.sample.ID, s.ID, nil)
	if err != nil || read.JSON200 == nil {
		t.Fatalf("session: %v %+v", err, read)
	}
	etag := read.HTTPResponse.Header.Get("ETag")
	if answer := change(app, etag); answer.StatusCode() != http.StatusForbidden {
		t.Errorf("a delegate who moves a session gets %s, want 403", answer.Status())
	}
	if answer := change(desk, `"0-en"`); answer.StatusCode() != http.StatusPreconditionFailed {
		t.Errorf("a move from a revision that is gone gets %s, want 412", answer.Status())
	}
	moved := change(desk, etag)
	if moved.JSON200 == nil || !moved.JSON200.StartsAt.Equal(to) || moved.JSON200.EndsAt.Sub(to) != s.End.Sub(s.Start) {
		t.Fatalf("the move answers %s: %s", moved.Status(), moved.Body)
	}
	return moved.HTTPResponse.Header.Get("ETag")
}

// news finds the notice in the inbox.
func (w world) news(t *testing.T, app *client.ClientWithResponses, id string) client.InboxItem {
	t.Helper()
	inbox, err := app.ReadInboxWithResponse(t.Context(), &client.ReadInboxParams{})
	if err != nil || inbox.JSON200 == nil {
		t.Fatalf("inbox: %v %+v", err, inbox)
	}
	for _, item := range inbox.JSON200.Items {
		if item.ID == id {
			return item
		}
	}
	t.Fatalf("the inbox has no %s: %s", id, inbox.Body)
	return client.InboxItem{}
}

// A memory is what must outlive a restart.
type memory struct {
	session  string
	notices  []string
	token    string
	delegate sample.Delegate
}

// remembers holds a restarted world to what the story left.
func (w world) remembers(t *testing.T, m memory) {
	t.Helper()
	app := w.signIn(t, m.delegate)
	read, err := app.GetSessionWithResponse(t.Context(), w.sample.ID, m.session, nil)
	if err != nil || read.JSON200 == nil || read.JSON200.Status != "cancelled" {
		t.Errorf("the cancelled session reads %v %+v", err, read)
	}
	for _, id := range m.notices {
		w.news(t, app, id)
	}
	picks, err := app.ListPicksWithResponse(t.Context())
	if err != nil || picks.JSON200 == nil || !slices.ContainsFunc(picks.JSON200.Items, func(p client.Pick) bool { return p.SessionID == m.session }) {
		t.Errorf("the pick is gone: %v %+v", err, picks)
	}
	if pushes := w.phone(t, m.token, 2); len(pushes) != 2 {
		t.Errorf("the phone has %d pushes after the restart, want the 2 from before", len(pushes))
	}
	w.clock(t, app)
}
