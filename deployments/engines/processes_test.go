package engines_test

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/store"
)

const (
	processes, writers, each = 4, 4, 50
)

// The proof of the front: without its lock a third of these are lost, and more
// the more processors there are.
func TestFourProcessesLoseNoIncrement(t *testing.T) {
	t.Parallel()
	e := enginestest.Start(t, engines.Config{StoreListen: "127.0.0.1:0"})
	c := openStore(t, embedded(e)).Collection("counters")
	if err := c.Insert(t.Context(), bson.M{"_id": "n", "n": int64(0)}); err != nil {
		t.Fatal(err)
	}
	var children []*child
	for range processes {
		children = append(children, start(t, "increment", e.StoreURI()))
	}
	for _, child := range children {
		for child.lines.Scan() {
			t.Log(child.lines.Text())
		}
		if err := child.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	var doc struct{ N int64 }
	if err := c.Get(t.Context(), "n", &doc); err != nil || doc.N != processes*writers*each {
		t.Errorf("n = %d, %v; want %d", doc.N, err, processes*writers*each)
	}
}

// increment is one of the four.
func increment(ctx context.Context, uri string) error {
	s, err := store.Open(ctx, store.Config{URI: uri, Database: "inside"})
	if err != nil {
		return err
	}
	defer s.Close(ctx)
	g, ctx := errgroup.WithContext(ctx)
	for range writers {
		g.Go(func() error {
			for range each {
				if err := s.Collection("counters").Update(ctx, "n", nil, bson.M{"$inc": bson.M{"n": int64(1)}}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
