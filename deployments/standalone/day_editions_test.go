package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// editions are the files of a day, named after when each was published.
const editions = "../../services/agenda/internal/schedulefile/testdata/history/*.schedule.json.gz"

// An edition is the programme as it was published at a time.
type edition struct {
	at    time.Time
	items map[string]item // by guid
}

// An item is what a schedule file says of a session.
type item struct {
	GUID, Title, Duration string
	Date                  time.Time
	room                  string
}

// length is how long it takes in the replay.
func (x item) length() time.Duration {
	var hours, minutes int
	_, _ = fmt.Sscanf(x.Duration, "%d:%d", &hours, &minutes) // nothing is a second
	return max(time.Second, (time.Duration(hours)*time.Hour+time.Duration(minutes)*time.Minute)/faster)
}

// readEditions reads what was published, in its order.
func readEditions(b *testing.B) (all []edition) {
	b.Helper()
	paths, err := filepath.Glob(editions)
	if err != nil || len(paths) == 0 {
		b.Fatalf("no editions at %s: %v", editions, err)
	}
	for _, path := range paths {
		name, _, _ := strings.Cut(filepath.Base(path), ".")
		at, err := time.Parse("2006-01-02T150405-0700", name)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, edition{at, readItems(b, path)})
	}
	return all
}

func readItems(b *testing.B, path string) map[string]item {
	b.Helper()
	var doc struct {
		Schedule struct {
			Conference struct {
				Days []struct{ Rooms map[string][]item }
			}
		}
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	plain, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(plain).Decode(&doc)
	}
	if err != nil {
		b.Fatal(err)
	}
	items := map[string]item{}
	for _, day := range doc.Schedule.Conference.Days {
		for room, held := range day.Rooms {
			for _, x := range held {
				if x.room = room; items[x.GUID].GUID == "" {
					items[x.GUID] = x
				}
			}
		}
	}
	return items
}
