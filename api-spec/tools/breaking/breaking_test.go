package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const released = `openapi: 3.1.0
info: { title: Rooms, version: 1.0.0 }
paths:
  /rooms/{room}:
    get:
      operationId: getRoom
      parameters:
        - { name: room, in: path, required: true, schema: { type: string } }
        - { name: limit, in: query, schema: { type: integer, maximum: 100 } }
      responses:
        '200':
          description: A room.
          content: { application/json: { schema: { type: object, required: [name], properties: { name: { type: string }, seats: { type: integer } } } } }
        '404': { description: None. }
`

func compare(t *testing.T, now string) bool {
	t.Helper()
	dir := t.TempDir()
	files := [2]string{filepath.Join(dir, "released.yaml"), filepath.Join(dir, "now.yaml")}
	for i, text := range []string{released, now} {
		if err := os.WriteFile(files[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	broken, err := run(files[0], files[1], io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return broken
}

func TestWhatBreaksAppsIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, now string
		broken   bool
	}{
		"nothing":                     {"", "", false},
		"a new member":                {"name: { type: string },", "name: { type: string }, zone: { type: string },", false},
		"a new optional parameter":    {"        - { name: limit", "        - { name: after, in: query, schema: { type: string } }\n        - { name: limit", false},
		"a wider limit":               {"maximum: 100", "maximum: 200", false},
		"a member that is not sure":   {"required: [name],", "", true},
		"a member of another type":    {"name: { type: string }", "name: { type: integer }", true},
		"a new required parameter":    {"        - { name: limit", "        - { name: after, in: query, required: true, schema: { type: string } }\n        - { name: limit", true},
		"a narrower limit":            {"maximum: 100", "maximum: 50", true},
		"an operation that is gone":   {"    get:", "    put:", true},
		"a success of another status": {"'200':", "'201':", true},
	} {
		if got := compare(t, strings.Replace(released, c.old, c.now, 1)); got != c.broken {
			t.Errorf("%s: breaks = %v, want %v", name, got, c.broken)
		}
	}
}
