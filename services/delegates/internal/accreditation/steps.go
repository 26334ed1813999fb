package accreditation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/problem"
)

// second asks for a second step where one is due; a passkey.Room does.
type second interface {
	Ask(ctx context.Context, conference, delegate string, roles []string, proof []byte) (passkey.Asked, bool, error)
	Answer(ctx context.Context, challenge string, credential []byte) (passkey.Proven, error)
}

// Steps is a desk behind which a second step may wait. Between the steps the
// code is not used up, and the store keeps the ticket, so that another replica
// may take the second one.
type Steps struct {
	desk   *Desk
	second second
}

// NewSteps puts a second step behind d.
func NewSteps(d *Desk, s second) *Steps { return &Steps{desk: d, second: s} }

// SignIn is Desk.SignIn for whoever needs no second step. For others there is a
// challenge and no pair.
func (s *Steps) SignIn(ctx context.Context, conference, number, code, address, device string) (token.Pair, *passkey.Asked, error) {
	t, err := s.desk.Check(ctx, conference, number, code, address)
	if err != nil {
		return token.Pair{}, nil, err
	}
	t.Device = device
	p, err := s.desk.people.Accredited(ctx, t.Conference, t.Delegate)
	if err != nil && !problem.Is(err, problem.NotFound) { // who is not there any more, Complete refuses
		return token.Pair{}, nil, fmt.Errorf("sign in: %w", err)
	}
	proof, err := json.Marshal(t)
	if err != nil {
		return token.Pair{}, nil, fmt.Errorf("sign in: %w", err)
	}
	asked, due, err := s.second.Ask(ctx, t.Conference, t.Delegate, p.Roles, proof)
	switch {
	case err != nil:
		return token.Pair{}, nil, fmt.Errorf("sign in: %w", err)
	case due:
		return token.Pair{}, &asked, nil
	}
	pair, err := s.desk.Complete(ctx, t)
	return pair, nil, err
}

// Complete takes the answer to a challenge of SignIn. Whatever is wrong with it,
// it is refused and counted like a wrong code.
func (s *Steps) Complete(ctx context.Context, challenge string, credential []byte, address string) (token.Pair, error) {
	switch wait, err := s.desk.guard.WaitAddress(ctx, address); {
	case err != nil:
		return token.Pair{}, fmt.Errorf("complete a sign-in: %w", err)
	case wait > 0:
		s.desk.count(TooEarly)
		return token.Pair{}, errTooMany.After(wait)
	}
	proven, err := s.second.Answer(ctx, challenge, credential)
	if err != nil && !errors.Is(err, passkey.ErrRefused) {
		return token.Pair{}, fmt.Errorf("complete a sign-in: %w", err)
	}
	var t Ticket
	if len(proven.Proof) > 0 {
		if err := json.Unmarshal(proven.Proof, &t); err != nil {
			return token.Pair{}, fmt.Errorf("complete a sign-in: read the ticket: %w", err)
		}
	}
	if err != nil {
		return token.Pair{}, s.refuse(ctx, t, address)
	}
	return s.desk.Complete(ctx, t)
}

// refuse counts a failed second step against the number, where there is one, and
// the address it came from.
func (s *Steps) refuse(ctx context.Context, t Ticket, address string) error {
	s.desk.count(Refused)
	if t.Accreditation == "" {
		if err := s.desk.guard.CountAddress(ctx, address); err != nil {
			return err
		}
		return errRefused
	}
	t.Address = s.desk.guard.addressID(address)
	before, err := s.desk.guard.before(ctx, t.Accreditation, t.Address)
	if err != nil {
		return fmt.Errorf("complete a sign-in: %w", err)
	}
	return s.desk.refuse(ctx, before, t)
}
