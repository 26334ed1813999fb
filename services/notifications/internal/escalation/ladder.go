// Package escalation sees to it that urgent news has been seen by those who must
// act upon it.
//
// A notice may have to be acknowledged by a time. When that comes and the
// principal of a delegation has not done so, there is a case: first the
// delegation's liaisons are told, then the host's officer for it, then the desk
// has a telephone call to make. Whoever answers for the delegation ends it by
// acknowledging, and the cards of all others are replaced.
//
// A case is one document, and its steps are alarms, so it outlives any process.
// Two things may happen at once on two replicas: somebody acknowledges, and an
// alarm rings. The acknowledgement is in the store before the case is looked for,
// and the case is in the store before the acknowledgements are looked at, so one
// of the two always finds the other.
package escalation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/receipts"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/store"
)

// Categories of the notices about cases.
const (
	Asked = "escalation.asked"
	Ended = "escalation.ended"
)

// A Ladder is one replica's. Its methods may be called side by side.
type Ladder struct {
	Config
	docs *store.Collection

	mu    sync.RWMutex
	cases map[string]Case      // those that are open, and no others
	ended map[string]time.Time // when the others ended that are still in the store
}

// Config is what a ladder works with.
type Config struct {
	Ledger   *ledger.Ledger
	Receipts *receipts.Receipts
	Roster   *roster.Roster
	// Duties are the people who have a part in a session.
	Duties func(conference, session string) []string
	// Sync waits until the roster holds everything published before the call.
	Sync func(context.Context) error
	// Wake has Ring called with a key and a step at a time on the wall clock, on
	// whatever replica; a later call for the key replaces it. Sleep takes it back.
	Wake  func(ctx context.Context, key string, step Step, at time.Time) error
	Sleep func(ctx context.Context, key string) error
	// Tell brings a notice to people; repeating it is harmless.
	Tell func(ctx context.Context, n push.Notice, who []string) error
	// Changed tells the siblings of a case.
	Changed func(Case)
	Now     func() time.Time // wall clock
	Log     *slog.Logger
}

// Open loads the cases that are open.
func Open(ctx context.Context, st *store.Store, cfg Config) (*Ladder, error) {
	l := &Ladder{Config: cfg, docs: st.Collection("escalations"), cases: map[string]Case{}, ended: map[string]time.Time{}}
	all, err := store.All[Case](ctx, l.docs, nil)
	if err != nil {
		return nil, fmt.Errorf("load the escalations: %w", err)
	}
	for _, c := range all {
		l.keep(c)
	}
	return l, nil
}

func (l *Ladder) keep(c Case) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ended := l.ended[c.ID]
	switch {
	case l.cases[c.ID].Revision > c.Revision:
	case c.Over():
		delete(l.cases, c.ID)
		l.ended[c.ID] = c.EndedAt
	case !ended: // for good
		l.cases[c.ID] = c
	}
}

// Hear takes in a case that a sibling wrote.
func (l *Ladder) Hear(ctx context.Context, id string) error {
	var c Case
	err := l.docs.Get(ctx, id, &c)
	if errors.Is(err, store.ErrMissing) {
		return nil
	}
	if err == nil {
		l.keep(c)
	}
	return err
}

// Watch has the deadline of a notice looked after. A notice without one is none
// of the ladder's business.
func (l *Ladder) Watch(ctx context.Context, n push.Notice) error {
	if n.AckBy.IsZero() {
		return nil
	}
	return l.Wake(ctx, n.Key, Deadline, n.AckBy)
}

// Ring acts upon an alarm that was set for a time: that of a notice, or that of a
// case at a step. One that rings twice does nothing the second time. A deadline that
// passed while nobody was there is set anew, once.
func (l *Ladder) Ring(ctx context.Context, key string, step Step, at time.Time) error {
	if err := l.Sync(ctx); err != nil {
		return err
	}
	if step != Deadline && step != again {
		return l.climb(ctx, key, step)
	}
	n, ok, err := l.Ledger.Notice(ctx, key)
	if err != nil || !ok || n.Expired(l.Now()) {
		return err
	}
	if step == Deadline && l.Now().Sub(at) > late {
		return l.Wake(ctx, key, again, l.Now().Add(patience(n)))
	}
	for delegation, of := range l.concerned(n) {
		c := Case{
			ID: caseID(n.Key, delegation), Conference: n.Conference, Delegation: delegation, Notice: n.Key,
			Revision: 1, Principals: of, OpenedAt: l.Now().UTC().Truncate(time.Millisecond),
		}
		switch known, err := l.known(ctx, n, c); {
		case err != nil:
			return err
		case known:
			continue
		}
		if err := l.docs.Insert(ctx, c); err != nil && !errors.Is(err, store.ErrExists) {
			return fmt.Errorf("open a case: %w", err)
		}
		if err := l.climb(ctx, c.ID, Deadline); err != nil {
			return err
		}
	}
	return nil
}

