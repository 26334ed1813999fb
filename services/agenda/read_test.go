package agenda_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

func TestTheConferenceTellsItsFactsAndItsTime(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	c := s.as(t, a, delegate("seoul-2013", "d1"))
	s.clock.set(s.clock.day(0, 30).Add(999 * time.Millisecond))
	got, err := c.GetConferenceWithResponse(t.Context(), "seoul-2013", &client.GetConferenceParams{AcceptLanguage: ptr("ko-KR, en;q=0.5")})
	if err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	x := got.JSON200
	if x.Name != "서울 회의" || x.Themes[0].Name != "국제 안보" || x.Timezone != "Asia/Seoul" || x.Venue != "COEX" || len(x.Days) != 2 || x.Revision != 1 ||
		!x.Now.Equal(s.clock.day(0, 30)) || x.ClockOffset != 0 || got.HTTPResponse.Header.Get("Content-Language") != "ko" {
		t.Errorf("read %+v", x)
	}
}

func TestTheClockOfASampleIsItsOwn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.clock.set(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
	sample := seed("seoul-2013", 12)
	sample.ClockStart = s.clock.day(-1, 0)
	a := s.open(t)
	if err := a.Load(t.Context(), sample); err == nil || a.Has("seoul-2013") {
		t.Fatal("a clock of its own is taken by one that is no sandbox")
	}
	stop(t, a)
	a = s.open(t, func(c *agenda.Config) { c.Sandbox = true })
	if err := a.Load(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	stop(t, a)
	s.clock.set(s.clock.now().Add(90 * time.Minute))
	a = s.open(t) // a restart keeps the offset
	c := s.as(t, a, secretary("seoul-2013"))
	got, err := c.GetConferenceWithResponse(t.Context(), "seoul-2013", nil)
	if err != nil || got.JSON200 == nil || !got.JSON200.Now.Equal(s.clock.day(0, 30)) || got.JSON200.ClockOffset >= 0 {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	// Half past nine on the conference clock: the first sessions have begun.
	params := &client.ChangeSessionParams{IfMatch: `"1-en"`}
	begun, err := c.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", sessionID(0), params, client.SessionPatch{RoomID: &free})
	refused(t, begun, err, http.StatusConflict, "session_begun")
	ahead, err := c.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", sessionID(10), params, client.SessionPatch{RoomID: &free})
	if err != nil || ahead.JSON200 == nil {
		t.Errorf("%v %s", err, ahead.GetBody())
	}
}

func TestTheAgendaIsTheSamePlainAndCompressed(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 34))
	bearer := "Bearer " + s.signer.token(delegate("seoul-2013", "d1"))
	const path = "/v1/conferences/seoul-2013/agenda"
	plainRes, plain := get(t, a, path, "Authorization", bearer)
	if plainRes.StatusCode != http.StatusOK || plainRes.Header.Get("Content-Encoding") != "" {
		t.Fatalf("plain: %d %v", plainRes.StatusCode, plainRes.Header)
	}
	for _, accept := range []string{"gzip", "gzip, deflate, br", "deflate,gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*", "GZIP"} {
		res, packed := get(t, a, path, "Authorization", bearer, "Accept-Encoding", accept)
		if res.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: not compressed", accept)
			continue
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(unpacked, plain) || len(packed)*3 > len(plain) {
			t.Errorf("%s: %d bytes of %d, %v", accept, len(packed), len(plain), err)
		}
		for _, name := range []string{"ETag", "Content-Type", "Content-Language", "Cache-Control", "Vary"} {
			if res.Header.Get(name) != plainRes.Header.Get(name) {
				t.Errorf("%s differs: %q and %q", name, res.Header.Get(name), plainRes.Header.Get(name))
			}
		}
	}
	for _, accept := range []string{"identity", "gzip;q=0", "gzip; q=0.000, br", "xgzip", "br", "*;q=0", "gzip;q=0, *"} {
		if res, got := get(t, a, path, "Authorization", bearer, "Accept-Encoding", accept); res.Header.Get("Content-Encoding") != "" || !bytes.Equal(got, plain) {
			t.Errorf("%s: compressed", accept)
		}
	}
	for _, word := range []string{"Accept-Language", "Accept-Encoding"} {
		if !strings.Contains(plainRes.Header.Get("Vary"), word) {
			t.Errorf("Vary is %q", plainRes.Header.Get("Vary"))
		}
	}
	if plainRes.Header.Get("ETag") != `"1-en"` || plainRes.Header.Get("Cache-Control") != "private, no-cache" || plainRes.Header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", plainRes.Header)
	}
}

