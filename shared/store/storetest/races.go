package storetest

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

// races tests that a guarded write is one step, however many want it at once.
func (s *suite) races(t *testing.T) {
	t.Parallel()
	const n = 24
	one := func(t *testing.T, count map[error]int, lost error) {
		t.Helper()
		if count[nil] != 1 || count[lost] != n-1 {
			t.Errorf("outcomes = %v, want one success and %d times %v", count, n-1, lost)
		}
	}
	t.Run("of many inserts of one _id one succeeds", func(t *testing.T) {
		t.Parallel()
		for range 5 {
			c := s.collection()
			one(t, together(n, func(i int) error {
				return c.Insert(t.Context(), bson.M{"_id": "room@slot", "holder": int32(i)})
			}), store.ErrExists)
		}
	})
	t.Run("of many updates that expect one revision one succeeds", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "m", "revision": int64(0)})
		for r := range int64(5) {
			one(t, together(n, func(i int) error {
				return c.Update(t.Context(), "m", bson.M{"revision": r}, bson.M{"$set": bson.M{"revision": r + 1, "by": int32(i)}})
			}), store.ErrStale)
		}
	})
	t.Run("of many replacements that expect one revision one succeeds", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "m", "revision": int64(0)})
		for r := range int64(5) {
			one(t, together(n, func(i int) error {
				return c.Replace(t.Context(), "m", bson.M{"revision": r}, bson.M{"_id": "m", "revision": r + 1, "by": int32(i)})
			}), store.ErrStale)
		}
	})
	t.Run("of many that put the next revision one succeeds, from the first on", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		for r := range int64(5) {
			one(t, together(n, func(i int) error {
				return c.Put(t.Context(), "m", r, bson.M{"_id": "m", "revision": r + 1, "by": int32(i)})
			}), store.ErrStale)
		}
		want(t, c.Put(t.Context(), "ghost", 3, bson.M{"_id": "ghost", "revision": int64(4)}), store.ErrStale)
	})
	t.Run("of many deletes that expect one holder one succeeds", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "claim", "holder": "m"})
		one(t, together(n, func(int) error { return c.Delete(t.Context(), "claim", bson.M{"holder": "m"}) }), store.ErrStale)
	})
	t.Run("a guard that the server has to judge itself is one step too", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "m", "slot": bson.M{"start": 9.5}})
		one(t, together(n, func(i int) error {
			return c.Update(t.Context(), "m", bson.M{"slot.start": 9.5}, bson.M{"$set": bson.M{"slot.start": 10.5 + float64(i)}})
		}), store.ErrStale)
	})
	t.Run("no increment is lost", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "n", "n": int64(0)})
		count := together(16, func(int) error {
			for range 25 {
				if err := c.Update(t.Context(), "n", nil, bson.M{"$inc": bson.M{"n": int64(1)}}); err != nil {
					return err
				}
			}
			return nil
		})
		if doc := get(t, c, "n"); doc["n"] != int64(400) || count[nil] != 16 {
			t.Errorf("n = %v after 400 increments, outcomes %v", doc["n"], count)
		}
	})
	t.Run("inserts, updates and deletes of different documents do not disturb each other", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		count := together(n, func(i int) error {
			id := fmt.Sprint("d", i)
			for r := range int64(8) {
				if err := c.Insert(t.Context(), bson.M{"_id": id, "revision": r}); err != nil {
					return err
				}
				if err := c.Update(t.Context(), id, bson.M{"revision": r}, bson.M{"$inc": bson.M{"revision": int64(1)}}); err != nil {
					return err
				}
				if err := c.Delete(t.Context(), id, bson.M{"revision": r + 1}); err != nil {
					return err
				}
			}
			return nil
		})
		if count[nil] != n {
			t.Errorf("outcomes = %v", count)
		}
	})
}
