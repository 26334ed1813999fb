package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"plenary.example/services/delegates/internal/delegate"
)

const (
	// Grace is how long the token before the current one still gets the current
	// one again: on a mobile network the answer to a refresh is often lost.
	Grace = 30 * time.Second
	// FamilyLife is how long a sign-in lasts unless it is refreshed.
	FamilyLife = 30 * 24 * time.Hour
)

// A Family is one sign-in of one phone: the generations of its refresh token.
// Of the current generation only the number and a hash are stored. The token
// itself can be computed again from the server's key, which is not in the
// store; that is how a lost answer can be repeated on any replica without a
// secret ever being written down.
type Family struct {
	ID         string    `bson:"_id"`
	Delegate   string    `bson:"delegate"`
	Conference string    `bson:"conference"`
	Generation int64     `bson:"generation"`
	Hash       []byte    `bson:"hash"` // of the current generation's secret
	StartedAt  time.Time `bson:"startedAt"`
	RotatedAt  time.Time `bson:"rotatedAt"`
	ExpiresAt  time.Time `bson:"expiresAt"`
	Device     string    `bson:"device"` // what its person calls the phone; gone when it ends
	Ended      string    `bson:"ended"`  // why, empty while it lasts; event has the reasons
	EndedAt    time.Time `bson:"endedAt,omitempty"`
	// Pending says that its end is not told yet; Owed is what to tell.
	Pending bool           `bson:"pending"`
	Owed    []delegate.Act `bson:"owed"`
}

// Who is somebody who signs in.
type Who struct {
	Conference, Delegate string
	// Device is what to call the phone in the person's own list, or empty.
	Device string
}

// lasts says whether the family can still be continued.
func (f Family) lasts(now time.Time) bool { return f.Ended == "" && now.Before(f.ExpiresAt) }

// NewFamily begins a sign-in and returns its first refresh token.
func (k *Keys) NewFamily(id string, who Who, now time.Time) (Family, string) {
	f := Family{ID: id, Delegate: who.Delegate, Conference: who.Conference, Device: who.Device, StartedAt: now}
	return k.next(f, now)
}

// next is f one generation on, with the refresh token of that generation.
func (k *Keys) next(f Family, now time.Time) (Family, string) {
	f.Generation++
	secret := secretOf(k.refresh[0], f.ID, f.Generation)
	hash := sha256.Sum256(secret)
	f.Hash, f.RotatedAt, f.ExpiresAt = hash[:], now, now.Add(FamilyLife)
	return f, write(f.ID, f.Generation, secret)
}

// A Verdict says what is to become of a refresh token and its family.
type Verdict uint8

// The verdicts. The zero Verdict is none of them.
const (
	Refuse Verdict = iota + 1 // not ours, or over; the family stays as it is
	Rotate                    // the current token: the family goes one generation on
	Repeat                    // the one before, whose answer was lost: the current one again
	End                       // used before: somebody has a copy, nobody keeps the family
)

// Judge decides about the refresh token p, of which f is the family as stored.
//
// Only a token this server made can end a family: who merely knows the number
// of a family must not be able to sign its owner out.
func (k *Keys) Judge(f Family, p Presented, now time.Time) Verdict {
	switch {
	case !f.lasts(now) || !k.ours(p):
		return Refuse
	case p.generation == f.Generation:
		return Rotate
	case p.generation == f.Generation-1 && now.Sub(f.RotatedAt) <= Grace:
		return Repeat
	case p.generation > f.Generation:
		return Refuse // made by this key, never given out: a store put back to an older state
	}
	return End
}

// Again is the current refresh token of f, computed once more; false when the
// secret it came from is no longer in force.
func (k *Keys) Again(f Family) (string, bool) {
	for _, key := range k.refresh {
		secret := secretOf(key, f.ID, f.Generation)
		if hash := sha256.Sum256(secret); hmac.Equal(hash[:], f.Hash) {
			return write(f.ID, f.Generation, secret), true
		}
	}
	return "", false
}

// ours says whether any of our keys made p.
func (k *Keys) ours(p Presented) bool {
	for _, key := range k.refresh {
		if hmac.Equal(secretOf(key, p.Family, p.generation), p.secret) {
			return true
		}
	}
	return false
}

func secretOf(key []byte, family string, generation int64) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(family))
	m.Write(binary.BigEndian.AppendUint64([]byte{0}, uint64(generation)))
	return m.Sum(nil)
}

// Presented is a refresh token as it came, of whatever origin.
type Presented struct {
	Family     string
	generation int64
	secret     []byte
}

func write(family string, generation int64, secret []byte) string {
	return family + "." + strconv.FormatInt(generation, 36) + "." + base64.RawURLEncoding.EncodeToString(secret)
}

// Read takes a refresh token apart; false when it cannot be one.
func Read(token string) (Presented, bool) {
	family, rest, _ := strings.Cut(token, ".")
	number, text, _ := strings.Cut(rest, ".")
	generation, err := strconv.ParseInt(number, 36, 64)
	if err != nil || generation < 1 || strconv.FormatInt(generation, 36) != number || family == "" || len(family) > 64 {
		return Presented{}, false
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(secret) != sha256.Size {
		return Presented{}, false
	}
	return Presented{Family: family, generation: generation, secret: secret}, true
}
