package preferences

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

// mostMuted is how many sessions one delegate may mute.
const mostMuted = 200

var (
	errStale     = problem.New(problem.Stale, "stale", "Your preferences have changed since. Read them again.")
	errMutesFull = problem.New(problem.Conflict, "mutes_full", "You have muted as many sessions as one can.")
	errSame      = errors.New("nothing is different")
)

// A Book is everybody's preferences. Its methods may be called side by side.
type Book struct {
	now  func() time.Time
	docs *store.Collection
	// changed hears of every write, to tell the siblings; of an erasure too, as
	// the revision after the last and nothing else.
	changed func(Preferences)
	mu      sync.RWMutex
	all     map[string]Preferences // by id
	gone    map[string]int64       // the revision at which what was erased was gone, by id
}

// Open loads the book. changed is called after every write of this replica.
func Open(ctx context.Context, st *store.Store, now func() time.Time, changed func(Preferences)) (*Book, error) {
	b := &Book{now: now, docs: st.Collection("preferences"), changed: changed, all: map[string]Preferences{}, gone: map[string]int64{}}
	all, err := store.All[Preferences](ctx, b.docs, nil)
	if err != nil {
		return nil, fmt.Errorf("load the preferences: %w", err)
	}
	for _, p := range all {
		b.keep(p)
	}
	return b, nil
}

func id(conference, delegate string) string { return conference + "/" + delegate }

func usual(conference, delegate string) Preferences {
	return Preferences{ID: id(conference, delegate), Conference: conference, Delegate: delegate, Choice: Usual()}
}

// Of is what a delegate prefers, from memory. Nothing of it may be changed.
func (b *Book) Of(conference, delegate string) Preferences {
	b.mu.RLock()
	p, ok := b.all[id(conference, delegate)]
	b.mu.RUnlock()
	if !ok {
		return usual(conference, delegate)
	}
	return p
}

// Chosen calls f with the preferences of everybody who has chosen any.
func (b *Book) Chosen(f func(Preferences)) {
	b.mu.RLock()
	all := make([]Preferences, 0, len(b.all))
	for _, p := range b.all {
		all = append(all, p)
	}
	b.mu.RUnlock()
	for _, p := range all {
		f(p)
	}
}

// Stored is what a delegate prefers, as the store has it now.
func (b *Book) Stored(ctx context.Context, conference, delegate string) (Preferences, error) {
	var p Preferences
	err := b.docs.Get(ctx, id(conference, delegate), &p)
	if errors.Is(err, store.ErrMissing) {
		return usual(conference, delegate), nil
	}
	if err != nil {
		return p, fmt.Errorf("preferences of %s: %w", delegate, err)
	}
	b.keep(p)
	return p, nil
}

// Choose makes c what a delegate prefers, if their preferences are at revision;
// else the error is Stale. What is muted stays.
func (b *Book) Choose(ctx context.Context, conference, delegate string, revision int64, c Choice) (Preferences, error) {
	return b.change(ctx, conference, delegate, func(p *Preferences) error {
		if p.Revision != revision {
			return errStale
		}
		was := p.Digest
		p.Choice = c
		if c.Digest != nil {
			d := *c.Digest
			d.Since = b.now().UTC().Truncate(time.Millisecond)
			if was != nil {
				d.Since = was.Since
			}
			p.Digest = &d
		}
		return nil
	})
}

// Mute has no phone of the delegate hear of a session. Muting it again changes
// nothing. It is a Conflict when too many are muted.
func (b *Book) Mute(ctx context.Context, conference, delegate, session string) error {
	_, err := b.change(ctx, conference, delegate, func(p *Preferences) error {
		switch {
		case slices.Contains(p.Muted, session):
			return errSame
		case len(p.Muted) >= mostMuted:
			return errMutesFull
		}
		p.Muted = append(p.Muted, session)
		return nil
	})
	return err
}

// Unmute takes that back; a session that is not muted is no error.
func (b *Book) Unmute(ctx context.Context, conference, delegate, session string) error {
	_, err := b.change(ctx, conference, delegate, func(p *Preferences) error {
		at := slices.Index(p.Muted, session)
		if at < 0 {
			return errSame
		}
		p.Muted = slices.Delete(p.Muted, at, at+1)
		return nil
	})
	return err
}

// change writes what f makes of the stored document; nothing when f fails.
func (b *Book) change(ctx context.Context, conference, delegate string, f func(*Preferences) error) (Preferences, error) {
	for {
		p, err := b.Stored(ctx, conference, delegate)
		if err != nil {
			return p, err
		}
		was := p.Revision
		p.Muted = slices.Clone(p.Muted)
		switch err := f(&p); {
		case errors.Is(err, errSame):
			return p, nil
		case err != nil:
			return p, err
		}
		p.Revision++
		switch err := b.docs.Put(ctx, p.ID, was, p); {
		case err == nil:
			b.keep(p)
			b.changed(p)
			return p, nil
		case !errors.Is(err, store.ErrStale):
			return p, fmt.Errorf("preferences of %s: %w", delegate, err)
		}
	}
}

// Erase forgets what somebody preferred. Repeating it does nothing.
func (b *Book) Erase(ctx context.Context, conference, delegate string) error {
	p, err := b.Stored(ctx, conference, delegate)
	if err != nil || p.Revision == 0 {
		return err
	}
	if err := b.docs.Delete(ctx, p.ID, nil); err != nil && !errors.Is(err, store.ErrMissing) {
		return fmt.Errorf("preferences of %s: %w", delegate, err)
	}
	b.drop(p.ID, p.Revision+1)
	b.changed(Preferences{ID: p.ID, Conference: conference, Delegate: delegate, Revision: p.Revision + 1})
	return nil
}

// Refresh takes a newer document that a sibling wrote, or erased.
func (b *Book) Refresh(ctx context.Context, conference, delegate string, revision int64) error {
	b.mu.RLock()
	known := b.all[id(conference, delegate)].Revision
	b.mu.RUnlock()
	if known >= revision {
		return nil
	}
	p, err := b.Stored(ctx, conference, delegate)
	if err == nil && p.Revision == 0 {
		b.drop(p.ID, revision)
	}
	return err
}

// keep makes p what memory knows, unless memory is newer.
func (b *Book) keep(p Preferences) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[p.ID].Revision < p.Revision && b.gone[p.ID] < p.Revision {
		b.all[p.ID] = p
	}
}

// drop forgets what memory knows from before a revision.
func (b *Book) drop(id string, revision int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[id].Revision < revision {
		delete(b.all, id)
		b.gone[id] = revision
	}
}
