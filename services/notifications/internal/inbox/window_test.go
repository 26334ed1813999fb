package inbox

import (
	"math/rand/v2"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/shared/event"
)

// usual are the windows of a conference.
var usual = Windows{Far: 10 * time.Minute, Near: 3 * time.Minute, Soon: time.Minute}

func TestAWindowIsAsLongAsItsLeadAllows(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ lead, want time.Duration }{
		"a week away":                       {168 * time.Hour, 10 * time.Minute},
		"just over a day away":              {24*time.Hour + 10*time.Minute, 10 * time.Minute},
		"a day comes near while it is open": {24*time.Hour + 5*time.Minute, 5 * time.Minute},
		"a day came near long ago":          {24*time.Hour + 2*time.Minute, 3 * time.Minute},
		"a day away":                        {24 * time.Hour, 3 * time.Minute},
		"five hours away":                   {5 * time.Hour, 3 * time.Minute},
		"four hours come near":              {4*time.Hour + 2*time.Minute, 2 * time.Minute},
		"four hours away":                   {4 * time.Hour, time.Minute},
		"half an hour comes near":           {30*time.Minute + 20*time.Second, 20 * time.Second},
		"half an hour away":                 {30 * time.Minute, 0},
		"it has begun":                      {-time.Minute, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := usual.due(morning, morning.Add(tc.lead)).Sub(morning); got != tc.want {
				t.Errorf("open for %s, want %s", got, tc.want)
			}
			if got := (Windows{}).due(morning, morning.Add(tc.lead)); !got.Equal(morning) {
				t.Errorf("without windows it is open for %s", got.Sub(morning))
			}
		})
	}
}

// TestAWindowFiresAtTheFirstMomentItIsLongEnough holds due against a watch that
// looks every second how long the window has been open, and how long it may be.
func TestAWindowFiresAtTheFirstMomentItIsLongEnough(t *testing.T) {
	t.Parallel()
	allowed := func(lead time.Duration) time.Duration {
		switch {
		case lead > 24*time.Hour:
			return usual.Far
		case lead > 4*time.Hour:
			return usual.Near
		case lead > 30*time.Minute:
			return usual.Soon
		}
		return 0
	}
	rnd := rand.New(rand.NewPCG(7, 4))
	for range 2000 {
		edge := []time.Duration{24 * time.Hour, 4 * time.Hour, 30 * time.Minute}[rnd.IntN(3)]
		start := morning.Add(edge + time.Duration(rnd.IntN(1500)-300)*time.Second)
		want := morning
		for want.Sub(morning) < allowed(start.Sub(want)) {
			want = want.Add(time.Second)
		}
		if got := usual.due(morning, start); !got.Equal(want) {
			t.Fatalf("%s away: open for %s, want %s", start.Sub(morning), got.Sub(morning), want.Sub(morning))
		}
	}
}

func TestTheEarliestStartAnybodyHasInMindEndsAWindow(t *testing.T) {
	t.Parallel()
	far, near := state(later(48*time.Hour)), state(later(40*time.Minute))
	at := func(known event.SessionState, untold ...event.SessionState) time.Duration {
		var all []ledger.Untold
		for _, s := range untold {
			all = append(all, ledger.Untold{State: s, At: morning})
		}
		return usual.closes(morning, known, all).Sub(morning)
	}
	if got := at(far, far); got != 10*time.Minute {
		t.Errorf("of what is far away it is open for %s", got)
	}
	for name, got := range map[string]time.Duration{
		"what is known": at(near, far), "what came": at(far, near), "what came and went": at(far, near, far),
	} {
		if got != time.Minute {
			t.Errorf("with %s near it is open for %s", name, got)
		}
	}
	var full []event.SessionState
	for range most {
		full = append(full, far)
	}
	if got := at(far, full...); got != 0 {
		t.Errorf("a full window is open for %s", got)
	}
	if got := at(far, full[1:]...); got != 10*time.Minute {
		t.Errorf("one that is nearly full is open for %s", got)
	}
}

func TestPeopleAreGroupedByTheNewsThatIsNewToThem(t *testing.T) {
	t.Parallel()
	steps := []event.SessionState{state(), state(in("annex")), state(), state(cancelled)}
	knows := map[string]int{"ada": 0, "bob": 1, "cy": 2, "dan": 3}
	got := grouped(steps, []string{"ada", "bob", "cy", "dan"}, func(d string) int { return knows[d] })
	if len(got) != 3 || len(got[0].who) != 2 || got[0].who[1] != "cy" || got[1].who[0] != "bob" || got[2].who[0] != "dan" {
		t.Errorf("grouped as %+v", got)
	}
	if got := grouped(steps, nil, nil); len(got) != 1 || len(got[0].who) != 0 || got[0].knows.Room != "hall" {
		t.Errorf("nobody is grouped as %+v", got)
	}
}
