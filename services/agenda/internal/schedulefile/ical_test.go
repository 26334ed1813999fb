package schedulefile_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

func TestACalendarIsReadLikeASchedule(t *testing.T) {
	t.Parallel()
	f := mustRead(t, "small.ics")
	start := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	want := schedulefile.File{
		Format: schedulefile.ICalendar, Generator: "-//Example//Schedule//EN",
		Conference: schedulefile.Conference{Title: "Demo Conference", TimeZone: "Asia/Seoul"},
		Rooms:      []schedulefile.Room{{Name: "Hall 1/A"}},
		Items: []schedulefile.Item{{
			GUID: "opening", Title: "Opening", Track: "Plenary", Room: "Hall 1/A", Start: start, End: start.Add(90 * time.Minute),
			Description: "One\ntwo, and a text that is long enough to be folded; twice over", Place: "/VCALENDAR/VEVENT[1]", Line: 6,
		}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("read\n%+v, want\n%+v", f, want)
	}
	whole := string(read(t, "small.ics"))
	for name, other := range map[string]string{
		"bare line feeds":        strings.ReplaceAll(whole, "\r\n", "\n"),
		"no line end at the end": strings.TrimSpace(whole),
		"a byte order mark":      "\xef\xbb\xbf" + whole,
		"small letters":          strings.NewReplacer("BEGIN:VCALENDAR", "begin:vcalendar", "DTSTART;TZID", "dtstart;tzid", "SUMMARY", "summary").Replace(whole),
		"empty lines at the end": whole + "\r\n\r\n",
	} {
		got, err := schedulefile.Read([]byte(other))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n%+v", name, err, got)
		}
	}
}

