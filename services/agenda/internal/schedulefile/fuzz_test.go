package schedulefile_test

import (
	"reflect"
	"testing"

	"plenary.example/services/agenda/internal/schedulefile"
)

func FuzzReadJSON(f *testing.F) {
	f.Add(read(f, "small.json"))
	f.Add([]byte(`{"schedule":{"conference":{"rooms":[{"name":"h","capacity":"9"}],"days":[{"rooms":{"h":[{"persons":["a",null,{}],"duration":90}]},"date":"x"}]}}}`))
	f.Add([]byte(`{"schedule":{"conference":{"days":[{}]},"events":[[[[]]]]}}`))
	f.Fuzz(func(t *testing.T, data []byte) { hold(t, schedulefile.ReadJSON, data) })
}

func FuzzReadXML(f *testing.F) {
	f.Add(read(f, "small.xml"))
	f.Add([]byte("<schedule><conference/><day date='2013-10-17'><room><event guid='g'><date>2013-10-17T09:00Z</date><duration>0:24:00</duration><room>h</room><title>&#x41;<![CDATA[<b>]]></title></event></room></day></schedule>"))
	f.Add([]byte("<?xml version='1.0' encoding='us-ascii'?><!DOCTYPE a [<!ENTITY b 'c'>]><schedule>&b;"))
	f.Fuzz(func(t *testing.T, data []byte) { hold(t, schedulefile.ReadXML, data) })
}

func FuzzReadICalendar(f *testing.F) {
	f.Add(read(f, "small.ics"))
	f.Add([]byte("begin:vcalendar\nX-WR-TIMEZONE:Asia/Seoul\nBEGIN:VTIMEZONE\nTZID:z\nBEGIN:STANDARD\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:a\nSUMMARY;LANGUAGE=en:t\nLOCATION:h\nDTSTART;TZID=z:20131017T090000\nDURATION:P1W\nCATEGORIES:a\\,b,c\nEND:VEVENT\nEND:VCALENDAR"))
	f.Add([]byte("BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:z\r\nBEGIN:DAYLIGHT\r\nDTSTART:20070311T020000\r\nTZOFFSETFROM:-0600\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU;UNTIL=20300310T080000Z\r\nRDATE:20010101T000000\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:t\r\nLOCATION:h\r\nDTSTART;TZID=z:20131017T090000\r\nEND:VEVENT\r\nEND:VCALENDAR"))
	f.Add([]byte("BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT\r\nUID:a\r\nRRULE:FREQ=DAILY\r\nDTSTART;VALUE=DATE:20131017\r\nEND:VEVENT\r\nEND:VCALENDAR\r\nX"))
	f.Fuzz(func(t *testing.T, data []byte) { hold(t, schedulefile.ReadICalendar, data) })
}

// hold checks what a reader promises about any bytes whatever.
func hold(t *testing.T, read func([]byte) (schedulefile.File, error), data []byte) {
	f, err := read(data)
	if err != nil {
		_ = refused(t, err)
		if !reflect.DeepEqual(f, schedulefile.File{}) {
			t.Errorf("a refused file left %+v", f)
		}
		return
	}
	rooms := map[string]bool{}
	for _, r := range f.Rooms {
		if r.Name == "" || rooms[r.Name] {
			t.Errorf("room %q is empty or double", r.Name)
		}
		rooms[r.Name] = true
	}
	type occurrence struct {
		guid, room string
		start      int64
	}
	seen := map[occurrence]bool{}
	for _, it := range f.Items {
		o := occurrence{it.GUID, it.Room, it.Start.Unix()}
		if it.GUID == "" || it.Title == "" || !rooms[it.Room] || it.End.Before(it.Start) || it.End.Sub(it.Start) > schedulefile.MaxDuration || seen[o] {
			t.Errorf("item %+v", it)
		}
		seen[o] = true
	}
	if len(f.Warnings) > schedulefile.MaxWarnings {
		t.Errorf("%d warnings", len(f.Warnings))
	}
}
