package accreditation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/problem"
)

// badges keeps the accreditations.
type badges interface {
	// Accreditation is the zero one when there is none of that id.
	Accreditation(ctx context.Context, id string) (Accreditation, error)
	// Use marks the code as used up by a sign-in. Of any number of uses one
	// succeeds; the others get ErrUsed.
	Use(ctx context.Context, id, signIn string, at time.Time) error
}

// ErrUsed is returned by a store when a code has been used up already.
var ErrUsed = errors.New("the activation code has been used")

// tally keeps the guesses.
type tally interface {
	// Guesses is the zero one when none have been counted.
	Guesses(ctx context.Context, id string) (Guesses, error)
	// CountGuess adds one; fresh begins again at one.
	CountGuess(ctx context.Context, id string, at time.Time, fresh bool) error
	ForgetGuesses(ctx context.Context, id string) error
}

// signIns begins a sign-in and calls confirm before anybody hears of it.
type signIns interface {
	Begin(ctx context.Context, conference, delegate string, confirm func(family string) error) (token.Pair, error)
}

// A Desk takes accreditations and codes and hands out sign-ins.
type Desk struct {
	badges    badges
	tally     tally
	signIns   signIns
	codes     Codes
	sandbox   bool
	now       func() time.Time
	addresses addresses
}

// NewDesk opens the desk. In a sandbox it takes sample codes too. Time is the
// wall clock. The store is both badges and tally.
func NewDesk(store interface {
	badges
	tally
}, s signIns, codes Codes, sandbox bool, now func() time.Time,
) *Desk {
	return &Desk{
		badges: store, tally: store, signIns: s, codes: codes, sandbox: sandbox, now: now,
		addresses: addresses{until: make(map[string]time.Time)},
	}
}

// Refused answers every attempt that fails, in the same words: whether the
// number exists is nobody's business.
var errRefused = problem.New(problem.Unauthenticated, "sign_in_refused", "The accreditation or the activation code is not right.")

var errTooMany = problem.New(problem.TooMany, "too_many_attempts", "There were too many wrong attempts. Wait before the next.")

// SignIn signs in the delegate to whom number belongs, if code opens it. An
// unknown number and a wrong code get the same answer after the same work, also
// when it is too early for another attempt.
func (d *Desk) SignIn(ctx context.Context, conference, number, code, address string) (token.Pair, error) {
	now, id := d.now(), ID(conference, number)
	guesses, err := d.tally.Guesses(ctx, id)
	if err != nil {
		return token.Pair{}, fmt.Errorf("sign in: %w", err)
	}
	if wait := max(guesses.Wait(now), d.addresses.wait(address, now)); wait > 0 {
		return token.Pair{}, errTooMany.After(wait)
	}
	a, err := d.badges.Accreditation(ctx, id)
	if err != nil {
		return token.Pair{}, fmt.Errorf("sign in: %w", err)
	}
	opens := d.codes.Opens(a, id, code) && a.Conference == conference
	if a.Sample && !d.sandbox || !a.Sample && a.Used != "" {
		opens = false
	}
	if !opens {
		return token.Pair{}, d.refuse(ctx, guesses, id, address, now)
	}
	pair, err := d.signIns.Begin(ctx, conference, a.Delegate, func(family string) error {
		if a.Sample {
			return nil
		}
		return d.badges.Use(ctx, id, family, now)
	})
	switch {
	case errors.Is(err, ErrUsed), problem.Is(err, problem.NotFound): // a moment too late; a badge without a person
		return token.Pair{}, d.refuse(ctx, guesses, id, address, now)
	case err != nil:
		return token.Pair{}, fmt.Errorf("sign in: %w", err)
	}
	if guesses.Failed > 0 {
		_ = d.tally.ForgetGuesses(ctx, id) // they go stale by themselves
	}
	return pair, nil
}

func (d *Desk) refuse(ctx context.Context, before Guesses, id, address string, now time.Time) error {
	d.addresses.count(address, now)
	if err := d.tally.CountGuess(ctx, id, now, before.Stale(now)); err != nil {
		return fmt.Errorf("count the attempt: %w", err)
	}
	return errRefused
}
