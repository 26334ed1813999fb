package agenda_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

// congress is the conference whose published schedules are in the testdata,
// before anything is imported.
func congress() agenda.Seed {
	return agenda.Seed{
		Conference: "leipzig-2019", Name: agenda.Text{"en": "Congress"}, Timezone: "Europe/Berlin", Venue: "CCL", Languages: []string{"en", "de"},
		Days: []string{"2019-12-27", "2019-12-28", "2019-12-29", "2019-12-30"},
	}
}

// leipzig is a stage with the congress on the eve of its first day, and the
// secretariat's client.
func leipzig(t testing.TB, options ...client.CheckOption) (*stage, *agenda.Service, *client.ClientWithResponses) {
	t.Helper()
	s, a := loaded(t, congress())
	s.clock.set(time.Date(2019, 12, 26, 12, 0, 0, 0, time.UTC))
	return s, a, s.as(t, a, secretary("leipzig-2019"), options...)
}

// file is one of the real schedules, or the made-up ones.
func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("internal/schedulefile/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		return data
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return data
}

const (
	inJSON     = "application/json"
	inXML      = "application/xml"
	inCalendar = "text/calendar"
)

// key is an Idempotency-Key.
func key(n int) string { return fmt.Sprintf("key-%012d", n) }

func bring(t testing.TB, c *client.ClientWithResponses, key, media string, data []byte, edit ...client.RequestEditorFn) (*client.ImportScheduleResponse, error) {
	t.Helper()
	return c.ImportScheduleWithBodyWithResponse(t.Context(), "leipzig-2019", &client.ImportScheduleParams{IdempotencyKey: key}, media, bytes.NewReader(data), edit...)
}

// brought is the report of an import that must succeed.
func brought(t testing.TB, c *client.ClientWithResponses, key, media string, data []byte, edit ...client.RequestEditorFn) (*client.ImportReport, http.Header) {
	t.Helper()
	got, err := bring(t, c, key, media, data, edit...)
	if err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	return got.JSON200, got.HTTPResponse.Header
}

func wholeAgenda(t testing.TB, c *client.ClientWithResponses, conference string) *client.Agenda {
	t.Helper()
	got, err := c.GetAgendaWithResponse(t.Context(), conference, nil)
	if err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	return got.JSON200
}

// theDraft is the draft of the congress, and its entity tag.
func theDraft(t testing.TB, c *client.ClientWithResponses) (*client.Draft, string) {
	t.Helper()
	got, err := c.GetDraftWithResponse(t.Context(), "leipzig-2019")
	for n := 0; n < 20 && err == nil && got.StatusCode() == http.StatusServiceUnavailable; n++ { // a slow machine
		got, err = c.GetDraftWithResponse(t.Context(), "leipzig-2019")
	}
	if err != nil || got.JSON200 == nil {
		t.Fatalf("%v %.500s", err, got.GetBody())
	}
	return got.JSON200, got.HTTPResponse.Header.Get("ETag")
}

// releaseDraft releases what is in the draft, and what the breaker holds after
// another has confirmed it. It answers the revision and what was held.
func releaseDraft(t testing.TB, c, another *client.ClientWithResponses) (int64, *client.HeldRelease) {
	t.Helper()
	_, tag := theDraft(t, c)
	got, err := c.ReleaseDraftWithResponse(t.Context(), "leipzig-2019", &client.ReleaseDraftParams{IfMatch: tag}, client.ReleaseRequest{})
	if err != nil || got.JSON200 == nil && got.JSON202 == nil {
		t.Fatalf("%v %.500s", err, got.GetBody())
	}
	if got.JSON200 != nil {
		return got.JSON200.Revision, nil
	}
	if another == nil {
		t.Fatalf("held: %s", got.Body)
	}
	sure, err := another.ConfirmReleaseWithResponse(t.Context(), "leipzig-2019", &client.ConfirmReleaseParams{IfMatch: got.HTTPResponse.Header.Get("ETag")}, client.ReleaseConfirmation{})
	if err != nil || sure.JSON200 == nil {
		t.Fatalf("%v %.500s", err, sure.GetBody())
	}
	return sure.JSON200.Revision, got.JSON202
}

