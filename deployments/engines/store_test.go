package engines_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/store"
	"plenary.example/shared/store/storetest"
)

func TestEmbeddedStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	storetest.Run(t, func(t testing.TB) *store.Store { return openStore(t, embedded(e)) })
}

func TestEmbeddedStoreTakesLargeDocuments(t *testing.T) {
	t.Parallel()
	if !soak {
		t.Log("PLENARY_SOAK is unset: documents of up to 1 MB only")
		return
	}
	e := enginestest.Test(t)
	storetest.RunLarge(t, func(t testing.TB) *store.Store { return openStore(t, embedded(e)) })
}

// What only a real MongoDB can prove is proven where one is given.
func TestMongoDBKeepsTheContract(t *testing.T) {
	t.Parallel()
	uri := os.Getenv("MONGODB_URI")
	if uri == "" {
		t.Log("MONGODB_URI is unset: embedded only")
		return
	}
	cfg := store.Config{URI: uri, Database: fmt.Sprintf("plenary_contract_%d", time.Now().UnixNano())}
	t.Cleanup(func() { // after the suite has closed its store
		client, err := mongo.Connect(options.Client().ApplyURI(uri))
		if err != nil {
			t.Error(err)
			return
		}
		defer client.Disconnect(context.Background())
		if err := client.Database(cfg.Database).Drop(context.Background()); err != nil {
			t.Errorf("drop database %s: %v", cfg.Database, err)
		}
	})
	open := func(t testing.TB) *store.Store { return openStore(t, cfg) }
	storetest.Run(t, open)
	storetest.RunLarge(t, open)
}

// soak asks for the full counts of the randomised tests.
var soak = os.Getenv("PLENARY_SOAK") != ""

func embedded(e *engines.Engines) store.Config {
	return store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "inside"}
}

func openStore(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, err := store.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}
