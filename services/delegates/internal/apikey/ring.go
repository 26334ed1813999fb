package apikey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plenary.example/shared/problem"
)

const (
	// MaxLive is how many keys of one conference may be good at the same time.
	MaxLive = 50
	// remembered is how many keys a ring names; the oldest that are over go first.
	remembered = 120
	// unborn is how long a place is kept for a key that nobody sees: its maker
	// may still be about to write it.
	unborn = time.Minute
)

// A Ring names the keys of one conference, the oldest first. A key has its place
// here before it is written, so that of two who want the last place one gets it.
// Only the key's own document says whether it is good.
type Ring struct {
	Conference string  `bson:"_id"`
	Revision   int64   `bson:"revision"`
	Places     []Place `bson:"places"`
}

// A Place is that of one key in its ring.
type Place struct {
	Key   string    `bson:"key"`
	Since time.Time `bson:"since"`
	Until time.Time `bson:"until"` // when it counts no longer, at the latest
}

// live counts the places that are taken at now.
func (r Ring) live(now time.Time) (n int) {
	for _, p := range r.Places {
		if now.Before(p.Until) {
			n++
		}
	}
	return n
}

// take gives key a place and forgets who is over and too many.
func (r Ring) take(key Key, now time.Time) Ring {
	places := slices.Clone(r.Places)
	for i := 0; i < len(places) && len(places) >= remembered; {
		if now.Before(places[i].Until) {
			i++
			continue
		}
		places = slices.Delete(places, i, i+1)
	}
	r.Places = append(places, Place{Key: key.ID, Since: now, Until: key.ExpiresAt})
	r.Revision++
	return r
}

// ErrRaced is returned by a store when somebody else has written meanwhile.
var ErrRaced = errors.New("the document has changed meanwhile")

var errTooManyKeys = problem.New(problem.Conflict, "keys_full", "The conference has 50 keys that are good. End one first.")

// reserve takes the place of a key that is about to be written.
func (k *Keys) reserve(ctx context.Context, key Key, now time.Time) error {
	for {
		ring, err := k.store.Ring(ctx, key.Conference)
		if err != nil {
			return fmt.Errorf("reserve a place: %w", err)
		}
		if ring.live(now) >= MaxLive {
			if ring, err = k.recount(ctx, ring, now); err != nil {
				return fmt.Errorf("reserve a place: %w", err)
			}
		}
		if ring.live(now) >= MaxLive {
			return errTooManyKeys
		}
		err = k.store.SaveRing(ctx, ring.take(key, now))
		if errors.Is(err, ErrRaced) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reserve a place: %w", err)
		}
		return nil
	}
}

// recount looks at the keys themselves: one may have ended, or never have been
// written, and its ring not know.
func (k *Keys) recount(ctx context.Context, r Ring, now time.Time) (Ring, error) {
	places := make([]Place, 0, len(r.Places))
	for _, p := range r.Places {
		if now.Before(p.Until) {
			key, err := k.store.Key(ctx, p.Key)
			switch {
			case err != nil:
				return Ring{}, err
			case key.ID == "" && now.Sub(p.Since) > unborn:
				continue
			case key.Ended:
				p.Until = key.EndedAt
			}
		}
		places = append(places, p)
	}
	r.Places = places
	return r, nil
}
