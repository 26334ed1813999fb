package meeting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

func TestAMeetingAcrossTwoCellsIsRefusedWithTheNearestSlots(t *testing.T) {
	t.Parallel()
	s := berlin()
	e := refused(t, s.Check(ministers("m"), slot("10:15", 25)), problem.Invalid, "slot_off_grid")
	want := []string{"2026-11-18T10:00:00+01:00", "2026-11-18T10:30:00+01:00", "2026-11-18T09:30:00+01:00"}
	if got := suggestions(e); !slices.Equal(got, want) {
		t.Errorf("it suggests %v, want %v", got, want)
	}
	for _, ok := range []meeting.Slot{slot("10:00", 25), slot("10:30", 25), slot("10:30", 55), slot("18:30", 85)} {
		if err := s.Check(ministers("m"), ok); err != nil {
			t.Errorf("%v: %v", ok, err)
		}
	}
	e = refused(t, s.Check(ministers("m"), slot("10:00", 30)), problem.Invalid, "slot_off_grid")
	if got := e[0]; got.Pointer != "/minutes" || !strings.HasPrefix(got.Params["lengths"], "25,55,85") {
		t.Errorf("the length is refused with %+v", got)
	}
	if got := suggestions(e); got[0] != want[0] || len(e) != 4 {
		t.Errorf("a start of the grid is refused with %+v", e)
	}
}

func TestTheCellsAtTheEdgeOfTheHoursAreThoseInWhichAMeetingEnds(t *testing.T) {
	t.Parallel()
	s := berlin()
	m := ministers("m")
	for _, ok := range []meeting.Slot{slot("08:00", 25), slot("19:30", 25), slot("19:00", 55)} {
		if err := s.Check(m, ok); err != nil {
			t.Errorf("%v: %v", ok, err)
		}
	}
	for _, out := range []meeting.Slot{slot("07:30", 25), slot("19:30", 55), slot("20:00", 25), slot("00:00", 25)} {
		refused(t, s.Check(m, out), problem.Invalid, "outside_hours")
	}
	e := refused(t, s.Check(m, slot("21:00", 25)), problem.Invalid, "outside_hours")
	if got := suggestions(e); got[0] != "2026-11-18T19:30:00+01:00" {
		t.Errorf("after hours it suggests %v first", got[0])
	}

	// Nobody is there on any other day, whatever the clock says.
	years := slot("10:00", 25)
	years.Start, years.End = years.Start.AddDate(73, 0, 0), years.End.AddDate(73, 0, 0)
	e = refused(t, s.Check(m, years), problem.Invalid, "outside_hours")
	if got := suggestions(e); got[0] != "2026-11-19T19:30:00+01:00" || len(s.Cells("2026-11-20")) != 0 {
		t.Errorf("after the last day it suggests %v first", got)
	}

	// A day of its own, cut by lunch: the grid is laid anew from where it opens.
	s.Policy.Hours = []programme.Hours{
		{From: "08:00", To: "20:00"},
		{Day: "2026-11-18", From: "09:10", To: "10:40"},
		{Day: "2026-11-18", From: "14:00", To: "15:25"},
	}
	if got, want := clocks("Europe/Berlin", s.Cells("2026-11-18")), "09:10 09:40 10:10 14:00 14:30 15:00"; got != want {
		t.Errorf("the cells begin at %s, want %s", got, want)
	}
	if got := len(s.Cells("2026-11-17")); got != 24 {
		t.Errorf("on another day there are %d cells", got)
	}
	refused(t, s.Check(m, slot("10:10", 55)), problem.Invalid, "outside_hours")
	refused(t, s.Check(m, slot("12:00", 25)), problem.Invalid, "outside_hours")

	// Hours that touch are one, and laid from their beginning.
	s.Policy.Hours = []programme.Hours{{From: "10:00", To: "11:15"}, {From: "11:15", To: "12:00"}}
	if got, want := clocks("Europe/Berlin", s.Cells("2026-11-18")), "10:00 10:30 11:00 11:30"; got != want {
		t.Errorf("the cells begin at %s, want %s", got, want)
	}
}

func TestTheGridIsLaidByTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, day, from, to string
		cell                      int
		want                      string
	}{
		{"an hour is missing", "Europe/Berlin", "2026-03-29", "00:30", "04:30", 30, "00:30 01:00 01:30 03:00 03:30 04:00"},
		{"an hour comes twice", "Europe/Berlin", "2026-10-25", "01:00", "04:00", 30, "01:00 01:30 02:00 02:30 02:00 02:30 03:00 03:30"},
		{"the day has no midnight", "Africa/Cairo", "2026-04-24", "00:00", "03:00", 60, "01:00 02:00"},
		{"the clock changes by half an hour", "Australia/Lord_Howe", "2026-10-04", "00:00", "05:00", 60, "00:00 01:00 03:00 04:00"},
		{"a longer cell than the hour that comes twice", "Europe/London", "2026-10-25", "00:00", "06:00", 90, "00:00 01:30 03:00 04:30"},
		{"an odd offset", "Asia/Kathmandu", "2026-06-01", "09:15", "10:45", 30, "09:15 09:45 10:15"},
		{"the clock is far from that of London", "Asia/Seoul", "2026-06-01", "08:00", "09:00", 30, "08:00 08:30"},
		{"the whole day", "Pacific/Auckland", "2026-06-01", "00:00", "24:00", 240, "00:00 04:00 08:00 12:00 16:00 20:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := berlin()
			s.Conference.Zone, s.Conference.Days = c.zone, []string{c.day}
			s.Now = local(c.zone, c.day+" 12:00").AddDate(0, 0, -3)
			s.Policy.Grid.Cell = c.cell
			s.Policy.Hours = []programme.Hours{{From: c.from, To: c.to}}
			cells := s.Cells(c.day)
			if got := clocks(c.zone, cells); got != c.want {
				t.Errorf("the cells begin at %s, want %s", got, c.want)
			}
			for i, x := range cells {
				if x.End.Sub(x.Start) != time.Duration(c.cell)*time.Minute {
					t.Errorf("%v is not as long as a cell", x)
				}
				if i > 0 && x.Start.Before(cells[i-1].End) {
					t.Errorf("%v begins in the cell before", x)
				}
				if err := s.Check(ministers("m"), meeting.Slot{Start: x.Start.UTC(), End: x.Start.UTC().Add(25 * time.Minute)}); err != nil {
					t.Errorf("%v: %v", x, err)
				}
			}
		})
	}
}

func TestASlotThatHasBegunIsPassed(t *testing.T) {
	t.Parallel()
	s := berlin()
	s.Now = at("10:00")
	refused(t, s.Check(ministers("m"), slot("10:00", 25)), problem.Conflict, "slot_passed")
	if err := s.Check(ministers("m"), slot("10:30", 25)); err != nil {
		t.Error(err)
	}
	if got := s.Nearest(slot("08:00", 25), 25, 1); !got[0].Same(slot("10:30", 25)) {
		t.Errorf("the nearest is %v", got)
	}
}

func TestThePolicyCutsTheDayWhereItSaysSo(t *testing.T) {
	t.Parallel()
	s := berlin()
	s.Conference.Grid = programme.Grid{Cell: 20, Meeting: 15}
	if got := s.Grid(); got != (programme.Grid{Cell: 20, Meeting: 15, Changeover: 5}) {
		t.Errorf("the grid is %+v", got)
	}
	s.Policy.Grid = programme.Grid{Cell: 15, Meeting: 10}
	s.Policy.Changeovers = map[meeting.Level]int{meeting.HeadOfState: 15, meeting.Expert: 0}
	if got := s.Lengths()[:3]; !slices.Equal(got, []int{10, 25, 40}) {
		t.Errorf("meetings last %v", got)
	}
	for l, want := range map[meeting.Level]time.Duration{meeting.HeadOfState: 15 * time.Minute, meeting.Expert: 0, meeting.Minister: 5 * time.Minute} {
		if got := s.Changeover(l); got != want {
			t.Errorf("after %s there are %v", l, got)
		}
	}
}

func TestAConfirmedMeetingKeepsItsStartWhenTheGridChanges(t *testing.T) {
	t.Parallel()
	s := berlin()
	m := ministers("m")
	m.Status, m.Slot = meeting.Confirmed, slot("10:15", 25)
	if err := s.Check(m, slot("10:15", 55)); err != nil {
		t.Error(err)
	}
	refused(t, s.Check(m, slot("10:45", 25)), problem.Invalid, "slot_off_grid")
}
