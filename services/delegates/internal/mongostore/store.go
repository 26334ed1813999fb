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

	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

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
