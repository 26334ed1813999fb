package storetest

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

func (s *suite) insert(t *testing.T) {
	t.Parallel()
	t.Run("a second insert of one _id gets ErrExists and changes nothing", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "hall", "seats": int32(800)})
		want(t, c.Insert(t.Context(), bson.M{"_id": "hall", "seats": int32(1)}), store.ErrExists)
		if doc := get(t, c, "hall"); doc["seats"] != int32(800) {
			t.Errorf("seats = %v, want the first insert's", doc["seats"])
		}
	})
	t.Run("an _id is free again after its document was deleted", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "claim"})
		want(t, c.Delete(t.Context(), "claim", nil), nil)
		want(t, c.Insert(t.Context(), bson.M{"_id": "claim"}), nil)
	})
	t.Run("one _id in two collections is two documents", func(t *testing.T) {
		t.Parallel()
		a, b := s.with(t, bson.M{"_id": "x", "in": "a"}), s.with(t, bson.M{"_id": "x", "in": "b"})
		if get(t, a, "x")["in"] != "a" || get(t, b, "x")["in"] != "b" {
			t.Error("the documents are mixed up")
		}
	})
	t.Run("an _id is any text", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		for _, id := range []string{
			"", " ", "seoul-2013/12", "room@2013-10-17T09:00Z", "a.b.$c", `"quoted" 'single' \ back`, "100%_like*?",
			"서울 2013 – 사이버", "👩🏽‍⚖️", "line\nbreak\ttab", strings.Repeat("long/", 100), "{\"$oid\":\"1\"}",
		} {
			want(t, c.Insert(t.Context(), bson.M{"_id": id, "was": id}), nil)
			want(t, c.Insert(t.Context(), bson.M{"_id": id}), store.ErrExists)
			want(t, c.Update(t.Context(), id, bson.M{"was": id}, bson.M{"$set": bson.M{"seen": true}}), nil)
			if doc := get(t, c, id); doc["_id"] != id || doc["was"] != id || doc["seen"] != true {
				t.Errorf("document %q = %v", id, doc)
			}
			want(t, c.Delete(t.Context(), id, bson.M{"seen": true}), nil)
		}
	})
	t.Run("ids differ by case and by accents", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "Cote"}, bson.M{"_id": "cote"}, bson.M{"_id": "côte"}, bson.M{"_id": "co\u0302te"})
		all, err := store.All[bson.M](t.Context(), c, nil)
		if want(t, err, nil); len(all) != 4 {
			t.Errorf("%d documents, want 4", len(all))
		}
	})
	t.Run("a document may have 1 MB", func(t *testing.T) {
		t.Parallel()
		s.bigDocument(t, 1)
	})
}

func (s *suite) insertAll(t *testing.T) {
	t.Parallel()
	t.Run("no documents are no error", func(t *testing.T) {
		t.Parallel()
		want(t, s.collection().InsertAll(t.Context(), nil), nil)
	})
	t.Run("a thousand documents are all there", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		want(t, c.InsertAll(t.Context(), numbered(0, 1000)), nil)
		expectNumbers(t, c, 1000)
	})
	t.Run("those that exist are passed over and reported", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		want(t, c.Insert(t.Context(), bson.M{"_id": "n120", "n": int32(120), "first": true}), nil)
		want(t, c.InsertAll(t.Context(), numbered(0, 250)), store.ErrExists)
		expectNumbers(t, c, 250)
		if get(t, c, "n120")["first"] != true {
			t.Error("the document that existed was written over")
		}
		want(t, c.InsertAll(t.Context(), numbered(0, 250)), store.ErrExists)
		expectNumbers(t, c, 250)
	})
	t.Run("one _id twice in one call is written once", func(t *testing.T) {
		t.Parallel()
		c := s.collection()
		want(t, c.InsertAll(t.Context(), append(numbered(0, 10), numbered(5, 6)...)), store.ErrExists)
		expectNumbers(t, c, 10)
	})
}

// numbered makes the documents n<from> to n<to-1>.
func numbered(from, to int) (docs []any) {
	for i := from; i < to; i++ {
		docs = append(docs, bson.M{"_id": fmt.Sprintf("n%d", i), "n": int32(i), "text": "a page of the sample"})
	}
	return docs
}

// expectNumbers checks that exactly the first n numbered documents are there.
func expectNumbers(t *testing.T, c *store.Collection, n int) {
	t.Helper()
	all, err := store.All[struct{ N int }](t.Context(), c, nil)
	want(t, err, nil)
	seen := map[int]bool{}
	for _, doc := range all {
		seen[doc.N] = true
	}
	if len(all) != n || len(seen) != n || !seen[0] || !seen[n-1] {
		t.Errorf("%d documents, %d different ones, want %d", len(all), len(seen), n)
	}
}
