package engines_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"plenary.example/deployments/engines/enginestest"
)

func TestTwoEnginesShareAProcess(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one", "other"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := enginestest.Test(t)

			client, err := mongo.Connect(options.Client().ApplyURI(e.StoreURI()).SetDialer(e.Dialer()))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Disconnect(t.Context())
			rooms := client.Database("conference").Collection("rooms")
			if _, err := rooms.InsertOne(t.Context(), bson.M{"_id": "hall", "engine": name}); err != nil {
				t.Fatal(err)
			}
			var hall struct{ Engine string }
			if err := rooms.FindOne(t.Context(), bson.M{"_id": "hall"}).Decode(&hall); err != nil || hall.Engine != name {
				t.Errorf("room = %+v, %v; want the one of this engine", hall, err)
			}

			nc, err := nats.Connect("", e.Bus()...)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			js, err := jetstream.New(nc)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
				Name: "NEWS", Subjects: []string{"news.>"}, Duplicates: time.Minute,
			}); err != nil {
				t.Fatal(err)
			}
			ack, err := js.Publish(t.Context(), "news.local", []byte(name))
			if err != nil || ack.Sequence != 1 {
				t.Errorf("publish = %+v, %v; want the first message of this engine", ack, err)
			}
		})
	}
}
