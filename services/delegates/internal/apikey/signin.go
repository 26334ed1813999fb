package apikey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// TokenLife is how long an access token of a key is good for, unless the key
// expires before.
const TokenLife = 15 * time.Minute

// usedEvery is how often the use of a key is written down.
const usedEvery = time.Minute

// A Claim is what the access token of a key says.
type Claim struct {
	Subject    string // caller.KeyPrefix and the key's id; also the token's sign-in
	Conference string
	Scopes     []string
	IssuedAt   time.Time
	ExpiresAt  time.Time
}

// Sign makes an access token.
type Sign func(Claim) (string, error)

// Addresses slow down whoever fails often; all sorts of signing in count
// together.
type Addresses interface {
	// WaitAddress is how long the next attempt from address must wait.
	WaitAddress(ctx context.Context, address string) (time.Duration, error)
	// CountAddress notes a failure from address.
	CountAddress(ctx context.Context, address string) error
}

// A Token is what a key is exchanged for.
type Token struct {
	Access    string
	ExpiresIn time.Duration
	Scopes    []string
}

var errRefused = problem.New(problem.Unauthenticated, "key_refused", "This key is not good, or not any more.")

var errTooMany = problem.New(problem.TooMany, "too_many_attempts", "There were too many wrong attempts. Wait before the next.")

// SignIn exchanges the text of a key for an access token. A key that is unknown,
// wrong, ended or expired gets the same answer after the same work.
func (k *Keys) SignIn(ctx context.Context, text, address string) (Token, error) {
	switch wait, err := k.addresses.WaitAddress(ctx, address); {
	case err != nil:
		return Token{}, fmt.Errorf("sign in with a key: %w", err)
	case wait > 0:
		return Token{}, errTooMany.After(wait)
	}
	now := k.now()
	id, secret, readable := read(text)
	key, err := k.store.Key(ctx, id)
	if err != nil {
		return Token{}, fmt.Errorf("sign in with a key: %w", err)
	}
	if opens := key.opens(id, secret); !opens || !readable || !key.Live(now) {
		if err := k.addresses.CountAddress(ctx, address); err != nil {
			return Token{}, fmt.Errorf("sign in with a key: %w", err)
		}
		return Token{}, errRefused
	}
	c := Claim{
		Subject: caller.KeyPrefix + key.ID, Conference: key.Conference, Scopes: key.Scopes,
		IssuedAt: now, ExpiresAt: now.Add(TokenLife),
	}
	if key.ExpiresAt.Before(c.ExpiresAt) {
		c.ExpiresAt = key.ExpiresAt
	}
	access, err := k.sign(c)
	if err != nil {
		return Token{}, fmt.Errorf("sign in with a key: %w", err)
	}
	if now.Sub(key.LastUsedAt) >= usedEvery {
		err := k.store.Used(ctx, key.ID, key.LastUsedAt, now.UTC().Truncate(time.Millisecond))
		if err != nil && !errors.Is(err, ErrRaced) {
			return Token{}, fmt.Errorf("sign in with a key: %w", err)
		}
	}
	return Token{Access: access, ExpiresIn: c.ExpiresAt.Sub(now), Scopes: key.Scopes}, nil
}
