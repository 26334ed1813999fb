package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/store"
)

// Records keeps the delegates or the delegations of all conferences. It is a
// delegate.Records.
type Records[T delegate.Delegate | delegate.Delegation] struct{ docs *store.Collection }

// NewDelegates uses the delegates of s.
func NewDelegates(s *store.Store) *Records[delegate.Delegate] {
	return &Records[delegate.Delegate]{s.Collection("delegates")}
}

// NewDelegations uses the delegations of s.
func NewDelegations(s *store.Store) *Records[delegate.Delegation] {
	return &Records[delegate.Delegation]{s.Collection("delegations")}
}

// All reads every record there is. It is for starting.
func (r *Records[T]) All(ctx context.Context) ([]T, error) { return store.All[T](ctx, r.docs, nil) }

// Get reads one record; NotFound when there is none.
func (r *Records[T]) Get(ctx context.Context, id string) (doc T, err error) {
	err = get(ctx, r.docs, id, &doc)
	return doc, err
}

// Insert writes a new record.
func (r *Records[T]) Insert(ctx context.Context, doc T) error {
	if err := r.docs.Insert(ctx, doc); errors.Is(err, store.ErrExists) {
		return delegate.ErrExists
	} else if err != nil {
		return err
	}
	return nil
}

// InsertAll writes the records whose ids are free.
func (r *Records[T]) InsertAll(ctx context.Context, docs []T) error {
	all := make([]any, len(docs))
	for i := range docs {
		all[i] = docs[i]
	}
	err := r.docs.InsertAll(ctx, all)
	if errors.Is(err, store.ErrExists) {
		return delegate.ErrExists
	}
	return err
}

// Replace writes doc over the record at that revision.
func (r *Records[T]) Replace(ctx context.Context, id string, revision int64, doc T) error {
	return stale(r.docs.Replace(ctx, id, at(revision), doc))
}

// Settle takes told acts off the record.
func (r *Records[T]) Settle(ctx context.Context, id string, revision int64, told []delegate.Act) error {
	change := bson.M{"$set": bson.M{"pending": false}}
	if len(told) > 0 {
		change["$pullAll"] = bson.M{"owed": told}
	}
	return stale(r.docs.Update(ctx, id, at(revision), change))
}

// at expects a revision; documents of older builds are at the first one without
// saying so.
func at(revision int64) bson.M {
	if revision == 1 {
		return bson.M{"revision": bson.M{"$in": bson.A{int64(1), nil}}}
	}
	return bson.M{"revision": revision}
}

func stale(err error) error {
	if errors.Is(err, store.ErrStale) {
		return delegate.ErrStale
	}
	return err
}

// Numbers says whose the accreditation numbers are: a badge without a code is a
// number that somebody has and nobody can sign in with yet. It is a
// delegate.Numbers.
type Numbers struct{ badges *store.Collection }

// NewNumbers uses the badges of s.
func NewNumbers(s *store.Store) *Numbers { return &Numbers{s.Collection("accreditations")} }

// claimed is a badge as Numbers reads and writes it.
type claimed struct {
	accreditation.Accreditation `bson:",inline"`
	ClaimedAt                   time.Time `bson:"claimedAt"`
}

func claimOf(conference, number, holder string, at time.Time) claimed {
	return claimed{
		Accreditation: accreditation.Accreditation{ID: accreditation.ID(conference, number), Conference: conference, Delegate: holder},
		ClaimedAt:     at,
	}
}

// Claim makes the number the holder's if it is nobody's or theirs already.
func (n *Numbers) Claim(ctx context.Context, conference, number, holder string, at time.Time) (string, time.Time, error) {
	c := claimOf(conference, number, holder, at)
	err := n.badges.Insert(ctx, c)
	if !errors.Is(err, store.ErrExists) {
		return holder, at, err
	}
	var there claimed
	switch err := n.badges.Get(ctx, c.ID, &there); {
	case errors.Is(err, store.ErrMissing): // given up between the two
		return holder, at, fmt.Errorf("claim a number: %w", delegate.ErrStale)
	case err != nil:
		return "", time.Time{}, err
	case there.Delegate == holder:
		return holder, there.ClaimedAt, nil
	}
	return there.Delegate, there.ClaimedAt, delegate.ErrExists
}

// ClaimAll claims many numbers, which are given by their holders.
func (n *Numbers) ClaimAll(ctx context.Context, conference string, numbers map[string]string, at time.Time) (taken []string, err error) {
	docs := make([]any, 0, len(numbers))
	for holder, number := range numbers {
		docs = append(docs, claimOf(conference, number, holder, at))
	}
	err = n.badges.InsertAll(ctx, docs)
	if !errors.Is(err, store.ErrExists) {
		return nil, err
	}
	for holder, number := range numbers {
		var there claimed
		if err := n.badges.Get(ctx, accreditation.ID(conference, number), &there); err != nil && !errors.Is(err, store.ErrMissing) {
			return nil, err
		}
		if there.Delegate != holder {
			taken = append(taken, holder)
		}
	}
	return taken, nil
}

// Take writes a claim over that of somebody who has no right to it; whatever
// code was on the badge is gone.
func (n *Numbers) Take(ctx context.Context, conference, number, from, holder string, at time.Time) error {
	c := claimOf(conference, number, holder, at)
	return stale(n.badges.Replace(ctx, c.ID, bson.M{"delegate": from}, c))
}

// Release deletes the holder's claim.
func (n *Numbers) Release(ctx context.Context, conference, number, holder string) error {
	err := n.badges.Delete(ctx, accreditation.ID(conference, number), bson.M{"delegate": holder})
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}
