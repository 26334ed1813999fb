package schedulefile_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

// read loads a file of testdata, unpacked.
func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(name, ".gz") {
		return data
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	data, err = io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustRead(t testing.TB, name string) schedulefile.File {
	t.Helper()
	f, err := schedulefile.Read(read(t, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

// unplaced is an agenda without the places in which the format put things.
func unplaced(f schedulefile.File) []schedulefile.Item {
	items := append([]schedulefile.Item(nil), f.Items...)
	for i := range items {
		items[i].Place, items[i].Line = "", 0
	}
	return items
}

func codes(f schedulefile.File) map[schedulefile.Code]int {
	n := map[schedulefile.Code]int{}
	for _, w := range f.Warnings {
		n[w.Code]++
	}
	return n
}

func TestBothFormatsGiveTheSameAgenda(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"small.json", "small.xml"}, {"stages.schedule.json.gz", "stages.schedule.xml.gz"}} {
		j, x := mustRead(t, pair[0]), mustRead(t, pair[1])
		if j.Format != schedulefile.JSON || x.Format != schedulefile.XML {
			t.Errorf("formats = %s, %s", j.Format, x.Format)
		}
		if j.Conference != x.Conference || j.Version != x.Version {
			t.Errorf("%s: conference %+v (%s) differs from %+v (%s)", pair[0], j.Conference, j.Version, x.Conference, x.Version)
		}
		if a, b := unplaced(j), unplaced(x); !reflect.DeepEqual(a, b) {
			for i := range min(len(a), len(b)) {
				if !reflect.DeepEqual(a[i], b[i]) {
					t.Fatalf("%s: item %d:\n%+v\n%+v", pair[0], i, a[i], b[i])
				}
			}
			t.Fatalf("%s: %d items and %d", pair[0], len(a), len(b))
		}
		if a, b := codes(j), codes(x); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: warnings %v and %v", pair[0], a, b)
		}
	}
}

func TestEverythingOfAnItemIsRead(t *testing.T) {
	t.Parallel()
	f := mustRead(t, "small.json")
	start := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	want := schedulefile.File{
		Format: schedulefile.JSON, Version: "1.2",
		Conference: schedulefile.Conference{Title: "Demo Conference", Acronym: "demo", TimeZone: "Asia/Seoul", Start: "2013-10-17", End: "2013-10-18"},
		Rooms:      []schedulefile.Room{{Name: "Hall 1/A", Capacity: 1600}},
		Items: []schedulefile.Item{{
			GUID: "opening", ID: "7", Title: "Opening", Abstract: "One\ntwo", Track: "Plenary", Type: "lecture", Language: "en",
			Room: "Hall 1/A", Day: "2013-10-17", Start: start, End: start.Add(90 * time.Minute),
			Persons: []string{"Ada Example", "Bo Example"},
			Place:   "/schedule/conference/days/0/rooms/Hall 1~1A/0", Line: 20,
		}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
	x := mustRead(t, "small.xml")
	if it := x.Items[0]; it.Place != "/schedule/day[1]/room[1]/event[1]" || it.Line != 14 || x.Generator != "demo 2" {
		t.Errorf("place = %s, line %d; generator %q", it.Place, it.Line, x.Generator)
	}
}

func TestSessionsAfterMidnightStayOnTheirConferenceDay(t *testing.T) {
	t.Parallel()
	f := mustRead(t, "stages.schedule.xml.gz")
	local := time.FixedZone("CET", 3600)
	late, days := 0, map[string]int{}
	for _, it := range f.Items {
		days[it.Day]++
		if it.Start.In(local).Format(time.DateOnly) != it.Day {
			late++
		}
	}
	if len(f.Items) != 498 || late != 13 || len(days) != 4 {
		t.Errorf("%d items, %d after midnight, days %v", len(f.Items), late, days)
	}
	if got := codes(f); !reflect.DeepEqual(got, map[schedulefile.Code]int{schedulefile.NoDuration: 1}) {
		t.Errorf("warnings = %v", got)
	}
}

func TestEveryPublishedVersionIsReadWhole(t *testing.T) {
	t.Parallel()
	type count struct{ items, rooms, repeated, roomDiffers, noDuration int }
	for name, want := range map[string]count{
		"2019-12-27T130028+0100": {1043, 66, 2, 5, 1},
		"2019-12-27T131038+0100": {1047, 66, 2, 5, 1},
		"2019-12-27T132055+0100": {1047, 67, 2, 5, 1},
		"2019-12-27T133028+0100": {1047, 67, 2, 5, 1},
		"2019-12-27T134043+0100": {1048, 67, 2, 5, 1},
		"2019-12-27T171035+0100": {1087, 71, 3, 5, 0},
		"2019-12-27T190030+0100": {1113, 73, 3, 5, 0},
		"2019-12-27T192214+0100": {1077, 72, 3, 5, 0},
		"2019-12-27T193028+0100": {1115, 73, 3, 5, 0},
		"2019-12-27T195048+0100": {1116, 74, 3, 5, 0},
		"2019-12-27T205052+0100": {1126, 76, 3, 6, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustRead(t, "history/"+name+".schedule.json.gz")
			n := codes(f)
			got := count{len(f.Items), len(f.Rooms), n[schedulefile.RepeatedGUID], n[schedulefile.RoomDiffers], n[schedulefile.NoDuration]}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			// One description has a DEL in it.
			if len(f.Warnings) != got.repeated+got.roomDiffers+got.noDuration+1 || n[schedulefile.ControlCharacter] != 1 {
				t.Errorf("other warnings: %v", n)
			}
		})
	}
}

func TestADumpThatOnlyCallsItselfAScheduleIsRefused(t *testing.T) {
	t.Parallel()
	_, err := schedulefile.Read(read(t, "pyconfr-2025.schedule.json.gz"))
	e := refused(t, err)
	if e.Code != schedulefile.NotASchedule || e.Place != "/schedule/conference" || !strings.Contains(e.Detail, `"2025-11-01"`) {
		t.Errorf("refused with %+v", e)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"history/2019-12-27T205052+0100.schedule.json.gz", "stages.schedule.json.gz", "stages.schedule.xml.gz"} {
		b.Run(name, func(b *testing.B) {
			data := read(b, name)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schedulefile.Read(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
