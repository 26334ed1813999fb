package apikey

import (
	"context"
	"errors"
	"fmt"

	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// publisher takes events; the bus does.
type publisher interface {
	Publish(ctx context.Context, e event.Envelope) error
}

// Remember takes on what a replica that is no more has written and not told.
func (k *Keys) Remember(keys []Key) {
	for _, key := range keys {
		if key.Pending {
			k.tell(key)
		}
	}
}

// tell owes what was done to key. That it ended is what makes every service
// refuse its tokens.
func (k *Keys) tell(key Key) {
	k.relay.Push(store.Owed{Name: "key " + key.ID, Tell: func(ctx context.Context) error {
		for _, a := range key.Owed {
			fact := event.APIKeyChanged{Key: key.ID, Scopes: key.Scopes, Ended: a.Ended}
			e, err := event.New(a.ID, key.Conference, key.ID, a.Revision, a.Actor, a.At, fact)
			if err != nil {
				return fmt.Errorf("tell of key %s: %w", key.ID, err)
			}
			if err := k.bus.Publish(ctx, e); err != nil {
				return err
			}
		}
		if err := k.store.Told(ctx, key); err != nil && !errors.Is(err, ErrRaced) {
			return err
		}
		return nil // raced: the next revision owes these acts too, under the same ids
	}})
}