// calendar is one around these lines.
func calendar(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

// entry is an event with these lines beside what each needs.
func entry(uid string, lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nSUMMARY:Talk " + uid + "\r\nLOCATION:Hall\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

func TestTimesOfACalendarAreInstants(t *testing.T) {
	t.Parallel()
	windows := "BEGIN:VTIMEZONE\r\nTZID:%s\r\n%sBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE"
	// As Outlook writes Berlin, under a name of its own, and older software Chicago.
	outlook := "BEGIN:VTIMEZONE\r\nTZID:Head office\r\n" +
		"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n" +
		"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE"
	chicago := "BEGIN:VTIMEZONE\r\nTZID:Lake\r\n" +
		"BEGIN:DAYLIGHT\r\nDTSTART:20000402T020000\r\nTZOFFSETFROM:-0600\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T080000Z\r\nEND:DAYLIGHT\r\n" +
		"BEGIN:DAYLIGHT\r\nDTSTART:20070311T020000\r\nTZOFFSETFROM:-0600\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU\r\nEND:DAYLIGHT\r\n" +
		"BEGIN:STANDARD\r\nDTSTART:20001029T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0600\r\nRDATE:20011028T020000,20021027T020000,20061029T020000\r\nRDATE:20071104T020000\r\nEND:STANDARD\r\nEND:VTIMEZONE"
	for name, c := range map[string]struct {
		before, start, length, after string
		at                           string
		lasts                        time.Duration
	}{
		"in UTC":                           {"", "DTSTART:20131017T000000Z", "DURATION:PT45M", "", "2013-10-17T00:00:00Z", 45 * time.Minute},
		"in a zone":                        {"", "DTSTART;TZID=Europe/Berlin:20191227T110000", "DURATION:P1DT1H", "", "2019-12-27T10:00:00Z", 25 * time.Hour},
		"behind a prefix":                  {"", "DTSTART;TZID=/softwarestudio.org/Olson_20011030_5/America/New_York:20190701T080000", "", "", "2019-07-01T12:00:00Z", 0},
		"in the zone of the calendar":      {"X-WR-TIMEZONE:Asia/Seoul", "DTSTART:20131017T090000", "", "", "2013-10-17T00:00:00Z", 0},
		"in a zone that is told later":     {"", `DTSTART;TZID="Korea Standard Time":20131017T090000`, "", fmt.Sprintf(windows, "Korea Standard Time", ""), "2013-10-17T00:00:00Z", 0},
		"in a zone of a known place":       {fmt.Sprintf(windows, "Mine", "X-LIC-LOCATION:Europe/Paris\r\n"), "DTSTART;TZID=Mine:20130717T090000", "", "", "2013-07-17T07:00:00Z", 0},
		"by a rule, in winter":             {outlook, "DTSTART;TZID=Head office:20191227T110000", "", "", "2019-12-27T10:00:00Z", 0},
		"by a rule, in summer":             {"", "DTSTART;TZID=Head office:20190701T110000", "", outlook, "2019-07-01T09:00:00Z", 0},
		"by a rule, when shown twice":      {"", "DTSTART;TZID=Head office:20191027T023000", "DTEND;TZID=Head office:20191027T033000", outlook, "2019-10-27T00:30:00Z", 2 * time.Hour},
		"by a rule, when clocks skip it":   {"", "DTSTART;TZID=Head office:20190331T023000", "", outlook, "2019-03-31T01:30:00Z", 0},
		"in the last year of a rule":       {chicago, "DTSTART;TZID=Lake:20060402T120000", "", "", "2006-04-02T17:00:00Z", 0},
		"in the first year of the next":    {chicago, "DTSTART;TZID=Lake:20070311T120000", "", "", "2007-03-11T17:00:00Z", 0},
		"by dates":                         {chicago, "DTSTART;TZID=Lake:20071105T120000", "", "", "2007-11-05T18:00:00Z", 0},
		"before the first date":            {chicago, "DTSTART;TZID=Lake:20000101T120000", "", "", "2000-01-01T18:00:00Z", 0},
		"when clocks show it twice":        {"", "DTSTART;TZID=Europe/Berlin:20191027T023000", "DTEND;TZID=Europe/Berlin:20191027T033000", "", "2019-10-27T00:30:00Z", 2 * time.Hour},
		"when they do so across the ocean": {"", "DTSTART;TZID=America/New_York:20191103T013000", "", "", "2019-11-03T05:30:00Z", 0},
		"when clocks skip it":              {"", "DTSTART;TZID=Europe/Berlin:20190331T023000", "", "", "2019-03-31T01:30:00Z", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := schedulefile.Read(calendar(c.before, entry("a", c.start, c.length), c.after))
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Items[0]; got.Start.Format(time.RFC3339) != c.at || got.End.Sub(got.Start) != c.lasts {
				t.Errorf("from %s to %s, want %s and %s", got.Start, got.End, c.at, c.lasts)
			}
			if n := codes(f)[schedulefile.NoSuchTime]; (n > 0) != strings.Contains(name, "skip") {
				t.Errorf("warnings %+v", f.Warnings)
			}
		})
	}
}

func TestWhatAnAgendaCannotHoldIsLeftOutAndReported(t *testing.T) {
	t.Parallel()
	at := "DTSTART:20131017T000000Z\r\nDURATION:PT45M"
	f, err := schedulefile.Read(calendar(
		entry("a", at),
		"BEGIN:VTODO\r\nUID:todo\r\nEND:VTODO",
		entry("day", "DTSTART;VALUE=DATE:20131017"),
		entry("weekly", at, "RRULE:FREQ=WEEKLY"),
		"BEGIN:VEVENT\r\nUID:nowhere\r\nSUMMARY:Walk\r\n"+at+"\r\nEND:VEVENT",
		entry("off", at, "STATUS:CANCELLED"),
		entry("b", at, "STATUS:TENTATIVE"),
		entry("b", "DTSTART:20131018T000000Z\r\nDURATION:PT45M"),
	))
	if err != nil {
		t.Fatal(err)
	}
	var guids, left []string
	for _, it := range f.Items {
		guids = append(guids, it.GUID)
	}
	for _, w := range f.Warnings {
		left = append(left, string(w.Code)+" "+w.Place)
		if w.Line < 2 || w.Detail == "" {
			t.Errorf("warning %+v", w)
		}
	}
	want := []string{
		"left_out /VCALENDAR/VTODO", "left_out /VCALENDAR/VEVENT[2]/DTSTART", "left_out /VCALENDAR/VEVENT[3]/RRULE",
		"left_out /VCALENDAR/VEVENT[4]/LOCATION", "cancelled_there /VCALENDAR/VEVENT[5]/STATUS", "repeated_guid /VCALENDAR/VEVENT[7]",
	}
	if !slices.Equal(guids, []string{"a", "b", "b"}) || !slices.Equal(left, want) {
		t.Errorf("items %v, warnings %v, want %v", guids, left, want)
	}
	if f, err := schedulefile.Read(calendar("METHOD:CANCEL", entry("a", at))); err != nil || len(f.Items) != 0 || codes(f)[schedulefile.CancelledThere] != 1 {
		t.Errorf("%v %+v", err, f)
	}
}

func TestABadCalendarIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	const event = "/VCALENDAR/VEVENT[1]"
	at := "DTSTART:20131017T000000Z"
	for name, c := range map[string]struct {
		data  []byte
		code  schedulefile.Code
		place string
		line  int
	}{
		"another component":         {[]byte("BEGIN:VCARD\r\nEND:VCARD\r\n"), schedulefile.NotASchedule, "", 1},
		"no UID":                    {edited(t, "small.ics", "UID:opening\r\n", ""), schedulefile.MissingField, event + "/UID", 6},
		"no title":                  {edited(t, "small.ics", "SUMMARY: Opening", "SUMMARY:"), schedulefile.MissingField, event + "/SUMMARY", 11},
		"no start":                  {calendar(entry("a")), schedulefile.MissingStart, event + "/DTSTART", 2},
		"no zone":                   {calendar(entry("a", "DTSTART:20131017T000000")), schedulefile.BadStart, event + "/DTSTART", 6},
		"an unknown zone":           {calendar(entry("a", "DTSTART;TZID=Nowhere:20131017T000000")), schedulefile.BadStart, event + "/DTSTART", 6},
		"a zone by a rule of hours": {calendar("BEGIN:VTIMEZONE\r\nTZID:z\r\nBEGIN:STANDARD\r\nDTSTART:20000101T000000\r\nTZOFFSETTO:+0900\r\nRRULE:FREQ=HOURLY\r\nEND:STANDARD\r\nEND:VTIMEZONE", entry("a", "DTSTART;TZID=z:20131017T000000")), schedulefile.BadStart, event + "/DTSTART", 14},
		"the zone of the machine":   {calendar(entry("a", "DTSTART;TZID=Local:20131017T000000")), schedulefile.BadStart, event + "/DTSTART", 6},
		"a file for a zone":         {calendar(entry("a", "DTSTART;TZID=../../etc/passwd:20131017T000000")), schedulefile.BadStart, event + "/DTSTART", 6},
		"a start in words":          {calendar(entry("a", "DTSTART:on Monday")), schedulefile.BadStart, event + "/DTSTART", 6},
		"the year one":              {calendar(entry("a", "DTSTART:00010101T000000Z")), schedulefile.BadStart, event + "/DTSTART", 6},
		"a folded line before":      {calendar(entry("a", "X-A:b\r\n c\r\n d", "DTSTART:on Monday")), schedulefile.BadStart, event + "/DTSTART", 9},
		"the end before":            {calendar(entry("a", at, "DTEND:20131016T000000Z")), schedulefile.BadDuration, event + "/DTEND", 7},
		"the end on a day":          {calendar(entry("a", at, "DTEND;VALUE=DATE:20131018")), schedulefile.BadDuration, event + "/DTEND", 7},
		"100 hours":                 {calendar(entry("a", at, "DURATION:PT100H")), schedulefile.BadDuration, event + "/DURATION", 7},
		"a negative duration":       {calendar(entry("a", at, "DURATION:-PT1H")), schedulefile.BadDuration, event + "/DURATION", 7},
		"no duration at all":        {calendar(entry("a", at, "DURATION:PT")), schedulefile.BadDuration, event + "/DURATION", 7},
		"one event twice":           {calendar(entry("a", at), entry("a", at)), schedulefile.DuplicateItem, "/VCALENDAR/VEVENT[2]", 8},
		"a line that is none":       {calendar(entry("a", "DTSTART")), schedulefile.Malformed, "/VCALENDAR/VEVENT[1]", 6},
		"a name that is none":       {calendar("@@X:1"), schedulefile.Malformed, "/VCALENDAR", 2},
		"an unclosed quote":         {calendar(`X;A="b:c`), schedulefile.Malformed, "/VCALENDAR", 2},
		"another end":               {calendar("BEGIN:VEVENT\r\nEND:VTODO"), schedulefile.Malformed, "/VCALENDAR/VEVENT[1]", 3},
		"something after the end":   {append(calendar(), "X:1\r\n"...), schedulefile.Malformed, "", 4},
		"Latin-1":                   {calendar("X-A:Pl\xe9nary"), schedulefile.NotUTF8, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := schedulefile.Read(c.data)
			if e := refused(t, err); e.Code != c.code || e.Place != c.place || e.Line != c.line {
				t.Errorf("refused with %s at %s line %d (%s), want %s at %s line %d", e.Code, e.Place, e.Line, e.Detail, c.code, c.place, c.line)
			}
		})
	}
}

