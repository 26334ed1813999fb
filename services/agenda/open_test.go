package agenda_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

const (
	aDelegate = "0190a3c2-7b1e-7c4d-9a51-00000000d001"
	streamURL = "https://live.example/hall-a"
	draftURL  = "https://papers.example/declaration"
)

// opening is a seed whose session 0 is public, streamed from its start at
// midnight UTC and has a paper under embargo until half past; session 1 is like
// it, and not public.
func opening() agenda.Seed {
	s := seed("seoul-2013", 12)
	for n := range 2 {
		x := &s.Sessions[n]
		x.Public = n == 0
		x.People = append(x.People, agenda.Part{Role: agenda.Chair, Delegate: aDelegate})
		x.Access = agenda.Access{Kind: "invitation", Seats: 2, Delegations: []string{"kr"}, Delegates: []string{aDelegate}}
		x.Stream = &agenda.Stream{URL: streamURL}
		x.Documents = []agenda.Document{
			{ID: "concept", Title: agenda.Text{"en": "Concept", "ko": "개념"}, URL: "https://papers.example/concept"},
			{ID: "declaration", Title: agenda.Text{"en": "Declaration"}, URL: draftURL, Embargo: x.Start.Add(30 * time.Minute)},
		}
		x.Interpretation, x.Language = []string{"ko"}, "en"
	}
	return s
}

func TestStreamsAndPapersOpenAtTheirTime(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, opening())
	c := s.as(t, a, delegate("seoul-2013", "d1"))
	tags := map[string]string{}
	for _, x := range []struct {
		at            time.Time
		stream, paper string
		tag           string
	}{
		{s.clock.day(0, 0).Add(-time.Millisecond), "", "", `"1-en"`},
		{s.clock.day(0, 0), streamURL, "", `"1-en-2"`},
		{s.clock.day(0, 29), streamURL, "", `"1-en-2"`},
		{s.clock.day(0, 30), streamURL, draftURL, `"1-en-4"`},
		{s.clock.day(9, 0), streamURL, draftURL, `"1-en-4"`},
		{s.clock.day(0, 10), streamURL, "", `"1-en-2"`}, // a rehearsal is set back
	} {
		s.clock.set(x.at)
		whole, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", nil)
		if err != nil || whole.JSON200 == nil {
			t.Fatalf("%v %s", err, whole.GetBody())
		}
		day, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{Day: ptr("2013-10-17")})
		if err != nil || day.JSON200 == nil || !bytes.Equal(day.Body, whole.Body) {
			t.Errorf("the day reads %v %s", err, day.GetBody())
		}
		one, err := c.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), nil)
		if err != nil || one.JSON200 == nil {
			t.Fatalf("%v %s", err, one.GetBody())
		}
		for _, got := range []client.Session{*one.JSON200, whole.JSON200.Sessions[0]} {
			if got.Stream == nil || got.Stream.URL != x.stream || got.Stream.Live != (x.stream != "") || !got.Stream.StartsAt.Equal(s.clock.day(0, 0)) ||
				len(got.Documents) != 2 || got.Documents[0].URL == "" || got.Documents[1].URL != x.paper || got.Documents[1].EmbargoUntil == nil {
				t.Errorf("at %v it reads %+v %+v", x.at, got.Stream, got.Documents)
			}
		}
		if got := whole.HTTPResponse.Header.Get("ETag"); got != x.tag {
			t.Errorf("at %v the tag is %s, want %s", x.at, got, x.tag)
		}
		// Whoever has it as it is gets nothing, whoever has it as it was gets it.
		tags[x.tag] = one.HTTPResponse.Header.Get("ETag")
		for tag, tagOfOne := range tags {
			want := http.StatusOK
			if tag == x.tag {
				want = http.StatusNotModified
			}
			again, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{IfNoneMatch: &tag})
			single, singleErr := c.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.GetSessionParams{IfNoneMatch: &tagOfOne})
			if err != nil || singleErr != nil || again.StatusCode() != want || single.StatusCode() != want {
				t.Errorf("at %v with %s: %v %v, %d and %d, want %d", x.at, tag, err, singleErr, again.StatusCode(), single.StatusCode(), want)
			}
		}
	}
	got := onlySession(t, c)
	if got.Access == nil || got.Access.Kind != "invitation" || got.Access.Seats != 2 || len(got.People) != 4 || got.People[3].DelegateID != aDelegate ||
		len(got.Speakers) != 3 || !got.Public || got.ChangedAt == nil || got.Language != "en" || len(got.Interpretation) != 1 {
		t.Errorf("the session reads %+v", got)
	}
}

func onlySession(t *testing.T, c *client.ClientWithResponses) client.Session {
	t.Helper()
	one, err := c.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), nil)
	if err != nil || one.JSON200 == nil {
		t.Fatalf("%v %s", err, one.GetBody())
	}
	return *one.JSON200
}

func TestADayHasWhatBeginsOnIt(t *testing.T) {
	t.Parallel()
	conference := seed("seoul-2013", 12)
	late := &conference.Sessions[11]
	late.Start = time.Date(2013, 10, 17, 15, 0, 0, 0, time.UTC) // midnight in Seoul
	late.End = late.Start.Add(time.Hour)
	before := &conference.Sessions[10]
	before.Start, before.End = late.Start.Add(-time.Minute), late.End // and over midnight
	s, a := loaded(t, conference)
	c := s.as(t, a, delegate("seoul-2013", "d1"), client.AllowBadRequests)
	for day, want := range map[string]int{"2013-10-17": 11, "2013-10-18": 1, "2013-10-16": 0, "1999-01-01": 0} {
		for range 2 {
			got, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{Day: &day})
			if err != nil || got.JSON200 == nil || len(got.JSON200.Sessions) != want || len(got.JSON200.Rooms) != rooms+1 {
				t.Errorf("%s: %v %s", day, err, got.GetBody())
			}
		}
	}
	for _, day := range []string{"", "17.10.2013", "2013-02-30", "tomorrow"} {
		got, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{Day: &day})
		if p := refused(t, got, err, http.StatusBadRequest, "bad_parameter"); p.Errors[0].Parameter != "day" {
			t.Errorf("%q: %+v", day, p.Errors)
		}
	}
}

