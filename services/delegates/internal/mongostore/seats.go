package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/seat"
	"plenary.example/shared/store"
)

// Seats keeps the substitutions.
type Seats struct{ substitutions *store.Collection }

// NewSeats uses the collections of s.
func NewSeats(s *store.Store) *Seats { return &Seats{substitutions: s.Collection("substitutions")} }

// All reads every substitution. There are few.
func (s *Seats) All(ctx context.Context) ([]seat.Substitution, error) {
	return store.All[seat.Substitution](ctx, s.substitutions, nil)
}

// Get reads one; NotFound when there is none.
func (s *Seats) Get(ctx context.Context, key string) (x seat.Substitution, err error) {
	err = get(ctx, s.substitutions, key, &x)
	return x, err
}

// Insert writes a new one; seat.ErrExists when the key is taken.
func (s *Seats) Insert(ctx context.Context, x seat.Substitution) error {
	err := s.substitutions.Insert(ctx, x)
	if errors.Is(err, store.ErrExists) {
		return seat.ErrExists
	}
	return err
}

// Advance writes x over the same in state from; seat.ErrStale when it is in another.
func (s *Seats) Advance(ctx context.Context, x seat.Substitution, from string) error {
	err := s.substitutions.Replace(ctx, x.Key, bson.M{"state": from}, x)
	if errors.Is(err, store.ErrStale) {
		return seat.ErrStale
	}
	return err
}

// Delete removes one; one that is not there is no error.
func (s *Seats) Delete(ctx context.Context, key string) error {
	return s.substitutions.Delete(ctx, key, nil)
}
