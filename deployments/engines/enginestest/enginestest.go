// Package enginestest starts engines for one test.
//
// It is a room of its own because the engines themselves may not know what a
// test is: the standalone binary carries them.
package enginestest

import (
	"context"
	"os"
	"testing"
	"time"

	"plenary.example/deployments/engines"
)

// Test starts engines in a new folder, reachable from this process only, and
// stops them when the test and all its subtests are over. Connections that the
// test opens should end before, in cleanups of their own.
func Test(t testing.TB) *engines.Engines {
	t.Helper()
	return Start(t, engines.Config{})
}

// Start is Test with settings; an empty cfg.Dir is a new folder.
func Start(t testing.TB, cfg engines.Config) *engines.Engines {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = Folder(t)
	}
	e, err := engines.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := e.Stop(ctx); err != nil {
			t.Errorf("stop engines: %v", err)
		}
	})
	return e
}

// Folder is a new folder that is gone after the test, in memory where the
// system offers that: syncing a hundred small stores to a disk takes longer
// than the tests.
func Folder(t testing.TB) string {
	t.Helper()
	base := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		base = "/dev/shm"
	}
	dir, err := os.MkdirTemp(base, "plenary-test-") //nolint:usetesting // t.TempDir cannot be told where
	if err != nil && base != "" {
		dir, err = os.MkdirTemp("", "plenary-test-") //nolint:usetesting // as above
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove the engines' folder: %v", err)
		}
	})
	return dir
}
