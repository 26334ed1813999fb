package ledger

import (
	"slices"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// skew is by how much the clocks of two replicas may differ.
const skew = time.Minute

// Last tells whether n is in a delegate's inbox, and whether nothing of its
// subject came into it afterwards.
func (l *Ledger) Last(n push.Notice, delegate string) (theirs, last bool) {
	last = true
	l.latest(n.Conference, delegate, func(x push.Notice) bool {
		theirs = x.Key == n.Key
		last = last && (theirs || x.Subject != n.Subject)
		return x.Seq > n.Seq
	})
	return theirs, theirs && last
}

// ToldSince tells whether a delegate was told of a subject, or reminded of it, at
// a time on the wall clock or later.
func (l *Ledger) ToldSince(conference, delegate string, s push.Subject, since time.Time) (told bool) {
	l.latest(conference, delegate, func(x push.Notice) bool {
		told = told || x.Subject == s && !x.At.Before(since)
		return !told && !x.At.Before(since.Add(-skew))
	})
	return told
}

// latest calls f for what a delegate's inbox holds, the newest first, for as long
// as it says so.
func (l *Ledger) latest(conference, delegate string, f func(push.Notice) bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.conferences[conference]
	if !ok {
		return
	}
	for _, key := range slices.Backward(b.inboxes[delegate]) {
		if !f(l.byKey[key]) {
			return
		}
	}
}
