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

	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

const durable = "notifications-agenda"

var quiet = slog.New(slog.DiscardHandler)

// A rig is the planner between a real bus and a real store, with an agenda
// service that is played by the test.
type rig struct {
	t      *testing.T
	e      *engines.Engines
	bus    *bus.Bus
	store  *store.Store
	ledger *ledger.Ledger
	mirror *Mirror
	plan   *Planner
	stop   func()

	mu   sync.Mutex
	sent []push.Notice // what was handed to the senders, repeats included
	done chan event.Envelope
	rev  int64
}

func setup(t *testing.T, age time.Duration) *rig {
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
		Ledger: r.ledger, Devices: phones, Mirror: r.mirror, Now: time.Now, Log: quiet, Late: make(chan struct{}, 1),
		Enqueue: func(_ context.Context, n push.Notice, _ []string) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.sent = append(r.sent, n)
			return nil
		},
		Filed: func(context.Context, push.Notice, int) error { return nil },
	}
	r.mirror.OnPicks = r.plan.HearPicks
	watch, err := r.bus.WatchState(r.t.Context(), func(_ context.Context, m bus.Seen) error { r.mirror.See(m); return nil })
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

func TestWhoPickedTheSessionIsToldOnceAndNobodyElse(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	other := first
	other.Session = "other"
	r.conference(first, other)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.pick("bob", 1, event.Pick{Session: "other", AgendaRevision: 1})
	r.pick("eve", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.pick("eve", 2) // and unpicked it
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	r.wantInbox("ada", "session.moved 1>2")
	r.wantInbox("bob")
	r.wantInbox("eve")
	if n, _ := r.ledger.Inbox("seoul", "ada", 0, 1); n[0].Before.Room != "Hall" || n[0].After.Room != "annex" || n[0].Zone != "Asia/Seoul" {
		t.Errorf("notice says %+v", n[0])
	}
}

func TestAnEventTwiceOrOutOfOrderIsToldOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	_, err := r.plan.Devices.Register(t.Context(), push.Device{Installation: "phone", Token: "token", Delegate: "ada", Conference: "seoul"})
	if err != nil {
		t.Fatal(err)
	}
	second, third := roomed(first, "annex", 2), roomed(first, "cellar", 3)
	e2 := r.stated(step(first, second))
	e3 := r.stated(step(second, third))
	for n, e := range []event.Envelope{e3, e2, e3, e2} {
		e.ID += fmt.Sprint("/again", n) // the broker would swallow the same id
		if err := r.bus.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, rev := range []int64{3, 2, 3, 2} {
		r.handled(rev)
	}
	r.wantInbox("ada", "session.moved 1>3")
	if len(r.sent) != 1 {
		t.Errorf("handed to the senders %d times", len(r.sent))
	}
}

func TestAfterAPauseLongerThanEventsLiveTheNetNewsIsTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 2*time.Second)
	r.start()
	first := soon()
	calm := first
	calm.Session = "calm"
	r.conference(first, calm)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1}, event.Pick{Session: "calm", AgendaRevision: 1})
	r.stop()
	second, third := roomed(first, "annex", 2), roomed(first, "cellar", 3)
	r.release(step(first, second))
	r.release(step(second, third))
	r.release(step(calm, roomed(calm, "annex", 4)))
	r.release(step(roomed(calm, "annex", 4), roomed(calm, "hall", 5)))
	r.expired()
	r.start()
	r.wantInbox("ada", "session.moved 1>3") // calm went and came back: no news
	if got := r.ledger.Handled("seoul"); got != 5 {
		t.Errorf("handled up to %d, want 5", got)
	}
	// And the next change is told as ever.
	r.release(step(third, roomed(first, "attic", 6)))
	r.handled(6)
	r.wantInbox("ada", "session.moved 1>3", "session.moved 3>6")
}

func TestAMissingEventInTheMiddleIsMadeUpFor(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	a, b := soon(), soon()
	b.Session = "b"
	r.conference(a, b)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1}, event.Pick{Session: "b", AgendaRevision: 1})
	r.stated(step(a, roomed(a, "annex", 2))) // its event is never published
	r.release(step(b, roomed(b, "annex", 3)))
	r.handled(3)
	r.wantInbox("ada", "session.moved 1>2", "session.moved 1>3")
}

