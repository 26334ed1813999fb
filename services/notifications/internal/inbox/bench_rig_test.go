package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// A bench is a conference in memory and a store, with planners on a clock that
// the test moves. What the bus would bring, the test brings.
type bench struct {
	t      *testing.T
	store  *store.Store
	now    time.Time
	rev    int64
	mirror *Mirror
	reader *ledger.Ledger
	roster *roster.Roster
	past   map[string]map[int64]event.SessionState // session -> revision
	alarms map[string]time.Time                    // by session
	fails  func() bool                             // whether the next step of a planner is its last
	amid   func(*Planner)                          // happens while a planner tells something
	heard  func(n push.Notice, who string) bool    // what is known of that; nil = everybody hears all
}

func newBench(t *testing.T) *bench {
	t.Helper()
	e := enginestest.Test(t)
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "notifications"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	b := newMirrored(t)
	b.store = st
	return b
}

// newMirrored is a bench without a store: it has no planners.
func newMirrored(t *testing.T) *bench {
	t.Helper()
	return &bench{
		t: t, now: morning, mirror: NewMirror(quiet), roster: roster.New(quiet),
		past: map[string]map[int64]event.SessionState{}, alarms: map[string]time.Time{}, fails: func() bool { return false }, amid: func(*Planner) {},
	}
}

// planner loads one as a replica would that has just been started.
func (b *bench) planner() *Planner {
	b.t.Helper()
	now := func() time.Time { return b.now }
	told, err := ledger.Open(b.t.Context(), b.store, now)
	if err != nil {
		b.t.Fatal(err)
	}
	phones, err := devices.Open(b.t.Context(), b.store, now, func(devices.Holder) {})
	if err != nil {
		b.t.Fatal(err)
	}
	fail := func() error {
		if b.fails() {
			return errors.New("the replica is gone")
		}
		return nil
	}
	var p *Planner
	p = &Planner{
		Ledger: told, Devices: phones, Mirror: b.mirror, Roster: b.roster, Now: now, Log: quiet, Late: make(chan struct{}, 1),
		Sync:    func(context.Context) error { return nil },
		Enqueue: func(context.Context, push.Notice, []string) error { return nil },
		Filed:   func(context.Context, push.Notice, int) error { b.amid(p); return fail() },
		Windows: usual,
		Wake: func(_ context.Context, _, session string, at time.Time) error {
			if err := fail(); err != nil {
				return err
			}
			b.alarms[session] = at
			return nil
		},
	}
	if b.heard != nil {
		p.Heard = func(_ context.Context, n push.Notice, who []string) (map[string]bool, error) {
			of := map[string]bool{}
			for _, delegate := range who {
				of[delegate] = b.heard(n, delegate)
			}
			return of, fail()
		}
	}
	return p
}

func (b *bench) see(subject string, state any) {
	b.t.Helper()
	data, err := json.Marshal(state)
	if err != nil {
		b.t.Fatal(err)
	}
	b.mirror.See(bus.Seen{Subject: subject, Data: data})
}

// edit makes states the next revision of the agenda and answers its event.
func (b *bench) edit(states ...event.SessionState) event.Envelope {
	b.t.Helper()
	b.rev++
	var changes []event.SessionChange
	for _, s := range states {
		s.Revision = b.rev
		c := event.SessionChange{Session: s.Session, After: s}
		if b.past[s.Session] == nil {
			b.past[s.Session] = map[int64]event.SessionState{}
		} else if was := b.is(s.Session); was.Status != event.SessionRemoved {
			c.Before = &was
		}
		b.past[s.Session][b.rev] = s
		b.see(event.SessionStateSubject("seoul", s.Session), s)
		changes = append(changes, c)
	}
	b.see(event.AgendaHeadSubject("seoul"), event.AgendaHead{Conference: "seoul", Revision: b.rev})
	e, err := event.New(fmt.Sprint("seoul/agenda/", b.rev), "seoul", "seoul", b.rev, "", b.now,
		event.AgendaReleased{Revision: b.rev, Part: 1, Parts: 1, Changes: changes})
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// is how a session stands.
func (b *bench) is(session string) event.SessionState { return b.at(session, b.rev) }

// at is how a session stood at a revision of the agenda.
func (b *bench) at(session string, revision int64) event.SessionState {
	for ; revision > 0; revision-- {
		if s, ok := b.past[session][revision]; ok {
			return s
		}
	}
	return event.SessionState{}
}

// handle has a planner work an event through.
func (b *bench) handle(p *Planner, e event.Envelope) {
	b.t.Helper()
	if err := p.Handle(b.t.Context(), e); err != nil {
		b.t.Fatal(err)
	}
}

// picks has somebody pick sessions in sight of the present revision, less back.
func (b *bench) picks(delegate string, revision int64, back int64, sessions ...string) {
	b.t.Helper()
	var all []event.Pick
	for _, s := range sessions {
		all = append(all, event.Pick{Session: s, AgendaRevision: b.rev - back})
	}
	b.see(event.PicksStateSubject("seoul", delegate), event.PicksState{Delegate: delegate, Revision: revision, Picks: all})
}

// passes lets time pass and rings what is due.
func (b *bench) passes(d time.Duration, p *Planner) {
	b.t.Helper()
	b.now = b.now.Add(d)
	for _, session := range slices.Sorted(maps.Keys(b.alarms)) {
		at := b.alarms[session]
		if at.After(b.now) {
			continue
		}
		delete(b.alarms, session)
		if err := p.Ring(b.t.Context(), "seoul", session, at); err != nil {
			b.t.Fatal(err)
		}
	}
}

// reads is what somebody reads at a replica that tells nothing itself.
func (b *bench) reads(delegate string, want ...string) {
	b.t.Helper()
	if b.reader == nil {
		b.reader = b.planner().Ledger
	}
	if err := b.reader.Refresh(b.t.Context(), "seoul"); err != nil {
		b.t.Fatal(err)
	}
	items, _ := b.reader.Inbox("seoul", delegate, 0, 100)
	got := []string{}
	for _, n := range items {
		got = append(got, fmt.Sprintf("%s %d>%d", n.Category, n.From, n.To))
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("%s reads %q, want %q", delegate, got, want)
	}
}
