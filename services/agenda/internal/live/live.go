// Package live keeps every conference as it stands now: its facts, its agenda
// and the picks of its delegates, in memory for reading and in the store for
// good.
//
// Every write is one guarded document. A release is inserted under the number
// that follows the one in memory: when somebody else was faster the store says
// so, the missing releases are fetched, and the command decides again on what
// is now true. So any number of replicas may write, there is no leader, and a
// replica that is behind can be late but not wrong.
//
// A document that others must hear of is written with its pending mark set.
// The relay publishes it and takes the mark away; after a crash the mark is
// found at the next start and the same messages go out again under the same
// ids, which everybody drops.
package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// snapshotEvery is how many releases lie between two snapshots.
const snapshotEvery = 100

// Conferences is all conferences of this instance. Its methods may be called
// side by side.
type Conferences struct {
	log   *slog.Logger
	now   func() time.Time
	bus   *bus.Bus
	relay *store.Relay

	conferences, releases, snapshots, picks, commands, drafts *store.Collection

	mu   sync.RWMutex
	byID map[string]*conference

	people statuses
	rooms  RoomHolder // nil for none
	spent  spent
}

type conference struct {
	facts   atomic.Pointer[programme.Conference]
	agenda  atomic.Pointer[programme.Agenda]
	writing sync.Mutex // one release at a time from this replica
	past    *past

	mu    sync.RWMutex
	picks map[string]Picks // by delegate

	acts    acts
	gone    gone
	drafted drafted
}

// Open loads every conference. Whoever opens it feeds Hint with the state
// messages of b from then on, so that it follows its siblings.
func Open(ctx context.Context, st *store.Store, b *bus.Bus, now func() time.Time, log *slog.Logger) (*Conferences, error) {
	l := &Conferences{
		log: log, now: now, bus: b, byID: map[string]*conference{}, relay: store.NewRelay(log),
		conferences: st.Collection("conferences"), releases: st.Collection("releases"),
		snapshots: st.Collection("snapshots"), picks: st.Collection("picks"), commands: st.Collection("commands"),
		drafts: st.Collection("drafts"),
	}
	if err := l.load(ctx); err != nil {
		l.Close(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("load the conferences: %w", err)
	}
	return l, nil
}

// Close tells what is still owed, for a few seconds at most.
func (l *Conferences) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	l.relay.Stop(ctx)
}

// Owed counts the facts that are written and not yet told.
func (l *Conferences) Owed() int { return l.relay.Depth() }

// Look fetches the releases that no hint tells of, because whoever made them
// died before telling, or never heard that they are stored. It tells them. And
// it forgets commands that nobody may repeat any more.
func (l *Conferences) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience) // releases wait meanwhile
	defer cancel()
	for _, id := range l.IDs() {
		c, err := l.find(id)
		if err == nil {
			err = l.catchUp(ctx, c)
		}
		if err != nil {
			return fmt.Errorf("look for releases of %s: %w", id, err)
		}
	}
	return l.forgetSpent(ctx)
}

// Conference answers the facts and the agenda of a conference.
func (l *Conferences) Conference(id string) (programme.Conference, programme.Agenda, error) {
	c, err := l.find(id)
	if err != nil {
		return programme.Conference{}, programme.Agenda{}, err
	}
	return *c.facts.Load(), *c.agenda.Load(), nil
}

// IDs lists the conferences.
func (l *Conferences) IDs() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	ids := make([]string, 0, len(l.byID))
	for id := range l.byID {
		ids = append(ids, id)
	}
	return ids
}

// Reach brings this replica to at least the given revision of the agenda,
// which a client has seen elsewhere and insists upon, or fails with
// Unavailable: within two seconds when the store does not answer, at once when
// the store has no such revision.
func (l *Conferences) Reach(ctx context.Context, id string, revision int64) error {
	if err := l.Heard(ctx, id, revision); err != nil {
		return err
	}
	if c, err := l.find(id); err != nil || c.agenda.Load().Revision >= revision {
		return err
	}
	return behind
}

// Heard takes a client's word that the agenda has got to a revision, and
// fetches what this replica lacks of it. That the store has no such revision is
// no failure, for the client may be wrong; that it does not answer within two
// seconds is Unavailable.
func (l *Conferences) Heard(ctx context.Context, id string, revision int64) error {
	c, err := l.find(id)
	if err != nil || c.agenda.Load().Revision >= revision {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.agenda.Load().Revision >= revision {
		return nil // fetched for somebody else meanwhile
	}
	if err := l.catchUpHeld(ctx, c); err != nil {
		return behind.Because(err)
	}
	return nil
}

var behind = problem.New(problem.Unavailable, "behind", "This server has not seen that revision yet. Try again in a moment.").After(time.Second)

func (l *Conferences) find(id string) (*conference, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if c, ok := l.byID[id]; ok {
		return c, nil
	}
	return nil, problem.Hidden()
}

// Hint hears how far a sibling got. A late one costs freshness only: every
// decision is made by a guarded write.
func (l *Conferences) Hint(ctx context.Context, m bus.Seen) error {
	id, kind, entity := event.SplitState(m.Subject)
	var err error
	switch kind {
	case "agenda.conference":
		if err = l.refresh(ctx, id, m.Revision); err == nil {
			err = l.tellRest(ctx, id, m)
		}
	case "agenda.head":
		if c, findErr := l.find(id); findErr == nil && c.agenda.Load().Revision < m.Revision {
			err = l.catchUp(ctx, c)
		}
	case "agenda.picks":
		err = l.refreshPicks(ctx, id, entity, m.Revision)
	case "delegates.delegate":
		l.people.see(id, m)
	}
	if errors.Is(err, store.ErrMissing) {
		return nil // the bus remembers what this store never had
	}
	return err
}
