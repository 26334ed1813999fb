package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/store"
)

// SigningKeys keeps the public keys of all replicas: one document.
type SigningKeys struct{ keys *store.Collection }

// NewSigningKeys uses the collections of s.
func NewSigningKeys(s *store.Store) *SigningKeys {
	return &SigningKeys{keys: s.Collection("signing-keys")}
}

const published = "published"

// Change writes what change makes of the keys, again when somebody was faster,
// and returns it.
func (s *SigningKeys) Change(ctx context.Context, change func(token.Published) token.Published) (token.Published, error) {
	for {
		var was token.Published
		err := s.keys.Get(ctx, published, &was)
		first := errors.Is(err, store.ErrMissing)
		if err != nil && !first {
			return token.Published{}, err
		}
		now := change(was)
		now.ID = published
		if first {
			err = s.keys.Insert(ctx, now)
		} else {
			err = s.keys.Replace(ctx, published, bson.M{"revision": was.Revision}, now)
		}
		switch {
		case err == nil:
			return now, nil
		case !errors.Is(err, store.ErrStale) && !errors.Is(err, store.ErrExists):
			return token.Published{}, fmt.Errorf("keep the signing keys: %w", err)
		}
	}
}
