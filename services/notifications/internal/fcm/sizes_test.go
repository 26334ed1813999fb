package fcm

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/wording"
)

// hostile are titles that somebody may type, or a file may bring.
var hostile = map[string]string{
	"300 emoji":     strings.Repeat("👩‍🚀", 300),
	"all at once":   strings.Repeat("a\x00\x1b[31m\x07\u202eevil\u202c\u2066x\u2069\u2028<\r\n&{{.Title}} %s %!d ${x} <b>&amp;</b> \"\\\" ", 50),
	"one long word": strings.Repeat("漢", 5000),
}

// Whatever the language, the platform, the kind of news and what people wrote:
// it is under 4 KB, whole, and asks for nothing that the carrier refuses.
func TestEveryPushFitsInEveryLanguage(t *testing.T) {
	t.Parallel()
	words, err := wording.Open(func(language, key string) { t.Errorf("%s lacks %s", language, key) })
	if err != nil {
		t.Fatal(err)
	}
	at, largest := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC), 0
	for name, text := range hostile {
		for _, n := range news(text, at) {
			for _, l := range words.Languages() {
				title, body := words.Render(n, wording.Reader{Locale: l.Tag, Quiet: true})
				for platform, d := range phones {
					m := push.Compose(n, d, title, body, at)
					m.Labels = words.Labels(m.Buttons, wording.Reader{Locale: l.Tag})
					sent := sent(t, m, at)
					if largest = max(largest, len(sent)); len(sent) > maxPayload {
						t.Errorf("%s of %s to %s in %s takes %d bytes", n.Category, name, platform, l.Tag, len(sent))
					}
					if !utf8.Valid(sent) || strings.ContainsAny(string(sent), "\x00\x1b\u202e\u202c\u2066") || strings.Contains(string(sent), `\u2028`) {
						t.Errorf("%s of %s to %s in %s is %s", n.Category, name, platform, l.Tag, sent)
					}
				}
			}
		}
	}
	if largest < maxPayload/2 {
		t.Errorf("the largest takes %d bytes: nothing was tried", largest)
	}
}

// news is one notice of every kind that has a card of its own.
func news(text string, at time.Time) []push.Notice {
	texts := map[string]string{"en": text}
	s := push.State{Title: texts, Room: text, Start: at, End: at.Add(26 * time.Hour), Status: "confirmed", Access: "open", Stream: "started", Reason: text}
	before := s
	before.Start, before.Room, before.Title = at.Add(time.Hour), text+"x", map[string]string{"en": "x" + text}
	var all []push.Notice
	for category, kind := range map[string]string{
		"session.moved": push.Session, "session.cancelled": push.Session, "session.changed": push.Session, "session.access": push.Session,
		"session.reminder": push.Session, "session.documents": push.Session, "session.restored": push.Session, "session.stands": push.Session,
		"meeting.confirmed": push.Meeting, "meeting.reminder": push.Meeting, "sign_in.ended": push.SignIn, "digest": push.Digest,
		"announcement": push.Announcement, "announcement.recalled": push.Announcement, "escalation.asked": push.Session,
	} {
		n := push.Notice{
			ID: push.NoticeID(category), Conference: strings.Repeat("c", 40), Subject: push.Subject{Kind: kind, ID: "0190a3c2-7b1e-7c4d-9a51-00000000b001"},
			From: 1, To: 1 << 40, Seq: 1 << 40, Urgency: push.Urgent, Category: category, Zone: "Asia/Seoul", At: at, ExpiresAt: at.Add(time.Hour),
			Before: before, After: s, Also: []string{"session.stream", "session.changed"}, AckBy: at.Add(time.Minute), Lead: 15 * time.Minute, Count: 21,
		}
		if kind == push.Announcement {
			n.Texts = map[string]push.Text{"en": {Title: text, Body: text}}
		}
		if n.Category == "session.cancelled" {
			n.After.Status = "cancelled"
		}
		all = append(all, n)
	}
	return all
}

func sent(t *testing.T, m push.Message, at time.Time) []byte {
	t.Helper()
	built, err := build(m, at)
	if err != nil {
		t.Fatal(err)
	}
	built.Token = ""
	sent, err := json.Marshal(built)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}
