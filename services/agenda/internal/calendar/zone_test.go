package calendar_test

import (
	"strconv"
	"testing"
	"time"

	other "github.com/emersion/go-ical"

	"plenary.example/services/agenda/internal/calendar"
	"plenary.example/services/agenda/internal/programme"
)

// reckoned is when an event starts for a calendar that knows no zones but the
// one the object brings.
func reckoned(t *testing.T, cal *other.Calendar, p *other.Prop) time.Time {
	t.Helper()
	if p.Params.Get("TZID") == "" {
		at, err := time.Parse("20060102T150405Z", p.Value)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	clock, err := time.Parse("20060102T150405", p.Value)
	if err != nil {
		t.Fatal(err)
	}
	var latest time.Time
	var offset time.Duration
	for _, zone := range cal.Children {
		if zone.Name != "VTIMEZONE" || zone.Props.Get("TZID").Value != p.Params.Get("TZID") {
			continue
		}
		for _, o := range zone.Children {
			onset, err := time.Parse("20060102T150405", o.Props.Get("DTSTART").Value)
			if err != nil {
				t.Fatal(err)
			}
			// The onset is as clocks showed it before the change, so of an hour that
			// comes twice the first is before it.
			if !clock.Before(onset) && onset.After(latest) {
				latest, offset = onset, seconds(t, o.Props.Get("TZOFFSETTO").Value)
			}
		}
	}
	if latest.IsZero() {
		t.Fatalf("no rule for %s %s", p.Params.Get("TZID"), p.Value)
	}
	return clock.Add(-offset)
}

func seconds(t *testing.T, offset string) time.Duration {
	t.Helper()
	n, err := strconv.Atoi(offset)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
}

func TestAnHourThatComesTwiceAndOneThatNeverComes(t *testing.T) {
	t.Parallel()
	for zone, changes := range map[string][]time.Time{
		"Europe/Berlin":       {time.Date(2013, 10, 27, 1, 0, 0, 0, time.UTC), time.Date(2014, 3, 30, 1, 0, 0, 0, time.UTC)},
		"America/New_York":    {time.Date(2013, 11, 3, 6, 0, 0, 0, time.UTC), time.Date(2014, 3, 9, 7, 0, 0, 0, time.UTC)},
		"Australia/Lord_Howe": {time.Date(2014, 4, 5, 15, 0, 0, 0, time.UTC)}, // by half an hour
		"Asia/Seoul":          {time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)},
		"Asia/Kathmandu":      {time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)},
		"UTC":                 {time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)},
	} {
		for _, change := range changes {
			var events []calendar.Event
			want := map[string]time.Time{}
			for minutes := -48 * 60; minutes <= 48*60; minutes += 20 {
				at := change.Add(time.Duration(minutes) * time.Minute)
				s := programme.Session{ID: strconv.Itoa(minutes), Title: programme.Text{"en": "x"}, Start: at, End: at.Add(time.Hour), ChangedAt: released}
				events = append(events, calendar.Event{Session: s})
				want[calendar.UID("c", s.ID)] = at
			}
			_, cal := written(t, programme.Conference{ID: "c", Zone: zone}, "en", events...)
			for _, e := range cal.Events() {
				start := want[value(t, e, "UID")]
				if got := reckoned(t, cal, e.Props.Get("DTSTART")); !got.Equal(start) {
					t.Errorf("%s: %s is %s by the zone of the calendar, want %s", zone, e.Props.Get("DTSTART").Value, got, start)
				}
				if got := reckoned(t, cal, e.Props.Get("DTEND")); !got.Equal(start.Add(time.Hour)) {
					t.Errorf("%s: ends %s, want %s", zone, got, start.Add(time.Hour))
				}
			}
		}
	}
}
