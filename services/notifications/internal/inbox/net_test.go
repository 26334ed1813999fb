package inbox

import (
	"slices"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

var morning = time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)

func state(changes ...func(*event.SessionState)) event.SessionState {
	s := event.SessionState{
		Session: "s", Revision: 1, Title: map[string]string{"en": "Panel"}, Room: "hall", RoomName: "Hall",
		Start: morning, End: morning.Add(time.Hour), Status: event.SessionConfirmed,
	}
	for _, c := range changes {
		c(&s)
	}
	return s
}

func in(room string) func(*event.SessionState) { return func(s *event.SessionState) { s.Room = room } }

func later(d time.Duration) func(*event.SessionState) {
	return func(s *event.SessionState) { s.Start, s.End = s.Start.Add(d), s.End.Add(d) }
}

func cancelled(s *event.SessionState) { s.Status = event.SessionCancelled }

func removed(s *event.SessionState) { s.Status = event.SessionRemoved }

func delayed(s *event.SessionState) { s.Delayed = true }

// whole is a state in which everything is told.
func whole(access, people, language, stream string) event.SessionState {
	return state(func(s *event.SessionState) {
		s.Access, s.People, s.Language, s.Stream = access, people, language, stream
	})
}

func TestNet(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before, after event.SessionState
		want          string
	}{
		"nothing changed is no news":              {state(), state(), ""},
		"another spelling of a time is no news":   {state(), state(func(s *event.SessionState) { s.Start = s.Start.In(time.FixedZone("KST", 9*3600)) }), ""},
		"a reason alone is no news":               {state(), state(func(s *event.SessionState) { s.Reason = "x" }), ""},
		"another time moves":                      {state(), state(later(time.Hour)), Moved},
		"another room moves":                      {state(), state(in("annex")), Moved},
		"another end changes":                     {state(), state(func(s *event.SessionState) { s.End = s.End.Add(time.Hour) }), Changed},
		"another title changes":                   {state(), state(func(s *event.SessionState) { s.Title = map[string]string{"en": "Other"} }), Changed},
		"cancelling cancels, whatever else":       {state(), state(cancelled, in("annex")), Cancelled},
		"moving what stays cancelled is no news":  {state(cancelled), state(cancelled, in("annex")), ""},
		"reinstating reinstates, whatever else":   {state(cancelled), state(later(time.Hour)), Reinstated},
		"opening and closing is no news":          {state(), state(func(s *event.SessionState) { s.Status = event.SessionRunning }), ""},
		"reopening is no news":                    {state(func(s *event.SessionState) { s.Status = event.SessionEnded }), state(func(s *event.SessionState) { s.Status = event.SessionRunning }), ""},
		"removing removes, whatever else":         {state(), state(removed, in("annex")), Removed},
		"removing what was cancelled is no news":  {state(cancelled), state(removed), ""},
		"what was removed and is back is back on": {state(removed), state(), Reinstated},
		"a delay is one":                          {state(), state(later(time.Hour), delayed), Delayed},
		"a delay into another room is a move":     {state(), state(later(time.Hour), delayed, in("annex")), Moved},
		"making up for a delay is a move":         {state(later(time.Hour), delayed), state(), Moved},
		"another admission":                       {whole("open", "a", "en", "none"), whole("seats/1", "b", "fr", "started"), Admission},
		"other speakers":                          {whole("open", "a", "en", "none"), whole("open", "b", "fr", "started"), Speakers},
		"another language":                        {whole("open", "a", "en", "none"), whole("open", "a", "fr", "started"), Spoken},
		"the stream starts":                       {whole("open", "a", "en", "planned"), whole("open", "a", "en", "started"), Streamed},
		"what was not told before is no news":     {state(), whole("open", "a", "en", "none"), ""},
		"of what has ended nothing is news": {whole("open", "a", "en", "none"), func() event.SessionState {
			s := whole("open", "b", "en", "none")
			s.Status = event.SessionEnded
			return s
		}(), ""},
		"what nobody knew before is told as new":   {event.SessionState{Status: event.SessionConfirmed}, state(), Moved},
		"what nobody knew can be cancelled for it": {event.SessionState{Status: event.SessionConfirmed}, state(cancelled), Cancelled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := net(tc.before, tc.after); got != tc.want {
				t.Errorf("net = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWhatElseIsNewIsSaidWithIt(t *testing.T) {
	t.Parallel()
	full := func(s *event.SessionState) {
		s.Stream, s.Access, s.People, s.Language = event.StreamNone, "open", "a", "en"
	}
	other := func(s *event.SessionState) {
		s.Stream, s.Access, s.People, s.Language = event.StreamStarted, "seats/x", "b", "fr"
	}
	renamed := func(s *event.SessionState) { s.Title = map[string]string{"en": "Other"} }
	longer := func(s *event.SessionState) { s.End = s.End.Add(time.Hour) }
	silent := func(s *event.SessionState) { s.Language = "" }
	for name, tc := range map[string]struct {
		before, after event.SessionState
		category      string
		want          []string
	}{
		"a move and everything else":           {state(full), state(in("annex"), other, renamed), Moved, []string{Admission, Speakers, Spoken, Streamed, Changed}},
		"everything but when and where":        {state(full), state(other), Admission, []string{Speakers, Spoken, Streamed}},
		"a move alone":                         {state(full), state(full, in("annex")), Moved, nil},
		"a title alone":                        {state(full), state(full, renamed), Changed, nil},
		"an end and a title":                   {state(full), state(full, longer, renamed), Changed, []string{Changed}},
		"whoever was to speak, if it is off":   {state(full), state(other, cancelled), Cancelled, nil},
		"what an older agenda did not tell":    {state(), state(other, in("annex")), Moved, nil},
		"a language that nobody can say":       {state(full), state(full, silent), "", nil},
		"back with another speaker and stream": {state(full, cancelled), state(full, func(s *event.SessionState) { s.People, s.Stream = "b", event.StreamPlanned }), Reinstated, []string{Speakers, Streamed}},
	} {
		category := net(tc.before, tc.after)
		if got := also(category, tc.before, tc.after); category != tc.category || !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q and %q, want %q and %q", name, category, got, tc.category, tc.want)
		}
	}
}

func TestUrgencyIsTheLeadTimeOfTheEarlierStart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lead time.Duration
		by   time.Duration
		want push.Lane
	}{
		{25 * time.Hour, time.Hour, push.Routine},
		{24*time.Hour + 1, time.Hour, push.Routine},
		{24 * time.Hour, time.Hour, push.Important},
		{30*time.Minute + 1, time.Hour, push.Important},
		{30 * time.Minute, time.Hour, push.Urgent},
		{25 * time.Hour, -24*time.Hour - 45*time.Minute, push.Urgent}, // brought forward
		{10 * time.Minute, 48 * time.Hour, push.Urgent},               // put off, but people are on their way
	} {
		if got := urgency(state(), state(later(tc.by)), morning.Add(-tc.lead)); got != tc.want {
			t.Errorf("%v before, moved by %v: %s, want %s", tc.lead, tc.by, got, tc.want)
		}
	}
}

