// Package operator is the door for who runs an installation: how the carriers of
// pushes do, stopping one and letting it go on, and sending again what was put
// aside. It stands on the listener of the metrics, never on that of the API.
//
// What an operator stops stays stopped, on every replica and over every restart:
// the wish is a document, and the replicas hear of it by a hint. It is kept apart
// from the breaker, which a carrier opens and closes by what it answers.
package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// A Switch is what the operators wish of one carrier.
type Switch struct {
	Name     string    `bson:"_id"`
	Revision int64     `bson:"revision"`
	Paused   bool      `bson:"paused"`
	Reason   string    `bson:"reason,omitempty"`
	At       time.Time `bson:"at"` // wall clock
}

// Switches are those of all carriers. Its methods may be called side by side.
type Switches struct {
	docs    *store.Collection
	names   []string
	apply   func(name string, paused bool)
	changed func(Switch)
	now     func() time.Time

	mu sync.Mutex
	by map[string]Switch
}

// Open loads what was wished of the carriers with these names, and applies it.
// apply is called whenever a wish is known to be another, on one goroutine at a
// time; changed after every write of this replica, to tell the siblings.
func Open(ctx context.Context, st *store.Store, names []string, apply func(string, bool), changed func(Switch), now func() time.Time) (*Switches, error) {
	s := &Switches{docs: st.Collection("carriers"), names: names, apply: apply, changed: changed, now: now, by: map[string]Switch{}}
	all, err := store.All[Switch](ctx, s.docs, nil)
	if err != nil {
		return nil, fmt.Errorf("load the carriers: %w", err)
	}
	for _, x := range all {
		s.keep(x)
	}
	return s, nil
}

// Of is what is wished of a carrier; the zero Switch with its name when nothing
// ever was.
func (s *Switches) Of(name string) Switch {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.by[name]
	x.Name = name
	return x
}

// Turn stops a carrier or lets it go on, durably. What is wished already is looked
// up in the store, for a sibling may have turned it since; repeating it changes
// nothing, and tells the siblings again. A name that no carrier has is hidden.
func (s *Switches) Turn(ctx context.Context, name string, paused bool, reason string) (Switch, error) {
	if !slices.Contains(s.names, name) {
		return Switch{}, problem.Hidden()
	}
	if err := s.read(ctx, name); err != nil && !errors.Is(err, store.ErrMissing) {
		return Switch{}, err
	}
	for {
		was := s.Of(name)
		if was.Paused == paused {
			if was.Revision > 0 {
				s.changed(was)
			}
			return was, nil
		}
		x := Switch{Name: name, Revision: was.Revision + 1, Paused: paused, Reason: reason, At: s.now().UTC().Truncate(time.Millisecond)}
		switch err := s.docs.Put(ctx, name, was.Revision, x); {
		case err == nil:
			s.keep(x)
			s.changed(x)
			return x, nil
		case errors.Is(err, store.ErrStale):
			if err := s.read(ctx, name); err != nil {
				return Switch{}, err
			}
		default:
			return Switch{}, fmt.Errorf("carrier %s: %w", name, err)
		}
	}
}

// Refresh takes a newer wish that a sibling wrote.
func (s *Switches) Refresh(ctx context.Context, name string, revision int64) error {
	if s.Of(name).Revision >= revision {
		return nil
	}
	if err := s.read(ctx, name); !errors.Is(err, store.ErrMissing) {
		return err
	}
	return nil // the hint outlived the store
}

func (s *Switches) read(ctx context.Context, name string) error {
	var x Switch
	if err := s.docs.Get(ctx, name, &x); err != nil {
		return fmt.Errorf("carrier %s: %w", name, err)
	}
	s.keep(x)
	return nil
}

// keep makes x what is known of its carrier, unless that is newer.
func (s *Switches) keep(x Switch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by[x.Name].Revision >= x.Revision || !slices.Contains(s.names, x.Name) {
		return
	}
	s.by[x.Name] = x
	s.apply(x.Name, x.Paused)
}
