package programme

import (
	"testing"
	"time"

	"plenary.example/shared/problem"
)

var seoul = Conference{ID: "c", Zone: "Asia/Seoul", Days: []string{"2013-10-17", "2013-10-18"}}

func ptr[T any](v T) *T { return &v }

func TestMove(t *testing.T) {
	t.Parallel()
	gone := session("gone", "hall", 5, 6)
	gone.Status = Cancelled
	a, _ := released(t, Empty("c"), []Session{
		session("a", "hall", 1, 2), session("b", "hall", 2, 3), gone,
	}, Room{ID: "hall"}, Room{ID: "annex"})

	for name, tc := range map[string]struct {
		id       string
		revision int64
		to       Slot
		now      time.Time
		code     string // of the refusal
		want     Session
	}{
		"to a later start keeps its length":            {"a", 1, Slot{Start: ptr(at(7, 30))}, at(0, 0), "", Session{Room: "hall", Start: at(7, 30), End: at(8, 30)}},
		"to another room keeps its time":               {"a", 1, Slot{Room: ptr("annex")}, at(0, 0), "", Session{Room: "annex", Start: at(1, 0), End: at(2, 0)}},
		"to where it is changes nothing":               {"a", 1, Slot{Room: ptr("hall")}, at(0, 0), "", Session{Room: "hall", Start: at(1, 0), End: at(2, 0)}},
		"into the slot of a cancelled session":         {"a", 1, Slot{Start: ptr(at(5, 0))}, at(0, 0), "", Session{Room: "hall", Start: at(5, 0), End: at(6, 0)}},
		"right behind another session":                 {"a", 1, Slot{Start: ptr(at(3, 0))}, at(0, 0), "", Session{Room: "hall", Start: at(3, 0), End: at(4, 0)}},
		"is refused once it has begun":                 {"a", 1, Slot{Start: ptr(at(7, 0))}, at(1, 0), "session_begun", Session{}},
		"is refused when it is cancelled":              {"gone", 1, Slot{Start: ptr(at(7, 0))}, at(0, 0), "session_cancelled", Session{}},
		"is refused to whom has not seen it":           {"a", 7, Slot{Start: ptr(at(7, 0))}, at(0, 0), "stale", Session{}},
		"is refused for one that is not there":         {"x", 1, Slot{Start: ptr(at(7, 0))}, at(0, 0), "not_found", Session{}},
		"is refused onto another session":              {"a", 1, Slot{Start: ptr(at(2, 30))}, at(0, 0), "room_occupied", Session{}},
		"is refused when it would end before it began": {"a", 1, Slot{End: ptr(at(1, 0))}, at(0, 0), "end_before_start", Session{}},
		"is refused to last two days":                  {"a", 1, Slot{End: ptr(at(49, 0))}, at(0, 0), "too_long", Session{}},
		"is refused into the past":                     {"b", 1, Slot{Start: ptr(at(0, 0)), Room: ptr("annex")}, at(0, 30), "in_the_past", Session{}},
		"is refused into another year":                 {"a", 1, Slot{Start: ptr(at(24*365, 0))}, at(0, 0), "outside_conference", Session{}},
		"is refused to a room there is not":            {"a", 1, Slot{Room: ptr("cellar")}, at(0, 0), "room_unknown", Session{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := a.Move(seoul, tc.id, tc.revision, tc.to, "why", tc.now)
			if code := codeOf(err); code != tc.code {
				t.Fatalf("refused with %q (%v), want %q", code, err, tc.code)
			}
			if err == nil && (got.Room != tc.want.Room || !got.Start.Equal(tc.want.Start) || !got.End.Equal(tc.want.End)) {
				t.Errorf("moved to %s %v-%v", got.Room, got.Start, got.End)
			}
		})
	}
}

// codeOf is the code of a refusal, of its field where it names one.
func codeOf(err error) string {
	if err == nil {
		return ""
	}
	p := problem.From(err)
	if len(p.Fields) > 0 {
		return p.Fields[0].Code
	}
	return p.Code
}

func TestCancel(t *testing.T) {
	t.Parallel()
	a, _ := released(t, Empty("c"), []Session{session("a", "hall", 1, 2)}, Room{ID: "hall"})
	s, err := a.Cancel("a", 1, "fire drill", at(1, 30))
	if err != nil || s.Status != Cancelled || s.Reason != "fire drill" {
		t.Fatalf("cancelled to %+v, %v", s, err)
	}
	if _, err := a.Cancel("a", 1, "", at(2, 0)); codeOf(err) != "session_over" {
		t.Errorf("cancelling what is over: %v", err)
	}
	after, _ := released(t, a, []Session{s})
	again, err := after.Cancel("a", 2, "other", at(1, 30))
	if err != nil || again.Reason != "fire drill" {
		t.Errorf("cancelling again: %+v, %v", again, err)
	}
}
