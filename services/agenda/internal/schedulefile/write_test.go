package schedulefile_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

// going is a schedule on its way out: of one session, unless more are given.
func going(t *testing.T, sessions ...schedulefile.Session) schedulefile.Schedule {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := schedulefile.Schedule{
		Version: "12", Conference: schedulefile.Conference{Title: "Berlin <2013>", Acronym: "berlin-2013", TimeZone: "Europe/Berlin"},
		Zone: zone, Days: []string{"2013-10-26", "2013-10-27"},
		Rooms: []schedulefile.Venue{{ID: "0190a3c2-7b1e-7c4d-9a51-00000000a001", Room: schedulefile.Room{Name: "Hall A", Capacity: 90}}},
	}
	if sessions == nil {
		sessions = []schedulefile.Session{leaving("s-1", time.Date(2013, 10, 26, 7, 0, 0, 0, time.UTC))}
	}
	s.Sessions = sessions
	return s
}

func leaving(key string, start time.Time) schedulefile.Session {
	return schedulefile.Session{
		Key: key, Item: schedulefile.Item{
			GUID: key, Title: "Opening: who & why?", Abstract: "One\ntwo", Track: "Rights", Type: "plenary", Language: "en-GB", Room: "Hall A",
			Start: start, End: start.Add(90 * time.Minute), Persons: []string{"Ada Example"},
		},
		Participants: []schedulefile.Participant{{Name: "Ada Example", Role: "speaker"}, {Name: "Bo Example", Role: "chair"}},
	}
}