func TestARealScheduleIsImported(t *testing.T) {
	t.Parallel()
	_, _, c := leipzig(t, client.AllowBadRequests) // they are good; looking at megabytes again takes time
	stages := file(t, "stages.schedule.json.gz")

	dry, err := c.ImportScheduleWithBodyWithResponse(t.Context(), "leipzig-2019", &client.ImportScheduleParams{IdempotencyKey: key(1), DryRun: ptr(true)}, inJSON, bytes.NewReader(stages))
	if err != nil || dry.JSON200 == nil || !dry.JSON200.DryRun || dry.JSON200.Revision != 0 || len(dry.JSON200.Created) != 498 {
		t.Fatalf("dry run: %v %.300s", err, dry.GetBody())
	}
	if d, _ := theDraft(t, c); d.Revision != 0 || len(d.Sessions)+len(d.Rooms) != 0 {
		t.Fatalf("a dry run left %d sessions in the draft", len(d.Sessions))
	}

	// The key of a dry run is still free.
	first, err := bring(t, c, key(1), inJSON, stages)
	if err != nil || first.JSON200 == nil {
		t.Fatalf("%v %s", err, first.GetBody())
	}
	if r, h := first.JSON200, first.HTTPResponse.Header; r.DryRun || r.Revision != 0 || r.Draft != 1 || len(r.Created) != 498 || len(r.Changed)+r.Unchanged+len(r.Vanished)+r.Review != 0 ||
		h.Get("Plenary-Revision") != "0" || h.Get("Idempotency-Replayed") != "false" {
		t.Errorf("revision %d, draft %d, %d created, %v", r.Revision, r.Draft, len(r.Created), h)
	}
	if w := first.JSON200.Warnings; !slices.ContainsFunc(w, func(w client.ImportWarning) bool { return w.Code == "no_duration" && w.Line > 0 }) {
		t.Errorf("warnings %+v", w)
	}
	if got := wholeAgenda(t, c, "leipzig-2019"); got.Revision != 0 || len(got.Sessions)+len(got.Rooms) != 0 {
		t.Fatalf("an import released revision %d with %d sessions", got.Revision, len(got.Sessions))
	}
	if d, _ := theDraft(t, c); d.Revision != 1 || len(d.Sessions) != 498 || len(d.Rooms) == 0 {
		t.Fatalf("draft %d has %d sessions", d.Revision, len(d.Sessions))
	}

	replay, err := bring(t, c, key(1), inJSON, stages)
	if err != nil || !bytes.Equal(replay.Body, first.Body) || replay.HTTPResponse.Header.Get("Idempotency-Replayed") != "true" || replay.HTTPResponse.Header.Get("Plenary-Revision") != "0" {
		t.Errorf("replay: %v %v %.200s", err, replay.HTTPResponse.Header, replay.Body)
	}
	other, err := bring(t, c, key(1), inJSON, file(t, "small.json"))
	spoken(t, refused(t, other, err, http.StatusUnprocessableEntity, "key_reused"))

	// The same again, also in the other format, changes nothing: not in the draft,
	// and not when that is released.
	for _, released := range []int64{0, 1} {
		for n, x := range [][]struct{ media, name string }{
			{{inJSON, "stages.schedule.json.gz"}, {inXML, "stages.schedule.xml.gz"}},
			{{inJSON + "; charset=utf-8", "stages.schedule.json.gz"}},
		}[released] {
			r, h := brought(t, c, key(10*int(released)+2+n), x.media, file(t, x.name))
			if r.Revision != released || len(r.Created)+len(r.Changed)+len(r.Vanished) != 0 || r.Unchanged != 498 || h.Get("Plenary-Revision") != number(released) {
				t.Errorf("%s again: revision %d, %d created, %d changed, %d unchanged", x.name, r.Revision, len(r.Created), len(r.Changed), r.Unchanged)
			}
		}
		if d, _ := theDraft(t, c); released == 1 && len(d.Sessions)+len(d.Rooms) != 0 || released == 0 && d.Revision != 1 {
			t.Errorf("draft %d has %d sessions", d.Revision, len(d.Sessions))
		}
		if released == 0 {
			releaseDraft(t, c, nil)
		}
	}
	after := wholeAgenda(t, c, "leipzig-2019")
	if after.Revision != 1 || len(after.Sessions) != 498 || len(after.Rooms) == 0 || after.Sessions[0].ExternalID == "" {
		t.Errorf("revision %d with %d sessions in %d rooms", after.Revision, len(after.Sessions), len(after.Rooms))
	}

	// What a file lacks is reported, put before a person and left alone.
	r, _ := brought(t, c, key(20), inXML, file(t, "small.xml"))
	if len(r.Created) != 1 || len(r.Vanished) != 498 || r.Review != 498 || r.Created[0].Title != "Opening" || r.Created[0].ExternalID != "opening" {
		t.Errorf("%d created, %d vanished, %d to review", len(r.Created), len(r.Vanished), r.Review)
	}
	// A calendar is a schedule too. What it has no words for stays.
	for n, media := range []string{inCalendar, inCalendar + "; charset=utf-8; method=PUBLISH"} {
		r, _ = brought(t, c, key(21+n), media, file(t, "small.ics"))
		if len(r.Created)+len(r.Changed)+r.Unchanged != 1 || len(r.Vanished) != 498 || len(r.Changed) != 1-n || n == 0 && !slices.Equal(r.Changed[0].Fields, []string{"abstract"}) {
			t.Errorf("%s: %d created, %+v changed, %d vanished", media, len(r.Created), r.Changed, len(r.Vanished))
		}
	}
	releaseDraft(t, c, nil)
	if got := wholeAgenda(t, c, "leipzig-2019"); len(got.Sessions) != 499 || slices.ContainsFunc(got.Sessions, func(x client.Session) bool { return x.Status != "confirmed" }) {
		t.Errorf("the agenda has %d sessions, or one of them is cancelled", len(got.Sessions))
	}
}

