package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/store"
)

// SignIns keeps the sign-ins, and for every person a list of theirs, so that all
// of them are found without a search.
type SignIns struct{ signIns, lists *store.Collection }

// NewSignIns uses the collections of s.
func NewSignIns(s *store.Store) *SignIns {
	return &SignIns{signIns: s.Collection("sign-ins"), lists: s.Collection("sign-ins-of")}
}

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

// End writes how f ended and what it owes, whatever its generation is by now;
// ErrRaced when it has ended already.
func (s *SignIns) End(ctx context.Context, f token.Family) error {
	err := s.signIns.Update(ctx, f.ID, bson.M{"ended": ""}, bson.M{"$set": bson.M{
		"device": "", "ended": f.Ended, "endedAt": f.EndedAt, "pending": f.Pending, "owed": f.Owed,
	}})
	if errors.Is(err, store.ErrStale) {
		return token.ErrRaced
	}
	return err
}

// Told takes off f what it owed.
func (s *SignIns) Told(ctx context.Context, f token.Family) error {
	err := s.signIns.Update(ctx, f.ID, nil, bson.M{"$set": bson.M{"pending": false, "owed": []delegate.Act{}}})
	if errors.Is(err, store.ErrStale) { // swept
		return nil
	}
	return err
}

// Owing reads the sign-ins whose end is not told. It looks at all of them.
func (s *SignIns) Owing(ctx context.Context) ([]token.Family, error) {
	return store.All[token.Family](ctx, s.signIns, bson.M{"pending": true})
}

// list is the sign-ins of one person, the oldest first.
type list struct {
	ID       string   `bson:"_id"` // the delegate
	Families []string `bson:"families"`
}

// Of are the ids of a person's sign-ins; some may be over.
func (s *SignIns) Of(ctx context.Context, delegate string) ([]string, error) {
	var l list
	err := optional(s.lists.Get(ctx, delegate, &l))
	return l.Families, err
}

// Note adds f to its person's sign-ins.
func (s *SignIns) Note(ctx context.Context, f token.Family) error {
	add := func() error {
		return s.lists.Update(ctx, f.Delegate, nil, bson.M{"$push": bson.M{"families": bson.M{"$each": []string{f.ID}}}})
	}
	err := add()
	if !errors.Is(err, store.ErrStale) {
		return err
	}
	err = s.lists.Insert(ctx, list{ID: f.Delegate, Families: []string{f.ID}})
	if errors.Is(err, store.ErrExists) { // somebody else's was the first
		return add()
	}
	return err
}

// Drop takes families off their person's sign-ins.
func (s *SignIns) Drop(ctx context.Context, delegate string, families ...string) error {
	err := s.lists.Update(ctx, delegate, nil, bson.M{"$pullAll": bson.M{"families": families}})
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}

// Sweep removes the sign-ins that are over, and says how many. It looks at all of
// them.
func (s *SignIns) Sweep(ctx context.Context, now time.Time) (int, error) {
	over, err := store.All[token.Family](ctx, s.signIns, bson.M{"expiresAt": bson.M{"$lt": now}})
	if err != nil {
		return 0, err
	}
	swept := 0
	for _, f := range over {
		if f.Pending { // its end is still to be told
			continue
		}
		// Guarded: it may have been refreshed or ended since it was read.
		err := s.signIns.Delete(ctx, f.ID, bson.M{"generation": f.Generation, "ended": f.Ended})
		if errors.Is(err, store.ErrStale) {
			continue
		}
		if err == nil {
			err = s.Drop(ctx, f.Delegate, f.ID)
		}
		if err != nil {
			return swept, fmt.Errorf("sweep sign-ins: %w", err)
		}
		swept++
	}
	return swept, nil
}

// AllOf reads every sign-in of a person, also those that are over. It looks at
// all sign-ins there are.
func (s *SignIns) AllOf(ctx context.Context, delegate string) ([]token.Family, error) {
	return store.All[token.Family](ctx, s.signIns, bson.M{"delegate": delegate})
}

// Forget removes the sign-ins that have ended of people who are erased, and says
// how many. It looks at all of them.
func (s *SignIns) Forget(ctx context.Context, erased func(delegate string) bool) (int, error) {
	over, err := store.All[token.Family](ctx, s.signIns, bson.M{"ended": bson.M{"$ne": ""}})
	if err != nil {
		return 0, err
	}
	forgotten := 0
	for _, f := range over {
		if f.Pending || !erased(f.Delegate) {
			continue
		}
		if err := s.signIns.Delete(ctx, f.ID, nil); err != nil {
			return forgotten, fmt.Errorf("forget sign-ins: %w", err)
		}
		forgotten++
	}
	return forgotten, nil
}