func TestTheAgendaComesInTheLanguageThatFits(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	c := s.as(t, a, delegate("seoul-2013", "d1"))
	for _, x := range []struct{ accept, language, title string }{
		{"", "en", "Norms of behaviour in cyberspace, part 0"},
		{"ko", "ko", "사이버공간의 행동 규범 0"},
		{"ko-KR,ko;q=0.9,en-US;q=0.8", "ko", "사이버공간의 행동 규범 0"},
		{"fr, ko;q=0.2", "ko", "사이버공간의 행동 규범 0"},
		{"fr", "en", "Norms of behaviour in cyberspace, part 0"},
		{"en-GB, ko;q=0.9", "en", "Norms of behaviour in cyberspace, part 0"},
		{"*", "en", "Norms of behaviour in cyberspace, part 0"},
		{"not a language;;q=", "en", "Norms of behaviour in cyberspace, part 0"},
	} {
		params, single := &client.GetAgendaParams{}, &client.GetSessionParams{}
		if x.accept != "" {
			params.AcceptLanguage, single.AcceptLanguage = &x.accept, &x.accept
		}
		whole, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", params)
		if err != nil || whole.JSON200 == nil {
			t.Fatalf("%s: %v %s", x.accept, err, whole.GetBody())
		}
		g, h := whole.JSON200, whole.HTTPResponse.Header
		if g.Language != x.language || g.Sessions[0].Title != x.title || h.Get("Content-Language") != x.language || h.Get("ETag") != `"1-`+x.language+`"` {
			t.Errorf("%q: %s, %s, %v", x.accept, g.Language, g.Sessions[0].Title, h)
		}
		one, err := c.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), single)
		if err != nil || one.JSON200 == nil || one.JSON200.Title != x.title || one.HTTPResponse.Header.Get("ETag") != sessionTag(1, x.language, "Hall A") {
			t.Errorf("%q: the session reads %v %s", x.accept, err, one.GetBody())
		}
	}
}

func TestWhoHasTheAgendaIsNotSentIt(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	c := s.as(t, a, delegate("seoul-2013", "d1"))
	for _, x := range []struct {
		tag, language string
		status        int
	}{
		{`"1-en"`, "en", 304},
		{`W/"1-en"`, "en", 304},
		{`"0-en", "1-en"`, "en", 304},
		{`*`, "en", 304},
		{`"1-ko"`, "ko", 304},
		{`"1-en"`, "ko", 200},
		{`"0-en"`, "en", 200},
		{`1-en`, "en", 200},
		{`"1"`, "en", 200},
	} {
		whole, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{IfNoneMatch: &x.tag, AcceptLanguage: &x.language})
		if err != nil || whole.StatusCode() != x.status || x.status == 304 && len(whole.Body) > 0 {
			t.Errorf("agenda with %s in %s: %v, %d with %d bytes", x.tag, x.language, err, whole.StatusCode(), len(whole.Body))
		}
		ofOne := strings.NewReplacer(`"1-en"`, sessionTag(1, "en", "Hall A"), `"1-ko"`, sessionTag(1, "ko", "Hall A")).Replace(x.tag)
		one, err := c.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.GetSessionParams{IfNoneMatch: &ofOne, AcceptLanguage: &x.language})
		if err != nil || one.StatusCode() != x.status || x.status == 304 && len(one.Body) > 0 {
			t.Errorf("session with %s in %s: %v, %d with %d bytes", x.tag, x.language, err, one.StatusCode(), len(one.Body))
		}
		if h := whole.HTTPResponse.Header; h.Get("ETag") != `"1-`+x.language+`"` || h.Get("Cache-Control") == "" || h.Get("Vary") == "" {
			t.Errorf("headers with %d: %v", x.status, h)
		}
	}
}

