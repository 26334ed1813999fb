// Package mongostore keeps the delegates service's documents: who takes part,
// what is on their badges, how often somebody guessed at one, and the sign-ins.
//
// Every document is found by its _id and changed by one guarded write; nothing
// here searches. People are read as a whole when the service starts.
package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// A Store keeps documents. Its methods may be called side by side.
type Store struct {
	delegations, delegates, badges, guesses, signIns *store.Collection
}

// New uses the collections of s.
func New(s *store.Store) *Store {
	return &Store{
		delegations: s.Collection("delegations"),
		delegates:   s.Collection("delegates"),
		badges:      s.Collection("accreditations"),
		guesses:     s.Collection("guesses"),
		signIns:     s.Collection("sign-ins"),
	}
}

// People reads everybody there is. It is for starting.
func (s *Store) People(ctx context.Context) ([]delegate.Delegation, []delegate.Delegate, error) {
	delegations, err := store.All[delegate.Delegation](ctx, s.delegations, nil)
	if err != nil {
		return nil, nil, err
	}
	delegates, err := store.All[delegate.Delegate](ctx, s.delegates, nil)
	return delegations, delegates, err
}

// AddPeople writes what is not there yet and leaves what is. The badges come
// last, so that nobody signs in who is not there.
func (s *Store) AddPeople(ctx context.Context, delegations []delegate.Delegation, delegates []delegate.Delegate, badges []accreditation.Accreditation) error {
	if err := addAll(ctx, s.delegations, delegations); err != nil {
		return err
	}
	if err := addAll(ctx, s.delegates, delegates); err != nil {
		return err
	}
	return addAll(ctx, s.badges, badges)
}

func addAll[T any](ctx context.Context, c *store.Collection, docs []T) error {
	all := make([]any, len(docs))
	for i := range docs {
		all[i] = docs[i]
	}
	if err := c.InsertAll(ctx, all); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}

var errNobody = problem.New(problem.NotFound, "not_found", "There is nobody of that name here.")

// Delegate reads one person; NotFound when there is none.
func (s *Store) Delegate(ctx context.Context, id string) (d delegate.Delegate, err error) {
	err = get(ctx, s.delegates, id, &d)
	return d, err
}

// Delegation reads one delegation; NotFound when there is none.
func (s *Store) Delegation(ctx context.Context, id string) (d delegate.Delegation, err error) {
	err = get(ctx, s.delegations, id, &d)
	return d, err
}

func get(ctx context.Context, c *store.Collection, id string, into any) error {
	err := c.Get(ctx, id, into)
	if errors.Is(err, store.ErrMissing) {
		return errNobody
	}
	return err
}

// Accreditation reads what belongs to a badge; the zero one when there is none.
func (s *Store) Accreditation(ctx context.Context, id string) (a accreditation.Accreditation, err error) {
	err = optional(s.badges.Get(ctx, id, &a))
	return a, err
}

// Use marks a code as used up; ErrUsed when it is already.
func (s *Store) Use(ctx context.Context, id, signIn string, at time.Time) error {
	err := s.badges.Update(ctx, id, bson.M{"used": ""}, bson.M{"$set": bson.M{"used": signIn, "usedAt": at}})
	if errors.Is(err, store.ErrStale) {
		return accreditation.ErrUsed
	}
	return err
}

// Guesses reads the count of wrong codes; the zero one when there is none.
func (s *Store) Guesses(ctx context.Context, id string) (g accreditation.Guesses, err error) {
	err = optional(s.guesses.Get(ctx, id, &g))
	return g, err
}

// CountGuess adds one wrong code; fresh begins again at one.
func (s *Store) CountGuess(ctx context.Context, id string, at time.Time, fresh bool) error {
	change := bson.M{"$inc": bson.M{"failed": 1}, "$set": bson.M{"last": at}}
	if fresh {
		change = bson.M{"$set": bson.M{"failed": 1, "last": at}}
	}
	err := s.guesses.Update(ctx, id, nil, change)
	if !errors.Is(err, store.ErrStale) {
		return err
	}
	err = s.guesses.Insert(ctx, accreditation.Guesses{ID: id, Failed: 1, Last: at})
	if errors.Is(err, store.ErrExists) { // somebody else's was the first
		return s.guesses.Update(ctx, id, nil, bson.M{"$inc": bson.M{"failed": 1}, "$set": bson.M{"last": at}})
	}
	return err
}

// ForgetGuesses drops the count.
func (s *Store) ForgetGuesses(ctx context.Context, id string) error {
	return s.guesses.Delete(ctx, id, nil)
}

// optional takes a missing document for an empty one.
func optional(err error) error {
	if errors.Is(err, store.ErrMissing) {
		return nil
	}
	return err
}

// Insert writes a new sign-in.
func (s *Store) Insert(ctx context.Context, f token.Family) error { return s.signIns.Insert(ctx, f) }

// Family reads a sign-in; NotFound when there is none.
func (s *Store) Family(ctx context.Context, id string) (f token.Family, err error) {
	err = get(ctx, s.signIns, id, &f)
	return f, err
}

// Replace writes f over its given generation, unless that has been passed or
// the family has ended: then ErrRaced.
func (s *Store) Replace(ctx context.Context, f token.Family, generation int64) error {
	err := s.signIns.Replace(ctx, f.ID, bson.M{"generation": generation, "ended": ""}, f)
	if errors.Is(err, store.ErrStale) {
		return token.ErrRaced
	}
	return err
}

// Delete forgets a sign-in.
func (s *Store) Delete(ctx context.Context, id string) error { return s.signIns.Delete(ctx, id, nil) }

// Sweep removes the sign-ins that are over and the guesses that no longer count,
// and says how many. It looks at all of them.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int, error) {
	over, err := store.All[token.Family](ctx, s.signIns, bson.M{"expiresAt": bson.M{"$lt": now}})
	if err != nil {
		return 0, err
	}
	for _, f := range over {
		// Guarded: it may have been refreshed since it was read.
		if err := s.signIns.Delete(ctx, f.ID, bson.M{"generation": f.Generation}); err != nil && !errors.Is(err, store.ErrStale) {
			return 0, fmt.Errorf("sweep sign-ins: %w", err)
		}
	}
	guesses, err := store.All[accreditation.Guesses](ctx, s.guesses, nil)
	if err != nil {
		return 0, err
	}
	swept := len(over)
	for _, g := range guesses {
		if !g.Stale(now) {
			continue
		}
		if err := s.guesses.Delete(ctx, g.ID, bson.M{"failed": g.Failed}); err != nil && !errors.Is(err, store.ErrStale) {
			return swept, fmt.Errorf("sweep guesses: %w", err)
		}
		swept++
	}
	return swept, nil
}
