package engines_test

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/store"
)

// benchDocuments is what the largest collection of a Seoul-sized conference holds.
const benchDocuments = 5000

func BenchmarkStore(b *testing.B) {
	s := openStore(b, embedded(enginestest.Test(b)))
	c := s.Collection("meetings")
	var docs []any
	for i := range benchDocuments {
		docs = append(docs, bson.M{
			"_id": fmt.Sprintf("m%d", i), "revision": int64(0), "state": "open", "text": strings.Repeat("a meeting ", 60),
		})
	}
	if err := c.InsertAll(b.Context(), docs); err != nil {
		b.Fatal(err)
	}
	b.Run("update by _id and revision", func(b *testing.B) {
		revisions := make([]int64, benchDocuments)
		i := 0
		for b.Loop() {
			n := i * 7919 % benchDocuments
			i++
			err := c.Update(b.Context(), fmt.Sprintf("m%d", n), bson.M{"revision": revisions[n]},
				bson.M{"$set": bson.M{"state": "moved"}, "$inc": bson.M{"revision": int64(1)}})
			if err != nil {
				b.Fatal(err)
			}
			revisions[n]++
		}
	})
	b.Run("get", func(b *testing.B) {
		i := 0
		for b.Loop() {
			var doc bson.M
			if err := c.Get(b.Context(), fmt.Sprintf("m%d", i*7919%benchDocuments), &doc); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	b.Run("insert", func(b *testing.B) {
		claims, i := s.Collection("claims"), 0
		for b.Loop() {
			if err := claims.Insert(b.Context(), bson.M{"_id": fmt.Sprint(i), "text": strings.Repeat("a claim ", 20)}); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	b.Run(fmt.Sprintf("read all %d", benchDocuments), func(b *testing.B) {
		for b.Loop() {
			if _, err := store.All[bson.M](b.Context(), c, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
