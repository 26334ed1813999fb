package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/store"
)

// commandsKept is how long a request can be repeated under its key.
const commandsKept = 24 * time.Hour

// load reads everything once. Releases and snapshots are walked by their ids,
// because ids are what every store finds quickly.
func (l *Conferences) load(ctx context.Context) error {
	all, err := store.All[programme.Conference](ctx, l.conferences, nil)
	if err != nil {
		return err
	}
	for _, facts := range all {
		if _, err := l.adopt(ctx, facts); err != nil {
			return fmt.Errorf("%s: %w", facts.ID, err)
		}
	}
	picks, err := store.All[Picks](ctx, l.picks, nil)
	if err != nil {
		return err
	}
	for _, p := range picks {
		c, err := l.find(p.Conference)
		if err != nil {
			continue // a conference whose loading never finished
		}
		c.picks[p.Delegate] = p
		if p.Pending {
			l.owePicks(p)
		}
	}
	return l.forgetCommands(ctx)
}

// adopt takes a conference that is in the store into memory.
func (l *Conferences) adopt(ctx context.Context, facts programme.Conference) (*conference, error) {
	if _, err := time.LoadLocation(facts.Zone); err != nil {
		return nil, fmt.Errorf("time zone: %w", err)
	}
	c := &conference{picks: map[string]Picks{}, past: newPast()}
	c.facts.Store(&facts)
	agenda, err := l.lastSnapshot(ctx, facts.ID)
	if err != nil {
		return nil, err
	}
	c.agenda.Store(&agenda)
	if facts.Pending {
		l.oweConference(facts)
	}
	if err := l.catchUp(ctx, c); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if there, ok := l.byID[facts.ID]; ok {
		return there, nil
	}
	l.byID[facts.ID] = c
	return c, nil
}

func (l *Conferences) lastSnapshot(ctx context.Context, id string) (programme.Agenda, error) {
	agenda := programme.Empty(id)
	for rev := int64(snapshotEvery); ; rev += snapshotEvery {
		var s programme.Snapshot
		err := l.snapshots.Get(ctx, programme.ReleaseID(id, rev), &s)
		if errors.Is(err, store.ErrMissing) {
			return agenda, nil
		}
		if err != nil {
			return agenda, err
		}
		agenda = s.Agenda()
	}
}

// catchUp fetches the releases that memory has not seen and applies them in
// order. A release that nobody has told of for a while was left by a replica
// that is gone, or by a write of ours whose answer was lost; it is told now.
func (l *Conferences) catchUp(ctx context.Context, c *conference) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return l.catchUpHeld(ctx, c)
}

func (l *Conferences) catchUpHeld(ctx context.Context, c *conference) error {
	for {
		agenda := c.agenda.Load()
		var r programme.Release
		err := l.releases.Get(ctx, programme.ReleaseID(agenda.Conference, agenda.Revision+1), &r)
		if errors.Is(err, store.ErrMissing) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.apply(r); err != nil {
			return err
		}
		if r.Pending {
			l.oweRelease(c, r)
		}
	}
}

// apply makes r the present.
func (c *conference) apply(r programme.Release) error {
	next, err := c.agenda.Load().With(r)
	if err != nil {
		return err
	}
	c.drafted.note(r) // before anybody can see that it is there
	c.past.add(&r)    // first, so that it leads as far as the agenda has got
	c.agenda.Store(&next)
	return nil
}

// leaveSnapshot stores the agenda, as is done now and then. Only what is told
// may lie behind a snapshot, because the start looks no further back for what is
// owed. One that fails costs the next starts some time.
func (l *Conferences) leaveSnapshot(ctx context.Context, agenda *programme.Agenda) {
	if err := l.snapshots.Insert(ctx, agenda.Snapshot()); err != nil && !errors.Is(err, store.ErrExists) {
		l.log.Warn("no snapshot", "conference", agenda.Conference, "revision", agenda.Revision, "err", err)
	}
}

// refresh takes a conference, or newer facts of one, that a sibling wrote.
func (l *Conferences) refresh(ctx context.Context, id string, revision int64) error {
	c, err := l.find(id)
	if err == nil && c.facts.Load().Revision >= revision {
		return nil
	}
	var facts programme.Conference
	if err := l.conferences.Get(ctx, id, &facts); err != nil {
		return err
	}
	if c == nil {
		if c, err = l.adopt(ctx, facts); err != nil {
			return err
		}
		picks, err := store.All[Picks](ctx, l.picks, bson.M{"conference": id})
		for _, p := range picks {
			c.keepPicks(p)
		}
		return err
	}
	c.facts.Store(&facts)
	return nil
}
