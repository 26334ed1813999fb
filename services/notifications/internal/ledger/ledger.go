// Package ledger keeps what was told to whom: the notices with their audience,
// and of every session the state people were last told.
//
// A notice is one document whatever the size of its audience, filed under a
// key that names the step it tells, so telling it twice finds it there. Its
// audience is frozen in pages written before it. An inbox is the index over
// both, in memory.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"sync"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// pageSize is how many delegates one audience page names.
const pageSize = 1000

// An audiencePage is part of the audience of one notice.
type audiencePage struct {
	ID        string   `bson:"_id"` // <notice key>/<page>
	Notice    string   `bson:"notice"`
	Delegates []string `bson:"delegates"`
}

// A number is the place of one notice in its conference, taken for good.
type number struct {
	ID     string `bson:"_id"` // <conference>/<number>
	Notice string `bson:"notice"`
}

// Ledger is what was told. Its methods may be called side by side.
type Ledger struct {
	now                         func() time.Time
	notices, audiences, numbers *store.Collection
	told, handled               *store.Collection
	filing                      sync.Mutex // one number after the other
	mu                          sync.RWMutex
	conferences                 map[string]*book
	byKey                       map[string]push.Notice
}

// A book is the part of one conference.
type book struct {
	last    int64                        // highest number
	inboxes map[string][]string          // delegate -> keys by number
	subject map[push.Subject]push.Notice // the newest notice of each
	told    map[string]event.SessionState
	handled int64 // agenda revision; 0 when none was
}

// Open loads the ledger.
func Open(ctx context.Context, st *store.Store, now func() time.Time) (*Ledger, error) {
	l := &Ledger{
		now: now, notices: st.Collection("notices"), audiences: st.Collection("audiences"),
		numbers: st.Collection("numbers"), told: st.Collection("told"), handled: st.Collection("handled"),
		conferences: map[string]*book{}, byKey: map[string]push.Notice{},
	}
	if err := l.load(ctx); err != nil {
		return nil, fmt.Errorf("load the ledger: %w", err)
	}
	return l, nil
}

func (l *Ledger) load(ctx context.Context) error {
	pages, err := store.All[audiencePage](ctx, l.audiences, nil)
	if err != nil {
		return err
	}
	audience := map[string][]string{}
	for _, p := range pages {
		audience[p.Notice] = append(audience[p.Notice], p.Delegates...)
	}
	notices, err := store.All[push.Notice](ctx, l.notices, nil)
	if err != nil {
		return err
	}
	for _, n := range notices {
		l.index(n, audience[n.Key])
	}
	return l.loadTold(ctx)
}

// book finds or begins the part of a conference; the lock is held.
func (l *Ledger) book(conference string) *book {
	b, ok := l.conferences[conference]
	if !ok {
		b = &book{inboxes: map[string][]string{}, subject: map[push.Subject]push.Notice{}, told: map[string]event.SessionState{}}
		l.conferences[conference] = b
	}
	return b
}

// File makes n a fact: its audience is frozen, it gets its number, and it is
// in the inboxes when File returns. A notice that is already there stays as it
// is, and File answers that one with the audience it was frozen with.
func (l *Ledger) File(ctx context.Context, n push.Notice, audience []string) (push.Notice, []string, error) {
	l.filing.Lock()
	defer l.filing.Unlock()
	if old, who, err := l.stored(ctx, n.Key); err != nil || old.Key != "" {
		return old, who, err
	}
	n.ID, n.At = push.NoticeID(n.Key), l.now().UTC().Truncate(time.Millisecond)
	audience, pages, err := l.freeze(ctx, n.Key, audience)
	if err != nil {
		return n, nil, fmt.Errorf("audience of %s: %w", n.Key, err)
	}
	n.Pages = pages
	if err := l.takeNumber(ctx, &n); err != nil {
		return n, nil, err
	}
	err = l.notices.Insert(ctx, n)
	if errors.Is(err, store.ErrExists) {
		return l.mustStored(ctx, n.Key)
	}
	if err != nil {
		return n, nil, fmt.Errorf("notice %s: %w", n.Key, err)
	}
	l.index(n, audience)
	return n, audience, nil
}

// freeze writes the audience in pages and answers it as frozen. Pages that a
// crash left behind hold; who is missing from them follows.
func (l *Ledger) freeze(ctx context.Context, key string, audience []string) (frozen []string, pages int, err error) {
	for ; ; pages++ {
		var p audiencePage
		err := l.audiences.Get(ctx, pageID(key, pages), &p)
		if errors.Is(err, store.ErrMissing) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		frozen = append(frozen, p.Delegates...)
	}
	there := make(map[string]bool, len(frozen))
	for _, d := range frozen {
		there[d] = true
	}
	rest := slices.DeleteFunc(slices.Clone(audience), func(d string) bool { return there[d] })
	for page := range slices.Chunk(rest, pageSize) {
		if err := l.audiences.Insert(ctx, audiencePage{pageID(key, pages), key, page}); err != nil {
			return nil, 0, err
		}
		pages++
	}
	return append(frozen, rest...), pages, nil
}

func pageID(key string, page int) string { return key + "/" + strconv.Itoa(page) }

func (l *Ledger) takeNumber(ctx context.Context, n *push.Notice) error {
	l.mu.Lock()
	n.Seq = l.book(n.Conference).last
	l.mu.Unlock()
	for {
		n.Seq++
		err := l.numbers.Insert(ctx, number{fmt.Sprintf("%s/%d", n.Conference, n.Seq), n.Key})
		if err == nil {
			return nil
		}
		if !errors.Is(err, store.ErrExists) {
			return fmt.Errorf("number of notice %s: %w", n.Key, err)
		}
	}
}

// stored finds a notice and its audience in memory or in the store.
func (l *Ledger) stored(ctx context.Context, key string) (push.Notice, []string, error) {
	var n push.Notice
	switch err := l.notices.Get(ctx, key, &n); {
	case errors.Is(err, store.ErrMissing):
		return push.Notice{}, nil, nil
	case err != nil:
		return push.Notice{}, nil, fmt.Errorf("notice %s: %w", key, err)
	}
	var who []string
	for i := range n.Pages {
		var p audiencePage
		if err := l.audiences.Get(ctx, pageID(key, i), &p); err != nil {
			return push.Notice{}, nil, fmt.Errorf("audience of %s: %w", key, err)
		}
		who = append(who, p.Delegates...)
	}
	l.index(n, who)
	return n, who, nil
}

func (l *Ledger) mustStored(ctx context.Context, key string) (push.Notice, []string, error) {
	n, who, err := l.stored(ctx, key)
	if err == nil && n.Key == "" {
		err = fmt.Errorf("notice %s: %w", key, store.ErrMissing)
	}
	return n, who, err
}

// index puts a notice into the inboxes of its audience, once.
func (l *Ledger) index(n push.Notice, audience []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.byKey[n.Key]; known {
		return
	}
	l.byKey[n.Key] = n
	b := l.book(n.Conference)
	b.last = max(b.last, n.Seq)
	if n.To >= b.subject[n.Subject].To {
		b.subject[n.Subject] = n
	}
	for _, d := range audience {
		keys := b.inboxes[d]
		at := sort.Search(len(keys), func(i int) bool { return l.byKey[keys[i]].Seq > n.Seq })
		b.inboxes[d] = slices.Insert(keys, at, n.Key)
	}
}
