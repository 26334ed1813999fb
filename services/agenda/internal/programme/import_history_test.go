package programme

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

// congress is the conference whose published schedules are in the testdata.
var congress = Conference{
	ID: "c", Zone: "Europe/Berlin", Languages: []string{"en", "de"},
	Days: []string{"2019-12-27", "2019-12-28", "2019-12-29", "2019-12-30"},
}

// published reads a schedule of the testdata; name is the time of day at which
// it was published, or a whole file name.
func published(t testing.TB, name string) schedulefile.File {
	t.Helper()
	files.Lock()
	defer files.Unlock()
	if f, ok := files.read[name]; ok {
		return f
	}
	f := fromDisk(t, name)
	files.read[name] = f
	return f
}

// files keeps what was read: under the race detector reading takes a second
// each time.
var files = struct {
	sync.Mutex
	read map[string]schedulefile.File
}{read: map[string]schedulefile.File{}}

func fromDisk(t testing.TB, name string) schedulefile.File {
	t.Helper()
	if len(name) == len("130028") {
		name = "history/2019-12-27T" + name + "+0100.schedule.json.gz"
	}
	f, err := schedulefile.Read(unpacked(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func unpacked(t testing.TB, name string) []byte {
	t.Helper()
	packed, err := os.ReadFile("../schedulefile/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// counter gives ids that tell in which order they were asked for.
func counter() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("id-%05d", n) }
}

// imported is the agenda after a plan is released, and the plan.
func imported(t testing.TB, c Conference, a Agenda, f schedulefile.File, newID func() string, now time.Time) (Agenda, Plan) {
	t.Helper()
	p := a.PlanImport(c, f, newID, now)
	r, any := a.Next("actor", now, Proposal{Sessions: p.Sessions(), Rooms: p.Rooms, Note: "import"})
	if n := len(p.Created) + len(p.Changed); len(r.After) != n+len(p.Learned) || len(r.Changes()) != n {
		t.Fatalf("the release holds %d sessions and %d changes, the plan %d", len(r.After), len(r.Changes()), n)
	}
	if !any {
		return a, p
	}
	next, err := a.With(r)
	if err != nil {
		t.Fatal(err)
	}
	return next, p
}

func ids(sessions []Session) map[string]bool {
	set := make(map[string]bool, len(sessions))
	for _, s := range sessions {
		set[s.ID] = true
	}
	return set
}

func TestElevenPublishedVersionsImportedInOrder(t *testing.T) {
	t.Parallel()
	before := time.Date(2019, 12, 26, 12, 0, 0, 0, time.UTC)
	newID := counter()
	a := Empty("c")
	vanished := map[string]map[string]bool{}
	for _, step := range []struct {
		version                              string
		created, changed, unchanged, missing int
		fields                               map[Field]int
		shifts                               map[int]int // minutes → sessions; nil = not looked at
	}{
		{version: "130028", created: 1043},
		// Fifty starts are spelled with another offset.
		{version: "131038", created: 4, unchanged: 1043},
		{version: "132055", created: 4, changed: 6, unchanged: 1037, missing: 4, fields: map[Field]int{Abstract: 5, Time: 1, InRoom: 1}},
		// A source that was an hour off corrects itself.
		{
			version: "133028", changed: 53, unchanged: 994, missing: 4,
			fields: map[Field]int{Time: 50, End: 1, Speakers: 2, Titled: 1, InRoom: 1}, shifts: map[int]int{-60: 49, -15: 1},
		},
		{version: "134043", created: 1, unchanged: 1047, missing: 4},
		// A third guid gets a second occurrence.
		{version: "171035", created: 43, changed: 56, unchanged: 988, missing: 8, fields: map[Field]int{Speakers: 18, Titled: 5, Abstract: 28, InRoom: 9, Time: 10, End: 6}},
		{version: "190030", created: 26, changed: 16, unchanged: 1071, missing: 8, fields: map[Field]int{Abstract: 9, Spoken: 3, Titled: 2, End: 2, Time: 2, InRoom: 1, Speakers: 2}},
		// A source drops out, 38 sessions with it, and comes back.
		{version: "192214", created: 2, changed: 7, unchanged: 1068, missing: 46, fields: map[Field]int{Abstract: 7}},
		{version: "193028", unchanged: 1115, missing: 8},
		{version: "195048", created: 1, changed: 1, unchanged: 1114, missing: 8, fields: map[Field]int{Abstract: 1}},
		{version: "205052", created: 11, changed: 17, unchanged: 1098, missing: 9, fields: map[Field]int{Time: 2, Abstract: 12, End: 2, Speakers: 1}, shifts: map[int]int{-5: 1, 15: 1}},
	} {
		f := published(t, step.version)
		next, p := imported(t, congress, a, f, newID, before)
		fields, shifts := map[Field]int{}, map[int]int{}
		for _, c := range p.Changed {
			for _, field := range c.Fields {
				fields[field]++
			}
			if m := int(c.After.Start.Sub(c.Before.Start).Minutes()); m != 0 {
				shifts[m]++
			}
			if c.After.Status != Confirmed {
				t.Errorf("%s: session %s is %s", step.version, c.Session, c.After.Status)
			}
		}
		if len(p.Created) != step.created || len(p.Changed) != step.changed || p.Unchanged != step.unchanged || len(p.Vanished) != step.missing || len(p.Learned) > 0 {
			t.Errorf("%s: %d created, %d changed, %d unchanged, %d vanished; want %+v", step.version, len(p.Created), len(p.Changed), p.Unchanged, len(p.Vanished), step)
		}
		if !maps.Equal(fields, step.fields) {
			t.Errorf("%s: fields %v, want %v", step.version, fields, step.fields)
		}
		if step.shifts != nil && !maps.Equal(shifts, step.shifts) {
			t.Errorf("%s: shifts %v, want %v", step.version, shifts, step.shifts)
		}
		if len(p.Warnings) != len(f.Warnings) {
			t.Errorf("%s: %d warnings beside the file's: %+v", step.version, len(p.Warnings)-len(f.Warnings), p.Warnings[len(f.Warnings):])
		}
		if again, q := imported(t, congress, next, f, newID, before); again.Revision != next.Revision || len(q.Rooms) > 0 || q.Unchanged != len(f.Items) {
			t.Errorf("%s: a second import changes something: %+v", step.version, q)
		}
		for _, s := range p.Vanished {
			if now, _ := next.Session(s.ID); !reflect.DeepEqual(now, s) {
				t.Errorf("%s: the vanished session %s is touched", step.version, s.ID)
			}
		}
		vanished[step.version] = ids(p.Vanished)
		a = next
	}
	dropped := 0
	for id := range vanished["192214"] {
		if !vanished["190030"][id] {
			dropped++
		}
	}
	if dropped != 38 || !maps.Equal(vanished["193028"], vanished["190030"]) {
		t.Errorf("%d sessions dropped out, and not all came back", dropped)
	}
	if n := len(a.Sessions()); n != 1126+9 {
		t.Errorf("the agenda ends with %d sessions", n)
	}
}

// The same with the clock running: what has begun keeps its time and room, and
// is reported once as begun and from then on as differing.
func TestPublishedVersionsImportedAsTheyCame(t *testing.T) {
	t.Parallel()
	newID := counter()
	a := Empty("c")
	for _, step := range []struct {
		version                  string
		begun, kept, past, moved int
	}{
		{version: "130028"},
		{version: "131038"},
		{version: "132055", moved: 1},
		{version: "133028", begun: 1, past: 1, moved: 49},
		{version: "134043", kept: 1},
		{version: "171035", begun: 5, kept: 1, moved: 8},
		{version: "190030", kept: 4, moved: 2},
		{version: "192214", kept: 4},
		{version: "193028", kept: 4},
		{version: "195048", kept: 4},
		{version: "205052", begun: 3, kept: 4},
	} {
		now, err := time.Parse("20060102T150405Z07:00", "20191227T"+step.version+"+01:00")
		if err != nil {
			t.Fatal(err)
		}
		next, p := imported(t, congress, a, published(t, step.version), newID, now)
		moved, n := 0, map[schedulefile.Code]int{}
		for _, c := range p.Changed {
			if !now.Before(c.Before.Start) && (!c.After.Start.Equal(c.Before.Start) || c.After.Room != c.Before.Room) {
				t.Errorf("%s: session %s has begun and is moved", step.version, c.Session)
			}
			if !c.After.Start.Equal(c.Before.Start) {
				moved++
			}
		}
		for _, w := range p.Warnings {
			n[w.Code]++
		}
		if n[HasBegun] != step.begun || n[KeptHere] != step.kept || n[IntoThePast] != step.past || moved != step.moved {
			t.Errorf("%s: %d begun, %d kept, %d into the past, %d moved; want %+v", step.version, n[HasBegun], n[KeptHere], n[IntoThePast], moved, step)
		}
		a = next
	}
}

func TestJSONAndXMLOfOneEventAreOneImport(t *testing.T) {
	t.Parallel()
	now := time.Date(2019, 12, 26, 12, 0, 0, 0, time.UTC)
	a, p := imported(t, congress, Empty("c"), published(t, "stages.schedule.json.gz"), counter(), now)
	if len(p.Created) != 498 {
		t.Fatalf("%d created", len(p.Created))
	}
	q := a.PlanImport(congress, published(t, "stages.schedule.xml.gz"), counter(), now)
	if q.Unchanged != 498 || len(q.Created)+len(q.Changed)+len(q.Vanished)+len(q.Rooms) > 0 {
		t.Errorf("the other format changes something: %d created, %d changed, %d vanished", len(q.Created), len(q.Changed), len(q.Vanished))
	}
}

// The whole way of the largest file: reading it and planning it.
func BenchmarkImport(b *testing.B) {
	now := time.Date(2019, 12, 26, 12, 0, 0, 0, time.UTC)
	data := unpacked(b, "history/2019-12-27T205052+0100.schedule.json.gz")
	old, _ := imported(b, congress, Empty("c"), published(b, "195048"), counter(), now)
	for name, a := range map[string]Agenda{"first": Empty("c"), "next": old} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f, err := schedulefile.Read(data)
				if err != nil {
					b.Fatal(err)
				}
				if p := a.PlanImport(congress, f, counter(), now); p.Unchanged+len(p.Created)+len(p.Changed) != 1126 {
					b.Fatal(p.Unchanged)
				}
			}
		})
	}
}

func BenchmarkPlanImport(b *testing.B) {
	now := time.Date(2019, 12, 26, 12, 0, 0, 0, time.UTC)
	old, _ := imported(b, congress, Empty("c"), published(b, "195048"), counter(), now)
	f := published(b, "205052")
	b.ReportAllocs()
	for b.Loop() {
		old.PlanImport(congress, f, counter(), now)
	}
}
