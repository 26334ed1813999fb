package engines_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
)

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]string{
		"in a plain folder":                        "data",
		"in a folder with blanks and letters":      "die Daten 회의 (1)",
		"in a folder too deep for a socket's path": strings.Repeat("deep/", 40),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(enginestest.Folder(t), folder)
			for round := range int64(3) {
				e, err := engines.Start(t.Context(), engines.Config{Dir: dir})
				if err != nil {
					t.Fatal(err)
				}
				s := openStore(t, embedded(e))
				counters := s.Collection("counters")
				if round == 0 {
					if err := counters.Insert(t.Context(), bson.M{"_id": "n", "n": int64(0)}); err != nil {
						t.Fatal(err)
					}
				}
				if err := counters.Update(t.Context(), "n", bson.M{"n": round}, bson.M{"$inc": bson.M{"n": int64(1)}}); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
				for range 2 { // the second finds nothing left to do
					if err := e.Stop(t.Context()); err != nil {
						t.Errorf("stop: %v", err)
					}
				}
			}
		})
	}
}

func TestAFolderHasOneUser(t *testing.T) {
	t.Parallel()
	dir := enginestest.Folder(t)
	e := enginestest.Start(t, engines.Config{Dir: dir})
	if _, err := engines.Start(t.Context(), engines.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("second start = %v, want a refusal", err)
	}
	openStore(t, embedded(e)) // the first is unharmed
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	enginestest.Start(t, engines.Config{Dir: dir})
}

func TestAFailedStartLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := enginestest.Folder(t)
	for name, cfg := range map[string]engines.Config{
		"a store's address that is taken": {StoreListen: taken.Addr().String()},
		"a bus's address that is taken":   {NATSListen: taken.Addr().String()},
		"an address without a port":       {NATSListen: "127.0.0.1"},
		"a port that is no number":        {StoreListen: "127.0.0.1:many"},
		"a folder that is a question":     {Dir: filepath.Join(dir, "why?")},
		"a folder that is a pattern":      {Dir: filepath.Join(dir, "[1]")},
	} {
		t.Run(name, func(t *testing.T) {
			if cfg.Dir == "" {
				cfg.Dir = dir
			}
			if e, err := engines.Start(t.Context(), cfg); err == nil {
				t.Error("it started")
				_ = e.Stop(context.Background())
			}
			enginestest.Start(t, engines.Config{Dir: dir}) // nobody holds the folder
		})
	}
	for _, refused := range []string{"why?", "[1]"} {
		if _, err := os.Stat(filepath.Join(dir, refused)); err == nil {
			t.Errorf("the refused folder %s was made", refused)
		}
	}
}

func TestOtherProcessesReachTheBus(t *testing.T) {
	t.Parallel()
	e := enginestest.Start(t, engines.Config{NATSListen: "127.0.0.1:0"})
	nc, err := nats.Connect(e.NATSURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.JetStream(); err != nil {
		t.Error(err)
	}
	if url := enginestest.Test(t).NATSURL(); url != "" {
		t.Errorf("NATSURL = %q of a bus that does not listen", url)
	}
}
