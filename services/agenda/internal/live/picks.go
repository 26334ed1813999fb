package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// maxPicks keeps a delegate's document small; a conference has fewer sessions
// one could attend.
const maxPicks = 500

// patience is how long a write may take that a request no longer waits for.
const patience = 5 * time.Second

// Picks are the sessions one delegate chose, and who may follow that.
type Picks struct {
	ID         string           `bson:"_id"` // <conference>/<delegate>
	Conference string           `bson:"conference"`
	Delegate   string           `bson:"delegate"`
	Revision   int64            `bson:"revision"`
	Picks      []programme.Pick `bson:"picks"`
	// Took are the substitutions whose picks are among these, by event, the last
	// few: one that is told again brings back nothing that was dropped since.
	Took []string `bson:"took,omitempty"`
	// Feeds let calendars read these picks; they live and end with them.
	Feeds   []programme.Feed `bson:"feeds,omitempty"`
	Pending bool             `bson:"pending"`
}

func (p Picks) index(session string) int {
	return slices.IndexFunc(p.Picks, func(x programme.Pick) bool { return x.Session == session })
}

func (p Picks) state() event.PicksState {
	s := event.PicksState{Delegate: p.Delegate, Revision: p.Revision, Picks: []event.Pick{}}
	for _, x := range p.Picks {
		s.Picks = append(s.Picks, event.Pick{Session: x.Session, AgendaRevision: x.AgendaRevision, At: x.At.UTC()})
	}
	return s
}

// PicksOf lists what a delegate chose, in the order of choosing.
func (l *Conferences) PicksOf(id, delegate string) ([]programme.Pick, error) {
	c, err := l.find(id)
	if err != nil {
		return nil, err
	}
	return c.picksOf(id, delegate).Picks, nil
}

func (c *conference) picksOf(id, delegate string) Picks {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if p, ok := c.picks[delegate]; ok {
		return p
	}
	return Picks{ID: id + "/" + delegate, Conference: id, Delegate: delegate}
}

// Pick adds a session to what the delegate chose; one that is already there
// stays as it is. A session this replica does not know may be one a sibling has
// just brought, so the store is asked before the answer is no.
//
// seen, unless nil, is the revision of the agenda on the delegate's screen: of
// what has changed since they are told. One the agenda has not got to fails as
// Reach does.
func (l *Conferences) Pick(ctx context.Context, id, delegate, session string, seen *int64) error {
	c, err := l.find(id)
	if err != nil {
		return err
	}
	if seen != nil {
		if err := l.Reach(ctx, id, *seen); err != nil {
			return err
		}
	}
	agenda := c.agenda.Load()
	if _, known := agenda.Session(session); !known {
		if err := l.Heard(ctx, id, agenda.Revision+1); err != nil {
			return err
		}
	}
	return l.choose(ctx, id, delegate, func(c *conference, p *Picks) (bool, error) {
		agenda := c.agenda.Load()
		if _, ok := agenda.Session(session); !ok {
			return false, problem.Hidden()
		}
		if p.index(session) >= 0 {
			return false, nil
		}
		if len(p.Picks) >= maxPicks {
			return false, problem.New(problem.Conflict, "picks_full", "A delegate can pick at most %d sessions.", maxPicks)
		}
		pick := programme.Pick{Session: session, AgendaRevision: agenda.Revision, At: l.now().UTC().Truncate(time.Millisecond)}
		if seen != nil {
			pick.AgendaRevision = min(*seen, agenda.Revision)
		}
		p.Picks = append(slices.Clone(p.Picks), pick)
		return true, nil
	})
}

// Unpick takes a session away; one that is not there is no error.
func (l *Conferences) Unpick(ctx context.Context, id, delegate, session string) error {
	return l.choose(ctx, id, delegate, func(_ *conference, p *Picks) (bool, error) {
		i := p.index(session)
		if i < 0 {
			return false, nil
		}
		p.Picks = slices.Delete(slices.Clone(p.Picks), i, i+1)
		return true, nil
	})
}

// choose writes what change makes of a delegate's picks. When another device
// of the same delegate was faster, change decides again. That there is nothing
// to do, or that it cannot be done, is only believed of what the store holds:
// the pick to be dropped may have been made at a sibling a moment ago.
func (l *Conferences) choose(ctx context.Context, id, delegate string, change func(*conference, *Picks) (bool, error)) error {
	c, err := l.find(id)
	if err != nil {
		return err
	}
	for fresh := false; ; {
		p := c.picksOf(id, delegate)
		was := p.Revision
		changed, err := change(c, &p)
		if err != nil || !changed {
			if fresh {
				return err
			}
			if err := l.readPicks(ctx, c, p.ID); err != nil {
				return err
			}
			fresh = true
			continue
		}
		p.Revision, p.Pending = was+1, true
		switch err := l.picks.Put(ctx, p.ID, was, p); {
		case err == nil:
			c.keepPicks(p)
			l.owePicks(p)
			return nil
		case errors.Is(err, store.ErrStale):
			if err := l.readPicks(ctx, c, p.ID); err != nil {
				return err
			}
			fresh = true
		default: // it may have been stored: read it again before the next change
			after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
			defer cancel()
			return errors.Join(fmt.Errorf("picks %s: %w", p.ID, err), l.readPicks(after, c, p.ID))
		}
	}
}

// readPicks takes what the store holds, and tells of it if nobody has yet.
func (l *Conferences) readPicks(ctx context.Context, c *conference, docID string) error {
	var p Picks
	switch err := l.picks.Get(ctx, docID, &p); {
	case errors.Is(err, store.ErrMissing):
		return nil
	case err != nil:
		return fmt.Errorf("picks %s: %w", docID, err)
	}
	c.keepPicks(p)
	if p.Pending {
		l.owePicks(p)
	}
	return nil
}

func (c *conference) keepPicks(p Picks) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.picks[p.Delegate].Revision < p.Revision {
		c.picks[p.Delegate] = p
	}
}

// refreshPicks takes newer picks that a sibling wrote.
func (l *Conferences) refreshPicks(ctx context.Context, id, delegate string, revision int64) error {
	c, err := l.find(id)
	if err != nil {
		return nil // a conference of which we have not heard brings its picks along
	}
	known := c.picksOf(id, delegate)
	if known.Revision >= revision {
		return nil
	}
	var p Picks // not known: reading into it would write over the list others are reading
	if err := l.picks.Get(ctx, known.ID, &p); err != nil {
		return err
	}
	c.keepPicks(p)
	return nil
}
