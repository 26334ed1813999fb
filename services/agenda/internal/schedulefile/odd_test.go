package schedulefile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

func TestOddButReadableIsReadAndReported(t *testing.T) {
	t.Parallel()
	const item = "/schedule/conference/days/0/rooms/Hall 1~1A/0"
	for _, c := range []struct {
		name, file, old, instead string
		code                     schedulefile.Code
		place                    string
	}{
		{"a zero duration", "small.json", "01:30", "00:00", schedulefile.NoDuration, item + "/duration"},
		{"a duration of a day", "small.json", "01:30", "24:00", schedulefile.LongDuration, item + "/duration"},
		{"a duration of three parts", "small.json", "01:30", "1:01:30", schedulefile.DurationWithDays, item + "/duration"},
		{"another time beside the start", "small.json", `"09:00"`, `"10:00"`, schedulefile.StartDiffers, item + "/start"},
		{"a start far from its day", "small.json", "2013-10-17T", "2014-10-17T", schedulefile.FarFromDay, item + "/date"},
		{"another room in the item", "small.json", `"room": "Hall 1/A"`, `"room": "1/A"`, schedulefile.RoomDiffers, item + "/room"},
		{"a person without a name", "small.json", "public_name", "nickname", schedulefile.UnreadableField, item + "/persons/0"},
		{"a track in two languages", "small.json", `"Plenary"`, `{"en": "Plenary"}`, schedulefile.UnreadableField, item + "/track"},
		{"persons as a text", "small.json", `"persons": [`, `"persons": "Ada", "others": [`, schedulefile.UnreadableField, item + "/persons"},
		{"a control character", "small.json", "One", `One\u0000`, schedulefile.ControlCharacter, item + "/abstract"},
		{"markup in a text", "small.xml", "One", "<b>One</b>", schedulefile.UnreadableField, "/schedule/day[1]/room[1]/event[1]/abstract"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := schedulefile.Read(edited(t, c.file, c.old, c.instead))
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Items) != 1 || len(f.Warnings) != 1 {
				t.Fatalf("%d items, warnings %+v", len(f.Items), f.Warnings)
			}
			if w := f.Warnings[0]; w.Code != c.code || w.Place != c.place || w.Line < 1 || w.Detail == "" {
				t.Errorf("warning = %+v, want %s at %s", w, c.code, c.place)
			}
		})
	}
}

func TestARepeatedGUIDIsSeveralOccurrences(t *testing.T) {
	t.Parallel()
	again := `{"guid": "opening", "title": "Again", "date": "2013-10-17T10:00:00Z", "duration": "0:10"},`
	f, err := schedulefile.Read(edited(t, "small.json", "              {", again+"{"))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Items) != 2 || f.Items[0].GUID != f.Items[1].GUID {
		t.Fatalf("items = %+v", f.Items)
	}
	if w := f.Warnings; len(w) != 1 || w[0].Code != schedulefile.RepeatedGUID {
		t.Errorf("warnings = %+v", w)
	}
}

func TestTwoRoomsOfOneNameAreOneAndKeepTheirItems(t *testing.T) {
	t.Parallel()
	second := `"Hall 1/A ": [{"guid": "b", "title": "B", "date": "2013-10-17T10:00:00Z", "duration": "0:10"}], "Hall 1/A": [`
	f, err := schedulefile.Read(edited(t, "small.json", `"Hall 1/A": [`, second))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Rooms) != 1 || len(f.Items) != 2 {
		t.Errorf("%d rooms, %d items", len(f.Rooms), len(f.Items))
	}
}

func TestAScheduleWithoutItemsIsReported(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		`{"schedule":{"conference":{"days":[]}}}`,
		"<schedule><conference/></schedule>",
	} {
		f, err := schedulefile.Read([]byte(data))
		if err != nil || len(f.Warnings) != 1 || f.Warnings[0].Code != schedulefile.NoItems {
			t.Errorf("%s: %v, %+v", data, err, f.Warnings)
		}
	}
}

