package seat_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/seat"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

const (
	seoul   = "seoul-2013"
	korea   = "korea"
	hungary = "hungary"
)

var (
	liaison = caller.Caller{Delegate: "lee", Conference: seoul, Delegation: korea, Roles: []string{caller.Liaison}}
	office  = caller.Caller{Delegate: "ofc", Conference: seoul, Delegation: hungary, Roles: []string{caller.Secretariat}}
)

// A rig is one store and one bus; replicas stand on it.
type rig struct {
	t     *testing.T
	store *store.Store

	mu     sync.Mutex
	at     time.Time
	states map[string]delegate.StateMessage
	events []event.Envelope
	books  []*delegate.Book
	ended  []string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	e := enginestest.Test(t)
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	r := &rig{t: t, store: st, at: time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC), states: map[string]delegate.StateMessage{}}
	b := r.replica(nil).book.(*delegate.Book)
	for _, g := range []delegate.Delegation{{ID: korea, Head: "kim"}, {ID: hungary}} {
		g.Conference, g.Kind = seoul, delegate.State
		if _, err := b.AddDelegation(t.Context(), g, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []delegate.Delegate{
		{ID: "kim", Delegation: korea, Roles: []string{caller.Delegate, caller.Liaison, caller.Desk}},
		{ID: "lee", Delegation: korea, Roles: []string{caller.Liaison}},
		{ID: "ahn", Delegation: korea, Roles: []string{caller.Delegate}},
		{ID: "oh", Delegation: korea, Roles: []string{caller.Delegate}},
		{ID: "gone", Delegation: korea, Status: event.Removed},
		{ID: "nobody", Delegation: korea, Status: event.Erased},
		{ID: "ofc", Delegation: hungary, Roles: []string{caller.Secretariat}},
		{ID: "nagy", Delegation: hungary},
		{ID: "far", Delegation: korea, Conference: "london-2011"},
	} {
		if d.Conference == "" {
			d.Conference = seoul
		}
		if _, err := b.AddDelegate(t.Context(), d, ""); err != nil {
			t.Fatal(err)
		}
	}
	r.events = nil
	return r
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = r.at.Add(d)
}

// PutState is the bus: every replica hears it before it returns.
func (r *rig) PutState(ctx context.Context, subject string, revision int64, data []byte) error {
	r.mu.Lock()
	if r.states[subject].Revision >= revision {
		r.mu.Unlock()
		return nil
	}
	r.states[subject] = delegate.StateMessage{Subject: subject, Revision: revision, Data: data}
	books := slices.Clone(r.books)
	r.mu.Unlock()
	for _, b := range books {
		if err := b.Hear(ctx, subject, revision, data); err != nil {
			return err
		}
	}
	return nil
}

func (r *rig) PutStates(ctx context.Context, states []delegate.StateMessage) error {
	for _, s := range states {
		if err := r.PutState(ctx, s.Subject, s.Revision, s.Data); err != nil {
			return err
		}
	}
	return nil
}

func (r *rig) Publish(_ context.Context, e event.Envelope) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.ContainsFunc(r.events, func(told event.Envelope) bool { return told.ID == e.ID }) {
		r.events = append(r.events, e)
	}
	return nil
}

// told counts the events of a type.
func (r *rig) told(p event.Payload) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Type == p.Type() {
			n++
		}
	}
	return n
}

// A replica is one process.
type replica struct {
	*seat.Desk
	book interface {
		Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
		Delegation(ctx context.Context, conference, id string) (delegate.Delegation, error)
	}
}

// replica starts a process; one with a fuse ends when that has burnt down.
func (r *rig) replica(f *fuse) replica {
	r.t.Helper()
	owe := func(_ string, tell func(context.Context) error) {
		if f.burn() != nil {
			return // it ended before it told anybody
		}
		if err := tell(context.Background()); err != nil {
			r.t.Errorf("tell: %v", err)
		}
	}
	keeper := delegate.Keeper{
		Delegates: mongostore.NewDelegates(r.store), Delegations: mongostore.NewDelegations(r.store), Numbers: mongostore.NewNumbers(r.store),
	}
	b := delegate.NewBook(keeper, r, owe, r.now)
	b.OnEnded(func(_ context.Context, d delegate.Delegate) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ended = append(r.ended, d.ID)
		return nil
	})
	if err := b.Load(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	r.books = append(r.books, b)
	states := r.states
	r.mu.Unlock()
	for _, s := range states {
		if err := b.Hear(r.t.Context(), s.Subject, s.Revision, s.Data); err != nil {
			r.t.Fatal(err)
		}
	}
	b.Begin()
	clock := func(string) time.Time { return r.now().Add(time.Hour) } // the conference is an hour ahead
	return replica{seat.NewDesk(fused{mongostore.NewSeats(r.store), f}, fusedBook{b, f}, clock, r.now, slog.New(slog.DiscardHandler)), b}
}

// start is the conference clock at the beginning of every test.
var start = time.Date(2013, 10, 17, 9, 0, 0, 0, time.UTC)

func (p replica) person(t *testing.T, id string) delegate.Delegate {
	t.Helper()
	d, err := p.book.Delegate(t.Context(), seoul, id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (p replica) head(t *testing.T) string {
	t.Helper()
	g, err := p.book.Delegation(t.Context(), seoul, korea)
	if err != nil {
		t.Fatal(err)
	}
	return g.Head
}

// becomes gives somebody a status by hand.
func (p replica) becomes(t *testing.T, id, status string) {
	t.Helper()
	_, err := p.book.(*delegate.Book).ChangeDelegate(t.Context(), seoul, id, 0, "ofc", "", func(d delegate.Delegate) (delegate.Delegate, error) {
		d.Status, d.Deputy = status, ""
		return d, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A fuse ends a process after so many of its steps. A nil fuse never does.
type fuse struct{ left atomic.Int64 }

var errEnded = errors.New("the process has ended")

func (f *fuse) burn() error {
	if f != nil && f.left.Add(-1) < 0 {
		return errEnded
	}
	return nil
}

// fused are the substitutions as a process with a fuse writes them.
type fused struct {
	*mongostore.Seats
	fuse *fuse
}

func (f fused) Insert(ctx context.Context, s seat.Substitution) error {
	return errors.Join(f.fuse.burn(), f.Seats.Insert(ctx, s)) // written, and then it ended
}

func (f fused) Advance(ctx context.Context, s seat.Substitution, from string) error {
	if err := f.fuse.burn(); err != nil {
		return err
	}
	return f.Seats.Advance(ctx, s, from)
}

type fusedBook struct {
	*delegate.Book
	fuse *fuse
}

func (f fusedBook) ChangeDelegate(ctx context.Context, conference, id string, expect int64, by, principal string, g func(delegate.Delegate) (delegate.Delegate, error), extra ...event.Payload) (delegate.Delegate, error) {
	if err := f.fuse.burn(); err != nil {
		return delegate.Delegate{}, err
	}
	return f.Book.ChangeDelegate(ctx, conference, id, expect, by, principal, g, extra...)
}

func (f fusedBook) ChangeDelegation(ctx context.Context, conference, id string, expect int64, by, principal string, g func(delegate.Delegation) (delegate.Delegation, error), extra ...event.Payload) (delegate.Delegation, error) {
	if err := f.fuse.burn(); err != nil {
		return delegate.Delegation{}, err
	}
	return f.Book.ChangeDelegation(ctx, conference, id, expect, by, principal, g, extra...)
}
