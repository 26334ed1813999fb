package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"plenary.example/shared/bounds"
)

func TestBounds(t *testing.T) {
	t.Parallel()
	bounds.Check(t)
}

// TestTopLevel keeps the house's front door free: what a newcomer sees first
// are the four folders, the workspace, the commands and the page to read.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"services", "shared", "api-spec", "deployments", "go.work", "go.work.sum", "Makefile", "README.md",
		"bin", // what `make run` builds; not kept
	}
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s stands at the top level: put it into a room", e.Name())
		}
	}
}
