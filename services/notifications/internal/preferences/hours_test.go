package preferences

import (
	"testing"
	"time"
)

func place(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestQuietLastsUntilItsEndWhateverTheClocksDo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ zone, from, to, now, want string }{
		"in the evening":                       {"Asia/Seoul", "22:00", "07:00", "2013-10-17T22:00:00+09:00", "2013-10-18T07:00:00+09:00"},
		"after midnight":                       {"Asia/Seoul", "22:00", "07:00", "2013-10-18T03:00:00+09:00", "2013-10-18T07:00:00+09:00"},
		"a moment before it begins":            {"Asia/Seoul", "22:00", "07:00", "2013-10-17T21:59:59+09:00", ""},
		"when it is over":                      {"Asia/Seoul", "22:00", "07:00", "2013-10-18T07:00:00+09:00", ""},
		"within one day":                       {"Asia/Seoul", "13:00", "14:30", "2013-10-17T14:29:59+09:00", "2013-10-17T14:30:00+09:00"},
		"on the other side of noon":            {"Asia/Seoul", "13:00", "14:30", "2013-10-17T02:00:00+09:00", ""},
		"all but a minute of each day":         {"Asia/Seoul", "12:01", "12:00", "2013-10-17T12:01:00+09:00", "2013-10-18T12:00:00+09:00"},
		"a night of seven hours is shorter":    {"Europe/Budapest", "22:00", "07:00", "2013-03-30T23:00:00+01:00", "2013-03-31T07:00:00+02:00"},
		"a night of nine hours is longer":      {"Europe/Budapest", "22:00", "07:00", "2013-10-26T23:00:00+02:00", "2013-10-27T07:00:00+01:00"},
		"an end that is skipped":               {"Europe/Budapest", "22:00", "02:30", "2013-03-31T01:59:00+01:00", "2013-03-31T03:00:00+02:00"},
		"and is over when it is":               {"Europe/Budapest", "22:00", "02:30", "2013-03-31T03:00:00+02:00", ""},
		"a beginning that is skipped":          {"Europe/Budapest", "02:30", "07:00", "2013-03-31T03:00:00+02:00", "2013-03-31T07:00:00+02:00"},
		"all of it is skipped":                 {"Europe/Budapest", "02:10", "02:50", "2013-03-31T03:00:00+02:00", ""},
		"an end that comes twice":              {"Europe/Budapest", "22:00", "02:30", "2013-10-27T02:45:00+02:00", "2013-10-27T02:30:00+01:00"},
		"a beginning that comes twice":         {"Europe/Budapest", "02:30", "07:00", "2013-10-27T02:10:00+01:00", "2013-10-27T07:00:00+01:00"},
		"clocks that change by half an hour":   {"Australia/Lord_Howe", "22:00", "01:45", "2013-04-07T01:50:00+11:00", "2013-04-07T01:45:00+10:30"},
		"a midnight that is skipped":           {"Asia/Beirut", "22:00", "00:00", "2013-03-30T23:59:00+02:00", "2013-03-31T01:00:00+03:00"},
		"a day that is skipped":                {"Pacific/Apia", "22:00", "07:00", "2011-12-29T23:00:00-10:00", "2011-12-31T00:00:00+14:00"},
		"where clocks have never been changed": {"UTC", "22:00", "07:00", "2013-10-18T00:00:00Z", "2013-10-18T07:00:00Z"},
	} {
		q := Quiet{From: Clock(tc.from), To: Clock(tc.to)}
		got := q.until(at(t, tc.now), place(t, tc.zone))
		if tc.want == "" != got.IsZero() || tc.want != "" && !got.Equal(at(t, tc.want)) {
			t.Errorf("%s: quiet until %v, want %q", name, got, tc.want)
		}
	}
}

// TestQuietIsOneSpanANight walks through the nights on which clocks change, minute
// by minute: quiet begins once and ends once, at the time it always said.
func TestQuietIsOneSpanANight(t *testing.T) {
	t.Parallel()
	loc := place(t, "Europe/Budapest")
	for _, noon := range []string{"2013-03-30T12:00:00+01:00", "2013-10-26T12:00:00+02:00", "2013-06-01T12:00:00+02:00"} {
		for _, q := range []Quiet{
			{From: "22:00", To: "07:00"},
			{From: "02:15", To: "02:45"},
			{From: "01:00", To: "02:30"},
			{From: "02:30", To: "05:00"},
			{From: "23:00", To: "03:00"},
			{From: "00:00", To: "12:00"},
		} {
			turns, was, end := 0, time.Time{}, time.Time{}
			for m := range 24 * 60 {
				now := at(t, noon).Add(time.Duration(m) * time.Minute)
				until := q.until(now, loc)
				if until.IsZero() != was.IsZero() {
					turns++
				}
				if !until.IsZero() && !end.IsZero() && !until.Equal(end) || !until.IsZero() && !until.After(now) {
					t.Errorf("from %s to %s at %v: until %v, and before that until %v", q.From, q.To, now, until, end)
				}
				if was.IsZero() != until.IsZero() && until.IsZero() && !now.Equal(end) {
					t.Errorf("from %s to %s: was to end at %v and ended at %v", q.From, q.To, end, now)
				}
				if was = until; !until.IsZero() {
					end = until
				}
			}
			if turns > 2 || turns == 1 && q.To != "12:00" {
				t.Errorf("from %s to %s: began or ended %d times in the night after %s", q.From, q.To, turns, noon)
			}
		}
	}
}

func TestADigestIsDueOnceAtEachOfItsHours(t *testing.T) {
	t.Parallel()
	d := Digest{At: []Clock{"02:30", "08:00", "18:00"}}
	loc := place(t, "Europe/Budapest")
	for _, day := range []string{"2013-03-30", "2013-03-31", "2013-10-26", "2013-10-27", "2013-06-01"} {
		start := at(t, day+"T00:00:00Z").Add(-2 * time.Hour)
		due := map[time.Time]bool{}
		for m := range 24 * 60 {
			now := start.Add(time.Duration(m) * time.Minute)
			next, last := d.Next(now, loc), d.Last(now, loc)
			if !next.After(now) || last.After(now) || !d.Next(last, loc).Equal(next) || !d.Last(next, loc).Equal(next) {
				t.Fatalf("at %v: last %v, next %v", now, last, next)
			}
			due[next.UTC()] = true
		}
		if len(due) < 3 || len(due) > 4 {
			t.Errorf("in the day from %v it is due %d times", start, len(due))
		}
	}
	if got := (Digest{At: []Clock{"08:00"}}).Next(at(t, "2013-10-17T08:00:00+09:00"), place(t, "Asia/Seoul")); !got.Equal(at(t, "2013-10-18T08:00:00+09:00")) {
		t.Errorf("after this morning's the next is due at %v", got)
	}
}

func TestATimeOfDayIsFourDigits(t *testing.T) {
	t.Parallel()
	for c, want := range map[Clock]bool{"00:00": true, "23:59": true, "24:00": false, "8:00": false, "08:60": false, "": false, "08:00:00": false} {
		if c.Valid() != want {
			t.Errorf("%q: %v", c, !want)
		}
	}
}