func TestNamesOfRoomsKeepTheirScript(t *testing.T) {
	t.Parallel()
	names := []string{strings.Repeat("회의실", 13) + "하", strings.Repeat("قاعة", 10), strings.Repeat("Зал ", 9) + "Зала", strings.Repeat("大会議室", 10)}
	ics, json := []string{}, []string{}
	for i, name := range names {
		if n := len([]rune(name)); n != 40 {
			t.Fatalf("%q has %d characters", name, n)
		}
		// Folded in the middle of a character, as RFC 5545 allows.
		ics = append(ics, fmt.Sprintf("BEGIN:VEVENT\r\nUID:%d\r\nSUMMARY:T\r\nDTSTART:20131017T000000Z\r\nLOCATION:%s\r\n %s\r\nEND:VEVENT", i, name[:32], name[32:]))
		json = append(json, fmt.Sprintf(`%q:[{"guid":"%d","title":"T","date":"2013-10-17T00:00:00Z","duration":"0:00"}]`, name, i))
	}
	for _, data := range [][]byte{calendar(ics...), []byte(`{"schedule":{"conference":{"days":[{"rooms":{` + strings.Join(json, ",") + `}}]}}}`)} {
		f, err := schedulefile.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		for i, it := range f.Items {
			if it.Room != names[i] {
				t.Errorf("room %q, want %q", it.Room, names[i])
			}
		}
	}
}
