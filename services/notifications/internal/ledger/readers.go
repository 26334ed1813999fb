package ledger

import (
	"cmp"
	"slices"
	"sort"

	"plenary.example/services/notifications/internal/push"
)

// Mine finds a notice by the id that apps see, in the inbox of one delegate. One
// that is not there is as one that does not exist.
func (l *Ledger) Mine(conference, delegate, id string) (push.Notice, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n, ok := l.byKey[l.byID[id]]
	if !ok || n.Conference != conference {
		return push.Notice{}, false
	}
	return n, l.holds(l.conferences[conference].inboxes[delegate], n)
}

// ByID finds a notice of a conference by the id that apps see.
func (l *Ledger) ByID(conference, id string) (push.Notice, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n, ok := l.byKey[l.byID[id]]
	return n, ok && n.Conference == conference
}

// holds says whether an inbox holds a notice; the lock is held.
func (l *Ledger) holds(keys []string, n push.Notice) bool {
	at := sort.Search(len(keys), func(i int) bool { return l.byKey[keys[i]].Seq >= n.Seq })
	return at < len(keys) && keys[at] == n.Key
}

// Readers are those in whose inboxes a notice is, in a fixed order: its audience
// but for who was erased.
func (l *Ledger) Readers(n push.Notice) []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.conferences[n.Conference]
	if !ok {
		return nil
	}
	var who []string
	for delegate, keys := range b.inboxes {
		if l.holds(keys, n) {
			who = append(who, delegate)
		}
	}
	slices.Sort(who)
	return who
}

// Filter are the notices of a conference that want says are wanted, by number.
func (l *Ledger) Filter(conference string, want func(push.Notice) bool) []push.Notice {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var found []push.Notice
	for _, n := range l.byKey {
		if n.Conference == conference && want(n) {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b push.Notice) int { return cmp.Compare(a.Seq, b.Seq) })
	return found
}

// Count is how many notices an inbox has of numbers above after, and the highest
// number in it that is not above most.
func (l *Ledger) Count(conference, delegate string, after, most int64) (above int, highest int64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.conferences[conference]
	if !ok {
		return 0, 0
	}
	keys := b.inboxes[delegate]
	seq := func(i int) int64 { return l.byKey[keys[i]].Seq }
	above = len(keys) - sort.Search(len(keys), func(i int) bool { return seq(i) > after })
	if at := sort.Search(len(keys), func(i int) bool { return seq(i) > most }); at > 0 {
		highest = seq(at - 1)
	}
	return above, highest
}

// Held are the notices that somebody's inbox holds, or held until they were
// erased.
func (l *Ledger) Held(conference, delegate string) []push.Notice {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.conferences[conference]
	if !ok {
		return nil
	}
	var held []push.Notice
	for _, keys := range [][]string{b.inboxes[delegate], b.dropped[delegate]} {
		for _, k := range keys {
			held = append(held, l.byKey[k])
		}
	}
	return held
}
