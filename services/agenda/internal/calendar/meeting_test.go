package calendar_test

import (
	"bytes"
	"testing"
	"time"

	other "github.com/emersion/go-ical"

	"plenary.example/services/agenda/internal/calendar"
	"plenary.example/services/agenda/internal/programme"
)

func TestAMeetingIsAnEventThatSaysWhenAndWhereAndNoMore(t *testing.T) {
	t.Parallel()
	start := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	m := calendar.Meeting{
		ID: "m1", Start: start, End: start.Add(25 * time.Minute), Room: programme.Room{ID: "b", Name: "Bilateral 1"},
		Sequence: 3, ChangedAt: released,
	}
	off := m
	off.ID, off.Room, off.Cancelled = "m2", programme.Room{}, true
	body, err := calendar.Write(seoul, "My schedule", "ko", nil, off, m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := calendar.Write(seoul, "My schedule", "ko", nil, m, off)
	if err != nil || !bytes.Equal(body, again) {
		t.Errorf("the order of meetings matters, or %v", err)
	}
	cal, err := other.NewDecoder(bytes.NewReader(body)).Decode()
	if err != nil || len(cal.Events()) != 2 || !bytes.Contains(body, []byte("BEGIN:VTIMEZONE")) {
		t.Fatalf("%v\n%s", err, body)
	}
	for i, want := range []map[string]string{
		{
			"UID": "m1" + programme.UIDSuffix(seoul.ID), "SUMMARY": "양자 회담", "STATUS": "CONFIRMED", "TRANSP": "OPAQUE", "CLASS": "CONFIDENTIAL",
			"SEQUENCE": "3", "DTSTART": "20131017T100000", "DTEND": "20131017T102500", "DTSTAMP": "20131001T120000Z", "LAST-MODIFIED": "20131001T120000Z",
		},
		{"UID": "m2" + programme.UIDSuffix(seoul.ID), "SUMMARY": "양자 회담", "STATUS": "CANCELLED", "TRANSP": "TRANSPARENT", "CLASS": "CONFIDENTIAL", "LOCATION": ""},
	} {
		e := cal.Events()[i]
		for name, v := range want {
			if got := value(t, e, name); got != v {
				t.Errorf("%s of the event %d is %q, want %q", name, i, got, v)
			}
		}
		if len(e.Props) > 11 {
			t.Errorf("it says more: %v", e.Props)
		}
	}
}
