package push

import (
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"strconv"
	"time"
)

// A Message is a notice made ready for one device.
type Message struct {
	Device   Device
	NoticeID string
	Tag      string // one card per tag: a later message replaces the earlier
	Title    string
	Body     string
	Data     map[string]string // what the app reads; see Compose
	TTL      time.Duration     // how long the carrier may keep it
	Urgency  Lane
	Silent   bool              // replaces the card without a sound
	At       time.Time         // when it was told, on the wall clock
	Thread   string            // what its card is stacked under
	Set      string            // the buttons of its card, by name; see Buttons
	Buttons  []Action          // and what they are
	Labels   map[Action]string // what stands on them, for who cannot say it by itself
}

// LogValue shows which notice and device, never the text or the token.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(slog.String("notice", m.NoticeID), slog.Any("device", m.Device))
}

// Compose puts a notice and its wording in the device's language into a
// message. now is the wall clock.
//
// Data is the contract with apps, which api-spec/push/data.schema.json tells of
// member by member; all are strings. FCM reserves "from", "message_type",
// "google.*" and "gcm.*", so none of them appears.
func Compose(n Notice, d Device, title, body string, now time.Time) Message {
	tag, thread := Tag(n.Conference, n.Subject), Thread(n.Conference, n.Subject)
	set, buttons := Buttons(n)
	m := Message{
		Device:   d,
		NoticeID: n.ID,
		Tag:      tag,
		Title:    title,
		Body:     body,
		Data: map[string]string{
			"payloadVersion": PayloadVersion,
			"conference":     n.Conference,
			"noticeId":       n.ID,
			"subjectKind":    n.Subject.Kind,
			"subjectId":      n.Subject.ID,
			"revision":       strconv.FormatInt(n.To, 10),
			"sequence":       strconv.FormatInt(n.Seq, 10),
			"category":       n.Category,
			"urgency":        string(n.Urgency),
			"tag":            tag,
			"thread":         thread,
			"actionSet":      set,
			"actions":        words(Actions(n)),
		},
		TTL: n.TTL(now), Urgency: n.Urgency, At: n.At, Thread: thread, Set: set, Buttons: buttons,
	}
	if at := expiry(n); at != "" {
		m.Data["expiresAt"] = at
	}
	return m
}

// Tag is the same for every notice about a subject, so a repeat or a later
// revision replaces the card instead of adding one. It says nothing about the
// subject, and at 32 bytes it fits apns-collapse-id, which allows 64.
func Tag(conference string, s Subject) string {
	sum := sha256.Sum256([]byte(conference + "\x00" + s.Kind + "\x00" + s.ID))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}