func wrote(t *testing.T, write func(schedulefile.Schedule) ([]byte, error), s schedulefile.Schedule) string {
	t.Helper()
	data, err := write(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestScheduleXMLIsWhatAppsRead(t *testing.T) {
	t.Parallel()
	night := leaving("s-2", time.Date(2013, 10, 26, 23, 30, 0, 0, time.UTC)) // half past one
	body := wrote(t, schedulefile.WriteXML, going(t, going(t).Sessions[0], night))
	for _, want := range []string{
		`<version>12</version>`, `<title>Berlin &lt;2013&gt;</title>`, `<acronym>berlin_2013</acronym>`, `<time_zone_name>Europe/Berlin</time_zone_name>`,
		`<day index="1" date="2013-10-26" start="2013-10-26T06:00:00+02:00" end="2013-10-27T06:00:00+01:00">`,
		`<date>2013-10-26T09:00:00+02:00</date>`, `<start>09:00</start>`, `<duration>01:30</duration>`,
		`<date>2013-10-27T01:30:00+02:00</date>`, `<start>01:30</start>`, `<day index="2" date="2013-10-27"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in\n%s", want, body)
		}
	}
	for _, number := range regexp.MustCompile(`<(?:event|person) id="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if !regexp.MustCompile(`^[1-9][0-9]{0,9}$`).MatchString(number[1]) {
			t.Errorf("%s is no number for an app", number[1])
		}
	}
	if slug := regexp.MustCompile(`<slug>(.*)</slug>`).FindStringSubmatch(body); !regexp.MustCompile(`^berlin_2013-[0-9]+-opening_who_why$`).MatchString(slug[1]) {
		t.Errorf("slug %q", slug[1])
	}
	f, err := schedulefile.Read([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Warnings) > 0 || f.Items[1].Day != "2013-10-26" || !f.Items[1].Start.Equal(night.Start) {
		t.Errorf("read again: %+v, %v", f.Items[1], f.Warnings)
	}
}

func TestNumbersStayWhoeverComesOrGoes(t *testing.T) {
	t.Parallel()
	number := func(sessions []schedulefile.Session) map[string]string {
		f, err := schedulefile.Read([]byte(wrote(t, schedulefile.WriteJSON, going(t, sessions...))))
		if err != nil {
			t.Fatal(err)
		}
		ids, keys := map[string]string{}, map[string]string{}
		for _, it := range f.Items {
			if other, taken := keys[it.ID]; taken {
				t.Fatalf("%s is the number of %s and %s", it.ID, other, it.GUID)
			}
			keys[it.ID], ids[it.GUID] = it.GUID, it.ID
		}
		return ids
	}
	var sessions []schedulefile.Session
	for i := range 3000 {
		sessions = append(sessions, leaving(fmt.Sprintf("%06d", i), time.Date(2013, 10, 26, 7, i%600, 0, 0, time.UTC)))
	}
	before := number(sessions[:1500])
	after := number(sessions)
	for key, id := range before {
		if after[key] != id {
			t.Errorf("%s was %s and is %s", key, id, after[key])
		}
	}
	sessions[7].Cancelled = true
	delete(after, sessions[7].Key)
	if got := number(sessions); !reflect.DeepEqual(got, after) {
		t.Error("a cancelled session changes the numbers of others, or is told of")
	}
}

func TestSchedule2SaysWhatIsDelayedOrCancelled(t *testing.T) {
	t.Parallel()
	delayed, off, pause := leaving("s-2", time.Date(2013, 10, 26, 9, 0, 0, 0, time.UTC)), leaving("s-3", time.Date(2013, 10, 26, 11, 0, 0, 0, time.UTC)), leaving("s-4", time.Date(2013, 10, 26, 13, 0, 0, 0, time.UTC))
	delayed.Delayed, off.Cancelled, off.Delayed, off.Track, off.Language, pause.Type = true, true, true, "", "", "break"
	var file struct {
		Schedule struct {
			Version    string
			Conference struct {
				Start, End string
				Days       []struct{ Start, End string }
				Tracks     []struct{ Name, Slug string }
			}
			Events []struct {
				GUID, Type, Status, Start, End string
				Language                       *string
				Track                          *struct{ Slug string }
				Participants                   []struct{ GUID, Name, Role string }
				Room                           struct{ GUID string }
			}
		}
	}
	if err := json.Unmarshal([]byte(wrote(t, schedulefile.WriteJSON2, going(t, going(t).Sessions[0], delayed, off, pause))), &file); err != nil {
		t.Fatal(err)
	}
	s := file.Schedule
	if s.Conference.Start != "2013-10-26T06:00:00+02:00" || s.Conference.End != "2013-10-28T06:00:00+01:00" || len(s.Conference.Days) != 2 || len(s.Conference.Tracks) != 1 {
		t.Errorf("conference %+v", s.Conference)
	}
	var got []string
	for _, e := range s.Events {
		got = append(got, e.GUID+" "+e.Type+" "+e.Status)
	}
	if want := []string{"s-1 talk CONFIRMED", "s-2 talk DELAYED", "s-3 talk CANCELED", "s-4 break CONFIRMED"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	first, third := s.Events[0], s.Events[2]
	if first.Start != "2013-10-26T09:00:00+02:00" || *first.Language != "en" || first.Track.Slug != "rights" || first.Participants[1].Role != "host" || first.Room.GUID == "" {
		t.Errorf("%+v", first)
	}
	if third.Track != nil || third.Language != nil {
		t.Errorf("%+v", third)
	}
}

func TestHostileTextsLeaveAFileWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"]]></title><event id='1'/>", "<script>alert(1)</script>", "Bell\a and null\x00", "\uFFFE and \uFFFF", "broken \xff bytes",
		`"quotes" & 'more' \ {}`, "Zeile\nZwei\tTab", "会议厅 מליאה قاعة зал", strings.Repeat("x", 900), "\u202Eright to left",
	} {
		s := leaving("s-1", time.Date(2013, 10, 26, 7, 0, 0, 0, time.UTC))
		s.Title, s.Abstract, s.Track, s.Room, s.Persons = text, text, text, text, []string{text}
		schedule := going(t, s)
		schedule.Rooms[0].Name, schedule.Conference.Title = text, text
		x, err := schedulefile.Read([]byte(wrote(t, schedulefile.WriteXML, schedule)))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		j, err := schedulefile.Read([]byte(wrote(t, schedulefile.WriteJSON, schedule)))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if a, b := unplaced(x), unplaced(j); !reflect.DeepEqual(a, b) || len(a) != 1 {
			t.Errorf("%q: %+v and %+v", text, a, b)
		}
		if strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r >= 0xfffd }) < 0 && x.Items[0].Title != text {
			t.Errorf("%q became %q", text, x.Items[0].Title)
		}
		if !json.Valid([]byte(wrote(t, schedulefile.WriteJSON2, schedule))) {
			t.Errorf("%q: schedule2 is no JSON", text)
		}
	}
}

func TestAnAgendaOfNothingIsAFileToo(t *testing.T) {
	t.Parallel()
	empty := going(t)
	empty.Sessions, empty.Days, empty.Rooms = nil, nil, nil
	if err := xml.Unmarshal([]byte(wrote(t, schedulefile.WriteXML, empty)), new(struct{})); err != nil {
		t.Error(err)
	}
	for _, write := range []func(schedulefile.Schedule) ([]byte, error){schedulefile.WriteJSON, schedulefile.WriteJSON2} {
		if !json.Valid([]byte(wrote(t, write, empty))) {
			t.Error("no JSON")
		}
	}
}
