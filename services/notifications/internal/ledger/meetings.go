package ledger

import (
	"context"
	"errors"
	"fmt"

	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// A metState is a meeting as its people were last told, or as it was when nobody
// had to be.
type metState struct {
	ID         string             `bson:"_id"` // <conference>/<meeting>
	Conference string             `bson:"conference"`
	Revision   int64              `bson:"revision"`
	State      event.MeetingState `bson:"state"`
}

func (l *Ledger) loadMeetings(ctx context.Context) error {
	met, err := store.All[metState](ctx, l.meetings, nil)
	if err != nil {
		return err
	}
	for _, m := range met {
		l.keepMet(m.Conference, m.State)
	}
	return nil
}

// Met is the state of a meeting that its people know of. It asks the store,
// because a sibling may have told them more than memory knows.
func (l *Ledger) Met(ctx context.Context, conference, meeting string) (event.MeetingState, bool, error) {
	var m metState
	err := l.meetings.Get(ctx, conference+"/"+meeting, &m)
	if errors.Is(err, store.ErrMissing) {
		return event.MeetingState{}, false, nil
	}
	if err != nil {
		return event.MeetingState{}, false, fmt.Errorf("told state of meeting %s: %w", meeting, err)
	}
	l.keepMet(conference, m.State)
	return m.State, true, nil
}

// MetRevision is the revision of a meeting that its people know of, as far as
// memory knows; zero when they know of none.
func (l *Ledger) MetRevision(conference, meeting string) int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if b, ok := l.conferences[conference]; ok {
		return b.met[meeting].Revision
	}
	return 0
}

// SetMet notes the state of a meeting that people now know of. One that is older
// than what is noted, here or by a sibling, is passed over.
func (l *Ledger) SetMet(ctx context.Context, conference string, s event.MeetingState) error {
	doc := metState{conference + "/" + s.Meeting, conference, s.Revision, s}
	for {
		old, known, err := l.Met(ctx, conference, s.Meeting)
		switch {
		case err != nil:
			return err
		case known && old.Revision >= s.Revision:
			return nil
		default:
			err = l.meetings.Put(ctx, doc.ID, old.Revision, doc)
		}
		if err == nil {
			l.keepMet(conference, s)
			return nil
		}
		if !errors.Is(err, store.ErrStale) {
			return fmt.Errorf("told state of meeting %s: %w", s.Meeting, err)
		}
	}
}

func (l *Ledger) keepMet(conference string, s event.MeetingState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.book(conference); b.met[s.Meeting].Revision < s.Revision {
		b.met[s.Meeting] = s
	}
}
