package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

func (s *suite) delete(t *testing.T) {
	t.Parallel()
	t.Run("deleting what is not there is no error without a guard", func(t *testing.T) {
		t.Parallel()
		want(t, s.collection().Delete(t.Context(), "ghost", nil), nil)
		c := s.with(t, bson.M{"_id": "d"})
		want(t, c.Delete(t.Context(), "ghost", nil), nil)
		want(t, c.Delete(t.Context(), "d", nil), nil)
		want(t, c.Delete(t.Context(), "d", nil), nil)
	})
	t.Run("and is stale with one", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "d", "attempt": "a"})
		want(t, c.Delete(t.Context(), "d", bson.M{"attempt": "b"}), store.ErrStale)
		want(t, c.Delete(t.Context(), "d", bson.M{"attempt": "a"}), nil)
		want(t, c.Delete(t.Context(), "d", bson.M{"attempt": "a"}), store.ErrStale)
	})
}

func (s *suite) read(t *testing.T) {
	t.Parallel()
	t.Run("a missing document is ErrMissing, also in a missing collection", func(t *testing.T) {
		t.Parallel()
		var doc bson.M
		want(t, s.collection().Get(t.Context(), "ghost", &doc), store.ErrMissing)
		want(t, s.with(t, bson.M{"_id": "d"}).Get(t.Context(), "ghost", &doc), store.ErrMissing)
	})
	t.Run("all of nothing is nothing", func(t *testing.T) {
		t.Parallel()
		all, err := store.All[bson.M](t.Context(), s.collection(), nil)
		if want(t, err, nil); len(all) != 0 {
			t.Errorf("%d documents", len(all))
		}
	})
	t.Run("all of three thousand are read, each once", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		want(t, c.InsertAll(t.Context(), numbered(0, 3000)), nil)
		expectNumbers(t, c, 3000)
	})
	t.Run("a filter selects", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		var docs []any
		for i := range 20 {
			docs = append(docs, bson.M{
				"_id": fmt.Sprint(i), "conference": fmt.Sprint("c", i%2), "n": int64(i), "in": bson.M{"even": i%2 == 0}, "tags": bson.A{fmt.Sprint(i % 5)},
			})
		}
		want(t, c.InsertAll(t.Context(), docs), nil)
		for name, tc := range map[string]struct {
			filter bson.M
			n      int
		}{
			"by text": {bson.M{"conference": "c1"}, 10}, "by a range": {bson.M{"n": bson.M{"$gte": int64(5), "$lt": int64(8)}}, 3},
			"by a nested field": {bson.M{"in.even": true}, 10}, "by a member": {bson.M{"tags": "3"}, 4},
			"by two": {bson.M{"conference": "c1", "n": bson.M{"$gt": int64(15)}}, 2}, "by $in": {bson.M{"_id": bson.M{"$in": bson.A{"3", "4", "x"}}}, 2},
			"by _id": {bson.M{"_id": "7"}, 1}, "by nothing there": {bson.M{"ghost": "x"}, 0}, "by absence": {bson.M{"ghost": nil}, 20},
		} {
			all, err := store.All[bson.M](t.Context(), c, tc.filter)
			if want(t, err, nil); len(all) != tc.n {
				t.Errorf("%s: %d documents, want %d", name, len(all), tc.n)
			}
		}
	})
	t.Run("what is written is read at once", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "d", "n": int64(0)})
		for i := range int64(50) {
			want(t, c.Update(t.Context(), "d", bson.M{"n": i}, bson.M{"$set": bson.M{"n": i + 1}}), nil)
			if got := get(t, c, "d")["n"]; got != i+1 {
				t.Fatalf("n = %v after writing %d", got, i+1)
			}
		}
	})
}

func (s *suite) contexts(t *testing.T) {
	t.Parallel()
	t.Run("a context that is over ends every operation with its error", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "d"})
		over, cancel := context.WithCancel(t.Context())
		cancel()
		var doc bson.M
		_, err := store.All[bson.M](over, c, nil)
		for name, err := range map[string]error{
			"insert": c.Insert(over, bson.M{"_id": "e"}), "update": c.Update(over, "d", nil, bson.M{"$set": bson.M{"x": 1}}),
			"delete": c.Delete(over, "d", nil), "get": c.Get(over, "d", &doc), "all": err, "ping": s.store.Ping(over),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s = %v, want context.Canceled", name, err)
			}
		}
		get(t, c, "d")
	})
	t.Run("an operation whose time ran out says so, wherever it ran out", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		together(24, func(i int) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*2*time.Millisecond)
			defer cancel()
			docs := numbered(i*300, i*300+300)
			if err := c.InsertAll(ctx, docs); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("insert: %v", err)
			}
			if _, err := store.All[bson.M](ctx, c, nil); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("all: %v", err)
			}
			return nil
		})
	})
	t.Run("clients that give up leave the store whole", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "d", "a": int64(0), "b": int64(0)})
		together(20, func(i int) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*200*time.Microsecond)
			defer cancel()
			return c.Update(ctx, "d", nil, bson.M{"$inc": bson.M{"a": int64(1), "b": int64(1)}})
		})
		want(t, c.Update(t.Context(), "d", nil, bson.M{"$inc": bson.M{"a": int64(1), "b": int64(1)}}), nil)
		if doc := get(t, c, "d"); doc["a"] != doc["b"] || doc["a"].(int64) < 1 {
			t.Errorf("document = %v, want a and b alike", doc)
		}
		want(t, s.store.Ping(t.Context()), nil)
	})
}
