package ledger

import (
	"context"
	"fmt"

	"plenary.example/services/notifications/internal/push"
)

// Drop empties the inbox of somebody who is erased, for good, in memory: nobody
// will read it any more. In the store the pages of an audience still name the
// id, so that counts stay true; it leads to nobody.
func (l *Ledger) Drop(conference, delegate string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(conference)
	if _, done := b.dropped[delegate]; !done {
		b.dropped[delegate] = b.inboxes[delegate]
		delete(b.inboxes, delegate)
	}
}

// Erase drops an inbox and blanks the notices that were about its owner and for
// nobody else: their numbers stay taken, and a push that waits for one finds it
// and has nobody to go to. Repeating it does nothing.
func (l *Ledger) Erase(ctx context.Context, conference, delegate string) error {
	l.Drop(conference, delegate)
	for _, n := range l.own(conference, delegate) {
		blank := push.Notice{Key: n.Key, ID: n.ID, Conference: n.Conference, Seq: n.Seq, Urgency: n.Urgency}
		if err := l.notices.Replace(ctx, n.Key, nil, blank); err != nil {
			return fmt.Errorf("notice %s: %w", n.ID, err)
		}
		for page := range n.Pages {
			if err := l.audiences.Delete(ctx, pageID(n.Key, page), nil); err != nil {
				return fmt.Errorf("audience of %s: %w", n.ID, err)
			}
		}
		l.blank(n, blank)
	}
	return nil
}

// own are the notices about somebody's own affairs that a dropped inbox held.
func (l *Ledger) own(conference, delegate string) []push.Notice {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var own []push.Notice
	for _, key := range l.conferences[conference].dropped[delegate] {
		if n := l.byKey[key]; n.Subject.Kind == push.SignIn {
			own = append(own, n)
		}
	}
	return own
}

func (l *Ledger) blank(n, blank push.Notice) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byKey[n.Key] = blank
	delete(l.book(n.Conference).subject, n.Subject)
}
