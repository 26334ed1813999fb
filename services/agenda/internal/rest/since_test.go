package rest

import (
	"testing"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// A cursor says of which moment its pages speak. Whoever forges one learns
// nothing that may not be read yet.
func TestACursorDoesNotOpenAnything(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	s := seen{facts: programme.Conference{ID: "c"}, agenda: programme.Empty("c"), now: now}
	for late, want := range map[time.Duration]time.Time{-time.Hour: now.Add(-time.Hour), 0: now, time.Hour: now} {
		forged := begins(s, 0)
		forged.now = now.Add(late)
		got, err := begins(s, 0).resume("c", forged.cursor("c", "x"))
		if err != nil || !got.now.Equal(want) || got.after != "x" {
			t.Errorf("%v, a moment %v away is read as %+v, want %v", err, late, got, want)
		}
	}
	early := begins(s, 7)
	early.to = 6
	if _, err := begins(s, 7).resume("c", early.cursor("c", "x")); err == nil {
		t.Error("a cursor leads back")
	}
}
