package schedulefile_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"plenary.example/services/agenda/internal/schedulefile"
)

// refused is the typed error every failure has to be.
func refused(t testing.TB, err error) *schedulefile.Error {
	t.Helper()
	var e *schedulefile.Error
	if !errors.As(err, &e) {
		t.Fatalf("error = %v, want an *Error", err)
	}
	if e.Code == "" || e.Detail == "" || e.Line < 1 || e.Place != "" && e.Place[0] != '/' {
		t.Errorf("incomplete error %+v", e)
	}
	return e
}

// edited is a file of testdata with one text replaced by another.
func edited(t testing.TB, name, old, instead string) []byte {
	t.Helper()
	s := string(read(t, name))
	if !strings.Contains(s, old) {
		t.Fatalf("%s has no %s", name, old)
	}
	return []byte(strings.Replace(s, old, instead, 1))
}

func TestABadFileIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	const (
		item  = "/schedule/conference/days/0/rooms/Hall 1~1A/0"
		event = "/schedule/day[1]/room[1]/event[1]"
		date  = `"date": "2013-10-17T09:00:00+09:00",`
		again = `{"guid": "opening", "title": "Again", "date": "2013-10-17T00:00:00Z", "duration": "0:10"},`
	)
	for _, c := range []struct {
		name, file, old, instead string
		code                     schedulefile.Code
		place                    string
		line                     int
	}{
		{"no start", "small.json", date, "", schedulefile.MissingStart, item + "/date", 20},
		{"an empty start", "small.json", date, `"date": " ",`, schedulefile.MissingStart, item + "/date", 22},
		{"a null start", "small.json", date, `"date": null,`, schedulefile.MissingStart, item + "/date", 22},
		{"no start in XML", "small.xml", "<date>2013-10-17T09:00:00+09:00</date>", "", schedulefile.MissingStart, event + "/date", 14},
		{"a start without offset", "small.json", "00+09:00", "00", schedulefile.BadStart, item + "/date", 22},
		{"a start without offset in XML", "small.xml", "00+09:00", "00", schedulefile.BadStart, event + "/date", 15},
		{"the year one", "small.json", "2013-10-17T", "0001-01-01T", schedulefile.BadStart, item + "/date", 22},
		{"an object for a start", "small.json", date, `"date": {},`, schedulefile.BadType, item + "/date", 22},
		{"no duration", "small.json", `"duration": "01:30",`, "", schedulefile.MissingField, item + "/duration", 20},
		{"a duration in words", "small.json", "01:30", "an hour", schedulefile.BadDuration, item + "/duration", 24},
		{"a duration of 100 hours", "small.xml", "01:30", "100:00", schedulefile.BadDuration, event + "/duration", 17},
		{"a negative duration", "small.xml", "01:30", "-01:30", schedulefile.BadDuration, event + "/duration", 17},
		{"no guid", "small.json", `"guid": "opening",`, "", schedulefile.MissingField, item + "/guid", 20},
		{"no guid in XML", "small.xml", ` guid="opening"`, "", schedulefile.MissingField, event + "/@guid", 14},
		{"no title", "small.json", " Opening ", " ", schedulefile.MissingField, item + "/title", 26},
		{"no room", "small.json", `"Hall 1/A": [`, `"": [{"guid": "a", "title": "A", "date": "2013-10-17T00:00:00Z", "duration": "0:10"},`, schedulefile.MissingField, "/schedule/conference/days/0/rooms//0/room", 0},
		{"the same item twice", "small.json", "              {", again + "{", schedulefile.DuplicateItem, "/schedule/conference/days/0/rooms/Hall 1~1A/1", 20},
		{"a long title", "small.json", " Opening ", strings.Repeat("ü", 1001), schedulefile.FieldTooLong, item + "/title", 26},
		{"a long text", "small.xml", "One", strings.Repeat("ü", 100_001), schedulefile.FieldTooLong, event + "/abstract", 0},
		{"a day without rooms", "small.json", `"rooms": {`, `"halls": {`, schedulefile.MissingField, "/schedule/conference/days/0/rooms", 0},
		{"rooms as a list", "small.json", `"rooms": {`, `"rooms": [], "halls": {`, schedulefile.BadType, "/schedule/conference/days/0/rooms", 17},
		{"no days", "small.json", `"days": [`, `"dates": [`, schedulefile.NotASchedule, "/schedule/conference/days", 0},
		{"an event outside a room", "small.xml", "</room>\n  </day>", "</room><event/></day>", schedulefile.MissingField, "/schedule/day[1]/event[1]", 0},
		{"a document type", "small.xml", "<schedule>", `<!DOCTYPE schedule [<!ENTITY a "b">]><schedule>`, schedulefile.DTDRefused, "", 2},
		{"an unknown entity", "small.xml", "Plenary", "&a;", schedulefile.Malformed, event + "/track", 21},
		{"Latin-1", "small.json", "Plenary", "Pl\xe9nary", schedulefile.NotUTF8, "", 28},
		{"Latin-1 declared", "small.xml", "UTF-8", "ISO-8859-1", schedulefile.NotUTF8, "", 1},
		{"a broken literal", "small.json", "null", "nil", schedulefile.Malformed, item + "/subtitle", 0},
		{"a second value", "small.json", "{\n  \"schedule\"", "{}{\n  \"schedule\"", schedulefile.Malformed, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := schedulefile.Read(edited(t, c.file, c.old, c.instead))
			e := refused(t, err)
			if e.Code != c.code || e.Place != c.place || c.line > 0 && e.Line != c.line {
				t.Errorf("refused with %s at %s line %d (%s), want %s at %s line %d", e.Code, e.Place, e.Line, e.Detail, c.code, c.place, c.line)
			}
			if len(f.Items)+len(f.Rooms) > 0 {
				t.Errorf("a refused file left %d items", len(f.Items))
			}
		})
	}
}

func TestWhatIsNoScheduleIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data  string
		code  schedulefile.Code
		place string
		says  string
	}{
		{"", schedulefile.NotASchedule, "", "empty"},
		{"\xef\xbb\xbf \n", schedulefile.NotASchedule, "", "empty"},
		{"Title;Start\n", schedulefile.NotASchedule, "", "begins like none"},
		{"Bad Gateway\n", schedulefile.NotASchedule, "", "BEGIN:VCALENDAR"},
		{"BEGIN:VCALENDAR\r\n", schedulefile.Truncated, "/VCALENDAR", "before the end"},
		{"\x1f\x8b\x08", schedulefile.NotASchedule, "", "compressed"},
		{"[]", schedulefile.NotASchedule, "", "object"},
		{"{}", schedulefile.NotASchedule, "/schedule/conference", "no conference"},
		{`{"schedule": []}`, schedulefile.NotASchedule, "/schedule", "object"},
		{`{"talks": []}`, schedulefile.NotASchedule, "/schedule/conference", `found instead: "talks"`},
		{`{"schedule": {"conference": {"title": "x", "rooms": []}, "events": [{}]}}`, schedulefile.UnsupportedVersion, "/schedule/events", "version 2"},
		{`{"schedule": {"conference": {"days": [{"date": "2024-12-27"}]}, "events": [{}]}}`, schedulefile.UnsupportedVersion, "/schedule/events", "version 2"},
		{"<html></html>", schedulefile.NotASchedule, "/html", "html"},
		{"<!DOCTYPE html><html>", schedulefile.NotASchedule, "", "HTML page"},
		{"<?xml version='1.0'?>", schedulefile.NotASchedule, "", "no element"},
		{"<schedule></schedule>", schedulefile.NotASchedule, "/schedule/conference", "no conference"},
		{"<schedule><conference/></schedule><schedule/>", schedulefile.Malformed, "", "follows"},
	} {
		_, err := schedulefile.Read([]byte(c.data))
		e := refused(t, err)
		if e.Code != c.code || e.Place != c.place || !strings.Contains(e.Detail, c.says) {
			t.Errorf("%q: refused with %s at %q: %s; want %s at %q: %s", c.data, e.Code, e.Place, e.Detail, c.code, c.place, c.says)
		}
	}
}

func TestATruncatedFileIsNeverReadInPart(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"small.json", "small.xml", "small.ics"} {
		whole := strings.TrimSpace(string(read(t, name)))
		for cut := 1; cut < len(whole); cut++ {
			_, err := schedulefile.Read([]byte(whole[:cut]))
			if e := refused(t, err); e.Code != schedulefile.Truncated && (name == "small.json" || e.Code != schedulefile.NotASchedule) {
				t.Fatalf("%s cut at %d: %v", name, cut, err)
			}
		}
	}
	_, err := schedulefile.Read(read(t, "stages.schedule.xml.gz")[:700_000])
	if e := refused(t, err); e.Code != schedulefile.Truncated || !strings.HasPrefix(e.Place, "/schedule/day[3]/room[") {
		t.Errorf("refused with %+v", e)
	}
}

