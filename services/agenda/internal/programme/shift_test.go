package programme

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// busy is a day with three sessions in the hall, two in the annex and one in
// the hall the next day; the second in the hall is cancelled.
func busy(t *testing.T) Agenda {
	t.Helper()
	off := session("off", "hall", 2, 3)
	off.Status = Cancelled
	a, _ := released(t, Empty("c"), []Session{
		session("one", "hall", 1, 2), off, session("two", "hall", 3, 4), session("three", "hall", 4, 5),
		session("early", "annex", 0, 1), session("side", "annex", 3, 4), session("next", "hall", 25, 26),
	}, Room{ID: "hall"}, Room{ID: "annex"})
	return a
}

// slots are sessions with when and where they are, in order.
func slots(sessions []Session) []string {
	var out []string
	for _, s := range sessions {
		out = append(out, fmt.Sprintf("%s %s %s-%s", s.ID, s.Room, s.Start.Format("15:04"), s.End.Format("15:04")))
	}
	slices.Sort(out)
	return out
}

func TestDelay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		id    string
		by    int // minutes
		scope Scope
		now   time.Time
		code  string
		want  []string
	}{
		"of one into a gap":                         {"one", 30, OneSession, at(0, 0), "", []string{"one hall 01:30-02:30"}},
		"of one over a cancelled one":               {"one", 60, OneSession, at(0, 0), "", []string{"one hall 02:00-03:00"}},
		"of one onto another is refused":            {"two", 10, OneSession, at(0, 0), "room_occupied", nil},
		"of the rest of the room":                   {"two", 10, RestOfRoom, at(0, 0), "", []string{"three hall 04:10-05:10", "two hall 03:10-04:10"}},
		"of the rest of the day":                    {"one", 10, RestOfDay, at(0, 30), "", []string{"one hall 01:10-02:10", "side annex 03:10-04:10", "three hall 04:10-05:10", "two hall 03:10-04:10"}},
		"of a running one, which ends later":        {"one", 10, RestOfRoom, at(1, 30), "", []string{"one hall 01:00-02:10", "three hall 04:10-05:10", "two hall 03:10-04:10"}},
		"of one that is over is refused":            {"one", 10, OneSession, at(2, 0), "session_over", nil},
		"of a cancelled one is refused":             {"off", 10, OneSession, at(0, 0), "session_cancelled", nil},
		"of one that is not there is refused":       {"x", 10, OneSession, at(0, 0), "not_found", nil},
		"into the next day":                         {"three", 16 * 60, OneSession, at(0, 0), "", []string{"three hall 20:00-21:00"}},
		"onto the next day's first is refused":      {"three", 21 * 60, OneSession, at(0, 0), "room_occupied", nil},
		"to after the conference is refused":        {"next", 48 * 60, OneSession, at(0, 0), "outside_conference", nil},
		"of a running one to over a day is refused": {"early", 24 * 60, OneSession, at(0, 30), "too_long", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := busy(t)
			got, err := a.Delay(seoul, tc.id, 1, time.Duration(tc.by)*time.Minute, tc.scope, "why", tc.now)
			if code := codeOf(err); code != tc.code {
				t.Fatalf("refused with %q (%v), want %q", code, err, tc.code)
			}
			if !slices.Equal(slots(got), tc.want) {
				t.Errorf("moved %v, want %v", slots(got), tc.want)
			}
			if err == nil {
				if after, _ := released(t, a, got); after.Revision != 2 {
					t.Errorf("brought to revision %d", after.Revision)
				}
			}
		})
	}
}

