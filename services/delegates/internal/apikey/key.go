// Package apikey lets other systems in: the ministry's accreditation database,
// the caterer's screen, the archive. A key belongs to a conference and may do
// what its scopes say, nothing else; no person stands behind it, so it does not
// end with whoever made it, and in events and the audit it stands for itself.
//
// A key is 256 random bits. Nobody can guess that from its SHA-256, so no slow
// hash and no secret of the installation is needed, and keys outlive a change
// of that secret. It begins with four letters that a search of a repository or
// a log finds, and with its id, so that whoever finds one knows which to end.
// It is exchanged for access tokens like a person's code is: the services never
// see it, and a token taken from one of them is good for minutes only.
package apikey

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"plenary.example/shared/problem"
)

// Scopes there are: what the operations declare as x-scope.
const (
	AgendaRead  = "agenda:read"
	AgendaWrite = "agenda:write"
	PeopleRead  = "people:read"
	PeopleWrite = "people:write"
	AuditRead   = "audit:read"
)

const (
	mark      = "plk_" // a leaked key can be searched for
	secretLen = 32     // bytes
	nameMax   = 100    // characters
	yearsMost = 2
	yearsElse = 1 // when nobody says how long
)

// A Key is what is kept of an API key. The key itself is not.
type Key struct {
	ID         string    `bson:"_id"`
	Conference string    `bson:"conference"`
	Name       string    `bson:"name"`
	Scopes     []string  `bson:"scopes"`
	Hash       []byte    `bson:"hash"`
	CreatedBy  string    `bson:"createdBy"` // an actor
	CreatedAt  time.Time `bson:"createdAt"`
	ExpiresAt  time.Time `bson:"expiresAt"`
	// LastUsedAt is when the key was last exchanged, to a minute; the requests of
	// the quarter of an hour after it are not counted. Zero before the first time.
	LastUsedAt time.Time `bson:"lastUsedAt"`
	Ended      bool      `bson:"ended"`
	EndedBy    string    `bson:"endedBy"`
	EndedAt    time.Time `bson:"endedAt"`
	Revision   int64     `bson:"revision"`
	// Pending keys owe their acts to the others; see Keys.Remember.
	Pending bool  `bson:"pending"`
	Owed    []Act `bson:"owed"`
}

// An Act is something done to a key that is not told yet.
type Act struct {
	ID       string    `bson:"id"` // of the event
	Revision int64     `bson:"revision"`
	Ended    bool      `bson:"ended"`
	At       time.Time `bson:"at"`
	Actor    string    `bson:"actor"`
}

// Live says whether the key is good at now.
func (k Key) Live(now time.Time) bool { return !k.Ended && now.Before(k.ExpiresAt) }

// A Draft is what somebody wants a key to be.
type Draft struct {
	Name      string
	Scopes    []string
	ExpiresAt time.Time // zero = in a year
}

// key makes the key of a draft, and the text that is shown once.
func (d Draft) key(conference, actor string, now time.Time) (Key, string, error) {
	if d.ExpiresAt.IsZero() {
		d.ExpiresAt = now.AddDate(yearsElse, 0, 0)
	}
	name := strings.TrimSpace(d.Name)
	if faults := d.faults(name, now); len(faults) > 0 {
		return Key{}, "", problem.New(problem.Invalid, "validation_failed", "The key cannot be made like this.").With(faults...)
	}
	scopes := slices.Compact(slices.Sorted(slices.Values(d.Scopes)))
	id, err := uuid.NewV7()
	if err != nil {
		return Key{}, "", fmt.Errorf("make a key: %w", err)
	}
	secret := make([]byte, secretLen)
	_, _ = rand.Read(secret) // never fails
	k := Key{
		ID: id.String(), Conference: conference, Name: name, Scopes: scopes, Hash: hash(id.String(), secret),
		CreatedBy: actor, CreatedAt: now, ExpiresAt: d.ExpiresAt.UTC().Truncate(time.Millisecond),
	}
	return k, mark + k.ID + "_" + base64.RawURLEncoding.EncodeToString(secret), nil
}

func (d Draft) faults(name string, now time.Time) (faults []problem.Field) {
	fault := func(pointer, code, detail string) {
		faults = append(faults, problem.Field{Pointer: pointer, Code: code, Detail: detail})
	}
	switch {
	case name == "":
		fault("/name", "required", "A key needs a name by which people know it.")
	case utf8.RuneCountInString(name) > nameMax:
		fault("/name", "too_long", "The name may have 100 characters.")
	case strings.ContainsFunc(name, unicode.IsControl):
		fault("/name", "invalid_characters", "The name is one line of text.")
	}
	if len(d.Scopes) == 0 {
		fault("/scopes", "required", "A key without scopes could do nothing.")
	}
	for i, s := range d.Scopes {
		switch s {
		case AgendaRead, AgendaWrite, PeopleRead, PeopleWrite, AuditRead:
		default:
			fault(fmt.Sprintf("/scopes/%d", i), "unknown_scope", "There is no such scope.")
		}
	}
	switch {
	case !d.ExpiresAt.After(now):
		fault("/expiresAt", "in_the_past", "The key would have expired already.")
	case d.ExpiresAt.After(now.AddDate(yearsMost, 0, 0)):
		fault("/expiresAt", "too_late", "A key lasts two years at most.")
	}
	return faults
}

// read takes a key's text apart; false when it cannot be one.
func read(text string) (id string, secret []byte, ok bool) {
	rest, marked := strings.CutPrefix(text, mark)
	id, encoded, _ := strings.Cut(rest, "_")
	secret, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if parsed, wrong := uuid.Parse(id); !marked || wrong != nil || parsed.String() != id || err != nil || len(secret) != secretLen {
		return "", nil, false
	}
	return id, secret, true
}

// opens says whether secret is that of k. It takes as long for a key that is
// not there (the zero one) as for a wrong secret.
func (k Key) opens(id string, secret []byte) bool { return hmac.Equal(hash(id, secret), k.Hash) }

func hash(id string, secret []byte) []byte {
	h := sha256.New()
	h.Write([]byte(id))
	h.Write([]byte{0})
	h.Write(secret)
	return h.Sum(nil)
}