// A person decides about what vanished, over HTTP as in the rules.
func TestWhatVanishedIsReviewed(t *testing.T) {
	t.Parallel()
	_, _, c := leipzig(t, client.AllowBadRequests)
	brought(t, c, key(0), inJSON, schedule("a", "b", "c", "d"))
	releaseDraft(t, c, nil)
	r, _ := brought(t, c, key(1), inJSON, schedule("a"))
	if len(r.Vanished) != 3 || r.Review != 3 {
		t.Fatalf("%d vanished, %d to review", len(r.Vanished), r.Review)
	}
	_, before := theDraft(t, c)
	var seen *string // of the first nobody says what they have seen
	for n, decision := range []client.DecisionDecision{"keep", "cancel", "ignore"} {
		got, err := c.ReviewVanishedWithResponse(t.Context(), "leipzig-2019", r.Vanished[n].SessionID, &client.ReviewVanishedParams{IfMatch: seen}, client.Decision{Decision: decision})
		if err != nil || got.JSON200 == nil || (len(got.HTTPResponse.Header.Values("ETag")) == 1) != (seen != nil) {
			t.Fatalf("%v %s %v", err, got.GetBody(), got.HTTPResponse.Header)
		}
		if seen != nil && got.HTTPResponse.Header.Get("ETag") == *seen {
			t.Errorf("decided, and the tag is still %s", *seen)
		}
		_, now := theDraft(t, c)
		seen = &now
	}
	late, err := c.ReviewVanishedWithResponse(t.Context(), "leipzig-2019", r.Vanished[2].SessionID, &client.ReviewVanishedParams{IfMatch: &before}, client.Decision{Decision: "keep"})
	refused(t, late, err, http.StatusPreconditionFailed, "stale")
	if r, _ := brought(t, c, key(2), inJSON, schedule("a")); len(r.Vanished) != 1 || r.Review != 1 || r.Vanished[0].ExternalID != "b" {
		t.Errorf("again %+v vanished, %d to review", r.Vanished, r.Review)
	}
	if r, _ := brought(t, c, key(3), inJSON, schedule("a", "b")); len(r.Vanished) != 0 || r.Review != 0 {
		t.Errorf("after it came back %+v vanished, %d to review", r.Vanished, r.Review)
	}
	releaseDraft(t, c, nil)
	for _, x := range wholeAgenda(t, c, "leipzig-2019").Sessions {
		if (x.Status == "cancelled") != (x.ExternalID == "c") {
			t.Errorf("%s is %s", x.ExternalID, x.Status)
		}
	}
}

// schedule is a schedule.json with an hour for each of the guids.
func schedule(guids ...string) []byte {
	var items []string
	for n, guid := range guids {
		items = append(items, fmt.Sprintf(`{"guid":%q,"title":"Talk %s","date":"2019-12-27T%02d:00:00+01:00","duration":"1:00"}`, guid, guid, 9+n))
	}
	return []byte(`{"schedule":{"conference":{"days":[{"rooms":{"Hall":[` + strings.Join(items, ",") + `]}}]}}}`)
}