// It is not parallel, for it looks at the memory of the process.
func TestNestingAndSizeAreBounded(t *testing.T) {
	var items strings.Builder
	for i := range schedulefile.MaxItems + 1 {
		fmt.Fprintf(&items, `{"guid":"%d","title":"t","date":"2013-10-17T09:00:00Z","duration":"1:00"},`, i)
	}
	days := func(rooms string) string {
		return `{"schedule":{"conference":{"days":[{"rooms":{` + rooms + `}}]}}}`
	}
	var rooms strings.Builder
	for i := range schedulefile.MaxRooms + 1 {
		fmt.Fprintf(&rooms, `"r%d":[],`, i)
	}
	var zones strings.Builder
	for i := range schedulefile.MaxRooms + 1 {
		fmt.Fprintf(&zones, "BEGIN:VTIMEZONE\nTZID:z%d\nEND:VTIMEZONE\n", i)
	}
	const size = 16 << 20
	for _, c := range []struct {
		name string
		data func() string // one at a time: what the others take would hide what this one does
		code schedulefile.Code
	}{
		{"deep JSON", func() string { return `{"x":` + strings.Repeat("[", size) }, schedulefile.TooDeep},
		{"deep JSON in a text", func() string { return `{"schedule":{"version":` + strings.Repeat(`{"a":`, size/5) }, schedulefile.TooDeep},
		{"deep XML", func() string { return "<schedule>" + strings.Repeat("<a>", size/3) }, schedulefile.TooDeep},
		{"deep XML in a text", func() string { return "<schedule><version>" + strings.Repeat("<a>", size/3) }, schedulefile.TooDeep},
		{"a tag of a million attributes", func() string { return "<schedule " + strings.Repeat("a='' ", size/5) }, schedulefile.FieldTooLong},
		{"a huge comment", func() string { return "<!--" + strings.Repeat("x", size) }, schedulefile.FieldTooLong},
		{"many small texts", func() string { return "<schedule><version>" + strings.Repeat("<![CDATA[xxxx]]>", size/16) }, schedulefile.FieldTooLong},
		{"a deep calendar", func() string { return "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\n", size/8) }, schedulefile.TooDeep},
		{"a calendar of one line", func() string { return "BEGIN:VCALENDAR\nX:" + strings.Repeat("x", size) }, schedulefile.FieldTooLong},
		{"a calendar of one folded line", func() string { return "BEGIN:VCALENDAR\nX:" + strings.Repeat("x\n ", size/3) }, schedulefile.FieldTooLong},
		{"a line of a million parameters", func() string { return "BEGIN:VCALENDAR\nX" + strings.Repeat(";A=b", size/4) + ":" }, schedulefile.FieldTooLong},
		{"many events", func() string { return "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\nEND:VEVENT\n", size/24) }, schedulefile.TooMany},
		{"many zones", func() string { return "BEGIN:VCALENDAR\n" + zones.String() }, schedulefile.TooMany},
		{"many tasks", func() string { return "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\nEND:A\n", size/14) }, schedulefile.TooMany},
		{"many items", func() string { return days(`"h":[` + strings.TrimSuffix(items.String(), ",") + `]`) }, schedulefile.TooMany},
		{"many rooms", func() string { return days(strings.TrimSuffix(rooms.String(), ",")) }, schedulefile.TooMany},
		{"many persons", func() string { return days(`"h":[{"persons":[` + strings.Repeat(`"p",`, 501) + `"p"]}]`) }, schedulefile.TooMany},
		{"a million oddities", func() string { return days(`"h":[{"persons":[` + strings.Repeat(`{},`, size/3) + `{}]}]`) }, schedulefile.TooMany},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			data := []byte(c.data())
			runtime.GC() // what the case before left is not this one's
			runtime.ReadMemStats(&before)
			_, err := schedulefile.Read(data)
			runtime.ReadMemStats(&after)
			if e := refused(t, err); e.Code != c.code {
				t.Errorf("refused with %v, want %s", e, c.code)
			}
			if held := int64(after.HeapInuse) - int64(before.HeapInuse); held > 12*size {
				t.Errorf("%d MB in use", held>>20)
			}
		})
	}
}
