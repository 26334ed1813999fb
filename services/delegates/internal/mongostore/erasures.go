package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/privacy"
	"plenary.example/shared/store"
)

// Erasures keeps how far people are forgotten, and since when it is known that
// those of a conference will be.
type Erasures struct{ erasures, notices *store.Collection }

// NewErasures uses the collections of s.
func NewErasures(s *store.Store) *Erasures {
	return &Erasures{s.Collection("erasures"), s.Collection("retention-notices")}
}

// All reads every one there is. It is for starting.
func (s *Erasures) All(ctx context.Context) ([]privacy.Erasure, error) {
	return store.All[privacy.Erasure](ctx, s.erasures, nil)
}

// Get reads one; NotFound when there is none.
func (s *Erasures) Get(ctx context.Context, id string) (e privacy.Erasure, err error) {
	err = get(ctx, s.erasures, id, &e)
	return e, err
}

// Insert keeps the one that is there, but gives it a number it lacks.
func (s *Erasures) Insert(ctx context.Context, e privacy.Erasure) error {
	err := s.erasures.Insert(ctx, e)
	if !errors.Is(err, store.ErrExists) {
		return err
	}
	if e.Number == "" {
		return nil
	}
	err = s.erasures.Update(ctx, e.ID, bson.M{"number": "", "doneAt": time.Time{}}, bson.M{"$set": bson.M{"number": e.Number}})
	if errors.Is(err, store.ErrStale) {
		return nil // it has one, or needs none any more
	}
	return err
}

// Finish marks it as done and drops the number.
func (s *Erasures) Finish(ctx context.Context, id string, at time.Time) error {
	err := s.erasures.Update(ctx, id, bson.M{"doneAt": time.Time{}}, bson.M{"$set": bson.M{"doneAt": at, "number": ""}})
	if errors.Is(err, store.ErrStale) {
		return nil // by another replica
	}
	return err
}

// notice is the first moment something was noticed.
type notice struct {
	ID string    `bson:"_id"`
	At time.Time `bson:"at"`
}

// Notice keeps the first moment it was called with, and returns that.
func (s *Erasures) Notice(ctx context.Context, id string, at time.Time) (time.Time, error) {
	n := notice{id, at}
	err := s.notices.Insert(ctx, n)
	if errors.Is(err, store.ErrExists) {
		err = get(ctx, s.notices, id, &n)
	}
	return n.At, err
}

// DropNotice forgets it; one that is not there is no error.
func (s *Erasures) DropNotice(ctx context.Context, id string) error {
	return s.notices.Delete(ctx, id, nil)
}
