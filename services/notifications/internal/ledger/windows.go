package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// A Window gathers the changes of one session that nobody was told of yet.
type Window struct {
	ID         string `bson:"_id"` // <conference>/<session>
	Conference string `bson:"conference"`
	Session    string `bson:"session"`
	// Mark is of the last write, and what the next is guarded by; empty before
	// the first. A window that was shut and opened again is another.
	Mark string `bson:"mark"`
	// Untold are the states nobody was told of, oldest first. Without any the
	// window is shut, and PutWindow removes it.
	Untold []Untold `bson:"untold"`
	// Fires is when its people are told, on the wall clock, to the millisecond.
	Fires time.Time `bson:"fires"`
	// Firing is the revision that somebody has begun to tell; zero when nobody
	// has. Whoever finds it finishes that first.
	Firing int64 `bson:"firing,omitempty"`
}

// Untold is how a session was or is, and when this service heard of it.
type Untold struct {
	State event.SessionState `bson:"state"`
	At    time.Time          `bson:"at"` // wall clock
}

// LoadWindows loads the windows that are open, those of siblings too. They are
// few at any time, so it may be called now and then.
func (l *Ledger) LoadWindows(ctx context.Context) error {
	open, err := store.All[Window](ctx, l.windows, nil)
	if err != nil {
		return err
	}
	for _, w := range open {
		l.keepWindow(w)
	}
	return nil
}

// Window reads the window of a session from the store: a sibling may have opened
// it, or shut it. Where there is none it answers an empty one and false.
func (l *Ledger) Window(ctx context.Context, conference, session string) (Window, bool, error) {
	var w Window
	err := l.windows.Get(ctx, conference+"/"+session, &w)
	if err != nil && !errors.Is(err, store.ErrMissing) {
		return Window{}, false, fmt.Errorf("window of %s: %w", session, err)
	}
	if err != nil {
		w = Window{ID: conference + "/" + session, Conference: conference, Session: session}
	}
	l.keepWindow(w)
	return w, err == nil, nil
}

// PutWindow writes w unless somebody was faster: then it returns store.ErrStale,
// and whoever calls reads it again. A window without anything untold is removed.
func (l *Ledger) PutWindow(ctx context.Context, w *Window) error {
	next := *w
	next.Mark = uuid.NewString()
	was := bson.M{"mark": w.Mark}
	var err error
	switch {
	case w.Mark == "":
		if err = l.windows.Insert(ctx, next); errors.Is(err, store.ErrExists) {
			err = store.ErrStale
		}
	case len(w.Untold) == 0:
		err = l.windows.Delete(ctx, w.ID, was)
	default:
		err = l.windows.Replace(ctx, w.ID, was, next)
	}
	if err != nil {
		return fmt.Errorf("window of %s: %w", w.Session, err)
	}
	l.keepWindow(next)
	*w = next
	return nil
}

// keepWindow keeps in mind how a window stands.
func (l *Ledger) keepWindow(w Window) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(w.Untold) == 0 {
		delete(l.open, w.ID)
		return
	}
	w.Untold = slices.Clone(w.Untold)
	l.open[w.ID] = w
}

// HasWindow says whether a window is open as far as memory knows.
func (l *Ledger) HasWindow(conference, session string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, open := l.open[conference+"/"+session]
	return open
}

// OpenWindows are those that memory knows to be open, of all conferences: those
// that were when they were loaded, and those this replica had to do with since. A
// sibling may have shut some.
func (l *Ledger) OpenWindows() []Window {
	l.mu.RLock()
	defer l.mu.RUnlock()
	open := make([]Window, 0, len(l.open))
	for _, w := range l.open {
		open = append(open, w)
	}
	return open
}
