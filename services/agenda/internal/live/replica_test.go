package live

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

var quiet = slog.New(slog.DiscardHandler)

// A replica is one process' worth of the agenda's memory.
type replica struct {
	*Conferences
	store *store.Store
	bus   *bus.Bus
	watch *bus.Watch
}

// open starts a replica; stop ends it as a crash would, with nothing told that
// was not.
func open(t testing.TB, e *engines.Engines) (r *replica, stop func()) {
	t.Helper()
	r = &replica{}
	var err error
	if r.store, err = store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "agenda"}); err != nil {
		t.Fatal(err)
	}
	if r.bus, err = bus.Connect(t.Context(), bus.Config{Options: e.Bus()}, quiet); err != nil {
		t.Fatal(err)
	}
	if r.Conferences, err = Open(t.Context(), r.store, r.bus, time.Now, quiet); err != nil {
		t.Fatal(err)
	}
	if r.watch, err = r.bus.WatchState(t.Context(), r.Hint); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			over, cancel := context.WithCancel(context.Background())
			cancel()
			r.watch.Stop()
			r.Close(over)
			r.bus.Close()
			_ = r.store.Close(context.Background())
		})
	}
	t.Cleanup(stop)
	return r, stop
}

func seoul(sessions ...programme.Session) (programme.Conference, []programme.Room, []programme.Session) {
	return programme.Conference{ID: "seoul", Zone: "Asia/Seoul", Languages: []string{"en"}},
		[]programme.Room{{ID: "hall", Name: "Hall"}, {ID: "annex", Name: "Annex"}}, sessions
}

func panel(id string) programme.Session {
	start := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	return programme.Session{ID: id, Kind: programme.Panel, Title: programme.Text{"en": id}, Room: "hall", Start: start, End: start.Add(time.Hour), Status: programme.Confirmed}
}

func add(t testing.TB, r *replica, sessions ...programme.Session) {
	t.Helper()
	facts, rooms, sessions := seoul(sessions...)
	if err := r.Add(t.Context(), facts, rooms, sessions, map[string][]string{"d0": {sessions[0].ID}}); err != nil {
		t.Fatal(err)
	}
}

// retitle is a change that can be made again and again.
func retitle(id, title string) func(programme.Conference, programme.Agenda) (programme.Proposal, error) {
	return func(_ programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		s, ok := a.Session(id)
		if !ok {
			return programme.Proposal{}, problem.New(problem.NotFound, "not_found", "no session")
		}
		s.Title = programme.Text{"en": title}
		return programme.Proposal{Sessions: []programme.Session{s}}, nil
	}
}

// synced waits until the replica has heard all that was published.
func synced(t *testing.T, r *replica) {
	t.Helper()
	for r.Owed() > 0 {
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("still owed")
		}
	}
	if err := r.watch.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}
