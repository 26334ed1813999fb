package apikey

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// publisher takes events; a bus.Bus does.
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

func (k *Keys) tell(key Key) {
	k.relay.Push(store.Owed{Name: "key " + key.ID, Tell: func(ctx context.Context) error {
		for _, a := range key.Owed {
			facts, err := key.facts(a)
			if err != nil {
				return err
			}
			for _, e := range facts {
				if err := k.bus.Publish(ctx, e); err != nil {
					return err
				}
			}
		}
		if err := k.store.Told(ctx, key); err != nil && !errors.Is(err, ErrRaced) {
			return err
		}
		return nil // raced: the next revision owes these acts too, under the same ids
	}})
}

// facts are the events of an act. That of a key which ended comes first to those
// who hold its tokens, then to the audit.
func (k Key) facts(a Act) ([]event.Envelope, error) {
	var facts []event.Envelope
	add := func(id string, p event.Payload) error {
		e, err := event.New(id, k.Conference, k.ID, a.Revision, a.Actor, a.At, p)
		if err != nil {
			return fmt.Errorf("tell of key %s: %w", k.ID, err)
		}
		facts = append(facts, e)
		return nil
	}
	if a.Ended {
		id, err := uuid.Parse(a.ID)
		if err != nil {
			return nil, fmt.Errorf("tell of key %s: %w", k.ID, err)
		}
		if err := add(uuid.NewSHA1(id, []byte("tokens")).String(), event.SignInEnded{SignIn: caller.KeyPrefix + k.ID, Reason: event.EndedByOffice}); err != nil {
			return nil, err
		}
	}
	if err := add(a.ID, event.APIKeyChanged{Key: k.ID, Scopes: k.Scopes, Ended: a.Ended}); err != nil {
		return nil, err
	}
	return facts, nil
}
