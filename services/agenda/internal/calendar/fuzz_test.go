package calendar_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"plenary.example/services/agenda/internal/calendar"
	"plenary.example/services/agenda/internal/programme"
)

// FuzzWrite holds any title to what a reader needs: one event, and the title as
// it was but for what no line can hold.
func FuzzWrite(f *testing.F) {
	for _, seed := range []string{
		"", "Opening", "a;b,c\\n:\"d\"", "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n", strings.Repeat("사이버", 60), strings.Repeat(" ", 200),
		strings.Repeat("👩‍👩‍👧‍👦 ", 30), "\xff\xfe", "\u2028\u2029\u0085\x00\x1b", strings.Repeat("x", 74) + "é", strings.Repeat("<b> ", 40),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, title string) {
		s := opening()
		s.Title, s.Abstract = programme.Text{"en": title}, programme.Text{"en": title}
		_, cal := written(t, seoul, "en", calendar.Event{Session: s, Room: programme.Room{Name: title}})
		if n := len(cal.Events()); n != 1 {
			t.Fatalf("%d events", n)
		}
		ordinary := utf8.ValidString(title) && strings.IndexFunc(title, func(r rune) bool {
			return r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029
		}) < 0
		if got := value(t, cal.Events()[0], "SUMMARY"); ordinary && got != title {
			t.Errorf("got %q, want %q", got, title)
		}
	})
}
