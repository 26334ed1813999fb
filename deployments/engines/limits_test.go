package engines_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/front"
)

// rooms connects a plain client, which does what shared/store never would, to
// a collection of a hundred documents.
func rooms(t *testing.T, e *engines.Engines) *mongo.Collection {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(e.StoreURI()).SetDialer(e.Dialer()).SetMaxPoolSize(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	c := client.Database("conference").Collection("rooms")
	var docs []any
	for i := range 100 {
		docs = append(docs, bson.M{"_id": fmt.Sprintf("r%d", i), "n": int64(0)})
	}
	if _, err := c.InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	return c
}

func increments(n int) (all []mongo.WriteModel) {
	for i := range n {
		all = append(all, mongo.NewUpdateOneModel().
			SetFilter(bson.D{{Key: "_id", Value: fmt.Sprintf("r%d", i)}}).SetUpdate(bson.M{"$inc": bson.M{"n": int64(1)}}))
	}
	return all
}

// minute is how long a test waits for what should not hang.
func minute(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// Each of these makes FerretDB alone stop answering for good.
func TestTheStoreOutlivesWhatHangsIt(t *testing.T) {
	t.Parallel()
	t.Run("a hundred statements in an update are refused with the reason", func(t *testing.T) {
		t.Parallel()
		ctx, c := minute(t), rooms(t, enginestest.Test(t))
		_, err := c.BulkWrite(ctx, increments(100))
		if err == nil || !strings.Contains(err.Error(), "100 statements") {
			t.Errorf("error = %v, want the reason", err)
		}
		res, err := c.BulkWrite(ctx, increments(front.MaxStatements))
		if err != nil || res.ModifiedCount != front.MaxStatements {
			t.Errorf("the longest update allowed = %+v, %v", res, err)
		}
	})
	t.Run("260 updates at once are all made", func(t *testing.T) {
		t.Parallel()
		ctx, c := minute(t), rooms(t, enginestest.Test(t))
		var wg sync.WaitGroup
		for i := range 260 {
			wg.Go(func() {
				if _, err := c.UpdateOne(ctx, bson.M{"_id": fmt.Sprintf("r%d", i%100)}, bson.M{"$inc": bson.M{"n": int64(1)}}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n, err := c.CountDocuments(ctx, bson.M{"n": int64(3)}); err != nil || n != 60 {
			t.Errorf("%d documents were updated three times, %v; want 60", n, err)
		}
	})
	t.Run("seventy readers get their documents, and a long update its turn among them", func(t *testing.T) {
		t.Parallel()
		ctx, c := minute(t), rooms(t, enginestest.Test(t))
		var wg sync.WaitGroup
		for range 70 {
			wg.Go(func() {
				cur, err := c.Find(ctx, bson.M{}, options.Find().SetLimit(30))
				if err != nil {
					t.Error(err)
					return
				}
				var all []bson.M
				if err := cur.All(ctx, &all); err != nil || len(all) != 30 {
					t.Errorf("%d documents, %v", len(all), err)
				}
			})
		}
		wg.Go(func() {
			if _, err := c.BulkWrite(ctx, increments(front.MaxStatements)); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
	})
	t.Run("cursors that are left open make place when they are closed", func(t *testing.T) {
		t.Parallel()
		ctx, c := minute(t), rooms(t, enginestest.Test(t))
		var open []*mongo.Cursor
		for range front.MaxReads {
			cur, err := c.Find(ctx, bson.M{}, options.Find().SetBatchSize(2))
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, cur)
		}
		next := make(chan error, 1)
		go func() {
			_, err := c.Find(ctx, bson.M{}, options.Find().SetBatchSize(2))
			next <- err
		}()
		if _, err := c.UpdateOne(ctx, bson.M{"_id": "r1"}, bson.M{"$inc": bson.M{"n": int64(1)}}); err != nil {
			t.Errorf("a short update between them: %v", err)
		}
		if err := open[0].Close(ctx); err != nil {
			t.Fatal(err)
		}
		if err := <-next; err != nil {
			t.Errorf("the next read: %v", err)
		}
	})
}
