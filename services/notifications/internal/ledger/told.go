package ledger

import (
	"context"
	"errors"
	"fmt"

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
		l.book(t.Conference).told[t.State.Session] = t.State
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
		l.keepTold(conference, t.State)
	} else if !errors.Is(err, store.ErrMissing) {
		return event.SessionState{}, false, fmt.Errorf("told state of %s: %w", session, err)
	}
	s, ok := l.lastTold(conference, session)
	return s, ok, nil
}

// lastTold is what memory knows of that.
func (l *Ledger) lastTold(conference, session string) (event.SessionState, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if b, ok := l.conferences[conference]; ok {
		s, ok := b.told[session]
		return s, ok
	}
	return event.SessionState{}, false
}

// SetTold notes the states that people now know of. One that is older than
// what is noted, here or by a sibling, is passed over.
func (l *Ledger) SetTold(ctx context.Context, conference string, states ...event.SessionState) error {
	var fresh []any
	for _, s := range states {
		doc := toldState{conference + "/" + s.Session, conference, s.Revision, s}
		old, known := l.lastTold(conference, s.Session)
		switch {
		case !known:
			fresh = append(fresh, doc)
		case old.Revision < s.Revision:
			if err := l.replaceTold(ctx, doc); err != nil {
				return err
			}
		}
	}
	if len(fresh) > 0 {
		if err := l.told.InsertAll(ctx, fresh); errors.Is(err, store.ErrExists) {
			for _, doc := range fresh {
				if err := l.replaceTold(ctx, doc.(toldState)); err != nil {
					return err
				}
			}
		} else if err != nil {
			return fmt.Errorf("told states of %s: %w", conference, err)
		}
	}
	l.keepTold(conference, states...)
	return nil
}

func (l *Ledger) keepTold(conference string, states ...event.SessionState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(conference)
	for _, s := range states {
		if b.told[s.Session].Revision < s.Revision {
			b.told[s.Session] = s
		}
	}
}

// replaceTold writes doc over whatever older state the store holds.
func (l *Ledger) replaceTold(ctx context.Context, doc toldState) error {
	for {
		var old toldState
		err := l.told.Get(ctx, doc.ID, &old)
		switch {
		case errors.Is(err, store.ErrMissing):
			err = l.told.Insert(ctx, doc)
		case err != nil:
		case old.Revision >= doc.Revision:
			return nil
		default:
			err = l.told.Replace(ctx, doc.ID, bson.M{"revision": old.Revision}, doc)
		}
		if err == nil {
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