func TestImportsOfOneKeyAtOnceAreOneImport(t *testing.T) {
	t.Parallel()
	s, a, c := leipzig(t)
	sides := []*client.ClientWithResponses{c, s.as(t, s.open(t), secretary("leipzig-2019"))}
	small := file(t, "small.json")
	var mu sync.Mutex
	var reports [][]byte
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			got, err := bring(t, sides[n%2], key(1), inJSON, small)
			switch {
			case err != nil:
				t.Error(err)
			case got.JSON200 != nil:
				mu.Lock()
				defer mu.Unlock()
				reports = append(reports, got.Body)
			case got.StatusCode() != http.StatusConflict || got.ApplicationProblemJSON409.Code != "in_progress":
				t.Errorf("answered %d %s", got.StatusCode(), got.Body)
			}
		})
	}
	wg.Wait()
	for _, r := range reports {
		if !bytes.Equal(r, reports[0]) {
			t.Errorf("two answers to one command:\n%s\n%s", reports[0], r)
		}
	}
	if d, _ := theDraft(t, c); len(reports) == 0 || d.Revision != 1 || len(d.Sessions) != 1 {
		t.Errorf("%d were answered, and draft %d has %d sessions", len(reports), d.Revision, len(d.Sessions))
	}
	// Another secretary may happen upon the same key.
	who := secretary("leipzig-2019")
	who["sub"] = "desk-2"
	if r, h := brought(t, s.as(t, a, who), key(1), inXML, file(t, "small.xml")); r.Unchanged != 1 || h.Get("Idempotency-Replayed") != "false" {
		t.Errorf("another's key: %+v %v", r, h)
	}
}

func TestARestartKeepsTheAgendaThePicksAndTheAnswers(t *testing.T) {
	t.Parallel()
	s, a, c := leipzig(t)
	if err := a.Load(t.Context(), seed("seoul-2013", 12)); err != nil {
		t.Fatal(err)
	}
	small := file(t, "small.json")
	first, err := bring(t, c, key(1), inJSON, small)
	if err != nil || first.JSON200 == nil {
		t.Fatalf("%v %s", err, first.GetBody())
	}
	releaseDraft(t, c, nil)
	d1 := s.as(t, a, delegate("seoul-2013", "d1"))
	chosen := []string{sessionID(7), sessionID(0), sessionID(11)}
	for _, id := range chosen {
		if got, err := d1.PickSessionWithResponse(t.Context(), id, nil); err != nil || got.StatusCode() != http.StatusNoContent {
			t.Fatalf("%v %s", err, got.GetBody())
		}
	}
	d := deskOf(t, s, a)
	s.clock.set(s.clock.day(-1, 0))
	if got, err := d.cancel(0, `"1-en"`, "Ill."); err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	if got, err := d.move(1, `"1-en"`, client.SessionPatch{RoomID: &free}); err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	pages := map[string]string{
		"/v1/conferences/seoul-2013/agenda":   "Bearer " + s.signer.token(delegate("seoul-2013", "d1")),
		"/v1/conferences/leipzig-2019/agenda": "Bearer " + s.signer.token(delegate("leipzig-2019", "d1")),
	}
	before := map[string][]byte{}
	for path, bearer := range pages {
		_, before[path] = get(t, a, path, "Authorization", bearer)
	}

	stop(t, a)
	stop(t, a) // twice is once
	a = s.open(t)

	for path, bearer := range pages {
		if res, after := get(t, a, path, "Authorization", bearer); res.StatusCode != http.StatusOK || !bytes.Equal(after, before[path]) {
			t.Errorf("%s: %d, %d bytes became %d", path, res.StatusCode, len(before[path]), len(after))
		}
	}
	if got := picked(t, s.as(t, a, delegate("seoul-2013", "d1"))); !slices.Equal(got, chosen) {
		t.Errorf("picked %v, want %v", got, chosen)
	}
	c = s.as(t, a, secretary("leipzig-2019"))
	replay, err := bring(t, c, key(1), inJSON, small)
	if err != nil || !bytes.Equal(replay.Body, first.Body) || replay.HTTPResponse.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("replay: %v %v", err, replay.HTTPResponse.Header)
	}
	if r, _ := brought(t, c, key(2), inJSON, small); r.Revision != 1 || r.Unchanged != 1 {
		t.Errorf("the file again: revision %d, %d unchanged", r.Revision, r.Unchanged)
	}
}
