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
	e := enginestest.Start(t, engines.Config{StoreListen: "127.0.0.1:0"})
	for name, cfg := range map[string]store.Config{
		"in the process": embedded(e),
		"over TCP":       {URI: e.StoreURI(), Database: "outside"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t testing.TB) *store.Store { return openStore(t, cfg) })
		})
	}
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
	t.Cleanup(func() {
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
	storetest.Run(t, func(t testing.TB) *store.Store { return openStore(t, cfg) })
}

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
