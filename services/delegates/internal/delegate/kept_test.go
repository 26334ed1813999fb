package delegate_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

const seoul = "seoul-2013"

var opening = time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)

// shelf is a store in memory that any number of books share.
type shelf[T any] struct {
	mu    sync.Mutex
	docs  map[string]T
	key   func(T) (id string, revision int64)
	told  func(T, []delegate.Act) T
	reads int
	fail  error // of a Replace, when set: nothing is written
	lost  error // of a Replace, when set: it is written all the same
}

func (s *shelf[T]) All(context.Context) ([]T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []T
	for _, d := range s.docs {
		all = append(all, d)
	}
	return all, nil
}

func (s *shelf[T]) Get(_ context.Context, id string) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	d, ok := s.docs[id]
	if !ok {
		return d, problem.New(problem.NotFound, "not_found", "Nobody.")
	}
	return d, nil
}

func (s *shelf[T]) Insert(_ context.Context, d T) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _ := s.key(d)
	if _, ok := s.docs[id]; ok {
		return delegate.ErrExists
	}
	s.docs[id] = d
	return nil
}

func (s *shelf[T]) InsertAll(ctx context.Context, docs []T) (err error) {
	for _, d := range docs {
		err = errors.Join(err, s.Insert(ctx, d))
	}
	return err
}

func (s *shelf[T]) Replace(_ context.Context, id string, revision int64, d T) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	if _, at := s.key(s.docs[id]); max(1, at) != revision {
		return delegate.ErrStale
	}
	s.docs[id] = d
	return s.lost
}

func (s *shelf[T]) Settle(_ context.Context, id string, revision int64, acts []delegate.Act) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, at := s.key(s.docs[id]); max(1, at) != revision {
		return delegate.ErrStale
	}
	s.docs[id] = s.told(s.docs[id], acts)
	return nil
}

func less(owed, told []delegate.Act) []delegate.Act {
	return slices.DeleteFunc(slices.Clone(owed), func(a delegate.Act) bool { return slices.Contains(told, a) })
}

// numbers are the accreditation numbers of one store.
type numbers struct {
	mu   sync.Mutex
	held map[string]string
	at   map[string]time.Time
}

func (n *numbers) Claim(_ context.Context, conference, number, by string, at time.Time) (string, time.Time, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := conference + "/" + number
	if h, ok := n.held[key]; ok && h != by {
		return h, n.at[key], delegate.ErrExists
	}
	n.held[key], n.at[key] = by, at
	return by, at, nil
}

func (n *numbers) ClaimAll(ctx context.Context, conference string, all map[string]string, at time.Time) (taken []string, err error) {
	for holder, number := range all {
		if _, _, err := n.Claim(ctx, conference, number, holder, at); err != nil {
			taken = append(taken, holder)
		}
	}
	return taken, nil
}

func (n *numbers) Take(_ context.Context, conference, number, from, by string, at time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := conference + "/" + number
	if n.held[key] != from {
		return delegate.ErrStale
	}
	n.held[key], n.at[key] = by, at
	return nil
}

func (n *numbers) Release(_ context.Context, conference, number, by string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if key := conference + "/" + number; n.held[key] == by {
		delete(n.held, key)
	}
	return nil
}

// house is one store and one bus; books on it are replicas.
type house struct {
	delegates   *shelf[delegate.Delegate]
	delegations *shelf[delegate.Delegation]
	numbers     *numbers

	mu     sync.Mutex
	states map[string]delegate.StateMessage
	events []event.Envelope
	puts   int
	books  []*delegate.Book
	at     time.Time
}

func newHouse() *house {
	h := &house{states: map[string]delegate.StateMessage{}, numbers: &numbers{held: map[string]string{}, at: map[string]time.Time{}}, at: opening}
	h.delegates = &shelf[delegate.Delegate]{
		docs: map[string]delegate.Delegate{}, key: func(d delegate.Delegate) (string, int64) { return d.ID, d.Revision },
		told: func(d delegate.Delegate, acts []delegate.Act) delegate.Delegate {
			d.Pending, d.Owed = false, less(d.Owed, acts)
			return d
		},
	}
	h.delegations = &shelf[delegate.Delegation]{
		docs: map[string]delegate.Delegation{}, key: func(d delegate.Delegation) (string, int64) { return d.ID, d.Revision },
		told: func(d delegate.Delegation, acts []delegate.Act) delegate.Delegation {
			d.Pending, d.Owed = false, less(d.Owed, acts)
			return d
		},
	}
	return h
}

func (h *house) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// PutState is the bus: every replica hears it before it returns.
func (h *house) PutState(ctx context.Context, subject string, revision int64, data []byte) error {
	h.mu.Lock()
	if h.states[subject].Revision >= revision {
		h.mu.Unlock()
		return nil
	}
	h.states[subject] = delegate.StateMessage{Subject: subject, Revision: revision, Data: data}
	h.puts++
	books := slices.Clone(h.books)
	h.mu.Unlock()
	for _, b := range books {
		if err := b.Hear(ctx, subject, revision, data); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) PutStates(ctx context.Context, states []delegate.StateMessage) error {
	for _, s := range states {
		if err := h.PutState(ctx, s.Subject, s.Revision, s.Data); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) Publish(_ context.Context, e event.Envelope) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.ContainsFunc(h.events, func(told event.Envelope) bool { return told.ID == e.ID }) {
		h.events = append(h.events, e)
	}
	return nil
}

// at once is a relay that does not wait.
func atOnce(t testing.TB) func(string, func(context.Context) error) {
	return func(name string, tell func(context.Context) error) {
		if err := tell(context.Background()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// never is a relay of a process that ends before it tells anything.
func never(string, func(context.Context) error) {}

// replica starts another book.
func (h *house) replica(t testing.TB, owe func(string, func(context.Context) error)) *delegate.Book {
	t.Helper()
	b := delegate.NewBook(delegate.Keeper{Delegates: h.delegates, Delegations: h.delegations, Numbers: h.numbers}, h, owe, h.Now)
	if err := b.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	states := h.states
	h.books = append(h.books, b)
	h.mu.Unlock()
	for _, s := range states {
		if err := b.Hear(t.Context(), s.Subject, s.Revision, s.Data); err != nil {
			t.Fatal(err)
		}
	}
	b.Begin()
	return b
}

// types of the events, in their order.
func (h *house) types() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var types []string
	for _, e := range h.events {
		types = append(types, e.Type)
	}
	return types
}
