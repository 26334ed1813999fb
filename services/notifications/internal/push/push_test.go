package push

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestTokensAreNotPrinted(t *testing.T) {
	t.Parallel()
	const secret = "cMq8vX0aT3uXkQ9mR2bYpZ:APA91bHun4MxP5egoKMwt2KZFBaFUH"
	d := Device{Installation: "i-1", Delegate: "d-1", Token: secret, Platform: Android}
	m := Message{Device: d, NoticeID: "n-1", Title: "t", Body: "b"}
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("x", "token", d.Token, "device", d, "message", m)
	fmt.Fprintf(&out, "%v %s %+v %v", d.Token, d.Token, d, m)
	if s := out.String(); strings.Contains(s, secret[6:]) || !strings.Contains(s, secret[:6]+"…") {
		t.Errorf("printed: %s", s)
	}
}

func TestTagIsShortStableAndPerSubject(t *testing.T) {
	t.Parallel()
	a := Tag("seoul-2013", Subject{"session", "s1"})
	if a != Tag("seoul-2013", Subject{"session", "s1"}) {
		t.Error("one subject has two tags")
	}
	if len(a) > 64 {
		t.Errorf("tag of %d bytes does not fit apns-collapse-id", len(a))
	}
	for _, other := range []string{
		Tag("london-2011", Subject{"session", "s1"}),
		Tag("seoul-2013", Subject{"meeting", "s1"}),
		Tag("seoul-2013", Subject{"session", "s2"}),
		Tag("seoul-2013", Subject{"sessions", "1"}),
	} {
		if other == a {
			t.Error("two subjects share a tag")
		}
	}
}

func TestNoticeIDIsAFunctionOfTheKey(t *testing.T) {
	t.Parallel()
	k := Key("seoul-2013", Subject{"session", "s1"}, 1, 2)
	if k != "seoul-2013/session/s1/1/2" {
		t.Errorf("key %q", k)
	}
	if NoticeID(k) != "6306b63a-60ab-543a-9af0-bbd86af0be57" || NoticeID(k) == NoticeID(k+"0") || len(NoticeID(k)) != 36 {
		t.Errorf("id %q", NoticeID(k))
	}
}

func TestNewsExpires(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)
	n := Notice{ExpiresAt: now.Add(time.Hour)}
	if n.Expired(now) || !n.Expired(now.Add(time.Hour)) || (Notice{}).Expired(now) {
		t.Error("expiry is not at ExpiresAt")
	}
	if n.TTL(now) != time.Hour || n.TTL(now.Add(2*time.Hour)) != 0 {
		t.Error("TTL is not the time until the news is stale")
	}
}

func TestEveryOutcomeHasAWordAndTheZeroOneNone(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, o := range Outcomes() {
		if s := o.String(); s == "" || strings.Contains(s, "(") || seen[s] {
			t.Errorf("outcome %d has the word %q", o, s)
		} else {
			seen[s] = true
		}
	}
	if len(seen) != 11 || !strings.Contains(Outcome(0).String(), "(0)") {
		t.Errorf("%d words, zero is %s", len(seen), Outcome(0))
	}
}