// known asks the store whether anybody who answers for the delegation of a case
// has acknowledged its news.
func (l *Ladder) known(ctx context.Context, n push.Notice, c Case) (bool, error) {
	for _, delegate := range slices.Concat(c.Principals, l.Roster.Liaisons(c.Conference, c.Delegation)) {
		got, err := l.Receipts.Acknowledged(ctx, c.Conference, delegate)
		if err != nil {
			return false, err
		}
		if got.HasAcknowledged(n.Seq) {
			return true, nil
		}
	}
	return false, nil
}

// climb takes a case one step up from the step it is at. Where the store has it
// there already, the telling may have been cut off, and is done again.
func (l *Ladder) climb(ctx context.Context, id string, from Step) error {
	for {
		var c Case
		switch err := l.docs.Get(ctx, id, &c); {
		case errors.Is(err, store.ErrMissing): // swept
			return nil
		case err != nil:
			return fmt.Errorf("case %s: %w", id, err)
		}
		if c.Over() {
			return l.end(ctx, id, c.EndedBy) // whoever ended it may have been cut off
		}
		if c.At != from && c.Came != from {
			l.keep(c)
			return nil
		}
		n, ok, err := l.Ledger.Notice(ctx, c.Notice)
		if err != nil {
			return err
		}
		over := !ok || l.past(n, c)
		if !over {
			known, err := l.known(ctx, n, c)
			if err != nil {
				return err
			}
			over = known
		}
		if over {
			return l.end(ctx, id, "")
		}
		if c.At == from {
			next, who := l.above(c, from)
			c.Came, c.At, c.Revision = from, next, c.Revision+1
			c.Asked = union(c.Asked, who)
			err := l.docs.Replace(ctx, id, bson.M{"revision": c.Revision - 1}, c)
			if errors.Is(err, store.ErrStale) {
				continue
			}
			if err != nil {
				return fmt.Errorf("case %s: %w", id, err)
			}
		}
		l.keep(c)
		l.Changed(c)
		return l.ask(ctx, c, n)
	}
}

// ask tells those of the step a case is at, and has the next one looked after.
func (l *Ladder) ask(ctx context.Context, c Case, n push.Notice) error {
	if c.At == Desk {
		return nil // the desk has a list
	}
	if err := l.Tell(ctx, c.notice(n, Asked, l.Now()), l.toAsk(c)); err != nil {
		return err
	}
	return l.Wake(ctx, c.ID, c.At, l.Now().Add(patience(n)))
}

// Acknowledged ends the cases that somebody's acknowledging of notices ends:
// those of their delegation, when they answer for it, and those they were asked
// about. It is called when the acknowledgement is in the store.
func (l *Ladder) Acknowledged(ctx context.Context, conference, delegate string, notices []push.Notice) error {
	for _, n := range notices {
		id := n.Subject.ID
		if n.Subject.Kind != push.Escalation {
			if n.AckBy.IsZero() {
				continue
			}
			of, _ := l.Roster.Of(conference, delegate)
			id = caseID(n.Key, of.Delegation)
		}
		var c Case
		switch err := l.docs.Get(ctx, id, &c); {
		case errors.Is(err, store.ErrMissing):
			continue
		case err != nil:
			return fmt.Errorf("case %s: %w", id, err)
		}
		if c.Conference != conference || !l.answers(c, delegate) {
			continue
		}
		if err := l.end(ctx, id, delegate); err != nil {
			return err
		}
	}
	return nil
}

// Called ends cases because somebody of the desk of a conference has made the
// call, and answers how many of them there are.
func (l *Ladder) Called(ctx context.Context, conference, by string, ids []string) (found int, err error) {
	for _, id := range ids {
		var c Case
		err := l.docs.Get(ctx, id, &c)
		switch {
		case errors.Is(err, store.ErrMissing), err == nil && (c.Conference != conference || c.At != Desk):
			continue
		case err != nil:
			return found, fmt.Errorf("case %s: %w", id, err)
		}
		if err := l.end(ctx, id, by); err != nil {
			return found, err
		}
		found++
	}
	return found, nil
}

// end closes a case, takes its alarm back and replaces the cards of who was
// asked. By is who ended it; empty when the news no longer matters.
func (l *Ladder) end(ctx context.Context, id, by string) error {
	for {
		var c Case
		if err := l.docs.Get(ctx, id, &c); err != nil {
			return fmt.Errorf("case %s: %w", id, err)
		}
		if !c.Over() {
			c.Revision, c.EndedAt, c.EndedBy = c.Revision+1, l.Now().UTC().Truncate(time.Millisecond), by
			err := l.docs.Replace(ctx, id, bson.M{"revision": c.Revision - 1}, c)
			if errors.Is(err, store.ErrStale) {
				continue
			}
			if err != nil {
				return fmt.Errorf("case %s: %w", id, err)
			}
		}
		l.keep(c)
		l.Changed(c)
		if err := l.Sleep(ctx, id); err != nil {
			return err
		}
		n, ok, err := l.Ledger.Notice(ctx, c.Notice)
		asked := slices.DeleteFunc(slices.Clone(c.Asked), func(d string) bool { return d == c.EndedBy })
		if err != nil || !ok || len(asked) == 0 {
			return err
		}
		return l.Tell(ctx, c.notice(n, Ended, l.Now()), asked)
	}
}
