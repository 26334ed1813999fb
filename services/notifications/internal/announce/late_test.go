package announce

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/shared/event"
)

func TestWhatIsSentLateLeavesTimeToAcknowledgeIt(t *testing.T) {
	t.Parallel()
	o := scene(t)
	for name, c := range map[string]struct{ send, by, sent, want time.Duration }{ // from when it was made
		"no deadline":                             {0, 0, time.Hour, 0},
		"at once, in time":                        {0, 10 * time.Second, time.Second, 10 * time.Second},
		"at its time":                             {time.Hour, 70 * time.Minute, time.Hour + time.Second, 70 * time.Minute},
		"late, with time left":                    {time.Hour, 3 * time.Hour, 2 * time.Hour, 3 * time.Hour},
		"late, with too little left":              {time.Hour, 2 * time.Hour, 2*time.Hour - time.Minute, 2*time.Hour + 4*time.Minute},
		"long after its deadline":                 {time.Hour, 70 * time.Minute, 5 * time.Hour, 5*time.Hour + 5*time.Minute},
		"long after a deadline of two minutes":    {0, 2 * time.Minute, 5 * time.Hour, 5*time.Hour + 2*time.Minute},
		"after a deadline that was hardly any":    {0, time.Second, 5 * time.Hour, 5*time.Hour + 30*time.Second},
		"after the clock was put past both times": {0, -time.Hour, 5 * time.Hour, 5*time.Hour + 30*time.Second},
	} {
		a := Announcement{Conference: "seoul", MadeAt: noon}
		if c.send > 0 {
			a.SendAt = noon.Add(c.send)
		}
		if c.by != 0 {
			a.AcknowledgeBy = noon.Add(c.by)
		}
		got := o.deadline(a, noon.Add(c.sent))
		if got.IsZero() != (c.want == 0) || c.want > 0 && !got.Equal(noon.Add(c.want)) {
			t.Errorf("%s: to be acknowledged %v after it was made, want %v", name, got.Sub(noon), c.want)
		}
	}
}

func TestNewsIsNotStaleWhileSomebodyMayBeCalledAfterIt(t *testing.T) {
	t.Parallel()
	for by, want := range map[time.Duration]time.Duration{-1: 24 * time.Hour, time.Hour: 25 * time.Hour, 72 * time.Hour: 96 * time.Hour} {
		ackBy := noon.Add(by)
		if by < 0 {
			ackBy = time.Time{}
		}
		if got := (Announcement{}).notice(noon, ackBy).ExpiresAt.Sub(noon); got != want {
			t.Errorf("to be acknowledged in %v, it is stale in %v, want %v", by, got, want)
		}
	}
}

func TestWhoOverrunsIsStillInTheRoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second string // statuses of a session that ended ten minutes ago and of one that begins in five
		now, at       time.Duration
		want          string
	}{
		"ended in time, as planned":     {event.SessionConfirmed, event.SessionConfirmed, 0, 0, "[second]"},
		"it overruns":                   {event.SessionRunning, event.SessionConfirmed, 0, 0, "[first]"},
		"somebody has ended it":         {event.SessionEnded, event.SessionConfirmed, 0, 0, "[second]"},
		"into the next one's time":      {event.SessionRunning, event.SessionConfirmed, 6 * time.Minute, 6 * time.Minute, "[first second]"},
		"until the next one is started": {event.SessionRunning, event.SessionRunning, 0, 0, "[second]"},
		"not for what is sent later":    {event.SessionRunning, event.SessionConfirmed, 0, 7 * time.Minute, "[second]"},
		"nobody remembered to end it":   {event.SessionRunning, event.SessionCancelled, 5 * time.Hour, 5 * time.Hour, "[]"},
	} {
		all := []event.SessionState{
			{Session: "first", Room: "hall", Status: c.first, Start: noon.Add(-time.Hour), End: noon.Add(-10 * time.Minute)},
			{Session: "second", Room: "hall", Status: c.second, Start: noon.Add(5 * time.Minute), End: noon.Add(time.Hour)},
			{Session: "elsewhere", Room: "annex", Status: event.SessionRunning, Start: noon.Add(-time.Minute), End: noon.Add(time.Hour)},
		}
		got := []string{}
		for _, s := range inRoom(all, "hall", noon.Add(c.now), noon.Add(c.at)) {
			got = append(got, s.Session)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}
