package apikey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// keeper keeps keys and rings.
type keeper interface {
	// Key is the zero one when there is none of that id.
	Key(ctx context.Context, id string) (Key, error)
	InsertKey(ctx context.Context, k Key) error
	// EndKey writes how k ended over the revision before; ErrRaced when that has
	// been passed.
	EndKey(ctx context.Context, k Key) error
	// Used notes that the key was used, unless somebody has since before: ErrRaced.
	Used(ctx context.Context, id string, before, at time.Time) error
	// Told notes that k owes nothing more; ErrRaced when it does.
	Told(ctx context.Context, k Key) error

	// Ring is one without places, of revision zero, when there is none.
	Ring(ctx context.Context, conference string) (Ring, error)
	// SaveRing writes r over the revision before; ErrRaced when that has been passed.
	SaveRing(ctx context.Context, r Ring) error
}

// relay tells what is owed; a store.Relay does.
type relay interface{ Push(o store.Owed) }

// Keys makes, lists and ends the keys of all conferences, and exchanges them.
type Keys struct {
	store     keeper
	relay     relay
	bus       publisher
	sign      Sign
	addresses Addresses
	now       func() time.Time
}

// New makes Keys. Time is the wall clock.
func New(s keeper, r relay, b publisher, sign Sign, a Addresses, now func() time.Time) *Keys {
	return &Keys{store: s, relay: r, bus: b, sign: sign, addresses: a, now: now}
}

// Create makes a key of conference for actor and returns it with its text, which
// nobody can show again. A conference with MaxLive good keys is a Conflict.
func (k *Keys) Create(ctx context.Context, conference, actor string, d Draft) (Key, string, error) {
	now := k.now().UTC().Truncate(time.Millisecond)
	key, text, err := d.key(conference, actor, now)
	if err != nil {
		return Key{}, "", err
	}
	if key, err = key.owe(Act{At: now, Actor: actor}); err != nil {
		return Key{}, "", fmt.Errorf("create a key: %w", err)
	}
	if err := k.reserve(ctx, key, now); err != nil {
		return Key{}, "", err
	}
	if err := k.store.InsertKey(ctx, key); err != nil {
		return Key{}, "", fmt.Errorf("create a key: %w", err)
	}
	k.tell(key)
	return key, text, nil
}

// owe is k with one more act to tell, at its next revision.
func (k Key) owe(a Act) (Key, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Key{}, err
	}
	k.Revision++
	a.ID, a.Revision = id.String(), k.Revision
	k.Owed, k.Pending = append(slices.Clone(k.Owed), a), true
	return k, nil
}

// List are the keys of a conference, the newest first: the good ones, and those
// that have ended or expired until they are forgotten (see Forgotten).
func (k *Keys) List(ctx context.Context, conference string) ([]Key, error) {
	ring, err := k.store.Ring(ctx, conference)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	keys := make([]Key, 0, len(ring.Places))
	for _, p := range slices.Backward(ring.Places) {
		key, err := k.store.Key(ctx, p.Key)
		if err != nil {
			return nil, fmt.Errorf("list keys: %w", err)
		}
		if key.ID != "" {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// End ends a key for actor, and within seconds the access tokens it was
// exchanged for, on every service. Ending it again changes nothing. A key of
// another conference is hidden like one that is not there.
func (k *Keys) End(ctx context.Context, conference, id, actor string) error {
	for {
		key, err := k.store.Key(ctx, id)
		if err != nil {
			return fmt.Errorf("end a key: %w", err)
		}
		if key.ID == "" || key.Conference != conference {
			return problem.Hidden()
		}
		if key.Ended {
			return nil
		}
		now := k.now().UTC().Truncate(time.Millisecond)
		key.Ended, key.EndedAt, key.EndedBy = true, now, actor
		if key, err = key.owe(Act{Ended: true, At: now, Actor: actor}); err != nil {
			return fmt.Errorf("end a key: %w", err)
		}
		err = k.store.EndKey(ctx, key)
		if errors.Is(err, ErrRaced) {
			continue
		}
		if err != nil {
			return fmt.Errorf("end a key: %w", err)
		}
		k.tell(key)
		return nil
	}
}

// EndAll ends the keys of a conference that is over, for the system itself.
func (k *Keys) EndAll(ctx context.Context, conference string) error {
	keys, err := k.List(ctx, conference)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := k.End(ctx, conference, key.ID, ""); err != nil {
			return err
		}
	}
	return nil
}

// Forgotten says whether a key is so long over that nothing of it is kept.
func (k Key) Forgotten(now time.Time) bool {
	over := k.ExpiresAt
	if k.Ended {
		over = k.EndedAt
	}
	return now.Sub(over) >= 90*24*time.Hour
}
