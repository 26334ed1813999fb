package storetest

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

// RunLarge tests what takes too long for every run: the sizes at which stores
// and their messages end.
func RunLarge(t *testing.T, open func(testing.TB) *store.Store) {
	s := newSuite(open(t))
	t.Run("a document may have 8 MB", func(t *testing.T) { s.bigDocument(t, 8) })
	t.Run("twelve pages of 2 MB go in at once", func(t *testing.T) {
		c, page := s.collection(), strings.Repeat("0123456789", 200_000)
		var docs []any
		for i := range 12 {
			docs = append(docs, bson.M{"_id": fmt.Sprint("page", i), "text": page})
		}
		want(t, c.InsertAll(t.Context(), docs), nil)
		if get(t, c, "page11")["text"] != page {
			t.Error("the last page is not what was written")
		}
	})
	t.Run("all of sixty documents of 1 MB between small ones are read", func(t *testing.T) {
		c, docs := s.collection(), numbered(0, 300)
		text := strings.Repeat("0123456789", 100_000)
		for i := 200; i < 260; i++ {
			docs[i].(bson.M)["text"] = text
		}
		want(t, c.InsertAll(t.Context(), docs), nil)
		expectNumbers(t, c, 300)
	})
}

// bigDocument writes, changes and reads one.
func (s *suite) bigDocument(t *testing.T, megabytes int) {
	t.Helper()
	text := strings.Repeat("Ж-plenary ", megabytes<<20/11)
	c := s.with(t, bson.M{"_id": "big", "revision": int64(1), "text": text})
	want(t, c.Update(t.Context(), "big", bson.M{"revision": int64(1)}, bson.M{"$inc": bson.M{"revision": int64(1)}}), nil)
	if doc := get(t, c, "big"); doc["text"] != text || doc["revision"] != int64(2) {
		t.Error("the document is not what was written")
	}
}
