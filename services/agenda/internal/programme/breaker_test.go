package programme

import (
	"fmt"
	"testing"
	"time"
)

// shifted is a conference of so many sessions an hour apart, beginning tomorrow,
// of which the first moved ones are shifted by what shift says.
func shifted(t *testing.T, sessions, moved int, shift func(n int) time.Duration) (Agenda, []Change, time.Time) {
	t.Helper()
	now := time.Date(2013, 10, 16, 0, 0, 0, 0, time.UTC)
	var all, other []Session
	for n := range sessions {
		start := now.Add(24*time.Hour + time.Duration(n)*time.Hour)
		s := Session{ID: fmt.Sprint(n), Title: Text{"en": "x"}, Room: "hall", Start: start, End: start.Add(30 * time.Minute), Status: Confirmed}
		all = append(all, s)
		if n < moved {
			s.Start, s.End = s.Start.Add(shift(n)), s.End.Add(shift(n))
			other = append(other, s)
		}
	}
	r, _ := Empty("seoul").Next("x", now, Proposal{Sessions: all})
	a, err := Empty("seoul").With(r)
	if err != nil {
		t.Fatal(err)
	}
	r, _ = a.Next("x", now, Proposal{Sessions: other})
	return a, r.Changes(), now
}

func tripped(trips []Trip) string {
	s := ""
	for _, t := range trips {
		s += fmt.Sprintf("%s %d of %d;", t.Rule, t.Count, t.Of)
	}
	return s
}

func TestTheBreakerTripsWhereItShould(t *testing.T) {
	t.Parallel()
	apart := func(n int) time.Duration { return time.Duration(n+1) * time.Minute }
	hour := func(int) time.Duration { return -time.Hour }
	mostly := func(alike int) func(int) time.Duration {
		return func(n int) time.Duration {
			if n < alike {
				return -time.Hour
			}
			return apart(n)
		}
	}
	for _, x := range []struct {
		name                   string
		sessions, moved        int
		shift                  func(int) time.Duration
		messages, participants int
		want                   string
	}{
		{"nine of ten are few", 10, 9, hour, 0, 0, ""},
		{"ten of fifty are a fifth and not more", 50, 10, apart, 0, 0, ""},
		{"ten of 49 are more than a fifth", 49, 10, apart, 0, 0, "many_changed 10 of 49;"},
		{"ten by one amount", 100, 10, hour, 0, 0, "same_shift 10 of 10;"},
		{"four of five by one amount", 100, 20, mostly(16), 0, 0, "same_shift 16 of 20;"},
		{"fewer than four of five", 100, 20, mostly(15), 0, 0, ""},
		{"three for two", 100, 1, hour, 150, 100, ""},
		{"more than three for two", 100, 1, hour, 151, 100, "many_notices 151 of 100;"},
		{"nobody known to take part", 100, 1, hour, 151, 0, ""},
	} {
		a, changes, now := shifted(t, x.sessions, x.moved, x.shift)
		if got := tripped(a.Trips(changes, now, x.messages, x.participants)); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

func TestWhatIsNewOrPastTripsNothing(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 16, 0, 0, 0, 0, time.UTC)
	a, changes, _ := shifted(t, 12, 12, func(int) time.Duration { return time.Hour })
	if got := tripped(a.Trips(changes, now.Add(90*24*time.Hour), 0, 0)); got != "" {
		t.Errorf("a conference that is over: %s", got)
	}
	r, _ := Empty("seoul").Next("x", now, Proposal{Sessions: a.Sessions()})
	if got := tripped(Empty("seoul").Trips(r.Changes(), now, 0, 0)); got != "" {
		t.Errorf("the first release: %s", got)
	}
	var gone []string
	for _, s := range a.Sessions()[:10] {
		gone = append(gone, s.ID)
	}
	r, _ = a.Next("x", now, Proposal{Removed: gone})
	if got := tripped(a.Trips(r.Changes(), now, 0, 0)); got != "many_changed 10 of 12;" {
		t.Errorf("ten of twelve removed: %s", got)
	}
}

func TestATollCountsPeopleOnceAndNoticesEach(t *testing.T) {
	t.Parallel()
	_, changes, now := shifted(t, 3, 3, func(int) time.Duration { return time.Hour })
	changes[0].After.People = []Part{{Role: Chair, Delegate: "chair"}, {Role: Speaker, Delegate: "d1"}}
	near := *changes[1].Before
	near.Start = now.Add(20 * time.Minute)
	changes[1].Before = &near
	audience := map[string][]string{"0": {"d1", "d2", "gone"}, "1": {"d1"}}
	toll := CountToll(changes, now, func(session string) []string { return audience[session] }, nil, func(who string) bool { return who != "gone" })
	if toll.Notices != 4 || toll.People != 3 {
		t.Errorf("%d notices to %d people", toll.Notices, toll.People)
	}
	if u, i := toll.ByUrgency[Urgent], toll.ByUrgency[Important]; u.Notices != 1 || u.Count != 1 || i.Notices+toll.ByUrgency[Routine].Notices != 3 {
		t.Errorf("by urgency %+v", toll.ByUrgency)
	}
}

func TestATypedCountMayBeOffByOneInTwenty(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		notices, typed int
		want           bool
	}{
		{0, 0, true},
		{0, 1, false},
		{19, 19, true},
		{19, 18, false},
		{20, 21, true},
		{1600, 1520, true},
		{1600, 1680, true},
		{1600, 1519, false},
		{1600, 1681, false},
		{1600, 160, false},
	} {
		if got := (Toll{Notices: tc.notices}).Confirms(tc.typed); got != tc.want {
			t.Errorf("%d typed for %d: %v", tc.typed, tc.notices, got)
		}
	}
}
