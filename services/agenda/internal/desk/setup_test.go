package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/deployments/engines"
	"plenary.example/services/agenda/internal/live"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

var (
	quiet = slog.New(slog.DiscardHandler)
	nine  = time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC) // in Seoul
)

// A replica is one process' worth of the desk.
type replica struct {
	*Desk
	store *store.Store
	bus   *bus.Bus
	live  *live.Conferences
	watch *bus.Watch
	clock *clock
}

// A clock shows the wall's time, or later.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
	stood time.Time // when it was stopped; zero while it runs
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stood.IsZero() {
		return c.stood.Add(c.ahead)
	}
	return time.Now().Add(c.ahead)
}

// stop has it stand but for advance, so that nothing becomes overdue because a
// machine is slow.
func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stood = time.Now()
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// open starts a replica that looks after nothing by itself; stop ends it as a
// crash would, with nothing told that was not.
func open(t testing.TB, e *engines.Engines, options ...func(*Options)) (r *replica, stop func()) {
	t.Helper()
	r = &replica{clock: &clock{}}
	var err error
	if r.store, err = store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "agenda"}); err != nil {
		t.Fatal(err)
	}
	if r.bus, err = bus.Connect(t.Context(), bus.Config{Options: e.Bus()}, quiet); err != nil {
		t.Fatal(err)
	}
	if r.live, err = live.Open(t.Context(), r.store, r.bus, r.clock.now, quiet); err != nil {
		t.Fatal(err)
	}
	rooms := []programme.Room{{ID: "b1", Name: "B1", Kind: "bilateral", Capacity: 8, Zone: "north"}, {ID: "b2", Name: "B2", Kind: "bilateral", Capacity: 8}, {ID: "hall", Name: "Hall", Kind: "hall"}}
	facts := programme.Conference{ID: "seoul", Zone: "Asia/Seoul", Days: []string{"2013-10-17", "2013-10-18"}, Languages: []string{"en"}, ClockOffset: time.Until(nine.Add(-24 * time.Hour)).Truncate(time.Second)}
	if err := r.live.Add(t.Context(), facts, rooms, nil, nil); err != nil {
		t.Fatal(err)
	}
	o := Options{Idle: true, Patience: time.Minute}
	for _, set := range options {
		set(&o)
	}
	if r.Desk, err = Open(t.Context(), r.store, r.bus, r.live, r.clock.now, quiet, o); err != nil {
		t.Fatal(err)
	}
	r.live.HoldRooms(r.HoldRooms)
	r.watch, err = r.bus.WatchState(t.Context(), func(ctx context.Context, m bus.Seen) error {
		return errors.Join(r.live.Hint(ctx, m), r.Hint(ctx, m))
	})
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			over, cancel := context.WithCancel(context.Background())
			cancel()
			r.watch.Stop()
			r.Close(over)
			r.live.Close(over)
			r.bus.Close()
			_ = r.store.Close(context.Background())
		})
	}
	t.Cleanup(stop)
	return r, stop
}

// deaf makes a replica hear nothing of its siblings.
func (r *replica) deaf() *replica { r.watch.Stop(); return r }

// quieted waits until everything is told and freed.
func (r *replica) quieted(t testing.TB) {
	t.Helper()
	for r.relay.Depth()+r.broom.Depth()+r.live.Owed() > 0 {
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("still owed")
		}
	}
}

// at is the n-th half hour of the first day.
func at(n int) meeting.Slot {
	start := nine.Add(time.Duration(n) * 30 * time.Minute)
	return meeting.Slot{Start: start, End: start.Add(25 * time.Minute)}
}

// asked is a request of one delegation to another, each with one principal.
func asked(from, to string) meeting.Meeting {
	return meeting.Meeting{
		Status: meeting.Requested, Level: meeting.Minister, Minutes: 25, Topic: "something secret",
		Sides: [2]meeting.Side{{Delegation: from, Principals: []string{from + "-1"}}, {Delegation: to, Principals: []string{to + "-1"}}},
	}
}

