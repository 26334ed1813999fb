// Package ledger keeps what was told to whom: the notices with their audience,
// and of every session and meeting the state people were last told.
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

const (
	// pageSize is how many delegates one audience page names.
	pageSize = 1000
	// filingTakes is how long a taken number may be without its notice before
	// whoever took it must be gone.
	filingTakes = 3 * time.Second
)

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
	// OnNews, if set before siblings are heard, hears whose inboxes have a new
	// notice once it is in them.
	OnNews func(conference string, delegates ...string)

	now                         func() time.Time
	notices, audiences, numbers *store.Collection
	told, handled, meetings     *store.Collection
	windows                     *store.Collection
	filing                      sync.Mutex // one number after the other
	mu                          sync.RWMutex
	conferences                 map[string]*book
	byKey                       map[string]push.Notice
	byID                        map[string]string // id -> key
	open                        map[string]Window // those that are
}

// A book is the part of one conference.
type book struct {
	last      int64                        // highest number
	inboxes   map[string][]string          // delegate -> keys by number
	subject   map[push.Subject]push.Notice // the newest notice of each
	revisions map[push.Subject][]int64     // that people were told of, in order
	common    map[push.Subject][]string    // keys of the notices that are not for one reader only
	steps     map[step]telling
	told      map[string]toldState          // by session
	met       map[string]event.MeetingState // meetings as their people were last told
	handled   int64                         // agenda revision; 0 when none was
	dropped   map[string][]string           // what the inboxes of erased people held, by delegate
}

// A step is a subject at a revision that people were told of.
type step struct {
	subject  push.Subject
	revision int64
}

// A telling is the keys of the notices that tell a step: of those to several
// people, of which there are few, and of those to one alone, by delegate.
type telling struct {
	several []string
	alone   map[string]string
}

// Open loads the ledger.
func Open(ctx context.Context, st *store.Store, now func() time.Time) (*Ledger, error) {
	l := &Ledger{
		now: now, notices: st.Collection("notices"), audiences: st.Collection("audiences"),
		numbers: st.Collection("numbers"), told: st.Collection("told"), handled: st.Collection("handled"), meetings: st.Collection("told-meetings"),
		windows: st.Collection("windows"), open: map[string]Window{},
		conferences: map[string]*book{}, byKey: map[string]push.Notice{}, byID: map[string]string{},
	}
	if err := l.load(ctx); err != nil {
		return nil, fmt.Errorf("load the ledger: %w", err)
	}
	return l, nil
}

func (l *Ledger) load(ctx context.Context) error {
	notices, err := store.All[push.Notice](ctx, l.notices, nil)
	if err != nil {
		return err
	}
	pages, err := store.All[audiencePage](ctx, l.audiences, nil) // written before their notices, so read after them
	if err != nil {
		return err
	}
	audience := map[string][]string{}
	for _, p := range pages {
		audience[p.Notice] = append(audience[p.Notice], p.Delegates...)
	}
	for _, n := range notices {
		l.index(n, audience[n.Key])
	}
	return errors.Join(l.loadTold(ctx), l.loadMeetings(ctx), l.LoadWindows(ctx))
}

