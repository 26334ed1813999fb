package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/shared/store"
)

// Passkeys keeps the passkeys and the challenges that wait for an answer. Its
// methods may be called side by side.
type Passkeys struct{ passkeys, challenges *store.Collection }

// NewPasskeys uses the collections of s.
func NewPasskeys(s *store.Store) *Passkeys {
	return &Passkeys{passkeys: s.Collection("passkeys"), challenges: s.Collection("challenges")}
}

// Passkeys reads somebody's passkeys; none when there are none.
func (s *Passkeys) Passkeys(ctx context.Context, delegate string) (passkey.Set, error) {
	set := passkey.Set{Delegate: delegate}
	err := optional(s.passkeys.Get(ctx, delegate, &set))
	return set, err
}

// SavePasskeys writes set over the revision before; else passkey.ErrRaced.
func (s *Passkeys) SavePasskeys(ctx context.Context, set passkey.Set) error {
	err := s.passkeys.Put(ctx, set.Delegate, set.Revision-1, set)
	if errors.Is(err, store.ErrStale) {
		return passkey.ErrRaced
	}
	return err
}

// Told takes off set what it owed, unless that has been passed.
func (s *Passkeys) Told(ctx context.Context, set passkey.Set) error {
	err := s.passkeys.Update(ctx, set.Delegate, bson.M{"revision": set.Revision}, bson.M{"$set": bson.M{"pending": false, "owed": []delegate.Act{}}})
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}

// Owing reads the sets that owe something. It looks at all of them.
func (s *Passkeys) Owing(ctx context.Context) ([]passkey.Set, error) {
	return store.All[passkey.Set](ctx, s.passkeys, bson.M{"pending": true})
}

// InsertChallenge writes a new challenge.
func (s *Passkeys) InsertChallenge(ctx context.Context, c passkey.Challenge) error {
	return s.challenges.Insert(ctx, c)
}

// TakeChallenge removes a challenge and returns it; the zero one when there is
// none or somebody else has taken it.
func (s *Passkeys) TakeChallenge(ctx context.Context, id string) (passkey.Challenge, error) {
	var c passkey.Challenge
	err := s.challenges.Get(ctx, id, &c)
	if err == nil {
		err = s.challenges.Delete(ctx, id, bson.M{"challenge": c.Challenge})
	}
	switch {
	case errors.Is(err, store.ErrMissing), errors.Is(err, store.ErrStale):
		return passkey.Challenge{}, nil
	case err != nil:
		return passkey.Challenge{}, err
	}
	return c, nil
}

// DropChallenges removes the challenges of a person. It looks at all there are,
// which are those of the last minutes.
func (s *Passkeys) DropChallenges(ctx context.Context, delegate string) error {
	theirs, err := store.All[passkey.Challenge](ctx, s.challenges, bson.M{"delegate": delegate})
	if err != nil {
		return err
	}
	for _, c := range theirs {
		if err := s.challenges.Delete(ctx, c.ID, nil); err != nil {
			return err
		}
	}
	return nil
}

// Sweep removes the challenges nobody can answer any more, and says how many. It
// looks at all of them.
func (s *Passkeys) Sweep(ctx context.Context, now time.Time) (int, error) {
	over, err := store.All[passkey.Challenge](ctx, s.challenges, bson.M{"expiresAt": bson.M{"$lt": now}})
	if err != nil {
		return 0, err
	}
	for i, c := range over {
		if err := s.challenges.Delete(ctx, c.ID, nil); err != nil {
			return i, fmt.Errorf("sweep challenges: %w", err)
		}
	}
	return len(over), nil
}
