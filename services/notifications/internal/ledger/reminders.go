package ledger

import (
	"slices"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// skew is by how much the clocks of two replicas may differ.
const skew = time.Minute

// After tells whether n is in a delegate's inbox, and what of its subject came
// into it afterwards.
func (l *Ledger) After(n push.Notice, delegate string) (later []push.Notice, theirs bool) {
	l.latest(n.Conference, delegate, func(x push.Notice) bool {
		if theirs = x.Key == n.Key; !theirs && x.Subject == n.Subject {
			later = append(later, x)
		}
		return x.Seq > n.Seq
	})
	return later, theirs
}

// Since is what a delegate was told of a subject, reminders too, at a time on the
// wall clock or later.
func (l *Ledger) Since(conference, delegate string, s push.Subject, at time.Time) (told []push.Notice) {
	l.latest(conference, delegate, func(x push.Notice) bool {
		if x.Subject == s && !x.At.Before(at) {
			told = append(told, x)
		}
		return !x.At.Before(at.Add(-skew))
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
