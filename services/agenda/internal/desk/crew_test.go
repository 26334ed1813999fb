package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/live"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// A crew is some desks over one store, one after another of which may die and be
// replaced by a new one.
type crew struct {
	t       testing.TB
	store   *store.Store
	bus     *bus.Bus
	live    *live.Conferences
	clock   clock
	now     func() time.Time // shows clock, unless a test has its own
	mates   []*mate
	grid    programme.Grid
	days    []string
	deaths  map[string]int // by step, over all of its histories
	persons []event.DelegateState
	states  []event.DelegationState

	mu   sync.Mutex
	told map[string][]int64 // revisions by meeting, as the events have them
	ids  map[string]bool    // of events
	tail *bus.Watch
}

// A mate is one place of the crew, and the desk that is in it.
type mate struct {
	crew *crew
	// ahead is how far its clock is ahead of the others'.
	ahead atomic.Int64

	mu    sync.Mutex
	desk  *Desk
	watch *bus.Watch
	fuse  *fuse
	died  bool // since everything was settled last
}

// A fuse makes a desk die before one of its steps, and write nothing after.
type fuse struct {
	left   atomic.Int64 // steps it still takes; never reaches zero when negative
	before atomic.Value // a step that it does not take whenever it comes to it
	dead   atomic.Bool
	at     atomic.Value // the step it died before
}

func (f *fuse) step(name string) error {
	if !f.dead.Load() && (f.left.Add(-1) == 0 || f.before.Load() == name) {
		f.at.Store(name)
		f.dead.Store(true)
	}
	if f.dead.Load() {
		return errDead
	}
	return nil
}

const never = -1 << 40

func newCrew(t testing.TB, size int) *crew {
	t.Helper()
	return crewAt(t, size, nil)
}

// crewAt is a crew whose clocks show now, unless it is nil.
func crewAt(t testing.TB, size int, now func() time.Time) *crew {
	t.Helper()
	e := enginestest.Test(t)
	c := &crew{t: t, deaths: map[string]int{}, told: map[string][]int64{}, ids: map[string]bool{}}
	c.now, c.days = now, []string{"2013-10-17"}
	c.grid = programme.Grid{Cell: 10, Meeting: 5, Changeover: 5} // few claims to a meeting
	if now == nil {
		c.now = c.clock.now
	}
	var err error
	if c.store, err = store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "agenda"}); err != nil {
		t.Fatal(err)
	}
	if c.bus, err = bus.Connect(t.Context(), bus.Config{Options: e.Bus()}, quiet); err != nil {
		t.Fatal(err)
	}
	if c.live, err = live.Open(t.Context(), c.store, c.bus, c.now, quiet); err != nil {
		t.Fatal(err)
	}
	if c.tail, err = c.bus.Tail(t.Context(), bus.StreamAgenda, 1, c.note); err != nil {
		t.Fatal(err)
	}
	for range size {
		m := &mate{crew: c}
		c.mates = append(c.mates, m)
		m.begin()
	}
	t.Cleanup(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		for _, m := range c.mates {
			m.end()
		}
		c.tail.Stop()
		c.live.Close(over)
		c.bus.Close()
		_ = c.store.Close(context.Background())
	})
	return c
}

// note keeps what the events tell of meetings.
func (c *crew) note(_ context.Context, m bus.Seen) error {
	e, err := event.Parse(m.Data)
	var told event.MeetingTold
	if err != nil || json.Unmarshal(e.Data, &told) != nil || told.Meeting == "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ids[e.ID] { // whoever hears it a second time passes over it
		c.ids[e.ID] = true
		c.told[told.Meeting] = append(c.told[told.Meeting], told.Revision)
	}
	return nil
}

// begin puts a new desk in the place.
func (m *mate) begin() {
	c, f := m.crew, &fuse{}
	f.left.Store(never)
	now := func() time.Time { return c.now().Add(time.Duration(m.ahead.Load())) }
	heard, err := c.bus.LastSequence(context.Background(), bus.StreamState)
	if err != nil {
		c.t.Error(err)
		return
	}
	d, err := Open(context.Background(), c.store, c.bus, c.live, now, quiet, Options{Idle: true, Step: f.step})
	if err != nil {
		c.t.Error(err)
		return
	}
	w, err := c.bus.Tail(context.Background(), bus.StreamState, heard+1, d.Hint)
	if err != nil {
		c.t.Error(err)
		return
	}
	m.desk, m.watch, m.fuse = d, w, f
	m.meet()
}

