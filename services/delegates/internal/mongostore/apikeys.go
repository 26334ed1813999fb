package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/apikey"
	"plenary.example/shared/store"
)

// APIKeys keeps the keys of other systems. Its methods may be called side by
// side.
type APIKeys struct{ keys, rings *store.Collection }

// NewAPIKeys uses the collections of s.
func NewAPIKeys(s *store.Store) *APIKeys {
	return &APIKeys{keys: s.Collection("api-keys"), rings: s.Collection("api-key-rings")}
}

// Pending reads the keys that owe something to the others. It looks at all of
// them: it is for starting.
func (s *APIKeys) Pending(ctx context.Context) ([]apikey.Key, error) {
	return store.All[apikey.Key](ctx, s.keys, bson.M{"pending": true})
}

// Key reads a key; the zero one when there is none.
func (s *APIKeys) Key(ctx context.Context, id string) (k apikey.Key, err error) {
	err = optional(s.keys.Get(ctx, id, &k))
	return k, err
}

// InsertKey writes a new key.
func (s *APIKeys) InsertKey(ctx context.Context, k apikey.Key) error { return s.keys.Insert(ctx, k) }

// EndKey writes how k ended, over the revision before; else ErrRaced.
func (s *APIKeys) EndKey(ctx context.Context, k apikey.Key) error {
	return raced(s.keys.Update(ctx, k.ID, bson.M{"revision": k.Revision - 1}, bson.M{"$set": bson.M{
		"ended": k.Ended, "endedAt": k.EndedAt, "endedBy": k.EndedBy,
		"revision": k.Revision, "pending": k.Pending, "owed": k.Owed,
	}}))
}

// Used notes the use of a key, unless one has been noted since before: ErrRaced.
func (s *APIKeys) Used(ctx context.Context, id string, before, at time.Time) error {
	return raced(s.keys.Update(ctx, id, bson.M{"lastUsedAt": before}, bson.M{"$set": bson.M{"lastUsedAt": at}}))
}

// Told notes that k owes nothing more; ErrRaced when it has a newer revision.
func (s *APIKeys) Told(ctx context.Context, k apikey.Key) error {
	return raced(s.keys.Update(ctx, k.ID, bson.M{"revision": k.Revision}, bson.M{"$set": bson.M{"pending": false, "owed": []apikey.Act{}}}))
}

// Ring reads the ring of a conference; one without places when there is none.
func (s *APIKeys) Ring(ctx context.Context, conference string) (apikey.Ring, error) {
	r := apikey.Ring{Conference: conference}
	err := optional(s.rings.Get(ctx, conference, &r))
	return r, err
}

// SaveRing writes r over the revision before; else ErrRaced.
func (s *APIKeys) SaveRing(ctx context.Context, r apikey.Ring) error {
	return raced(s.rings.Put(ctx, r.Conference, r.Revision-1, r))
}

func raced(err error) error {
	if errors.Is(err, store.ErrStale) {
		return apikey.ErrRaced
	}
	return err
}

// Sweep removes the keys that are so long over that nobody is told of them any
// more, and says how many. It looks at all of them.
func (s *APIKeys) Sweep(ctx context.Context, now time.Time) (swept int, err error) {
	keys, err := store.All[apikey.Key](ctx, s.keys, nil)
	if err != nil {
		return 0, err
	}
	for _, k := range keys {
		if !k.Forgotten(now) || k.Pending {
			continue
		}
		err := s.keys.Delete(ctx, k.ID, bson.M{"revision": k.Revision})
		if err != nil && !errors.Is(err, store.ErrStale) {
			return swept, fmt.Errorf("sweep keys: %w", err)
		}
		swept++
	}
	return swept, nil
}
