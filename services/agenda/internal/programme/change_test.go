package programme

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// unnoticed are the parts of a session that nobody can see to be another.
var unnoticed = []string{"ID", "External", "Source", "Revision", "ChangedAt", "Sequence", "Reason", "Delayed", "Planned", "Speakers"}

func TestEveryFieldAPersonWouldNoticeIsAChange(t *testing.T) {
	t.Parallel()
	before := Session{ID: "s", Kind: Panel, Room: "hall", Start: at(9, 0), End: at(10, 0), Status: Confirmed}
	other := map[string]any{
		"Title": Text{"en": "x"}, "Abstract": Text{"en": "x"}, "Interpretation": []string{"fr"}, "People": []Part{{Role: Chair, Delegate: "d"}},
		"Access": Access{Kind: Seats, Seats: 2}, "Stream": &Stream{URL: "https://live.example.org"}, "Documents": []Document{{ID: "d", URL: "https://example.org"}},
		"Public": true, "Start": at(9, 30), "End": at(11, 0), "Status": Cancelled, "Kind": "x", "Theme": "x", "Room": "x", "Language": "x",
	}
	kind := reflect.TypeFor[Session]()
	for i := range kind.NumField() {
		name := kind.Field(i).Name
		if slices.Contains(unnoticed, name) {
			continue
		}
		value, ok := other[name]
		if !ok {
			t.Fatalf("a session has a new field %s: is its change noticed?", name)
		}
		after := before
		reflect.ValueOf(&after).Elem().Field(i).Set(reflect.ValueOf(value).Convert(kind.Field(i).Type))
		fields := Differences(before, after)
		if len(fields) == 0 {
			t.Errorf("another %s is no change", name)
		}
		if name != "Start" && name != "End" && len(fields) != 1 {
			t.Errorf("another %s is a change of %v", name, fields)
		}
		if back := Differences(after, after); len(back) > 0 {
			t.Errorf("the same %s is a change of %v", name, back)
		}
	}
}

func TestHowSoonPeopleMustHear(t *testing.T) {
	t.Parallel()
	s := func(start time.Time, status Status, title string) *Session {
		return &Session{ID: "s", Start: start, End: start.Add(time.Hour), Status: status, Title: Text{"en": title}}
	}
	now := at(9, 0)
	for _, test := range []struct {
		name          string
		before, after *Session
		urgency       Urgency
		notice        bool
	}{
		{"moved from what begins in half an hour", s(at(9, 30), Confirmed, ""), s(at(20, 0), Confirmed, ""), Urgent, true},
		{"moved to half an hour from now", s(at(20, 0), Confirmed, ""), s(at(9, 30), Confirmed, ""), Urgent, true},
		{"cancelled today", s(at(15, 0), Confirmed, ""), s(at(15, 0), Cancelled, ""), Important, true},
		{"moved the day after tomorrow", s(at(40, 0), Confirmed, ""), s(at(41, 0), Confirmed, ""), Routine, true},
		{"another title in three hours", s(at(12, 0), Confirmed, "a"), s(at(12, 0), Confirmed, "b"), Important, true},
		{"another title tomorrow", s(at(33, 0), Confirmed, "a"), s(at(33, 0), Confirmed, "b"), Routine, true},
		{"no more", s(at(34, 0), Confirmed, "a"), nil, Routine, true},
		{"new", nil, s(at(9, 10), Confirmed, "a"), Routine, false},
		{"over already", s(at(7, 0), Confirmed, "a"), s(at(7, 30), Confirmed, "a"), Routine, false},
	} {
		if u, notice := changed(test.before, test.after).Severity(now); u != test.urgency || notice != test.notice {
			t.Errorf("%s: %s, worth a notice %v; want %s, %v", test.name, u, notice, test.urgency, test.notice)
		}
	}
}

func TestRoomsOpenByTheirHours(t *testing.T) {
	t.Parallel()
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	local := func(day, hour, minute int) time.Time { return time.Date(2013, 10, day, hour, minute, 0, 0, seoul) }
	r := Room{Hours: []Hours{{From: "09:00", To: "18:00"}, {Day: "2013-10-18", From: "08:00", To: "24:00"}}}
	for _, test := range []struct {
		from, to time.Time
		open     bool
	}{
		{local(17, 9, 0), local(17, 18, 0), true},
		{local(17, 8, 59), local(17, 10, 0), false},
		{local(17, 17, 0), local(17, 18, 1), false},
		{local(18, 8, 0), local(19, 0, 0), true}, // the hours of a day replace those of every day
		{local(18, 23, 0), local(19, 0, 1), false},
		{local(19, 7, 0), local(19, 8, 0), false},
	} {
		if got := r.Opens(test.from, test.to, seoul); got != test.open {
			t.Errorf("from %s to %s: open %v", test.from, test.to, got)
		}
	}
	if !(Room{}).Opens(local(17, 0, 0), local(18, 0, 0), seoul) {
		t.Error("a room without hours is closed")
	}
}
