package storetest

import (
	"slices"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

func (s *suite) insertInOrder(t *testing.T) {
	t.Parallel()
	t.Run("no documents are no error", func(t *testing.T) {
		t.Parallel()
		n, err := s.collection().InsertInOrder(t.Context(), nil)
		if want(t, err, nil); n != 0 {
			t.Errorf("wrote %d", n)
		}
	})
	t.Run("a thousand documents are all there", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		n, err := c.InsertInOrder(t.Context(), numbered(0, 1000))
		if want(t, err, nil); n != 1000 {
			t.Errorf("wrote %d", n)
		}
		expectNumbers(t, c, 1000)
	})
	t.Run("it stops at the first that exists and says which", func(t *testing.T) {
		t.Parallel()
		for _, taken := range []int{0, 7, 499, 500, 620} {
			c := s.collection()
			docs := numbered(0, 700)
			want(t, c.Insert(t.Context(), docs[taken]), nil)
			n, err := c.InsertInOrder(t.Context(), docs)
			if want(t, err, store.ErrExists); n != taken {
				t.Errorf("stopped at %d, want %d", n, taken)
			}
			expectNumbers(t, c, taken+1)
		}
	})
	t.Run("of many calls that want some of the same in one order one gets all", func(t *testing.T) {
		t.Parallel()
		const many = 16
		for range 5 {
			c := s.collection()
			var mu sync.Mutex
			var all []int
			count := together(many, func(i int) error {
				var docs []any
				for _, doc := range numbered(0, 20) {
					docs = append(docs, bson.M{"_id": doc.(bson.M)["_id"], "by": int32(i)})
				}
				n, err := c.InsertInOrder(t.Context(), docs)
				mu.Lock()
				defer mu.Unlock()
				all = append(all, n)
				return err
			})
			if slices.Sort(all); count[nil] != 1 || count[store.ErrExists] != many-1 || all[many-2] != 0 || all[many-1] != 20 {
				t.Errorf("outcomes = %v, written %v", count, all)
			}
		}
	})
}