// book finds or begins the part of a conference; the lock is held.
func (l *Ledger) book(conference string) *book {
	b, ok := l.conferences[conference]
	if !ok {
		b = &book{
			inboxes: map[string][]string{}, subject: map[push.Subject]push.Notice{}, common: map[push.Subject][]string{}, revisions: map[push.Subject][]int64{}, steps: map[step]telling{},
			told: map[string]toldState{}, met: map[string]event.MeetingState{}, dropped: map[string][]string{},
		}
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
	n.Pages, n.Readers = pages, len(audience)
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

// takeNumber gives n the next number. A reader asks for what lies above the
// highest number they have seen, so n waits for those who were faster: their
// notices are in the inboxes of this replica, and in the store, before n is.
func (l *Ledger) takeNumber(ctx context.Context, n *push.Notice) error {
	n.Seq = l.last(n.Conference)
	for {
		n.Seq++
		err := l.numbers.Insert(ctx, number{numberID(n.Conference, n.Seq), n.Key})
		if errors.Is(err, store.ErrExists) {
			if err = l.fetch(ctx, n.Conference, n.Seq, n.Key, filingTakes); err == nil {
				continue
			}
		}
		if err != nil {
			return fmt.Errorf("number of notice %s: %w", n.Key, err)
		}
		return nil
	}
}

func numberID(conference string, seq int64) string { return fmt.Sprintf("%s/%d", conference, seq) }

// last is the highest number in the inboxes of a conference.
func (l *Ledger) last(conference string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book(conference).last
}

// fetch brings the notice of a taken number into the inboxes, waiting for it if
// need be. A number whose notice does not come was left by a crash, or by an
// earlier attempt to file the notice own, and nobody will use it any more.
func (l *Ledger) fetch(ctx context.Context, conference string, seq int64, own string, patience time.Duration) error {
	var taken number
	switch err := l.numbers.Get(ctx, numberID(conference, seq), &taken); {
	case errors.Is(err, store.ErrMissing), err == nil && taken.Notice == own:
		return nil
	case err != nil:
		return err
	}
	for end := time.Now().Add(patience); ; {
		n, who, err := l.read(ctx, taken.Notice)
		if err != nil {
			return err
		}
		if n.Key != "" {
			l.index(n, who)
			return nil
		}
		if !time.Now().Before(end) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// taken tells whether somebody took a number.
func (l *Ledger) taken(ctx context.Context, conference string, seq int64) (bool, error) {
	var n number
	err := l.numbers.Get(ctx, numberID(conference, seq), &n)
	if errors.Is(err, store.ErrMissing) {
		return false, nil
	}
	return err == nil, err
}

// stored finds a notice and its audience in the store, and takes it into memory
// behind those of lower numbers, of which this replica may not have heard yet.
func (l *Ledger) stored(ctx context.Context, key string) (push.Notice, []string, error) {
	n, who, err := l.read(ctx, key)
	if err != nil || n.Key == "" {
		return push.Notice{}, nil, err
	}
	for seq := l.last(n.Conference) + 1; seq < n.Seq; seq++ {
		if err := l.fetch(ctx, n.Conference, seq, key, 0); err != nil {
			return push.Notice{}, nil, fmt.Errorf("number before notice %s: %w", key, err)
		}
	}
	l.index(n, who)
	return n, who, nil
}

// read answers what the store holds under key; an empty notice when nothing.
func (l *Ledger) read(ctx context.Context, key string) (push.Notice, []string, error) {
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
	if l.add(n, audience) && l.OnNews != nil {
		l.OnNews(n.Conference, audience...)
	}
}

// add is index; false when the notice was there already.
func (l *Ledger) add(n push.Notice, audience []string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.byKey[n.Key]; known {
		return false
	}
	l.byKey[n.Key], l.byID[n.ID] = n, n.Key
	b := l.book(n.Conference)
	b.last = max(b.last, n.Seq)
	if !n.Reminds() {
		b.addNews(n, audience)
	}
	for _, d := range audience {
		if keys, erased := b.dropped[d]; erased {
			b.dropped[d] = append(keys, n.Key)
			continue
		}
		keys := b.inboxes[d]
		at := sort.Search(len(keys), func(i int) bool { return l.byKey[keys[i]].Seq > n.Seq })
		b.inboxes[d] = slices.Insert(keys, at, n.Key)
	}
	return true
}

// addNews notes what n tells of its subject.
func (b *book) addNews(n push.Notice, audience []string) {
	if newest := b.subject[n.Subject]; n.To > newest.To || n.To == newest.To && n.From <= newest.From {
		b.subject[n.Subject] = n
	}
	if n.Key == push.Key(n.Conference, n.Subject, n.From, n.To) {
		b.common[n.Subject] = append(b.common[n.Subject], n.Key)
	}
	b.addStep(n, audience)
}

// addStep notes which step n tells.
func (b *book) addStep(n push.Notice, audience []string) {
	at := step{n.Subject, n.To}
	if i, there := slices.BinarySearch(b.revisions[n.Subject], n.To); !there {
		b.revisions[n.Subject] = slices.Insert(b.revisions[n.Subject], i, n.To)
	}
	t := b.steps[at]
	if len(audience) == 1 {
		if t.alone == nil {
			t.alone = map[string]string{}
		}
		t.alone[audience[0]] = n.Key
	} else {
		t.several = append(t.several, n.Key)
	}
	b.steps[at] = t
}