func TestWhatStaysWhereItIsIsNeverUrgent(t *testing.T) {
	t.Parallel()
	for lead, want := range map[time.Duration]push.Lane{
		25 * time.Hour: push.Routine, 4*time.Hour + 1: push.Routine, 4 * time.Hour: push.Important, time.Minute: push.Important, -time.Minute: push.Important,
	} {
		before, after := whole("open", "a", "en", "none"), whole("open", "b", "en", "none")
		if got := urgency(before, after, morning.Add(-lead)); got != want {
			t.Errorf("%v before: %s, want %s", lead, got, want)
		}
	}
}

func TestNewsIsOverWhenBothSlotsAre(t *testing.T) {
	t.Parallel()
	end := morning.Add(time.Hour)
	for name, tc := range map[string]struct {
		after event.SessionState
		now   time.Time
		want  bool
	}{
		"put off, the old slot has passed":         {state(later(2 * time.Hour)), end, false},
		"put off, both have passed":                {state(later(2 * time.Hour)), end.Add(2 * time.Hour), true},
		"brought forward, the old slot is to come": {state(later(-time.Hour)), morning, false},
		"cancelled while it runs":                  {state(cancelled), end.Add(-1), false},
		"cancelled when it is over":                {state(cancelled), end, true},
	} {
		if got := over(state(), tc.after, tc.now); got != tc.want {
			t.Errorf("%s: over = %v", name, got)
		}
	}
}
