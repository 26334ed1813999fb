package fcm

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"firebase.google.com/go/v4/messaging"
	lru "github.com/hashicorp/golang-lru/v2"

	"plenary.example/services/notifications/internal/push"
)

// remembered is how many bodies are: some notices in every language, on every
// platform.
const remembered = 1024

// bodies remember what requests looked like: a notice goes to thousands of phones
// in a few languages, and to turn it into JSON costs as much as to send it. Of two
// phones for which a message is the same, only the token differs.
type bodies struct{ lately *lru.Cache[likeness, *body] }

// A likeness is what messages that may be the same have in common.
type likeness struct {
	notice, title, text string
	platform            push.Platform
	rendering           string
	silent              bool
	seconds             time.Duration // it may be kept for, whole
}

// A body is a request, parted where its token stands, and the message it was made
// of, of no device.
type body struct {
	of            push.Message
	before, after []byte
}

func newBodies() *bodies {
	c, _ := lru.New[likeness, *body](remembered) // fails for a size below one only
	return &bodies{c}
}

func like(m push.Message) likeness {
	return likeness{m.NoticeID, m.Title, m.Body, m.Device.Platform, m.Device.Rendering, m.Silent, whole(m.TTL)}
}

// alike says whether two messages differ in their token alone. Their likeness is
// the same.
func alike(a, b push.Message) bool {
	return a.Tag == b.Tag && a.Urgency == b.Urgency && a.At.Equal(b.At) && a.Thread == b.Thread && a.Set == b.Set &&
		slices.Equal(a.Buttons, b.Buttons) && maps.Equal(a.Labels, b.Labels) && maps.Equal(a.Data, b.Data)
}

// find is the request for m, if it is known.
func (b *bodies) find(m push.Message) ([]byte, bool) {
	known, _ := b.lately.Get(like(m))
	if known == nil || !alike(known.of, m) {
		return nil, false
	}
	token, err := json.Marshal(string(m.Device.Token))
	return slices.Concat(known.before, token, known.after), err == nil
}

// keep remembers the request for m when one like it was met before: a first one
// may be the only one, as what is sealed always is.
func (b *bodies) keep(m push.Message, msg *messaging.Message) {
	if m.Device.SealKey != "" {
		return
	}
	k := like(m)
	known, met := b.lately.Get(k)
	switch {
	case !met:
		b.lately.Add(k, nil)
		return
	case known != nil:
		return
	}
	text, err := request(msg, false)
	if err != nil {
		return // the SDK says so too
	}
	token, _ := json.Marshal(msg.Token) // strings always marshal
	field := append([]byte(`"token":`), token...)
	if bytes.Count(text, field) != 1 {
		return
	}
	at := bytes.Index(text, field) + len(`"token":`)
	m.Device = push.Device{}
	b.lately.Add(k, &body{m, text[:at], text[at+len(token):]})
}

// request is what the SDK sends for a message.
func request(msg *messaging.Message, validateOnly bool) (json.RawMessage, error) {
	return json.Marshal(struct {
		ValidateOnly bool               `json:"validate_only,omitempty"`
		Message      *messaging.Message `json:"message"`
	}{validateOnly, msg})
}

// whole cuts what is left of a time to seconds, so that what is sent in one second
// is the same.
func whole(ttl time.Duration) time.Duration { return max(ttl, 0).Truncate(time.Second) }
