// Package seal hides a push from those who carry it: what it says, what it is
// about and how urgent it is go to a key that only the phone has.
//
// It is HPKE (RFC 9180) in base mode, so that an app opens it with what its
// platform has: X25519 with HKDF-SHA256, HKDF-SHA256, AES-128-GCM. Nothing but
// the key and the push is needed to open one, since pushes arrive in any order or
// not at all. Outside stays what carriers need to do their work: whose phone, how
// long to keep it, and a card of the same words for every news.
//
// Base mode does not prove who sealed it. Whoever has the public key and our
// credentials for the carrier could seal one too; the inbox is the truth.
package seal

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// Version is that of the outer members; what is inside has a version of its own.
const Version = "1"

// Info binds a sealed push to this use of the key.
const Info = "plenary/push/v1"

// lengths a plaintext is filled up to, so that its own says little. The longest
// leaves room beside it for the card outside.
var lengths = [...]int{1024, 2048}

const maxTitle = 400 // bytes; the screen shows a tenth of it

var kem = hpke.DHKEM(ecdh.X25519())

// Check tells whether text is a key to seal to: 32 bytes in base64url without
// padding, and no point that makes every secret the same.
func Check(text string) error {
	_, _, err := begin(text)
	return err
}

func begin(text string) (enc []byte, s *hpke.Sender, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, nil, fmt.Errorf("seal key: %w", err)
	}
	key, err := kem.NewPublicKey(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("seal key: %w", err)
	}
	if enc, s, err = hpke.NewSender(key, hpke.HKDFSHA256(), hpke.AES128GCM(), []byte(Info)); err != nil {
		return nil, nil, fmt.Errorf("seal key: %w", err)
	}
	return enc, s, nil
}

// KeyID names a key: the app knows by it which of its keys opens a push. It is
// the beginning of the SHA-256 of the key's bytes; empty for no key.
func KeyID(text string) string {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 {
		return ""
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

// Seal hides m from its carrier. What stands outside is outside: a text that says
// no more than that there is news. After an error it is returned without what was
// to be hidden, never with it open: the phone then reads the inbox.
func Seal(m push.Message, outside push.Text) (push.Message, error) {
	hidden := m
	hidden.Title, hidden.Body, hidden.Labels = outside.Title, outside.Body, nil
	hidden.Tag, hidden.Thread, hidden.Set, hidden.Buttons = tag(m), "", "NEWS", []push.Action{push.Open}
	hidden.Urgency, hidden.At = push.Important, time.Time{}
	hidden.Data = map[string]string{"v": Version}
	text, err := plain(m, hidden.Tag)
	if err != nil {
		return hidden, err
	}
	enc, s, err := begin(m.Device.SealKey)
	if err != nil {
		return hidden, err
	}
	sealed, err := s.Seal(nil, text)
	if err != nil {
		return hidden, fmt.Errorf("seal: %w", err)
	}
	hidden.Data["enc"] = base64.RawURLEncoding.EncodeToString(enc)
	hidden.Data["sealed"] = base64.RawURLEncoding.EncodeToString(sealed)
	hidden.Data["kid"] = KeyID(m.Device.SealKey)
	return hidden, nil
}

// plain is the data of the contract, with title and body on every platform, as
// JSON, filled up with spaces. A body that is too long is cut.
func plain(m push.Message, tag string) ([]byte, error) {
	data := maps.Clone(m.Data)
	data["tag"] = tag
	data["title"], data["body"], data["channel"] = push.Cut(m.Title, maxTitle), "", string(m.Urgency)
	text, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	room := lengths[len(lengths)-1] - len(text)
	if room < 0 {
		return nil, errors.New("seal: the data are too long")
	}
	data["body"] = push.Cut(m.Body, room)
	if text, err = json.Marshal(data); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	for _, length := range lengths {
		if len(text) <= length {
			return append(text, bytes.Repeat([]byte(" "), length-len(text))...), nil
		}
	}
	return nil, errors.New("seal: the data are too long")
}

// tag is the tag of a card for who may not know the subject: anybody can compute
// the ordinary one of a session on the public agenda. This one needs the key,
// which carriers never see.
func tag(m push.Message) string {
	sum := sha256.Sum256([]byte("plenary/tag/" + m.Device.SealKey + "/" + m.Tag))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}
