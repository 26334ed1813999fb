package passkey

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"plenary.example/shared/problem"
)

// A Room holds the ceremonies.
type Room struct {
	party *webauthn.WebAuthn // nil = passkeys are off
	store keeper
	tell  Telling
	now   func() time.Time
	log   *slog.Logger
}

// New makes a room, or says what is wrong with the settings. Time is the wall
// clock.
func New(cfg Config, s keeper, tell Telling, now func() time.Time, log *slog.Logger) (*Room, error) {
	r := &Room{store: s, tell: tell, now: now, log: log}
	if cfg.RPID == "" {
		return r, nil
	}
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	if cfg.RPName == "" {
		cfg.RPName = "Plenary"
	}
	timeout := webauthn.TimeoutConfig{Timeout: ChallengeLife, TimeoutUVD: ChallengeLife}
	party, err := webauthn.New(&webauthn.Config{
		RPID: cfg.RPID, RPDisplayName: cfg.RPName, RPOrigins: cfg.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:      protocol.ResidentKeyRequirementPreferred,
			UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: timeout, Registration: timeout},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	r.party = party
	return r, nil
}

var (
	errOff     = problem.New(problem.Conflict, "passkeys_off", "Passkeys are not set up at this installation.")
	errTooMany = problem.New(problem.Conflict, "passkeys_full", "You have 10 passkeys. Remove one first.")
	errKnown   = problem.New(problem.Conflict, "passkey_known", "This passkey is one of yours already.")
	// Whatever is wrong with it, an answer that does not enrol gets one answer.
	errNotEnrolled = problem.New(problem.Invalid, "passkey_refused", "This does not answer a challenge of yours. Begin again.")
)

// A Person is whose passkeys they are.
type Person struct {
	Conference, Delegate string
	// Account and Name are shown by the device, and go nowhere else.
	Account, Name string
}

// Asked is a challenge on its way to a device.
type Asked struct {
	ID string
	// Options are what a browser's or phone's passkey interface takes, as JSON.
	Options   json.RawMessage
	ExpiresAt time.Time
}

// Begin asks p's device to make a passkey.
func (r *Room) Begin(ctx context.Context, p Person) (Asked, error) {
	if r.party == nil {
		return Asked{}, errOff
	}
	set, err := r.store.Passkeys(ctx, p.Delegate)
	if err != nil {
		return Asked{}, fmt.Errorf("begin a passkey: %w", err)
	}
	if len(set.Passkeys) >= Most {
		return Asked{}, errTooMany
	}
	h := holder{id: p.Delegate, name: p.Account, display: p.Name, set: set}
	options, session, err := r.party.BeginRegistration(h,
		webauthn.WithCredentialParameters(webauthn.CredentialParametersRecommendedL3()),
		webauthn.WithExclusions(webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return Asked{}, fmt.Errorf("begin a passkey: %w", err)
	}
	return r.ask(ctx, Challenge{Ceremony: enrolment, Conference: p.Conference, Delegate: p.Delegate, Challenge: session.Challenge}, options)
}

// ask keeps a challenge and words it for the device.
func (r *Room) ask(ctx context.Context, c Challenge, options any) (Asked, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return Asked{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	c.ID, c.ExpiresAt = rand.Text(), r.now().UTC().Add(ChallengeLife).Truncate(time.Millisecond)
	if err := r.store.InsertChallenge(ctx, c); err != nil {
		return Asked{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return Asked{ID: c.ID, Options: text, ExpiresAt: c.ExpiresAt}, nil
}

// take is the challenge of that id, which nobody gets again; false when it is
// over, taken, or of another ceremony.
func (r *Room) take(ctx context.Context, id, ceremony string) (Challenge, bool, error) {
	c, err := r.store.TakeChallenge(ctx, id)
	if err != nil {
		return Challenge{}, false, fmt.Errorf("take a challenge: %w", err)
	}
	return c, c.ID != "" && c.Ceremony == ceremony && r.now().Before(c.ExpiresAt), nil
}

// Add enrols the passkey that p's device has made for a challenge, under a name
// of p's choosing. Credential is the device's answer as JSON.
func (r *Room) Add(ctx context.Context, p Person, challenge, name string, credential []byte) (Passkey, error) {
	if r.party == nil {
		return Passkey{}, errOff
	}
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > nameMax || strings.ContainsFunc(name, unicode.IsControl) {
		return Passkey{}, problem.New(problem.Invalid, "validation_failed", "A passkey needs a name.").With(
			problem.Field{Pointer: "/name", Code: "invalid_name", Detail: "The name is one line of 1 to 64 characters."})
	}
	c, good, err := r.take(ctx, challenge, enrolment)
	if err != nil {
		return Passkey{}, err
	}
	if !good || c.Delegate != p.Delegate {
		return Passkey{}, errNotEnrolled
	}
	made, ok := r.enrol(c, credential)
	if !ok {
		return Passkey{}, errNotEnrolled
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Passkey{}, fmt.Errorf("add a passkey: %w", err)
	}
	k := Passkey{
		ID: id.String(), Name: name, AddedAt: r.now().UTC().Truncate(time.Millisecond),
		Credential: made.ID, PublicKey: made.PublicKey, Count: int64(made.Authenticator.SignCount),
		BackupEligible: made.Flags.BackupEligible, BackedUp: made.Flags.BackupState,
	}
	for _, t := range made.Transport {
		k.Transports = append(k.Transports, string(t))
	}
	err = r.change(ctx, p.Conference, p.Delegate, func(s *Set) error {
		switch {
		case s.by(k.Credential) >= 0:
			return errKnown
		case len(s.Passkeys) >= Most:
			return errTooMany
		}
		s.Passkeys = append(s.Passkeys, k)
		return s.owe(r.now(), k.ID, false)
	})
	return k, err
}

// enrol is the credential an answer brings; false when it does not answer c.
// Why is nobody's business.
func (r *Room) enrol(c Challenge, answer []byte) (*webauthn.Credential, bool) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, false
	}
	made, err := r.party.CreateCredential(holder{id: c.Delegate}, webauthn.SessionData{
		Challenge: c.Challenge, RelyingPartyID: r.party.Config.RPID, UserID: []byte(c.Delegate),
		UserVerification: protocol.VerificationRequired, CredParams: webauthn.CredentialParametersRecommendedL3(),
	}, parsed)
	return made, err == nil
}

// errSame keeps a set as it is.
var errSame = errors.New("nothing to change")

// change writes what f makes of somebody's passkeys; f may be called again.
func (r *Room) change(ctx context.Context, conference, delegate string, f func(*Set) error) error {
	for {
		s, err := r.store.Passkeys(ctx, delegate)
		if err != nil {
			return fmt.Errorf("change passkeys: %w", err)
		}
		s.Conference, s.Passkeys, s.Owed = conference, slices.Clone(s.Passkeys), slices.Clone(s.Owed)
		if err := f(&s); err != nil {
			if errors.Is(err, errSame) {
				return nil
			}
			return err
		}
		s.Revision++
		err = r.store.SavePasskeys(ctx, s)
		if errors.Is(err, ErrRaced) {
			continue
		}
		if err != nil {
			return fmt.Errorf("change passkeys: %w", err)
		}
		r.told(s)
		return nil
	}
}

// List are somebody's passkeys, in the order in which they were added, also while
// passkeys are off.
func (r *Room) List(ctx context.Context, delegate string) ([]Passkey, error) {
	s, err := r.store.Passkeys(ctx, delegate)
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	return s.Passkeys, nil
}

// Remove forgets one passkey of p's own. After the last, the code from the
// letter is enough again.
func (r *Room) Remove(ctx context.Context, p Person, id string) error {
	return r.change(ctx, p.Conference, p.Delegate, func(s *Set) error {
		i := slices.IndexFunc(s.Passkeys, func(k Passkey) bool { return k.ID == id })
		if i < 0 {
			return problem.Hidden()
		}
		s.Passkeys = slices.Delete(s.Passkeys, i, i+1)
		return s.owe(r.now(), id, true)
	})
}

// Forget removes the passkeys somebody had at a moment. It is for whoever is not
// of the secretariat any more: when the role comes back, they begin anew.
func (r *Room) Forget(ctx context.Context, conference, delegate string, had time.Time) error {
	return r.change(ctx, conference, delegate, func(s *Set) error {
		before := len(s.Passkeys)
		s.Passkeys = slices.DeleteFunc(s.Passkeys, func(k Passkey) bool { return !k.AddedAt.After(had) })
		if len(s.Passkeys) == before {
			return errSame
		}
		return nil
	})
}

// Erase removes everything that is kept of somebody's passkeys, for good.
func (r *Room) Erase(ctx context.Context, conference, delegate string) error {
	if err := r.store.DropChallenges(ctx, delegate); err != nil {
		return fmt.Errorf("erase passkeys: %w", err)
	}
	return r.change(ctx, conference, delegate, func(s *Set) error {
		if len(s.Passkeys) == 0 {
			return errSame
		}
		s.Passkeys = nil
		return nil
	})
}
