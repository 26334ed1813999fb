package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
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
}

func newBench(t *testing.T) *bench {
	t.Helper()
	e := enginestest.Test(t)
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "notifications"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	return &bench{
		t: t, store: st, now: morning, mirror: NewMirror(quiet), roster: roster.New(quiet),
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

func TestChangesAreGatheredAndTheNetIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.planner()
	first := state(later(48 * time.Hour))
	other := first
	other.Session = "back"
	gone := first
	gone.Session = "gone"
	b.handle(p, b.edit(first, other, gone)) // 1
	b.picks("ada", 1, 0, "s", "back", "gone")
	room := func(s event.SessionState, name string) event.SessionState { return roomed(s, name, 0) }
	for i := range 10 { // 2 to 11
		b.handle(p, b.edit(room(first, fmt.Sprint("room ", i)), room(other, fmt.Sprint("room ", i))))
		if i == 4 {
			b.picks("bob", 1, 0, "s", "back", "gone") // in sight of revision 6
		}
		b.passes(30*time.Second, p)
	}
	b.reads("ada")
	b.handle(p, b.edit(other)) // 12
	removed := gone
	removed.Status = event.SessionRemoved
	b.handle(p, b.edit(removed))                    // 13
	b.handle(p, b.edit(room(gone, "hall of fame"))) // 14: it is brought back, elsewhere
	b.passes(5*time.Minute-time.Second, p)
	b.reads("ada")
	b.passes(time.Second, p)
	b.reads("ada", "session.moved 1>11")
	b.reads("bob", "session.moved 6>12", "session.moved 6>11")
	b.passes(time.Hour, p)
	b.reads("ada", "session.moved 1>11", "session.moved 1>14")
	b.picks("eve", 1, 12, "back") // in sight of revision 2, and only now heard of
	if err := p.TellLate(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.mirror.picked(p.HearPicks)
	for range 2 {
		if err := p.CheckPicks(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.reads("eve", "session.moved 2>12")
	b.handle(p, b.edit(first)) // 15: what was told of it is taken back
	b.passes(10*time.Minute, p)
	b.reads("ada", "session.moved 1>11", "session.moved 1>14", "session.restored 11>15")
}

func TestWhoIsGivenAPartInAWindowHearsWhatChangedSince(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.planner()
	first := state(later(48 * time.Hour))
	first.Stream, first.Access, first.People, first.Duties = event.StreamNone, "open", "a", []string{"ada"}
	b.handle(p, b.edit(first))
	moved := roomed(first, "annex", 0)
	b.handle(p, b.edit(moved))
	moved.People, moved.Duties = "b", []string{"ada", "eve"}
	b.handle(p, b.edit(moved))
	b.passes(10*time.Minute, p)
	b.reads("ada", "session.moved 1>3")
	b.reads("eve", "session.speakers 2>3")
}

// TestWhateverHappensEverybodyKnowsHowItIs edits sessions at random, on three
// replicas that fail at random, are started anew and get into each other's way,
// and holds what people read against what they were to know.
func TestWhateverHappensEverybodyKnowsHowItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := &whatever{bench: b, rnd: rand.New(rand.NewPCG(1, 9)), chosen: map[string]map[string]int64{}}
	w.replicas = []*Planner{b.planner(), b.planner(), b.planner()}
	var all []event.SessionState
	for i := range 4 {
		s := state(later(time.Duration(1+9*i) * time.Hour))
		s.Session = "s" + strconv.Itoa(i)
		all = append(all, s)
		w.sessions = append(w.sessions, s.Session)
	}
	b.handle(w.replicas[0], b.edit(all...))
	b.fails = func() bool { return w.rnd.IntN(5) == 0 }
	nested := false
	b.amid = func(busy *Planner) {
		if nested || w.rnd.IntN(3) > 0 {
			return
		}
		nested = true
		w.happens(w.replicas[(slices.Index(w.replicas, busy)+1)%len(w.replicas)])
		nested = false
	}
	rounds := 120
	if os.Getenv("PLENARY_SOAK") != "" {
		rounds = 3000
	}
	for range rounds {
		w.happens(w.replicas[w.rnd.IntN(3)])
		w.rings()
		if w.rnd.IntN(4) == 0 {
			_ = w.replicas[w.rnd.IntN(3)].TellLate(t.Context())
		}
		if w.rnd.IntN(20) == 0 {
			w.replicas[w.rnd.IntN(3)] = b.planner()
		}
	}
	b.fails, b.amid = func() bool { return false }, func(*Planner) {}
	b.passes(time.Hour, w.replicas[0])
	for _, p := range w.replicas {
		if err := errors.Join(p.checkWindows(t.Context()), p.CheckPicks(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	w.judge()
}

// whatever is a bench on which things happen at random.
type whatever struct {
	*bench
	rnd      *rand.Rand
	replicas []*Planner
	sessions []string
	chosen   map[string]map[string]int64 // delegate -> session -> revision in sight
	puts     int64
	busy     bool // with an event: there is one at a time
}

// happens does one thing, events on p.
func (w *whatever) happens(p *Planner) {
	s := w.sessions[w.rnd.IntN(len(w.sessions))]
	switch w.rnd.IntN(10) {
	case 0, 1, 2, 3, 4:
		if w.busy {
			return
		}
		w.busy = true
		defer func() { w.busy = false }()
		e := w.edit(w.changed(w.is(s)))
		for repeat := 1 + w.rnd.IntN(3)/2; repeat > 0; {
			if p.Handle(w.t.Context(), e) == nil {
				repeat--
			}
		}
	case 5, 6:
		w.pick("p"+strconv.Itoa(w.rnd.IntN(8)), s)
	case 7:
		w.unpick("p"+strconv.Itoa(w.rnd.IntN(8)), s)
	default:
		w.now = w.now.Add(time.Duration(w.rnd.IntN(60)) * time.Second)
	}
}

func (w *whatever) changed(x event.SessionState) event.SessionState {
	switch w.rnd.IntN(6) {
	case 0:
		x.Start, x.End = x.Start.Add(15*time.Minute), x.End.Add(15*time.Minute)
	case 1:
		x.Status = []string{event.SessionCancelled, event.SessionConfirmed, event.SessionRemoved}[w.rnd.IntN(3)]
	default:
		x.Room, x.Status = []string{"hall", "annex", "attic"}[w.rnd.IntN(3)], event.SessionConfirmed
		x.RoomName = x.Room
	}
	return x
}

// pick has somebody pick a session in sight of a revision of late. Nobody unlearns
// what they have seen.
func (w *whatever) pick(delegate, session string) {
	if w.chosen[delegate] == nil {
		w.chosen[delegate] = map[string]int64{}
	}
	saw, picked := w.chosen[delegate][session]
	switch {
	case saw > 0:
		return
	case picked: // and took it back
		w.chosen[delegate][session] = w.rev
	default:
		w.chosen[delegate][session] = max(1, w.rev-int64(w.rnd.IntN(4)*w.rnd.IntN(3)))
	}
	w.choose(delegate)
}

// unpick has somebody take a pick back: zero is in its place.
func (w *whatever) unpick(delegate, session string) {
	if w.chosen[delegate][session] > 0 {
		w.chosen[delegate][session] = 0
		w.choose(delegate)
	}
}

func (w *whatever) choose(delegate string) {
	w.puts++
	picks := event.PicksState{Delegate: delegate, Revision: w.puts}
	for s, saw := range w.chosen[delegate] {
		if saw > 0 {
			picks.Picks = append(picks.Picks, event.Pick{Session: s, AgendaRevision: saw})
		}
	}
	w.see(event.PicksStateSubject("seoul", delegate), picks)
	for _, p := range w.replicas {
		p.HearPicks("seoul", picks)
	}
}

// rings rings what is due, on any replica; an alarm that nobody acted upon rings
// again later.
func (w *whatever) rings() {
	for _, session := range slices.Sorted(maps.Keys(w.alarms)) {
		at := w.alarms[session]
		if at.After(w.now) {
			continue
		}
		if err := w.replicas[w.rnd.IntN(3)].Ring(w.t.Context(), "seoul", session, at); err == nil && w.alarms[session].Equal(at) {
			delete(w.alarms, session)
		}
	}
}

// judge holds what everybody was told against what they had to know.
func (w *whatever) judge() {
	w.t.Helper()
	fresh, notices := w.planner(), 0
	if n := len(fresh.Ledger.OpenWindows()); n > 0 {
		w.t.Errorf("%d windows are still open", n)
	}
	for delegate, picks := range w.chosen {
		believes := map[string]event.SessionState{}
		for s, saw := range picks {
			if saw > 0 {
				believes[s] = w.at(s, saw)
			}
		}
		items, _ := fresh.Ledger.Inbox("seoul", delegate, 0, 1000)
		for _, n := range items {
			notices++
			s := n.Subject.ID
			if n.To <= picks[s] || picks[s] == 0 {
				continue // it was heard before they took their pick back
			}
			if was := believes[s]; net(was, w.at(s, n.To)) == "" || n.To <= was.Revision || !alike(was, w.at(s, n.From)) {
				w.t.Errorf("%s, who knows %s as of %d, hears %d>%d", delegate, s, was.Revision, n.From, n.To)
			}
			believes[s] = w.at(s, n.To)
		}
		for s, x := range believes {
			if is := w.is(s); net(x, is) != "" {
				w.t.Errorf("%s saw %s at %d, knows it as of %d, and it is as of %d", delegate, s, picks[s], x.Revision, is.Revision)
			}
		}
	}
	w.t.Logf("%d edits, %d notices", w.rev, notices)
	if notices < 25 {
		w.t.Errorf("%d notices: the test proves nothing", notices)
	}
}
