package agenda_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	ical "github.com/emersion/go-ical"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// newFeed makes a feed and answers its id and the path under which it is read.
func newFeed(t testing.TB, c *client.ClientWithResponses, a *agenda.Service, languages string) (id, path string) {
	t.Helper()
	got, err := c.CreateCalendarFeedWithResponse(t.Context(), nil, with("Accept-Language", languages))
	if err != nil || got.JSON201 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	path, ours := strings.CutPrefix(got.JSON201.URL, "webcal://"+a.Addr())
	if !ours || !strings.HasPrefix(path, "/v1/calendars/") || !strings.HasSuffix(path, ".ics") || got.HTTPResponse.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s, %v", got.JSON201.URL, got.HTTPResponse.Header)
	}
	return got.JSON201.ID, path
}

// subscribed is what a calendar without any credentials reads at path.
func subscribed(t testing.TB, a *agenda.Service, path string) map[string]ical.Event {
	t.Helper()
	res, body := get(t, a, path)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("%d %s %s", res.StatusCode, res.Header.Get("Content-Type"), body)
	}
	cal, err := ical.NewDecoder(bytes.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	events := map[string]ical.Event{}
	for _, e := range cal.Events() {
		uid, suffix, _ := strings.Cut(text(t, e, "UID"), "@")
		if suffix != "seoul-2013.plenary" {
			t.Errorf("UID ends with %q", suffix)
		}
		events[uid] = e
	}
	return events
}

func text(t testing.TB, e ical.Event, name string) string {
	t.Helper()
	p := e.Props.Get(name)
	if p == nil {
		return ""
	}
	s, err := p.Text()
	if err != nil {
		return p.Value
	}
	return s
}

func TestACalendarFollowsWhatBecomesOfASession(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	pick(t, s, a, "ada", 0, 12)
	ada, d := s.as(t, a, delegate("seoul-2013", "ada")), deskOf(t, s, a)
	_, path := newFeed(t, ada, a, "ko")
	var last int
	check := func(step, status, start, room string) {
		t.Helper()
		events := subscribed(t, a, path)
		e, other := events[sessionID(0)], events[sessionID(12)]
		if len(events) != 2 || text(t, e, "STATUS") != status || text(t, e, "DTSTART") != start || text(t, e, "LOCATION") != room+", COEX" {
			t.Errorf("%s: %d events, %+v", step, len(events), e.Props)
		}
		sequence, err := strconv.Atoi(text(t, e, "SEQUENCE"))
		if err != nil || sequence <= last {
			t.Errorf("%s: SEQUENCE %d after %d (%v)", step, sequence, last, err)
		}
		last = sequence
		if at := s.clock.now().UTC().Format("20060102T150405Z"); text(t, e, "LAST-MODIFIED") != at || text(t, e, "DTSTAMP") != at {
			t.Errorf("%s: modified %s, stamped %s, happened %s", step, text(t, e, "LAST-MODIFIED"), text(t, e, "DTSTAMP"), at)
		}
		if text(t, other, "SEQUENCE") != "0" || text(t, other, "STATUS") != "CONFIRMED" || text(t, other, "SUMMARY") != "사이버공간의 행동 규범 12" {
			t.Errorf("%s: the other is %+v", step, other.Props)
		}
	}
	last = -1
	check("new", "CONFIRMED", "20131017T090000", "Hall A")
	s.clock.set(s.clock.now().Add(time.Minute))
	if got, err := d.move(0, `"1-en"`, client.SessionPatch{StartsAt: ptr(s.clock.day(6, 0)), RoomID: &free}); err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	check("moved", "CONFIRMED", "20131017T150000", "Hall K")
	s.clock.set(s.clock.now().Add(time.Minute))
	if got, err := d.cancel(0, `"2-en"`, "The speaker is ill."); err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	check("cancelled", "CANCELLED", "20131017T150000", "Hall K")
	if e := subscribed(t, a, path)[sessionID(0)]; !strings.HasPrefix(text(t, e, "DESCRIPTION"), "The speaker is ill.") {
		t.Errorf("%+v", e.Props)
	}
	s.clock.set(s.clock.now().Add(time.Minute))
	if got, err := d.ReinstateSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.ReinstateSessionParams{IfMatch: `"3-en"`}, client.Reinstatement{}); err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	check("reinstated", "CONFIRMED", "20131017T150000", "Hall K")
	if got, err := ada.UnpickSessionWithResponse(t.Context(), sessionID(0)); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatal(err, got)
	}
	if events := subscribed(t, a, path); len(events) != 1 {
		t.Errorf("%d events when one is left", len(events))
	}
}

