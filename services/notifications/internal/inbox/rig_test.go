package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

const durable = "notifications-agenda"

var quiet = slog.New(slog.DiscardHandler)

// A rig is the planner between a real bus and a real store, with an agenda
// service that is played by the test.
type rig struct {
	t      testing.TB
	e      *engines.Engines
	bus    *bus.Bus
	store  *store.Store
	ledger *ledger.Ledger
	mirror *Mirror
	plan   *Planner
	stop   func()

	mu   sync.Mutex
	sent []push.Notice // what was handed to the senders, repeats included
	to   [][]string    // and for which phones
	done chan event.Envelope
	rev  int64
}

func setup(t testing.TB, age time.Duration) *rig {
	t.Helper()
	r := &rig{t: t, e: enginestest.Test(t)}
	var err error
	if r.bus, err = bus.Connect(t.Context(), bus.Config{Options: r.e.Bus(), EventAge: age}, quiet); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.bus.Close)
	r.store, err = store.Open(t.Context(), store.Config{URI: r.e.StoreURI(), Dialer: r.e.Dialer(), Database: "notifications"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.store.Close(context.Background()) })
	return r
}

// start loads the planner as a process would and begins to consume.
func (r *rig) start() {
	r.t.Helper()
	var err error
	if r.ledger, err = ledger.Open(r.t.Context(), r.store, time.Now); err != nil {
		r.t.Fatal(err)
	}
	phones, err := devices.Open(r.t.Context(), r.store, time.Now, func(devices.Holder) {})
	if err != nil {
		r.t.Fatal(err)
	}
	r.mirror = NewMirror(quiet)
	r.plan = &Planner{
		Ledger: r.ledger, Devices: phones, Mirror: r.mirror, Roster: roster.New(quiet), Now: time.Now, Log: quiet, Late: make(chan struct{}, 1),
		Enqueue: func(_ context.Context, n push.Notice, to []string) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.sent, r.to = append(r.sent, n), append(r.to, to)
			return nil
		},
		Filed: func(context.Context, push.Notice, int) error { return nil },
	}
	r.mirror.OnPicks = r.plan.HearPicks
	watch, err := r.bus.WatchState(r.t.Context(), func(_ context.Context, m bus.Seen) error {
		switch conference, kind, _ := event.SplitState(m.Subject); kind {
		case "delegates.delegate":
			r.plan.Roster.See(conference, m.Data)
		case "delegates.delegation":
			r.plan.Roster.SeeDelegation(conference, m.Data)
		}
		r.mirror.See(m)
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.plan.Sync = watch.Sync
	r.done = make(chan event.Envelope, 100)
	if err := r.plan.Check(r.t.Context(), r.pending); err != nil {
		r.t.Fatal(err)
	}
	if err := r.plan.CheckPicks(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	stop, err := r.bus.Consume(r.t.Context(), bus.Work{
		Stream: bus.StreamAgenda, Durable: durable, OnDone: func(e event.Envelope, _ error) { r.done <- e },
	}, r.plan.Handle)
	if err != nil {
		r.t.Fatal(err)
	}
	var once sync.Once
	r.stop = func() { once.Do(func() { stop(); watch.Stop() }) }
	r.t.Cleanup(r.stop)
}

func (r *rig) pending(ctx context.Context) (uint64, error) {
	return r.bus.Pending(ctx, bus.StreamAgenda, durable)
}

// conference brings sessions at revision 1.
func (r *rig) conference(sessions ...event.SessionState) {
	r.put(event.ConferenceStateSubject("seoul"), 1, event.ConferenceState{Conference: "seoul", Revision: 1, Timezone: "Asia/Seoul"})
	r.rev = 0
	changes := make([]event.SessionChange, 0, len(sessions))
	for _, s := range sessions {
		changes = append(changes, event.SessionChange{Session: s.Session, Fields: []string{"created"}, After: s})
	}
	r.release(changes...)
}

func (r *rig) put(subject string, revision int64, state any) {
	r.t.Helper()
	data, err := json.Marshal(state)
	if err == nil {
		err = r.bus.PutState(r.t.Context(), subject, revision, data)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// release publishes the next revision as the agenda service does.
func (r *rig) release(changes ...event.SessionChange) {
	r.t.Helper()
	e := r.stated(changes...)
	if err := r.bus.Publish(r.t.Context(), e); err != nil {
		r.t.Fatal(err)
	}
}

// stated publishes the states of the next revision and answers its event.
func (r *rig) stated(changes ...event.SessionChange) event.Envelope {
	r.t.Helper()
	r.rev++
	for i := range changes {
		changes[i].After.Revision = r.rev
		r.put(event.SessionStateSubject("seoul", changes[i].Session), r.rev, changes[i].After)
	}
	r.put(event.AgendaHeadSubject("seoul"), r.rev, event.AgendaHead{Conference: "seoul", Revision: r.rev})
	e, err := event.New(fmt.Sprint("seoul/agenda/", r.rev), "seoul", "seoul", r.rev, "", time.Now(),
		event.AgendaReleased{Revision: r.rev, Part: 1, Parts: 1, Changes: changes})
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func (r *rig) pick(delegate string, revision int64, picks ...event.Pick) {
	r.put(event.PicksStateSubject("seoul", delegate), revision, event.PicksState{Delegate: delegate, Revision: revision, Picks: picks})
}

// handled waits until the event of a revision has ended.
func (r *rig) handled(revision int64) {
	r.t.Helper()
	for {
		select {
		case e := <-r.done:
			if e.Revision == revision {
				return
			}
		case <-r.t.Context().Done():
			r.t.Fatalf("revision %d was never handled", revision)
		}
	}
}

// inbox is what the delegate reads, as steps.
func (r *rig) inbox(delegate string) []string {
	items, _ := r.ledger.Inbox("seoul", delegate, 0, 100)
	steps := []string{}
	for _, n := range items {
		steps = append(steps, fmt.Sprintf("%s %d>%d", n.Category, n.From, n.To))
	}
	return steps
}

func (r *rig) wantInbox(delegate string, want ...string) {
	r.t.Helper()
	if got := r.inbox(delegate); !slices.Equal(got, want) {
		r.t.Errorf("inbox of %s: %q, want %q", delegate, got, want)
	}
}

// soon is a session that is still to come.
func soon(changes ...func(*event.SessionState)) event.SessionState {
	start := time.Now().Add(2 * time.Hour).UTC().Truncate(time.Second)
	s := event.SessionState{
		Session: "s", Revision: 1, Title: map[string]string{"en": "Panel"}, Room: "hall", RoomName: "Hall",
		Start: start, End: start.Add(time.Hour), Status: event.SessionConfirmed,
	}
	for _, c := range changes {
		c(&s)
	}
	return s
}

func step(before, after event.SessionState) event.SessionChange {
	return event.SessionChange{Session: after.Session, Fields: []string{"room"}, Before: &before, After: after}
}

func roomed(s event.SessionState, room string, revision int64) event.SessionState {
	s.Room, s.RoomName, s.Revision = room, room, revision
	return s
}
