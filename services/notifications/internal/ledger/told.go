package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// A toldState is a session as its people were last told, or as it was when
// nobody had to be.
type toldState struct {
	ID         string             `bson:"_id"` // <conference>/<session>
	Conference string             `bson:"conference"`
	Revision   int64              `bson:"revision"`
	State      event.SessionState `bson:"state"`
	// Past is how it was before, told or not, oldest first: somebody may have
	// seen it so.
	Past []event.SessionState `bson:"past,omitempty"`
	// Step is the one from State that somebody has begun to tell; the next state
	// is written without it.
	Step *begunStep `bson:"step,omitempty"`
}

// A progress says up to which revision of an agenda all is told.
type progress struct {
	ID       string `bson:"_id"` // conference
	Revision int64  `bson:"revision"`
}

func (l *Ledger) loadTold(ctx context.Context) error {
	told, err := store.All[toldState](ctx, l.told, nil)
	if err != nil {
		return err
	}
	done, err := store.All[progress](ctx, l.handled, nil)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range told {
		l.book(t.Conference).told[t.State.Session] = t
	}
	for _, p := range done {
		l.book(p.ID).handled = p.Revision
	}
	return nil
}

// Told is the state of a session that its people know of. It asks the store,
// because a sibling may have told them more than memory knows.
func (l *Ledger) Told(ctx context.Context, conference, session string) (event.SessionState, bool, error) {
	var t toldState
	err := l.told.Get(ctx, conference+"/"+session, &t)
	if err == nil {
		l.keepTold(t)
	} else if !errors.Is(err, store.ErrMissing) {
		return event.SessionState{}, false, fmt.Errorf("told state of %s: %w", session, err)
	}
	s, ok := l.LastTold(conference, session)
	return s, ok, nil
}

// LastTold is Told as far as memory knows.
func (l *Ledger) LastTold(conference, session string) (event.SessionState, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if b, ok := l.conferences[conference]; ok {
		t, ok := b.told[session]
		return t.State, ok
	}
	return event.SessionState{}, false
}

// Remembered are the states a session went through, oldest first, as far as they
// are kept: the last is the one its people know of. It answers from memory, which
// is as new as the last call of Told.
func (l *Ledger) Remembered(conference, session string) []event.SessionState {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.conferences[conference]
	if !ok {
		return nil
	}
	t, ok := b.told[session]
	if !ok {
		return nil
	}
	return append(slices.Clone(t.Past), t.State)
}

// SetTold notes the states that people now know of. One that is older than
// what is noted, here or by a sibling, is passed over.
func (l *Ledger) SetTold(ctx context.Context, conference string, states ...event.SessionState) error {
	var fresh []any
	for _, s := range states {
		if past := l.Remembered(conference, s.Session); past != nil {
			if err := l.Advance(ctx, conference, past, s); err != nil {
				return err
			}
			continue
		}
		fresh = append(fresh, toldState{ID: conference + "/" + s.Session, Conference: conference, Revision: s.Revision, State: s})
	}
	if len(fresh) == 0 {
		return nil
	}
	switch err := l.told.InsertAll(ctx, fresh); {
	case errors.Is(err, store.ErrExists):
		for _, doc := range fresh {
			if err := l.replaceTold(ctx, doc.(toldState)); err != nil {
				return err
			}
		}
	case err != nil:
		return fmt.Errorf("told states of %s: %w", conference, err)
	default:
		for _, doc := range fresh {
			l.keepTold(doc.(toldState))
		}
	}
	return nil
}

// Advance notes that the people of a session now know of a state, and which
// states before it are remembered, oldest first. Where they know of a newer one
// already it does nothing.
func (l *Ledger) Advance(ctx context.Context, conference string, past []event.SessionState, s event.SessionState) error {
	if old, known := l.LastTold(conference, s.Session); known && old.Revision >= s.Revision {
		return nil
	}
	return l.replaceTold(ctx, toldState{ID: conference + "/" + s.Session, Conference: conference, Revision: s.Revision, State: s, Past: past})
}

func (l *Ledger) keepTold(t toldState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(t.Conference)
	if b.told[t.State.Session].Revision < t.Revision {
		b.told[t.State.Session] = t
	}
}

// replaceTold writes doc over whatever older state the store holds.
func (l *Ledger) replaceTold(ctx context.Context, doc toldState) error {
	for {
		var old toldState
		err := l.told.Get(ctx, doc.ID, &old)
		next := doc
		switch {
		case errors.Is(err, store.ErrMissing):
			err = l.told.Insert(ctx, doc)
		case err != nil:
		case old.Revision >= doc.Revision:
			next = old
		default:
			err = l.told.Replace(ctx, doc.ID, bson.M{"revision": old.Revision}, doc)
		}
		if err == nil {
			l.keepTold(next)
			return nil
		}
		if !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrStale) {
			return fmt.Errorf("told state %s: %w", doc.ID, err)
		}
	}
}

// Reached is Handled as the store has it: a sibling may have got further than
// memory knows.
func (l *Ledger) Reached(ctx context.Context, conference string) (int64, error) {
	var p progress
	if err := l.handled.Get(ctx, conference, &p); err != nil && !errors.Is(err, store.ErrMissing) {
		return 0, fmt.Errorf("progress of %s: %w", conference, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(conference)
	b.handled = max(b.handled, p.Revision)
	return b.handled, nil
}

// Handled is the revision of the agenda up to which everything is told; zero
// for a conference of which nothing was heard yet.
func (l *Ledger) Handled(conference string) int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if b, ok := l.conferences[conference]; ok {
		return b.handled
	}
	return 0
}

// SetHandled notes that everything up to the revision is told. It never goes
// back.
func (l *Ledger) SetHandled(ctx context.Context, conference string, revision int64) error {
	known := l.Handled(conference)
	if known >= revision {
		return nil
	}
	doc := progress{conference, revision}
	err := error(store.ErrExists)
	if known == 0 {
		err = l.handled.Insert(ctx, doc)
	}
	if errors.Is(err, store.ErrExists) {
		err = l.handled.Update(ctx, conference, bson.M{"revision": bson.M{"$lt": revision}}, bson.M{"$set": bson.M{"revision": revision}})
		if errors.Is(err, store.ErrStale) {
			err = nil // a sibling got further
		}
	}
	if err != nil {
		return fmt.Errorf("progress of %s: %w", conference, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(conference)
	b.handled = max(b.handled, revision)
	return nil
}