func TestACalendarTakesOutADutyThatWasTakenAway(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	ada, d := s.as(t, a, delegate("seoul-2013", sessionID(900))), deskOf(t, s, a)
	_, path := newFeed(t, ada, a, "en")
	last := -1
	check := func(step, status, start string) {
		t.Helper()
		events := subscribed(t, a, path)
		e := events[sessionID(20)]
		if len(events) != 1 || text(t, e, "STATUS") != status || text(t, e, "DTSTART") != start || text(t, e, "LOCATION") != "Hall K, COEX" {
			t.Fatalf("%s: %d events, %+v", step, len(events), e.Props)
		}
		sequence, err := strconv.Atoi(text(t, e, "SEQUENCE"))
		if err != nil || sequence <= last {
			t.Errorf("%s: SEQUENCE %d after %d (%v)", step, sequence, last, err)
		}
		last = sequence
		if at := s.clock.now().UTC().Format("20060102T150405Z"); text(t, e, "LAST-MODIFIED") != at {
			t.Errorf("%s: modified %s, happened %s", step, text(t, e, "LAST-MODIFIED"), at)
		}
	}
	release := func(change func(*client.SessionDraft)) {
		t.Helper()
		s.clock.set(s.clock.now().Add(time.Minute))
		body := s.body(20, free)
		change(&body)
		_, tag := d.drafted()
		put := d.put(20, tag, body)
		if put.JSON200 == nil {
			t.Fatalf("%s", put.GetBody())
		}
		if got := d.release(put.HTTPResponse.Header.Get("ETag"), client.ReleaseRequest{}); got.JSON200 == nil {
			t.Fatalf("%s", got.GetBody())
		}
	}
	at := s.clock.day(20/rooms, 0).In(time.FixedZone("KST", 9*3600)).Format("20060102T150405")
	release(func(*client.SessionDraft) {})
	check("ada presides", "CONFIRMED", at)
	release(func(b *client.SessionDraft) { b.People = nil })
	check("ada presides no more", "CANCELLED", at)
	wasHer := last
	release(func(b *client.SessionDraft) {
		b.People, b.Title = nil, client.Titles{"en": "Closing"}
	})
	if e := subscribed(t, a, path)[sessionID(20)]; text(t, e, "SEQUENCE") != strconv.Itoa(wasHer) || text(t, e, "SUMMARY") != "Opening" {
		t.Errorf("what becomes of it is no more ada's: %+v", e.Props)
	}
	release(func(*client.SessionDraft) {})
	check("ada presides again", "CONFIRMED", at)
}

func TestACalendarIsNotSentWhatItHas(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	pick(t, s, a, "ada", 0)
	ada, d := s.as(t, a, delegate("seoul-2013", "ada")), deskOf(t, s, a)
	_, path := newFeed(t, ada, a, "en")
	first, body := get(t, a, path)
	if first.Header.Get("Last-Modified") != "" || first.Header.Get("ETag") == "" {
		t.Errorf("only the tag is to be believed: %v", first.Header)
	}
	s.clock.set(s.clock.now().Add(time.Minute))
	later, again := get(t, a, path)
	if later.Header.Get("ETag") != first.Header.Get("ETag") || !bytes.Equal(body, again) {
		t.Error("the same agenda is another calendar a minute later")
	}
	since := s.clock.now().UTC().Format(http.TimeFormat)
	want := func(status int, headers ...string) {
		t.Helper()
		if res, body := get(t, a, path, headers...); res.StatusCode != status || (len(body) == 0) != (status == http.StatusNotModified) || res.Header.Get("ETag") == "" {
			t.Errorf("%v: %d with %d bytes, want %d", headers, res.StatusCode, len(body), status)
		}
	}
	tag := first.Header.Get("ETag")
	for _, have := range []*client.ReadCalendarFeedParams{nil, {IfNoneMatch: &tag}} { // as the specification has it
		if got, err := ada.ReadCalendarFeedWithResponse(t.Context(), strings.TrimPrefix(path, "/v1/calendars/"), have); err != nil || (got.StatusCode() == http.StatusOK) != (have == nil) {
			t.Errorf("%v %s", err, got.GetBody())
		}
	}
	want(http.StatusNotModified, "If-None-Match", tag)
	want(http.StatusOK, "If-Modified-Since", since)
	want(http.StatusOK, "If-None-Match", `"cother"`, "If-Modified-Since", since)
	if got, err := d.move(12, `"1-en"`, client.SessionPatch{RoomID: &free}); err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	want(http.StatusNotModified, "If-None-Match", tag) // it was somebody else's session
	if got, err := d.move(0, `"1-en"`, client.SessionPatch{RoomID: &free}); err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	want(http.StatusOK, "If-None-Match", tag)
	want(http.StatusOK, "If-Modified-Since", since)
}

