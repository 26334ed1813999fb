// Package storetest holds any store to the promises of package store.
//
// It runs every operation that the services use against a real server: the
// embedded store in every test run, a MongoDB where somebody has one. What
// passes on both is the language the services may speak; an operation that is
// not here is not promised.
package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

// Run tests the store that open opens. The database may hold anything; the
// suite works in collections of its own and leaves them behind. The store is
// closed by whoever opened it, after t.
func Run(t *testing.T, open func(testing.TB) *store.Store) {
	s := newSuite(open(t))
	t.Run("insert", s.insert)
	t.Run("insert many", s.insertAll)
	t.Run("insert in order", s.insertInOrder)
	t.Run("values", s.values)
	t.Run("guards", s.guards)
	t.Run("update", s.update)
	t.Run("outbox", s.outbox)
	t.Run("replace", s.replace)
	t.Run("delete", s.delete)
	t.Run("read", s.read)
	t.Run("races", s.races)
	t.Run("contexts", s.contexts)
}

type suite struct {
	store *store.Store
	run   string
	mu    sync.Mutex
	named int
}

func newSuite(open *store.Store) *suite {
	return &suite{store: open, run: fmt.Sprintf("%08x", rand.Uint32())}
}

// collection returns an empty one.
func (s *suite) collection() *store.Collection {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named++
	return s.store.Collection(fmt.Sprintf("suite_%s_%d", s.run, s.named))
}

// with returns a collection that holds the given documents.
func (s *suite) with(t *testing.T, docs ...any) *store.Collection {
	t.Helper()
	c := s.collection()
	for _, doc := range docs {
		if err := c.Insert(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// get reads a document that has to be there.
func get(t *testing.T, c *store.Collection, id string) bson.M {
	t.Helper()
	doc := bson.M{}
	if err := c.Get(t.Context(), id, &doc); err != nil {
		t.Fatalf("get %q: %v", id, err)
	}
	return doc
}

// want compares an error with the one promised; nil means success.
func want(t *testing.T, got, promised error) {
	t.Helper()
	if !errors.Is(got, promised) || (promised == nil) != (got == nil) {
		t.Fatalf("error = %v, want %v", got, promised)
	}
}

// together calls f n times at once and counts how often each error came back.
func together(n int, f func(i int) error) map[error]int {
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	count := map[error]int{}
	for _, err := range errs {
		count[err]++
	}
	return count
}
