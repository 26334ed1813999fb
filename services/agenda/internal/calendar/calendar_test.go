package calendar_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	other "github.com/emersion/go-ical" // a parser that is not the one that writes

	"plenary.example/services/agenda/internal/calendar"
	"plenary.example/services/agenda/internal/programme"
)

var seoul = programme.Conference{
	ID: "seoul-2013", Zone: "Asia/Seoul", Venue: "COEX", Languages: []string{"en", "ko"},
	Themes: []programme.Theme{{ID: "security", Name: programme.Text{"en": "International security"}}},
}

var released = time.Date(2013, 10, 1, 12, 0, 0, 500, time.UTC)

func opening() programme.Session {
	return programme.Session{
		ID: "s1", Kind: programme.Plenary, Title: programme.Text{"en": "Opening", "ko": "개회식"}, Room: "a", Theme: "security",
		Start: time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC), End: time.Date(2013, 10, 17, 1, 30, 0, 0, time.UTC),
		Status: programme.Confirmed, ChangedAt: released, Sequence: 2, Public: true,
		People: []programme.Part{{Role: programme.Speaker, Name: "Ada Okafor", Affiliation: "ITU"}, {Role: programme.Chair, Delegate: "d-1"}},
	}
}

var hallA = programme.Room{ID: "a", Name: "Hall A"}

// written is the calendar of some events, held to the rules for lines, as bytes
// and as the other parser reads it.
func written(t *testing.T, c programme.Conference, language string, events ...calendar.Event) ([]byte, *other.Calendar) {
	t.Helper()
	body, err := calendar.Write(c, "My schedule", language, events)
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(body) {
		t.Error("not UTF-8")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(body), "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	cal, err := other.NewDecoder(bytes.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("not understood: %v\n%s", err, body)
	}
	if len(cal.Children) > 0 {
		// Its writer refuses what lacks a property, or has one too often.
		if err := other.NewEncoder(&bytes.Buffer{}).Encode(cal); err != nil {
			t.Error(err)
		}
	}
	return body, cal
}

func value(t *testing.T, e other.Event, name string) string {
	t.Helper()
	p := e.Props.Get(name)
	if p == nil {
		return ""
	}
	if text, err := p.Text(); err == nil {
		return text
	}
	return p.Value
}

