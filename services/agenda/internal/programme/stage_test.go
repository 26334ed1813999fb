package programme

import (
	"slices"
	"testing"
	"time"
)

// A step is one thing done by hand to the session "a" of an agenda.
type step func(a Agenda, revision int64, now time.Time) (Session, error)

func cancelling(a Agenda, r int64, now time.Time) (Session, error) {
	return a.Cancel("a", r, "ill", now)
}

func reinstating(a Agenda, r int64, now time.Time) (Session, error) {
	return a.Reinstate(seoul, "a", r, "well again", now)
}
func beginning(a Agenda, _ int64, now time.Time) (Session, error) { return a.Begin("a", now) }
func closing(a Agenda, _ int64, now time.Time) (Session, error)   { return a.Close("a", now) }
func streaming(a Agenda, _ int64, now time.Time) (Session, error) { return a.GoLive("a", now) }

func TestTheLifeOfASession(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		steps  []step
		at     []time.Time
		code   string // of the last step's refusal
		status Status
	}{
		"cancelled and reinstated":               {[]step{cancelling, reinstating}, []time.Time{at(0, 0), at(0, 0)}, "", Confirmed},
		"reinstated without a need":              {[]step{reinstating}, []time.Time{at(0, 0)}, "", Confirmed},
		"reinstated too late":                    {[]step{cancelling, reinstating}, []time.Time{at(0, 0), at(2, 0)}, "session_over", ""},
		"opened in time":                         {[]step{beginning}, []time.Time{at(1, 0)}, "", Running},
		"opened twice":                           {[]step{beginning, beginning}, []time.Time{at(1, 0), at(1, 1)}, "", Running},
		"opened an hour before":                  {[]step{beginning}, []time.Time{at(0, 0)}, "", Running},
		"opened earlier than that":               {[]step{beginning}, []time.Time{at(0, 0).Add(-time.Second)}, "too_early", ""},
		"opened when it is over":                 {[]step{beginning}, []time.Time{at(2, 0)}, "session_over", ""},
		"opened though cancelled":                {[]step{cancelling, beginning}, []time.Time{at(0, 0), at(1, 0)}, "session_cancelled", ""},
		"opened, closed, and opened again":       {[]step{beginning, closing, beginning}, []time.Time{at(1, 0), at(1, 5), at(1, 6)}, "", Running},
		"closed without having been opened":      {[]step{closing}, []time.Time{at(1, 30)}, "", Ended},
		"closed twice":                           {[]step{closing, closing}, []time.Time{at(1, 30), at(1, 31)}, "", Ended},
		"closed before it has begun":             {[]step{closing}, []time.Time{at(0, 30)}, "session_not_begun", ""},
		"closed though cancelled":                {[]step{cancelling, closing}, []time.Time{at(0, 0), at(1, 0)}, "session_cancelled", ""},
		"cancelled while it runs beyond its end": {[]step{beginning, cancelling}, []time.Time{at(1, 0), at(3, 0)}, "", Cancelled},
		"cancelled after it was closed":          {[]step{closing, cancelling}, []time.Time{at(1, 30), at(1, 31)}, "session_over", ""},
		"streamed before its time":               {[]step{streaming}, []time.Time{at(0, 0)}, "", Confirmed},
		"streamed though cancelled":              {[]step{cancelling, streaming}, []time.Time{at(0, 0), at(0, 0)}, "session_cancelled", ""},
		"streamed when it is over":               {[]step{closing, streaming}, []time.Time{at(1, 0), at(1, 0)}, "session_over", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := session("a", "hall", 1, 2)
			s.Stream = &Stream{URL: "https://stream.example/a"}
			a, _ := released(t, Empty("c"), []Session{s}, Room{ID: "hall"})
			for i, do := range tc.steps {
				was, _ := a.Session("a")
				got, err := do(a, was.Revision, tc.at[i])
				if i == len(tc.steps)-1 {
					if code := codeOf(err); code != tc.code {
						t.Fatalf("refused with %q (%v), want %q", code, err, tc.code)
					}
					if got.Status != tc.status {
						t.Errorf("is %q, want %q", got.Status, tc.status)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if r, any := a.Next("x", day, Proposal{Sessions: []Session{got}}); any {
					if a, err = a.With(r); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

func TestASessionIsNotReinstatedOntoAnother(t *testing.T) {
	t.Parallel()
	off := session("a", "hall", 1, 2)
	off.Status = Cancelled
	a, _ := released(t, Empty("c"), []Session{off, session("b", "hall", 1, 2)}, Room{ID: "hall"})
	if _, err := a.Reinstate(seoul, "a", 1, "", at(0, 0)); codeOf(err) != "room_occupied" {
		t.Errorf("reinstated: %v", err)
	}
}

func TestASessionClosedEarlyLeavesItsRoomFree(t *testing.T) {
	t.Parallel()
	a, _ := released(t, Empty("c"), []Session{session("a", "hall", 1, 4), session("b", "annex", 5, 6)}, Room{ID: "hall"}, Room{ID: "annex"})
	closed, err := a.Close("a", at(1, 30))
	if err != nil {
		t.Fatal(err)
	}
	a, _ = released(t, a, []Session{closed})
	if _, err := a.Move(seoul, "b", 1, Slot{Room: ptr("hall"), Start: ptr(at(2, 0))}, "", at(1, 31)); err != nil {
		t.Errorf("into the room: %v", err)
	}
}

func TestAStreamIsStartedInANewState(t *testing.T) {
	t.Parallel()
	s := session("a", "hall", 1, 2)
	s.Stream = &Stream{URL: "https://stream.example/a"}
	a, _ := released(t, Empty("c"), []Session{s, session("b", "annex", 1, 2)}, Room{ID: "hall"}, Room{ID: "annex"})
	live, err := a.GoLive("a", at(0, 0))
	if was, _ := a.Session("a"); err != nil || !live.Live(at(0, 0)) || was.Stream.Started {
		t.Errorf("live %+v, before %+v, %v", live.Stream, was.Stream, err)
	}
	if _, err := a.GoLive("b", at(0, 0)); codeOf(err) != "no_stream" {
		t.Errorf("without a stream: %v", err)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	s, other, gone := session("a", "hall", 1, 2), session("b", "annex", 1, 2), session("x", "annex", 3, 4)
	s.People = []Part{{Role: Chair, Delegate: "d1"}, {Role: Speaker, Name: "Ada Okafor", Affiliation: "ITU"}}
	other.People, gone.People = []Part{{Role: Speaker, Delegate: "d2"}}, []Part{{Role: Speaker, Delegate: "d3"}}
	a, _ := released(t, Empty("c"), []Session{s, other, gone}, Room{ID: "hall"}, Room{ID: "annex"})
	for name, tc := range map[string]struct {
		out, in Part
		now     time.Time
		code    string
		want    []Part
	}{
		"an outside speaker by a delegate": {
			Part{Name: "Ada Okafor"},
			Part{Delegate: "d3"},
			at(0, 0), "",
			[]Part{{Role: Chair, Delegate: "d1"}, {Role: Speaker, Delegate: "d3"}},
		},
		"a delegate by somebody from outside, in another role": {
			Part{Delegate: "d1"},
			Part{Role: Moderator, Name: "Kim", Affiliation: "KISA"},
			at(1, 30), "",
			[]Part{{Role: Moderator, Name: "Kim", Affiliation: "KISA"}, {Role: Speaker, Name: "Ada Okafor", Affiliation: "ITU"}},
		},
		"one who is not in it":         {Part{Name: "Nobody"}, Part{Delegate: "d3"}, at(0, 0), "person_unknown", nil},
		"by one who is in it already":  {Part{Name: "Ada Okafor"}, Part{Delegate: "d1"}, at(0, 0), "person_twice", nil},
		"by one who is elsewhere then": {Part{Name: "Ada Okafor"}, Part{Delegate: "d2"}, at(0, 0), "person_twice", nil},
		"when the session is over":     {Part{Name: "Ada Okafor"}, Part{Delegate: "d3"}, at(2, 0), "session_over", nil},
		"by the same person from elsewhere": {
			Part{Name: "Ada Okafor"},
			Part{Name: "Ada Okafor", Affiliation: "UN"},
			at(0, 0), "",
			[]Part{{Role: Chair, Delegate: "d1"}, {Role: Speaker, Name: "Ada Okafor", Affiliation: "UN"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := a.Replace("a", 1, tc.out, tc.in, "why", tc.now)
			if code := codeOf(err); code != tc.code {
				t.Fatalf("refused with %q (%v), want %q", code, err, tc.code)
			}
			if err == nil && !slices.Equal(got.People, tc.want) {
				t.Errorf("now %+v", got.People)
			}
			if was, _ := a.Session("a"); !slices.Equal(was.People, s.People) {
				t.Errorf("the agenda itself changed: %+v", was.People)
			}
		})
	}
}

func TestOpeningAndClosingIsNotWorthANotice(t *testing.T) {
	t.Parallel()
	a, _ := released(t, Empty("c"), []Session{session("a", "hall", 1, 2)}, Room{ID: "hall"})
	for name, do := range map[string]step{"opening": beginning, "closing": closing, "cancelling": cancelling} {
		after, err := do(a, 1, at(1, 0))
		if err != nil {
			t.Fatal(err)
		}
		changes := a.Becoming([]Session{after})
		if len(changes) != 1 {
			t.Fatalf("%s is %d changes", name, len(changes))
		}
		if _, notice := changes[0].Severity(at(1, 0)); notice != (name == "cancelling") {
			t.Errorf("%s: notice %v", name, notice)
		}
	}
}
