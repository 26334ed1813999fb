package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// Add brings a whole conference: its facts, the first release of its agenda
// and what its delegates picked (session ids by delegate id). The conference
// appears to others when everything else is there; adding one that is there
// does nothing, and adding one of which a part is there completes it.
func (l *Conferences) Add(ctx context.Context, facts programme.Conference, rooms []programme.Room, sessions []programme.Session, picks map[string][]string) error {
	if _, err := l.find(facts.ID); err == nil {
		return nil
	}
	if _, err := time.LoadLocation(facts.Zone); err != nil {
		return problem.New(problem.Invalid, "bad_timezone", "%q is not an IANA time zone.", facts.Zone)
	}
	first, any := programme.Empty(facts.ID).Next("", l.now(), programme.Proposal{Sessions: sessions, Rooms: rooms, Note: "first release"})
	if any {
		if err := l.releases.Insert(ctx, first); err != nil && !errors.Is(err, store.ErrExists) {
			return fmt.Errorf("add %s: %w", facts.ID, err)
		}
	}
	if err := l.addPicks(ctx, facts.ID, first.Revision, picks); err != nil {
		return fmt.Errorf("add %s: %w", facts.ID, err)
	}
	facts.Revision, facts.Pending = 1, true
	err := l.conferences.Insert(ctx, facts)
	if errors.Is(err, store.ErrExists) {
		err = l.refresh(ctx, facts.ID, facts.Revision) // as a sibling brought it, with what was picked since
		if err == nil {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("add %s: %w", facts.ID, err)
	}
	c, err := l.adopt(ctx, facts)
	if err != nil {
		return fmt.Errorf("add %s: %w", facts.ID, err)
	}
	for delegate, chosen := range picks {
		c.keepPicks(firstPicks(facts.ID, delegate, 1, chosen, l.now()))
	}
	return nil
}

// addPicks tells of the picks first and writes them after, already settled: a
// thousand pending marks would each cost two writes more.
func (l *Conferences) addPicks(ctx context.Context, id string, revision int64, picks map[string][]string) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	docs := make([]any, 0, len(picks))
	for delegate, chosen := range picks {
		p := firstPicks(id, delegate, revision, chosen, l.now())
		docs = append(docs, p)
		g.Go(func() error {
			data, err := json.Marshal(p.state())
			if err != nil {
				return fmt.Errorf("picks: %w", err)
			}
			return l.bus.PutState(gctx, event.PicksStateSubject(id, delegate), p.Revision, data)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := l.picks.InsertAll(ctx, docs); err != nil && !errors.Is(err, store.ErrExists) {
		return fmt.Errorf("picks: %w", err)
	}
	return nil
}

func firstPicks(id, delegate string, revision int64, sessions []string, now time.Time) Picks {
	p := Picks{ID: id + "/" + delegate, Conference: id, Delegate: delegate, Revision: 1}
	for _, s := range sessions {
		p.Picks = append(p.Picks, programme.Pick{Session: s, AgendaRevision: revision, At: now.UTC().Truncate(time.Millisecond)})
	}
	return p
}