// expired waits until the agenda's stream holds no event any more.
func (r *rig) expired() {
	r.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		st, err := r.bus.JS().Stream(r.t.Context(), bus.StreamAgenda)
		if err != nil {
			r.t.Fatal(err)
		}
		if st.CachedInfo().State.Msgs == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-r.t.Context().Done():
			r.t.Fatal("events never expired")
		}
	}
}

func TestAPickThatArrivesLateIsToldLate(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	r.pick("bob", 1, event.Pick{Session: "s", AgendaRevision: 1}) // chosen before the move, heard of after it
	r.pick("eve", 1, event.Pick{Session: "s", AgendaRevision: 2}) // chosen in sight of the move
	if err := r.plan.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.plan.Late:
	default:
		t.Fatal("the late pick was not noticed")
	}
	for _, tell := range []func(context.Context) error{r.plan.TellLate, r.plan.CheckPicks} {
		if err := tell(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.wantInbox("ada", "session.moved 1>2")
	r.wantInbox("bob", "session.moved 1>2")
	r.wantInbox("eve")
}

func TestALatePickIsToldThoughNobodyElsePicked(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	second := roomed(first, "annex", 2)
	r.conference(first)
	r.release(step(first, second))
	renamed := second
	renamed.Kind = "press" // no news to anybody
	r.release(step(second, renamed))
	r.handled(3)
	r.pick("bob", 1, event.Pick{Session: "s", AgendaRevision: 1})
	if err := r.plan.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.plan.TellLate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantInbox("bob", "session.moved 1>2")
}

func TestASiblingTellsTheStepFromWhatTheOtherTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	b := &rig{t: t, e: r.e, bus: r.bus, store: r.store, rev: r.rev}
	b.start()
	b.stop() // the test hands it its event; b has loaded what was told at revision 1
	second := roomed(first, "annex", 2)
	r.release(step(first, second))
	r.handled(2)
	r.stop()
	back := r.stated(step(second, roomed(first, "hall", 3)))
	b.mirror.with("seoul", func(x *reflection) { x.head = 3 })
	b.plan.Sync = func(context.Context) error { return nil }
	if err := b.plan.Handle(t.Context(), back); err != nil {
		t.Fatal(err)
	}
	b.wantInbox("ada", "session.moved 1>2", "session.moved 2>3")
}

func TestWhatNobodyNeedsAnyMoreIsNotTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon(func(s *event.SessionState) { s.Start, s.End = s.Start.Add(-48*time.Hour), s.End.Add(-48*time.Hour) })
	r.conference(first)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	r.wantInbox("ada")
}

func TestAConferenceHeardOfInTheMiddleStartsQuietly(t *testing.T) {
	t.Parallel()
	r := setup(t, 2*time.Second)
	first := soon()
	second := roomed(first, "annex", 2)
	r.conference(first)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.release(step(first, second))
	r.expired()
	r.start() // a new service: it cannot know what was told
	r.wantInbox("ada")
	r.release(step(second, roomed(first, "cellar", 3)))
	r.handled(3)
	r.wantInbox("ada", "session.moved 2>3")
}

func TestAMessageNobodyCanReadIsPutAside(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	bad, err := event.New("bad", "seoul", "seoul", 2, "", time.Now(), event.AgendaReleased{})
	if err != nil {
		t.Fatal(err)
	}
	bad.Data = json.RawMessage(`{"revision":"two"}`)
	if err := r.bus.Publish(t.Context(), bad); err != nil {
		t.Fatal(err)
	}
	if _, err := r.bus.JS().Publish(t.Context(), "plenary.seoul.agenda.agenda.released.v1", []byte("{")); err != nil {
		t.Fatal(err)
	}
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	for len(r.inbox("ada")) == 0 { // the bad event has revision 2 as well
		r.handled(2)
	}
	r.wantInbox("ada", "session.moved 1>2")
	dead, err := r.bus.JS().Stream(t.Context(), bus.StreamDead)
	if err != nil {
		t.Fatal(err)
	}
	info, err := dead.Info(t.Context(), jetstream.WithSubjectFilter("plenary-dead.>"))
	if err != nil || info.State.Msgs != 2 || info.State.Subjects["plenary-dead."+durable] != 2 {
		t.Errorf("dead letters: %+v, %v", info.State.Subjects, err)
	}
}
