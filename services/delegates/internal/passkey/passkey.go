// Package passkey is the second step of signing in for the secretariat, whose
// accounts can do the most harm: after the code from the letter, a passkey that
// the person has enrolled answers a challenge.
//
// A passkey is asked for as soon as an account that holds the role secretariat
// has one. Nobody is locked out for good by losing it: a colleague takes the role
// away and gives it back, which forgets the passkeys (see Room.Forget), and both
// acts stand in the audit. There is no quieter way round, on purpose.
//
// The ceremonies are those of W3C Web Authentication, done by go-webauthn, which
// only this room knows. What the person's device says of itself (attestation) is
// not asked for: the house does not choose its secretariat's devices.
package passkey

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"plenary.example/services/delegates/internal/delegate"
)

const (
	// Most is how many passkeys one person may have.
	Most = 10
	// ChallengeLife is how long a challenge waits for its answer.
	ChallengeLife = 5 * time.Minute

	nameMax = 64 // characters
)

// Config says as whom the house asks. Without RPID passkeys are off: nobody is
// asked for one, whoever has some.
type Config struct {
	RPID    string   // the domain passkeys are made for: "conference.example"
	RPName  string   // what people are shown; empty = Plenary
	Origins []string // where they may be used: "https://office.conference.example", "android:apk-key-hash:…"
}

// Check finds what would let no passkey, or passkeys of somebody else, in. It
// has nothing to say about passkeys that are off.
func (c Config) Check() error {
	if c.RPID == "" {
		return nil
	}
	var wrong []error
	if strings.Contains(c.RPID, "/") || strings.Contains(c.RPID, ":") || strings.ToLower(c.RPID) != c.RPID {
		wrong = append(wrong, fmt.Errorf("%q is not a domain like conference.example", c.RPID))
	}
	if len(c.Origins) == 0 {
		wrong = append(wrong, errors.New("no origin may use passkeys"))
	}
	for _, o := range c.Origins {
		if strings.HasPrefix(o, "android:apk-key-hash:") {
			continue
		}
		u, err := url.Parse(o)
		host := ""
		if err == nil {
			host = u.Hostname()
		}
		switch {
		case err != nil || host == "" || u.Path != "" || u.RawQuery != "":
			wrong = append(wrong, fmt.Errorf("origin %q is not like https://office.example", o))
		case u.Scheme != "https" && (u.Scheme != "http" || host != "localhost"):
			wrong = append(wrong, fmt.Errorf("origin %q is not https", o))
		case host != c.RPID && !strings.HasSuffix(host, "."+c.RPID):
			wrong = append(wrong, fmt.Errorf("origin %q is not of the domain %s", o, c.RPID))
		}
	}
	return errors.Join(wrong...)
}

// A Passkey is one credential of one person.
type Passkey struct {
	ID         string    `bson:"id"`
	Name       string    `bson:"name"` // what the person calls it
	AddedAt    time.Time `bson:"addedAt"`
	UsedAt     time.Time `bson:"usedAt"`     // zero before the first time
	Credential []byte    `bson:"credential"` // its id at the device that holds it
	PublicKey  []byte    `bson:"publicKey"`  // COSE
	Transports []string  `bson:"transports"`
	// Count is how often the device says it has signed. Of devices that count it
	// only rises; one where it does not has a copy somewhere.
	Count          int64 `bson:"count"`
	BackupEligible bool  `bson:"backupEligible"`
	BackedUp       bool  `bson:"backedUp"`
}

// A Set is the passkeys of one person. It stays when the last is gone, so that
// its revision never begins again.
type Set struct {
	Delegate   string    `bson:"_id"`
	Conference string    `bson:"conference"`
	Revision   int64     `bson:"revision"`
	Passkeys   []Passkey `bson:"passkeys"`
	// Pending says that something done to them is not told yet; Owed is what to tell.
	Pending bool           `bson:"pending"`
	Owed    []delegate.Act `bson:"owed"`
}

// by is where the passkey with the given id at its device is, or -1.
func (s Set) by(credential []byte) int {
	return slices.IndexFunc(s.Passkeys, func(p Passkey) bool { return slices.Equal(p.Credential, credential) })
}

// A Challenge waits for its one answer. Proof is what the first step of a
// sign-in has proved; this room only keeps it.
type Challenge struct {
	ID         string    `bson:"_id"`
	Ceremony   string    `bson:"ceremony"`
	Conference string    `bson:"conference"`
	Delegate   string    `bson:"delegate"`
	Challenge  string    `bson:"challenge"`
	Proof      []byte    `bson:"proof"`
	ExpiresAt  time.Time `bson:"expiresAt"`
}

// The ceremonies.
const (
	enrolment = "enrolment"
	signingIn = "sign-in"
)

// ErrRaced is returned by a store when somebody else has written meanwhile.
var ErrRaced = errors.New("the document has changed meanwhile")

// keeper keeps passkeys and challenges.
type keeper interface {
	// Passkeys is a set without any, of revision zero, when there is none.
	Passkeys(ctx context.Context, delegate string) (Set, error)
	// SavePasskeys writes s over the revision before; ErrRaced when that has been
	// passed.
	SavePasskeys(ctx context.Context, s Set) error
	// Told takes off s what it owed, unless that has been passed.
	Told(ctx context.Context, s Set) error
	// Owing are the sets that owe something. It looks at all of them.
	Owing(ctx context.Context) ([]Set, error)
	InsertChallenge(ctx context.Context, c Challenge) error
	// TakeChallenge removes a challenge and returns it. Of any number of takes one
	// gets it; the others get the zero one, as when there is none.
	TakeChallenge(ctx context.Context, id string) (Challenge, error)
	// DropChallenges removes those of a person. It may look at all there are.
	DropChallenges(ctx context.Context, delegate string) error
}

// A holder is a person as the library wants them.
type holder struct {
	id, name, display string
	set               Set
}

func (h holder) WebAuthnID() []byte          { return []byte(h.id) }
func (h holder) WebAuthnName() string        { return h.name }
func (h holder) WebAuthnDisplayName() string { return h.display }

func (h holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(h.set.Passkeys))
	for i, p := range h.set.Passkeys {
		all[i] = webauthn.Credential{
			ID: p.Credential, PublicKey: p.PublicKey, Transport: transports(p.Transports),
			Flags:         webauthn.CredentialFlags{BackupEligible: p.BackupEligible, BackupState: p.BackedUp},
			Authenticator: webauthn.Authenticator{SignCount: uint32(p.Count)}, //nolint:gosec // it came as one
		}
	}
	return all
}

func transports(names []string) []protocol.AuthenticatorTransport {
	all := make([]protocol.AuthenticatorTransport, len(names))
	for i, n := range names {
		all[i] = protocol.AuthenticatorTransport(n)
	}
	return all
}