func TestAnybodyReadsThePublicPart(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, opening())
	const path = "/v1/public/conferences/seoul-2013/agenda"
	shared := "public, max-age=30, stale-while-revalidate=60"
	c := client.NewChecked(t, "http://"+a.Addr(), "")
	for _, x := range []struct {
		at     time.Time
		stream bool
		paper  bool
		tag    string
	}{
		{s.clock.day(0, 0).Add(-time.Second), false, false, `"1-en"`},
		{s.clock.day(0, 0), true, false, `"1-en-1"`},
		{s.clock.day(0, 30), true, true, `"1-en-2"`},
	} {
		s.clock.set(x.at)
		got, err := c.GetPublicAgendaWithResponse(t.Context(), "seoul-2013", nil)
		if err != nil || got.JSON200 == nil || len(got.JSON200.Sessions) != 1 || len(got.JSON200.Rooms) != 1 {
			t.Fatalf("%v %s", err, got.GetBody())
		}
		body := string(got.Body)
		if strings.Contains(body, streamURL) != x.stream || strings.Contains(body, draftURL) != x.paper || strings.Contains(body, aDelegate) || strings.Contains(body, `"kr"`) {
			t.Errorf("at %v anybody reads %s", x.at, body)
		}
		if h := got.HTTPResponse.Header; h.Get("ETag") != x.tag || h.Get("Cache-Control") != shared || h.Get("Vary") != "Accept-Language, Accept-Encoding" || h.Get("Set-Cookie") != "" {
			t.Errorf("at %v the headers are %v", x.at, h)
		}
	}

	// The same goes to everybody, whatever they show.
	plain, body := get(t, a, path)
	for _, token := range []string{"Bearer " + s.signer.token(secretary("seoul-2013")), "Bearer " + s.signer.token(delegate("london-2011", "d1")), "Bearer nonsense", "Basic eDp5"} {
		res, same := get(t, a, path, "Authorization", token)
		if res.StatusCode != http.StatusOK || !bytes.Equal(body, same) || headers(res) != headers(plain) {
			t.Errorf("with a token it reads %d %s %s", res.StatusCode, headers(res), same)
		}
	}
	zipped, small := get(t, a, path, "Accept-Encoding", "gzip")
	if zipped.Header.Get("Content-Encoding") != "gzip" || len(small) >= len(body) {
		t.Errorf("compressed it is %d bytes of %d: %v", len(small), len(body), zipped.Header)
	}
	for tag, want := range map[string]int{`"1-en-2"`: 304, `"1-en-1"`: 200, `"999-en"`: 200} {
		for _, p := range []string{path, strings.TrimSuffix(path, "/agenda")} {
			if p != path {
				tag = strings.Replace(tag, "-2", "", 1) // of the facts
			}
			res, body := get(t, a, p, "If-None-Match", tag)
			if res.StatusCode != want || res.Header.Get("Cache-Control") != shared || res.Header.Get("ETag") == "" || want == 304 && len(body) > 0 {
				t.Errorf("%s with %s: %d %v", p, tag, res.StatusCode, res.Header)
			}
		}
	}

	facts, err := c.GetPublicConferenceWithResponse(t.Context(), "seoul-2013", &client.GetPublicConferenceParams{AcceptLanguage: ptr("ko")})
	if err != nil || facts.JSON200 == nil || facts.JSON200.Name != "서울 회의" || facts.JSON200.Themes[0].Name != "국제 안보" || facts.HTTPResponse.Header.Get("Cache-Control") != shared {
		t.Errorf("%v %s", err, facts.GetBody())
	}
	nowhere, err := c.GetPublicConferenceWithResponse(t.Context(), "nowhere-1999", nil)
	refused(t, nowhere, err, http.StatusNotFound, "not_found")
	none, err := c.GetPublicAgendaWithResponse(t.Context(), "nowhere-1999", nil)
	refused(t, none, err, http.StatusNotFound, "not_found")
}

func TestASessionIsReadAnewWhenItsRoomHasAnotherName(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 3))
	d := deskOf(t, s, a)
	before, err := d.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), nil)
	if err != nil || before.JSON200 == nil {
		t.Fatalf("%v %s", err, before.GetBody())
	}
	_, tag := d.drafted()
	room, err := d.PutDraftRoomWithResponse(t.Context(), "seoul-2013", roomID(0), &client.PutDraftRoomParams{IfMatch: tag}, client.RoomDraft{Name: "Great Hall", Kind: "panel"})
	if err != nil || room.JSON200 == nil {
		t.Fatalf("%v %s", err, room.GetBody())
	}
	if got := d.release(room.HTTPResponse.Header.Get("ETag"), client.ReleaseRequest{}); got.JSON200 == nil {
		t.Fatalf("%s", got.GetBody())
	}
	have := before.HTTPResponse.Header.Get("ETag")
	after, err := d.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.GetSessionParams{IfNoneMatch: &have})
	if err != nil || after.JSON200 == nil || after.JSON200.RoomName != "Great Hall" {
		t.Fatalf("%v %d %s", err, after.StatusCode(), after.GetBody())
	}
	// It is still the same session to change.
	if got, err := d.move(0, have, client.SessionPatch{RoomID: &free}); err != nil || got.JSON200 == nil {
		t.Errorf("%v %s", err, got.GetBody())
	}
}
