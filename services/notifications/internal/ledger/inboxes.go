package ledger

import (
	"context"
	"math"
	"slices"
	"sort"

	"plenary.example/services/notifications/internal/push"
)

// Inbox lists the notices of a delegate whose number is above after, oldest
// first, at most limit of them, and tells whether there are more.
func (l *Ledger) Inbox(conference, delegate string, after int64, limit int) (items []push.Notice, more bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.conferences[conference]
	if !ok {
		return nil, false
	}
	keys := b.inboxes[delegate]
	from := sort.Search(len(keys), func(i int) bool { return l.byKey[keys[i]].Seq > after })
	for _, k := range keys[from:min(len(keys), from+limit)] {
		items = append(items, l.byKey[k])
	}
	return items, len(keys) > from+limit
}

// Notice finds a notice by its key, in the store when a sibling filed it. That
// there is none is known only without an error: a store that is away says nothing.
func (l *Ledger) Notice(ctx context.Context, key string) (n push.Notice, ok bool, err error) {
	if n, ok := l.known(key); ok {
		return n, true, nil
	}
	n, _, err = l.stored(ctx, key)
	return n, err == nil && n.Key != "", err
}

// Hear takes a notice that a sibling filed into its inboxes.
func (l *Ledger) Hear(ctx context.Context, key string) error {
	if _, ok := l.known(key); ok {
		return nil
	}
	_, _, err := l.stored(ctx, key)
	return err
}

// Refresh takes the notices that siblings filed and that this replica has not
// heard of yet into its inboxes.
func (l *Ledger) Refresh(ctx context.Context, conference string) error {
	for seq := l.last(conference) + 1; ; seq++ {
		switch taken, err := l.taken(ctx, conference, seq); {
		case err != nil:
			return err
		case !taken:
			return nil
		}
		if err := l.fetch(ctx, conference, seq, "", 0); err != nil {
			return err
		}
	}
}

func (l *Ledger) known(key string) (push.Notice, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n, ok := l.byKey[key]
	return n, ok
}

// Has tells whether a notice, but for reminders, of that subject and revision is in the delegate's
// inbox. It is asked for each person and each push of a large release, so it does
// not look through the inbox.
func (l *Ledger) Has(conference, delegate string, s push.Subject, revision int64) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.conferences[conference]
	if !ok {
		return false
	}
	_, has := l.held(b, delegate, step{s, revision})
	return has
}

// Latest is the notice with the highest revision of a subject that is in the
// delegate's inbox. Reminders do not count.
func (l *Ledger) Latest(conference, delegate string, s push.Subject) (push.Notice, bool) {
	return l.Before(conference, delegate, s, math.MaxInt64)
}

// Before is the notice with the highest revision of a subject, below another, that
// is in the delegate's inbox. Reminders do not count.
func (l *Ledger) Before(conference, delegate string, s push.Subject, revision int64) (before push.Notice, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, there := l.conferences[conference]
	if !there {
		return before, false
	}
	for _, to := range slices.Backward(b.revisions[s]) {
		if to >= revision {
			continue
		}
		if key, ok := l.held(b, delegate, step{s, to}); ok {
			return l.byKey[key], true
		}
	}
	return before, false
}

// held is the key of a notice in the delegate's inbox that tells a step; the lock
// is held.
func (l *Ledger) held(b *book, delegate string, at step) (string, bool) {
	keys, t := b.inboxes[delegate], b.steps[at]
	holds := func(key string) bool {
		seq := l.byKey[key].Seq
		at := sort.Search(len(keys), func(i int) bool { return l.byKey[keys[i]].Seq >= seq })
		return at < len(keys) && keys[at] == key
	}
	for _, key := range slices.Backward(t.several) {
		if holds(key) {
			return key, true
		}
	}
	key, alone := t.alone[delegate]
	return key, alone && holds(key)
}

// Newer is the news after which n must not be told to a delegate any more: what
// they were told of the same subject since; or, of a session, what others were
// told who knew no more than n says, for then it is no longer so and this reader
// does not want to hear of it any more. News only for those who saw more than n
// says does not make n old, nor does a digest for others, nor that somebody further
// up is asked to pass on what this reader was asked to.
func (l *Ledger) Newer(n push.Notice, delegate string) (push.Notice, bool) {
	if !l.beyond(n.Conference, n.Subject, n.To) {
		return push.Notice{}, false
	}
	if latest, ok := l.Latest(n.Conference, delegate, n.Subject); ok && latest.To > n.To {
		return latest, true
	}
	switch n.Subject.Kind {
	case push.Meeting, push.Digest, push.Escalation: // its readers are told different things
		return push.Notice{}, false
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, key := range l.conferences[n.Conference].common[n.Subject] {
		if x := l.byKey[key]; x.From <= n.To && n.To < x.To {
			return x, true
		}
	}
	return push.Notice{}, false
}

// beyond says whether anybody was told a later revision of a subject. It is asked
// twice for each push, and the answer is nearly always no.
func (l *Ledger) beyond(conference string, s push.Subject, revision int64) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.conferences[conference]
	if !ok {
		return false
	}
	told := b.revisions[s]
	return len(told) > 0 && told[len(told)-1] > revision
}

// Newest is the notice with the highest revision of a subject; of several, the one
// that tells the longest step. Reminders do not count.
func (l *Ledger) Newest(conference string, s push.Subject) (push.Notice, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if b, ok := l.conferences[conference]; ok {
		n, ok := b.subject[s]
		return n, ok
	}
	return push.Notice{}, false
}

// Audience are the people for whom the notice under key was filed, as the store
// has them; none when there is no such notice.
func (l *Ledger) Audience(ctx context.Context, key string) ([]string, error) {
	_, who, err := l.read(ctx, key)
	return who, err
}