func TestADelayIsKnownUntilItIsMadeUpFor(t *testing.T) {
	t.Parallel()
	a := busy(t)
	step := func(by time.Duration) Session {
		t.Helper()
		s, _ := a.Session("one")
		moved, err := a.Delay(seoul, "one", s.Revision, by, OneSession, "", at(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		a, _ = released(t, a, moved)
		s, _ = a.Session("one")
		return s
	}
	for _, by := range []time.Duration{10 * time.Minute, 20 * time.Minute} {
		if s := step(by); !s.Delayed || !s.Planned.Equal(at(1, 0)) {
			t.Fatalf("after %v: delayed %v, planned %v", by, s.Delayed, s.Planned)
		}
	}
	s, _ := a.Session("one")
	s.Start, s.End = at(1, 40), at(2, 40)
	if r, any := a.Next("x", day, Proposal{Sessions: []Session{s}, Kind: Drafted}); !any || r.After[0].Delayed || !r.After[0].Planned.IsZero() {
		t.Errorf("released to start at another time it is still late: %+v", r.After)
	}
	s, _ = a.Session("one")
	back, err := a.Move(seoul, "one", s.Revision, Slot{Start: ptr(at(1, 0))}, "", at(0, 0))
	if err != nil || back.Delayed || !back.Planned.IsZero() {
		t.Errorf("back where it was: %+v, %v", back, err)
	}
}

func TestWhatFollowsPastMidnightBelongsToTheEvening(t *testing.T) {
	t.Parallel()
	// In Seoul 13:00 UTC is ten in the evening, and 16:00 one in the morning.
	a, _ := released(t, Empty("c"), []Session{
		session("late", "hall", 13, 14), session("night", "hall", 16, 17), session("morning", "hall", 24, 25),
	}, Room{ID: "hall"})
	got, err := a.Delay(seoul, "late", 1, 150*time.Minute, RestOfRoom, "", at(0, 0))
	if want := []string{"late hall 15:30-16:30", "night hall 18:30-19:30"}; err != nil || !slices.Equal(slots(got), want) {
		t.Errorf("moved %v, %v", slots(got), err)
	}
}

func TestWhatIsAsItWasIsNoChange(t *testing.T) {
	t.Parallel()
	a := busy(t)
	moved, _ := a.Session("two")
	moved.Room = "annex"
	same, _ := a.Session("one")
	same.Reason = "just because"
	got := a.Becoming([]Session{moved, same, session("new", "hall", 8, 9)})
	if len(got) != 2 || got[0].Session != "two" || !slices.Equal(got[0].Fields, []Field{InRoom}) || got[1].Before != nil {
		t.Errorf("changes %+v", got)
	}
}

func TestSwap(t *testing.T) {
	t.Parallel()
	long := session("long", "annex", 5, 7)
	off := session("off", "annex", 1, 2)
	off.Status = Cancelled
	a, _ := released(t, Empty("c"), []Session{
		session("one", "hall", 1, 2), session("two", "hall", 2, 3), session("three", "hall", 4, 5), long, off,
	}, Room{ID: "hall"}, Room{ID: "annex"})
	for name, tc := range map[string]struct {
		id, with, what string
		now            time.Time
		code           string
		want           []string
	}{
		"of neighbours":                              {"one", "two", TimeAndRoom, at(0, 0), "", []string{"one hall 02:00-03:00", "two hall 01:00-02:00"}},
		"of two lengths":                             {"three", "long", TimeAndRoom, at(0, 0), "", []string{"long hall 04:00-06:00", "three annex 05:00-06:00"}},
		"of rooms only":                              {"one", "long", OnlyRoom, at(0, 0), "", []string{"long hall 05:00-07:00", "one annex 01:00-02:00"}},
		"is refused when one is too long":            {"one", "long", TimeAndRoom, at(0, 0), "room_occupied", nil},
		"with itself is refused":                     {"one", "one", TimeAndRoom, at(0, 0), "same_session", nil},
		"with none there is is refused":              {"one", "x", TimeAndRoom, at(0, 0), "session_unknown", nil},
		"with a cancelled one is refused":            {"one", "off", TimeAndRoom, at(0, 0), "session_cancelled", nil},
		"is refused once one has begun":              {"two", "one", TimeAndRoom, at(1, 0), "session_begun", nil},
		"of rooms in one room leaves all as it was ": {"one", "two", OnlyRoom, at(0, 0), "", []string{"one hall 01:00-02:00", "two hall 02:00-03:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := a.Swap(tc.id, 1, tc.with, tc.what, "why", tc.now)
			if code := codeOf(err); code != tc.code {
				t.Fatalf("refused with %q (%v), want %q", code, err, tc.code)
			}
			if !slices.Equal(slots(got), tc.want) {
				t.Errorf("swapped to %v, want %v", slots(got), tc.want)
			}
		})
	}
	if _, err := a.Swap("one", 7, "two", OnlyRoom, "", at(0, 0)); codeOf(err) != "stale" {
		t.Errorf("of a revision not seen: %v", err)
	}
	// Two of unlike lengths in one room, of which the longer comes to lie over the other.
	b, _ := released(t, Empty("c"), []Session{session("short", "hall", 1, 2), session("long", "hall", 2, 5)}, Room{ID: "hall"})
	if _, err := b.Swap("short", 1, "long", TimeAndRoom, "", at(0, 0)); codeOf(err) != "room_occupied" {
		t.Errorf("onto each other: %v", err)
	}
}
