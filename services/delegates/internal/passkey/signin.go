package passkey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"plenary.example/shared/caller"
)

// ErrRefused is returned for every second step that fails, whatever is wrong.
var ErrRefused = errors.New("the passkey does not answer this challenge")

// Ask asks for a passkey when somebody who holds roles has one to show: false
// when the sign-in needs no second step. Proof is kept with the challenge and
// comes back with its answer.
func (r *Room) Ask(ctx context.Context, conference, delegate string, roles []string, proof []byte) (Asked, bool, error) {
	if r.party == nil || !slices.Contains(roles, caller.Secretariat) {
		return Asked{}, false, nil
	}
	set, err := r.store.Passkeys(ctx, delegate)
	if err != nil {
		return Asked{}, false, fmt.Errorf("ask for a passkey: %w", err)
	}
	if len(set.Passkeys) == 0 {
		return Asked{}, false, nil
	}
	options, session, err := r.party.BeginLogin(holder{id: delegate, set: set})
	if err != nil {
		return Asked{}, false, fmt.Errorf("ask for a passkey: %w", err)
	}
	c := Challenge{Ceremony: signingIn, Conference: conference, Delegate: delegate, Challenge: session.Challenge, Proof: proof}
	asked, err := r.ask(ctx, c, options)
	return asked, true, err
}

// Proven says whose second step it was.
type Proven struct {
	Conference, Delegate string
	Proof                []byte // as it was handed to Ask
}

// Answer takes a device's answer to a challenge of Ask, as JSON. Whatever it is,
// the challenge is used up. With ErrRefused, Proven still says whose challenge it
// was; it is empty when there was none.
func (r *Room) Answer(ctx context.Context, challenge string, credential []byte) (Proven, error) {
	c, good, err := r.take(ctx, challenge, signingIn)
	if err != nil {
		return Proven{}, err
	}
	p := Proven{Conference: c.Conference, Delegate: c.Delegate, Proof: c.Proof}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil || !good || r.party == nil {
		return p, ErrRefused
	}
	return p, r.change(ctx, c.Conference, c.Delegate, func(s *Set) error { return r.verify(ctx, c, parsed, s) })
}

// verify holds an answer to what is known of the passkey now, and notes its use.
// The count is written in the same guarded update: of two devices that show one
// count, one gets in.
func (r *Room) verify(ctx context.Context, c Challenge, answer *protocol.ParsedCredentialAssertionData, s *Set) error {
	if len(s.Passkeys) == 0 {
		return ErrRefused
	}
	used, err := r.party.ValidateLogin(holder{id: c.Delegate, set: *s}, webauthn.SessionData{
		Challenge: c.Challenge, RelyingPartyID: r.party.Config.RPID, UserID: []byte(c.Delegate),
		UserVerification: protocol.VerificationRequired,
	}, answer)
	if err != nil {
		return ErrRefused
	}
	if used.Authenticator.CloneWarning {
		r.log.WarnContext(ctx, "passkey refused: its count went back, so there may be a copy", "service", "delegates", "conference", c.Conference)
		return ErrRefused
	}
	i := s.by(used.ID)
	if i < 0 {
		return ErrRefused
	}
	s.Passkeys[i].Count, s.Passkeys[i].BackedUp = int64(used.Authenticator.SignCount), used.Flags.BackupState
	s.Passkeys[i].UsedAt = r.now().UTC().Truncate(time.Millisecond)
	return nil
}