func TestASessionIsAnEventThatCalendarsBelieve(t *testing.T) {
	t.Parallel()
	body, cal := written(t, seoul, "en", calendar.Event{Session: opening(), Room: hallA})
	for _, line := range []string{
		"REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M", "METHOD:PUBLISH", "X-WR-TIMEZONE:Asia/Seoul", "NAME:My schedule",
	} {
		if !strings.Contains(string(body), "\r\n"+line+"\r\n") {
			t.Errorf("%s is not in\n%s", line, body)
		}
	}
	e := cal.Events()[0]
	for name, want := range map[string]string{
		"UID": "s1@seoul-2013.plenary", "SEQUENCE": "2", "STATUS": "CONFIRMED", "CLASS": "PUBLIC",
		"DTSTAMP": "20131001T120000Z", "LAST-MODIFIED": "20131001T120000Z",
		"SUMMARY": "Opening", "LOCATION": "Hall A, COEX", "CATEGORIES": "International security", "DESCRIPTION": "Ada Okafor (ITU)",
	} {
		if got := value(t, e, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	start, end := e.Props.Get("DTSTART"), e.Props.Get("DTEND")
	if start.Value != "20131017T090000" || start.Params.Get("TZID") != "Asia/Seoul" || end.Value != "20131017T103000" {
		t.Errorf("from %+v to %+v", start, end)
	}
	again, _ := written(t, seoul, "en", calendar.Event{Session: opening(), Room: hallA})
	if !bytes.Equal(body, again) {
		t.Error("the same agenda is not the same bytes")
	}
}

func TestWhatIsCancelledOrRemovedStaysAsCancelled(t *testing.T) {
	t.Parallel()
	s := opening()
	s.Status, s.Reason, s.Sequence = programme.Cancelled, "The speaker is ill.", 3
	_, cal := written(t, seoul, "en", calendar.Event{Session: s, Room: hallA})
	e := cal.Events()[0]
	if value(t, e, "STATUS") != "CANCELLED" || value(t, e, "SEQUENCE") != "3" || value(t, e, "UID") != "s1@seoul-2013.plenary" {
		t.Errorf("cancelled: %+v", e.Props)
	}
	if got := value(t, e, "DESCRIPTION"); !strings.HasPrefix(got, "The speaker is ill.\n") {
		t.Errorf("the reason is not said: %q", got)
	}
	gone := released.Add(time.Hour)
	_, cal = written(t, seoul, "en", calendar.Event{Session: opening(), Room: hallA, Removed: gone})
	e = cal.Events()[0]
	if value(t, e, "STATUS") != "CANCELLED" || value(t, e, "SEQUENCE") != "3" || value(t, e, "LAST-MODIFIED") != "20131001T130000Z" {
		t.Errorf("removed: %+v", e.Props)
	}
}

func TestHostileTextsStayTexts(t *testing.T) {
	t.Parallel()
	for _, title := range []string{
		"Trust, but verify; \\n is no line end",
		"Two\r\nlines\rEND:VEVENT\r\nBEGIN:VEVENT",
		"Next\u2028line\u0085and\u2029paragraph",
		"Bell\a, null\x00, delete\x7f and escape\x1b[31m",
		strings.Repeat("사이버스페이스", 40),
		strings.Repeat("👩‍👩‍👧‍👦", 30),
		strings.Repeat("x", 400),
		"broken \xff\xfe bytes",
		`"quoted": <b>bold</b> & ^caret`,
		" leading and trailing ",
		"العربية والعبرية עברית " + strings.Repeat("مؤتمر ", 30),
	} {
		s := opening()
		s.Title = programme.Text{"en": title}
		s.Abstract = programme.Text{"en": title}
		s.Theme = title
		_, cal := written(t, seoul, "en", calendar.Event{Session: s, Room: programme.Room{Name: title}})
		if n := len(cal.Events()); n != 1 {
			t.Fatalf("%q makes %d events", title, n)
		}
		e := cal.Events()[0]
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u0085", "\n", "\u2029", "\n",
			"\a", "", "\x00", "", "\x7f", "", "\x1b", "").Replace(strings.ToValidUTF8(title, "\uFFFD"))
		if got := value(t, e, "SUMMARY"); got != want {
			t.Errorf("title: got %q, want %q", got, want)
		}
		if got := value(t, e, "LOCATION"); got != want+", COEX" {
			t.Errorf("room: got %q, want %q", got, want)
		}
		if got := value(t, e, "DESCRIPTION"); got != want+"\n\nAda Okafor (ITU)" {
			t.Errorf("abstract: got %q", got)
		}
	}
}

func TestClassFollowsWhoMayKnow(t *testing.T) {
	t.Parallel()
	inner := opening()
	inner.Public = false
	invited := opening()
	invited.Access.Kind = programme.Invitation
	for want, s := range map[string]programme.Session{"PUBLIC": opening(), "PRIVATE": inner, "CONFIDENTIAL": invited} {
		if _, cal := written(t, seoul, "en", calendar.Event{Session: s}); value(t, cal.Events()[0], "CLASS") != want {
			t.Errorf("got %q, want %s", value(t, cal.Events()[0], "CLASS"), want)
		}
	}
}

func TestAnEmptyScheduleIsACalendarToo(t *testing.T) {
	t.Parallel()
	body, _ := written(t, seoul, "en")
	if !strings.HasPrefix(string(body), "BEGIN:VCALENDAR\r\n") || !strings.HasSuffix(string(body), "END:VCALENDAR\r\n") {
		t.Errorf("%s", body)
	}
}

func TestASessionNobodyRemembersChangingIsOlderThanAnyChange(t *testing.T) {
	t.Parallel()
	s := opening()
	s.ChangedAt = time.Time{}
	s.End = s.Start
	_, cal := written(t, seoul, "ko", calendar.Event{Session: s, Room: hallA})
	e := cal.Events()[0]
	if value(t, e, "DTSTAMP") != "19700101T000000Z" || value(t, e, "SUMMARY") != "개회식" || e.Props.Get("DTEND") != nil {
		t.Errorf("%+v", e.Props)
	}
}