// request brings a meeting that holds nothing.
func (r *replica) request(t testing.TB, id, from, to string) meeting.Meeting {
	t.Helper()
	m, err := r.Add(t.Context(), "seoul", id, meeting.By{Actor: from + "-9", Delegation: from}, func(meeting.World) (meeting.Plan, error) {
		m := asked(from, to)
		m.ID = id
		return meeting.Plan{Next: m, Told: meeting.Entry{Verb: meeting.WasRequested}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var errNotFree = problem.New(problem.Conflict, "slot_taken", "The slot is taken.")

// into confirms a meeting at a slot in a room, where the diary has it free.
func into(slot meeting.Slot, room string) meeting.Decision {
	return func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		m.Status, m.Slot, m.Room = meeting.Confirmed, slot, room
		holds := m.Needs(slot, room, 5*time.Minute)
		for _, h := range holds {
			if !w.Diary.Free(h, m.ID) {
				return meeting.Plan{}, errNotFree
			}
		}
		return meeting.Plan{Next: m, Holds: holds, Told: meeting.Entry{Verb: meeting.WasConfirmed}}, nil
	}
}

// out cancels a meeting.
func out(_ meeting.World, m meeting.Meeting) (meeting.Plan, error) {
	m.Status = meeting.Cancelled
	return meeting.Plan{Next: m, Told: meeting.Entry{Verb: meeting.WasCancelled, Reason: "no more"}}, nil
}

// sound checks that every confirmed meeting holds all of its slot and has exactly
// its claims, that no cell is held twice and that nothing is left over.
func (r *replica) sound(t testing.TB) {
	t.Helper()
	if err := r.audit(t.Context()); err != nil {
		t.Error(err)
	}
}

func (r *replica) audit(ctx context.Context) error {
	meetings, err := store.All[meeting.Meeting](ctx, r.meetings, nil)
	if err != nil {
		return err
	}
	claims, err := store.All[Claim](ctx, r.claims, nil)
	if err != nil {
		return err
	}
	there := map[string]Claim{}
	for _, c := range claims {
		there[c.ID] = c
	}
	var errs []error
	for _, m := range meetings {
		if m.Attempt != nil || m.Act != "" || len(m.Freed) > 0 || m.Revision == 0 {
			errs = append(errs, fmt.Errorf("meeting %s is left with attempt %v, act %q, %d freed at revision %d", m.ID, m.Attempt, m.Act, len(m.Freed), m.Revision))
		}
		if (m.Status == meeting.Confirmed) != (len(m.Holds) > 0) {
			errs = append(errs, fmt.Errorf("meeting %s is %s and holds %v", m.ID, m.Status, m.Holds))
		}
		held := cells(m.Holds)
		if m.Status == meeting.Confirmed {
			for k := range cells(m.Needs(m.Slot, m.Room, 0)) {
				if _, is := held[k]; !is {
					errs = append(errs, fmt.Errorf("meeting %s stands at %v in %q and does not hold %v", m.ID, m.Slot, m.Room, k))
				}
			}
		}
		for k, attempt := range held {
			id := meeting.ClaimID(m.Conference, k.resource, k.n)
			if c, ok := there[id]; !ok || c.Holder != m.ID || c.Attempt != attempt {
				errs = append(errs, fmt.Errorf("meeting %s holds %s under %s, the claim is %+v", m.ID, id, attempt, c))
			}
			delete(there, id)
		}
	}
	for id, c := range there {
		if c.Holder != agendaHolder {
			errs = append(errs, fmt.Errorf("claim %s of %s under %s is left over", id, c.Holder, c.Attempt))
		}
	}
	return errors.Join(errs...)
}

// hears passes on the types of the events of the agenda that were and are told.
func (r *replica) hears(t testing.TB, told chan<- string) {
	t.Helper()
	tail, err := r.bus.Tail(t.Context(), bus.StreamAgenda, 1, func(_ context.Context, m bus.Seen) error {
		e, err := event.Parse(m.Data)
		if err == nil {
			told <- e.Type
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tail.Stop)
}

// storeActs counts the acts in the store.
func storeActs(t testing.TB, r *replica) (int, error) {
	t.Helper()
	all, err := store.All[act](t.Context(), r.acts, nil)
	return len(all), err
}

// agendaClaims counts the cells claimed for sessions.
func (r *replica) agendaClaims(t testing.TB) int {
	t.Helper()
	all, err := store.All[Claim](t.Context(), r.claims, bson.M{"meeting": agendaHolder})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