func TestAllSpellingsOfAnInstantAreOneInstant(t *testing.T) {
	t.Parallel()
	want := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	for _, s := range []string{
		"2013-10-17T09:00:00+09:00", "2013-10-17T00:00:00Z", "2013-10-16T19:00:00-05:00", "2013-10-17T00:00:00+00:00",
		"2013-10-17T09:00+09:00", "2013-10-17T09:00:00+0900", "2013-10-17T09:00+0900", "2013-10-17 09:00:00+09:00", "2013-10-17T09:00:00.250+09:00",
	} {
		data := edited(t, "small.json", "2013-10-17T09:00:00+09:00", s)
		data = []byte(strings.Replace(string(data), `"start": "09:00"`, `"start": ""`, 1))
		f, err := schedulefile.Read(data)
		if err != nil || f.Items[0].Start != want || len(f.Warnings) > 0 {
			t.Errorf("%s: %v %+v", s, err, f)
		}
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{
		"00:05": 5 * time.Minute, "0:05": 5 * time.Minute, "1:30": 90 * time.Minute, "23:59": 24*time.Hour - time.Minute,
		"48:00": 48 * time.Hour, "96:00": 96 * time.Hour, "2:00:00": 48 * time.Hour, "0:01:30": 90 * time.Minute, " 01:00 ": time.Hour,
		"96:01": -1, "1:60": -1, "4:00:01": -1, "0:24:00": -1, "90": -1, "1.5": -1, "1h": -1, ":30": -1, "1:": -1, "1:2:3:4": -1,
		"99999:00": -1, "+1:00": -1, "PT1H": -1, "٠١:٠٠": -1,
	} {
		f, err := schedulefile.Read(edited(t, "small.xml", "01:30", s))
		switch {
		case want < 0:
			if e := refused(t, err); e.Code != schedulefile.BadDuration {
				t.Errorf("%q: %v", s, err)
			}
		case err != nil:
			t.Errorf("%q: %v", s, err)
		default:
			if got := f.Items[0].End.Sub(f.Items[0].Start); got != want {
				t.Errorf("%q = %s, want %s", s, got, want)
			}
		}
	}
}

func TestNamesInAnyScriptAreKept(t *testing.T) {
	t.Parallel()
	name := "그랜드볼룸 101 · قاعة المؤتمرات · Зал «А» · Ünïté & <Co>"
	f, err := schedulefile.Read(edited(t, "small.json", `"Hall 1/A": [`, `"`+name+`": [`))
	if err != nil || f.Items[0].Room != name {
		t.Errorf("%v, room %q", err, f.Items[0].Room)
	}
}

func TestTheListOfWarningsIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	odd := `{"guid": "g%d", "title": "G", "date": "2013-10-17T10:00:00Z", "duration": "0:10", "persons": [` + strings.Repeat("{},", 499) + `{}]},`
	var items strings.Builder
	for i := range 40 {
		fmt.Fprintf(&items, odd, i)
	}
	data := edited(t, "small.json", "              {", items.String()+"{")
	f, err := schedulefile.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.Warnings); n != schedulefile.MaxWarnings || f.Warnings[n-1].Code != schedulefile.More || !strings.HasPrefix(f.Warnings[n-1].Detail, "19001 more") {
		t.Errorf("%d warnings, the last is %+v", n, f.Warnings[n-1])
	}
}

func TestADayMayTellItsDateAfterItsRooms(t *testing.T) {
	t.Parallel()
	data := edited(t, "small.json", `"date": "2013-10-17",`, "")
	data = []byte(strings.Replace(string(data), "            ]\n          }\n", "            ]\n          }, \"date\": \"2013-10-17\"\n", 1))
	f, err := schedulefile.Read(data)
	if err != nil || f.Items[0].Day != "2013-10-17" {
		t.Errorf("%v, items %+v", err, f.Items)
	}
}