func TestAFeedIsItsOwnersAndEndsOnEveryReplica(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 3))
	b := s.open(t)
	ada, bob := s.as(t, a, delegate("seoul-2013", "ada")), s.as(t, b, delegate("seoul-2013", "bob"))
	id, path := newFeed(t, ada, a, "en")
	if events := subscribed(t, b, path); len(events) != 0 {
		t.Errorf("%d events of nothing", len(events))
	}
	if events := subscribed(t, b, strings.TrimSuffix(path, ".ics")); len(events) != 0 {
		t.Errorf("%d events of nothing", len(events))
	}
	list, err := ada.ListCalendarFeedsWithResponse(t.Context())
	if err != nil || list.JSON200 == nil || len(list.JSON200.Items) != 1 || list.JSON200.Items[0].ID != id || strings.Contains(string(list.Body), "calendars/") {
		t.Fatalf("%v %s", err, list.GetBody())
	}
	if held := s.delegates(t).ask("ada"); len(held.CalendarFeeds) != 1 || held.CalendarFeeds[0].ID != id {
		t.Errorf("held of ada: %+v", held)
	}
	not, err := bob.EndCalendarFeedWithResponse(t.Context(), id)
	refused(t, not, err, http.StatusNotFound, "not_found")
	if got, err := s.as(t, b, delegate("seoul-2013", "ada")).EndCalendarFeedWithResponse(t.Context(), id); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatal(err, got)
	}
	for _, x := range []*agenda.Service{a, b} {
		if res, body := get(t, x, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("an ended feed: %d %s", res.StatusCode, body)
		}
	}
	for range 10 {
		newFeed(t, bob, b, "en")
	}
	full, err := bob.CreateCalendarFeedWithResponse(t.Context(), nil)
	spoken(t, refused(t, full, err, http.StatusConflict, "feeds_full"))
}

func TestNobodyGuessesAFeed(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 3))
	ada := s.as(t, a, delegate("seoul-2013", "ada"))
	_, path := newFeed(t, ada, a, "en")
	token := strings.TrimSuffix(strings.TrimPrefix(path, "/v1/calendars/"), ".ics")
	place, secret, _ := strings.Cut(token, ".")
	_, other := newFeed(t, s.as(t, a, delegate("seoul-2013", "bob")), a, "en")
	_, theirs, _ := strings.Cut(strings.TrimSuffix(other, ".ics"), ".")
	for _, wrong := range []string{
		place + "." + theirs, place + ".", place + "." + secret[1:], strings.Repeat("A", 40), "." + secret, secret + "." + place,
		place + "." + strings.Repeat("A", 43), "bm93aGVyZS9hZGE" + "." + secret, token + ".ics.ics", "%00%ff" + token,
	} {
		if res, body := get(t, a, "/v1/calendars/"+wrong); res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusBadRequest {
			t.Errorf("%q answers %d %s", wrong, res.StatusCode, body)
		}
	}
}

func TestTheFeedOfWhoeverLeavesIsGoneAtOnce(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 3))
	people := s.delegates(t)
	for n, gone := range []struct {
		status string
		told   func(who string) event.Payload
	}{
		{event.Removed, func(who string) event.Payload { return event.DelegateChanged{Delegate: who, Status: event.Removed} }},
		{event.Erased, func(who string) event.Payload { return event.DelegateErased{Delegate: who} }},
		{event.Substituted, func(who string) event.Payload {
			return event.DelegateSubstituted{Delegate: who, Deputy: "deputy", From: s.clock.now()}
		}},
	} {
		who := "leaver-" + strconv.Itoa(n)
		pick(t, s, a, who, 1)
		_, path := newFeed(t, s.as(t, a, delegate("seoul-2013", who)), a, "en")
		subscribed(t, a, path)
		people.tell("e"+strconv.Itoa(n), who, gone.status, 2, s.clock.now(), gone.told(who))
		people.worked()
		if res, body := get(t, a, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %s", gone.status, res.StatusCode, body)
		}
		if held := people.ask(who); len(held.CalendarFeeds)+len(held.Picks) != 0 {
			t.Errorf("%s: still held %+v", gone.status, held)
		}
	}
}

func TestTheAgendaIsExportedAsACalendar(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	ada := s.as(t, a, delegate("seoul-2013", "ada"))
	for room, want := range map[string]int{"": 24, roomID(0): 3, roomID(9): 2, free: 0} {
		params := &client.ExportCalendarParams{Room: &room}
		if room == "" {
			params = nil
		}
		got, err := ada.ExportCalendarWithResponse(t.Context(), "seoul-2013", params)
		if err != nil || got.StatusCode() != http.StatusOK || got.HTTPResponse.Header.Get("Content-Disposition") != "attachment; filename=seoul-2013-1.ics" {
			t.Fatalf("%v %s %v", err, got.GetBody(), got.HTTPResponse.Header)
		}
		cal, err := ical.NewDecoder(bytes.NewReader(got.Body)).Decode()
		if err != nil || len(cal.Events()) != want {
			t.Errorf("%s: %v, want %d events\n%s", room, err, want, got.Body)
		}
	}
	none, err := ada.ExportCalendarWithResponse(t.Context(), "seoul-2013", &client.ExportCalendarParams{Room: ptr("nowhere")})
	refused(t, none, err, http.StatusNotFound, "not_found")
}