// The agenda asked for in the ordinary way is answered by a shorter way than
// the generated one, which a revision to wait for leads to. Nobody may notice.
func TestTheShortWayAndTheLongWayAnswerAlike(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	bearer := "Bearer " + s.signer.token(delegate("seoul-2013", "d1"))
	for _, ask := range [][]string{
		nil,
		{"Accept-Language", "ko"},
		{"Accept-Language", "fr;q=0.3, *", "Accept-Encoding", "gzip"},
		{"If-None-Match", `"1-en"`},
		{"If-None-Match", `"1-en"`, "Accept-Language", "ko", "Accept-Encoding", "gzip, br"},
		{"If-None-Match", `"999-en"`},
		{"If-None-Match", "*", "Accept-Language", "ko"},
	} {
		ask = append(ask, "Authorization", bearer)
		short, shortBody := get(t, a, "/v1/conferences/seoul-2013/agenda", ask...)
		long, longBody := get(t, a, "/v1/conferences/seoul-2013/agenda", append(ask, "Plenary-Revision", "0")...)
		if short.StatusCode != long.StatusCode || !bytes.Equal(shortBody, longBody) || headers(short) != headers(long) {
			t.Errorf("%v: %d and %d, %d and %d bytes\n%s\n%s", ask[:len(ask)-2], short.StatusCode, long.StatusCode, len(shortBody), len(longBody), headers(short), headers(long))
		}
	}
}

func TestAChangeLeavesTheTagsOfOtherSessions(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	c := s.as(t, a, secretary("seoul-2013"))
	moved, err := c.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", sessionID(0),
		&client.ChangeSessionParams{IfMatch: `"1-en"`}, client.SessionPatch{RoomID: &free})
	if err != nil || moved.JSON200 == nil {
		t.Fatalf("%v %s", err, moved.GetBody())
	}
	for n, want := range []int{200, 304} {
		one, err := c.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(n), &client.GetSessionParams{IfNoneMatch: ptr(sessionTag(1, "en", []string{"Hall A", "Hall B"}[n]))})
		if err != nil || one.StatusCode() != want {
			t.Errorf("session %d: %v, %d", n, err, one.StatusCode())
		}
	}
	whole, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{IfNoneMatch: ptr(`"1-en"`)})
	if err != nil || whole.JSON200 == nil || whole.JSON200.Revision != 2 {
		t.Errorf("agenda: %v, %d", err, whole.StatusCode())
	}
}

func TestARevisionNobodyHasMadeIsNotWaitedForInVain(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	c := s.as(t, a, delegate("seoul-2013", "d1"))
	whole, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{PlenaryRevision: ptr(int64(2))})
	refused(t, whole, err, http.StatusServiceUnavailable, "behind")
	if whole.HTTPResponse.Header.Get("Retry-After") == "" {
		t.Error("503 does not say when to come back")
	}
	one, err := c.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.GetSessionParams{PlenaryRevision: ptr(int64(2))})
	refused(t, one, err, http.StatusServiceUnavailable, "behind")
	for _, r := range []int64{0, 1} {
		if whole, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{PlenaryRevision: &r}); err != nil || whole.JSON200 == nil {
			t.Errorf("at revision %d: %v %s", r, err, whole.GetBody())
		}
	}
}

func TestUnreadableReadsAreRefused(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	c := s.as(t, a, delegate("seoul-2013", "d1"), client.AllowBadRequests)
	for _, revision := range []string{"x", "-1", "1.5", "99999999999999999999"} {
		whole, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", nil, with("Plenary-Revision", revision))
		p := refused(t, whole, err, http.StatusBadRequest, "bad_parameter")
		if len(p.Errors) != 1 || p.Errors[0].Parameter != "Plenary-Revision" {
			t.Errorf("%s: %+v", revision, p.Errors)
		}
	}
	whole, err := c.GetAgendaWithResponse(t.Context(), "seoul-2013", nil, query("since="+privateQuery))
	if p := refused(t, whole, err, http.StatusBadRequest, "bad_parameter"); p.Errors[0].Parameter != "since" {
		t.Errorf("%+v", p.Errors)
	}
	twice := func(name string) client.RequestEditorFn {
		return func(_ context.Context, r *http.Request) error {
			r.Header[name] = []string{`"1-en"`, `"2-en"`}
			return nil
		}
	}
	for _, name := range []string{"Plenary-Revision", "If-None-Match", "Accept-Language"} {
		whole, err = c.GetAgendaWithResponse(t.Context(), "seoul-2013", nil, twice(name))
		if p := refused(t, whole, err, http.StatusBadRequest, "bad_parameter"); p.Errors[0].Parameter != name {
			t.Errorf("%+v", p.Errors)
		}
	}
	one, err := c.GetSessionWithResponse(t.Context(), "seoul-2013", "opening", nil)
	if p := refused(t, one, err, http.StatusBadRequest, "bad_parameter"); p.Errors[0].Parameter != "session" {
		t.Errorf("%+v", p.Errors)
	}
	gone, err := c.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(999), nil)
	refused(t, gone, err, http.StatusNotFound, "not_found")
}
