// Package mongostore keeps the delegates service's documents: who takes part,
// what is on their badges, how often somebody guessed at one, and the sign-ins.
//
// Every document is found by its _id and changed by one guarded write; nothing
// here searches. People are read as a whole when the service starts. Each sort
// of document has a type of its own here, made for the room that asks for it.
package mongostore

import (
	"context"
	"errors"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// A Store keeps the people. Its methods may be called side by side.
type Store struct {
	delegations, delegates *store.Collection
}

// New uses the collections of s.
func New(s *store.Store) *Store {
	return &Store{
		delegations: s.Collection("delegations"),
		delegates:   s.Collection("delegates"),
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

// AddPeople writes what is not there yet and leaves what is.
func (s *Store) AddPeople(ctx context.Context, delegations []delegate.Delegation, delegates []delegate.Delegate) error {
	if err := addAll(ctx, s.delegations, delegations); err != nil {
		return err
	}
	return addAll(ctx, s.delegates, delegates)
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

// optional takes a missing document for an empty one.
func optional(err error) error {
	if errors.Is(err, store.ErrMissing) {
		return nil
	}
	return err
}
