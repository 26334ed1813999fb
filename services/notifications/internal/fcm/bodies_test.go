package fcm

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/push"
)

// TestTheNextPhoneGetsTheSameRequestButForItsToken sends one notice to several
// phones, and between them messages that differ in one thing.
func TestTheNextPhoneGetsTheSameRequestButForItsToken(t *testing.T) {
	t.Parallel()
	s := sandbox(t, fcmsandbox.Config{})
	at := time.Unix(2_000_000_000-3600, 0)
	c := client(t, Config{Endpoint: s.Endpoint(), Transports: 1, Now: func() time.Time { return at }})
	for _, p := range []push.Platform{push.Android, push.IOS, push.Web} {
		for i := range 4 {
			for name, differ := range map[string]func(*push.Message){
				"as it is":         func(*push.Message) {},
				"another number":   func(m *push.Message) { m.Data["sequence"] = "10" },
				"another thread":   func(m *push.Message) { m.Thread, m.Data["thread"] = "t", "t" },
				"another title":    func(m *push.Message) { m.Title = "Closing moved" },
				"silent":           func(m *push.Message) { m.Silent = true },
				"drawn by itself":  func(m *push.Message) { m.Device.Rendering = push.System },
				"another label":    func(m *push.Message) { m.Labels = map[push.Action]string{push.Acknowledge: "Seen"} },
				"half of its time": func(m *push.Message) { m.TTL /= 2 },
			} {
				token := fmt.Sprintf("%s:%s-%d", p, strings.ReplaceAll(name, " ", "-"), i)
				m := message(push.Token(token), p)
				differ(&m)
				if got := c.Send(t.Context(), m); got.Outcome != push.Accepted {
					t.Fatalf("%s: %+v", token, got)
				}
				msg, err := build(m, c.now())
				if err != nil {
					t.Fatal(err)
				}
				whole, err := request(msg, false)
				if err != nil {
					t.Fatal(err)
				}
				want := strings.Replace(string(whole), token, "", 1)
				if got := fmt.Sprintf(`{"message":%s}`, s.Phone(token)[0].Message); got != want {
					t.Errorf("%s got\n%s, want\n%s", token, got, want)
				}
			}
		}
	}
	if c.bodies.lately.Len() == 0 {
		t.Error("no request is remembered: the test proves nothing")
	}
}