// end ends the desk of the place as a crash would.
func (m *mate) end() {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	m.watch.Stop()
	m.desk.Close(over)
}

// at is the desk of the place: a new one when the one before has died.
func (m *mate) at() *Desk {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fuse.dead.Load() {
		step := m.fuse.at.Load().(string)
		m.crew.mu.Lock()
		m.crew.deaths[step]++
		m.crew.mu.Unlock()
		m.died = true
		m.restart()
	}
	return m.desk
}

func (m *mate) restart() {
	m.end()
	m.begin()
}

// light makes the desk of the place die before its n-th step from now on, or
// before the first of a name, whichever it comes to first.
func (m *mate) light(n int64, before string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fuse.left.Store(n)
	m.fuse.before.Store(before)
}

// found brings a conference of so many delegations, each with a minister and an
// expert, and of so many rooms, and makes it known to everybody. Its clock shows
// 23 hours before its first meeting.
func (c *crew) found(id string, delegations, rooms int) {
	c.t.Helper()
	facts := programme.Conference{
		ID: id, Zone: "Asia/Seoul", Days: c.days, Languages: []string{"en"}, Grid: c.grid,
		ClockOffset: nine.Add(-22 * time.Hour).Sub(c.now()).Truncate(time.Second),
	}
	var all []programme.Room
	for n := range rooms {
		all = append(all, programme.Room{ID: fmt.Sprint("room", n), Name: fmt.Sprint("Room ", n), Kind: "bilateral", Capacity: 8})
	}
	if err := c.live.Add(c.t.Context(), facts, all, nil, nil); err != nil {
		c.t.Fatal(err)
	}
	c.persons, c.states = nil, nil
	for n := range delegations {
		d, kind := delegation(id, n), "state"
		if n == 0 {
			kind = "host"
		}
		c.states = append(c.states, event.DelegationState{Delegation: d, Status: event.Accredited, Kind: kind, Head: d + "-minister"})
		for _, rank := range []string{"minister", "expert"} {
			c.persons = append(c.persons, event.DelegateState{Delegate: d + "-" + rank, Delegation: d, Status: event.Accredited, Rank: rank})
		}
	}
	for _, m := range c.mates {
		m.meet()
	}
}

// meet makes everybody known to the desk of the place.
func (m *mate) meet() {
	for _, s := range m.crew.persons {
		data, _ := json.Marshal(s)
		m.desk.people.see(s.Delegate[:8], bus.Seen{Data: data})
	}
	for _, s := range m.crew.states {
		data, _ := json.Marshal(s)
		m.desk.people.seeDelegation(s.Delegation[:8], bus.Seen{Data: data})
	}
}

// delegation is the n-th one of a conference, whose id has eight letters.
func delegation(conference string, n int) string { return fmt.Sprintf("%s-d%d", conference, n) }

// slot is the n-th of the slots that meetings want.
func slotOf(n int) meeting.Slot {
	start := nine.Add(time.Hour + time.Duration(n)*10*time.Minute)
	return meeting.Slot{Start: start, End: start.Add(5 * time.Minute)}
}

// settle lets time pass until everything is settled, with nobody dying any more.
func (c *crew) settle() error {
	for _, m := range c.mates {
		m.light(never, "")
		m.at()
		m.ahead.Store(0)
		if m.died { // what it had on the way to the store came after its successor had read all
			m.restart()
			m.died = false
		}
	}
	var errs error
	// By the first, what a desk began whose clock was ahead is overdue, and others
	// may take its acts. By the second, what each freed is to be freed once more.
	for _, after := range []time.Duration{2*(overdue+time.Second) + lateness, lateness} {
		c.clock.advance(after)
		for _, m := range c.mates {
			errs = errors.Join(errs, m.desk.Sweep(c.t.Context()))
		}
		for _, m := range c.mates {
			for m.desk.relay.Depth()+m.desk.broom.Depth() > 0 {
				select {
				case <-time.After(time.Millisecond):
				case <-c.t.Context().Done():
					return errors.New("still owed")
				}
			}
		}
	}
	errs = errors.Join(errs, c.mates[0].desk.LookForOrphans(c.t.Context()), c.tail.Sync(c.t.Context()))
	for _, m := range c.mates {
		errs = errors.Join(errs, m.watch.Sync(c.t.Context()))
	}
	return errs
}
