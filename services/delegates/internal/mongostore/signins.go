package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/store"
)

// SignIns keeps the sign-ins.
type SignIns struct{ signIns *store.Collection }

// NewSignIns uses the collections of s.
func NewSignIns(s *store.Store) *SignIns { return &SignIns{signIns: s.Collection("sign-ins")} }

// Insert writes a new sign-in.
func (s *SignIns) Insert(ctx context.Context, f token.Family) error { return s.signIns.Insert(ctx, f) }

// Family reads a sign-in; NotFound when there is none.
func (s *SignIns) Family(ctx context.Context, id string) (f token.Family, err error) {
	err = get(ctx, s.signIns, id, &f)
	return f, err
}

// Replace writes f over its given generation, unless that has been passed or
// the family has ended: then ErrRaced.
func (s *SignIns) Replace(ctx context.Context, f token.Family, generation int64) error {
	err := s.signIns.Replace(ctx, f.ID, bson.M{"generation": generation, "ended": ""}, f)
	if errors.Is(err, store.ErrStale) {
		return token.ErrRaced
	}
	return err
}

// Delete forgets a sign-in.
func (s *SignIns) Delete(ctx context.Context, id string) error { return s.signIns.Delete(ctx, id, nil) }

// Sweep removes the sign-ins that are over, and says how many. It looks at all of
// them.
func (s *SignIns) Sweep(ctx context.Context, now time.Time) (int, error) {
	over, err := store.All[token.Family](ctx, s.signIns, bson.M{"expiresAt": bson.M{"$lt": now}})
	if err != nil {
		return 0, err
	}
	for i, f := range over {
		// Guarded: it may have been refreshed since it was read.
		if err := s.signIns.Delete(ctx, f.ID, bson.M{"generation": f.Generation}); err != nil && !errors.Is(err, store.ErrStale) {
			return i, fmt.Errorf("sweep sign-ins: %w", err)
		}
	}
	return len(over), nil
}
