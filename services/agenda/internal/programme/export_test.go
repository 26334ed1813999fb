package programme

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

// exported is a schedule written and read again.
func exported(t *testing.T, write func(schedulefile.Schedule) ([]byte, error), s schedulefile.Schedule) schedulefile.File {
	t.Helper()
	data, err := write(s)
	if err != nil {
		t.Fatal(err)
	}
	f, err := schedulefile.Read(data)
	if err != nil {
		t.Fatalf("our own reader refuses it: %v", err)
	}
	return f
}

func TestTheRealEventGoesOutAndComesBackUnchanged(t *testing.T) {
	t.Parallel()
	now := time.Date(2019, 12, 26, 12, 0, 0, 0, time.UTC)
	source := published(t, "stages.schedule.xml.gz")
	a, _ := imported(t, congress, Empty("c"), source, counter(), now)
	days := map[string]string{}
	for _, it := range source.Items {
		days[it.GUID] = it.Day
	}
	out := a.Schedule(congress, "de")
	x, j := exported(t, schedulefile.WriteXML, out), exported(t, schedulefile.WriteJSON, out)
	for _, f := range []schedulefile.File{x, j} {
		p := a.PlanImport(congress, f, counter(), now)
		if p.Unchanged != 498 || len(p.Created)+len(p.Changed)+len(p.Learned)+len(p.Vanished)+len(p.Rooms) > 0 {
			t.Errorf("%s: %d unchanged, %d created, %d changed, %d learned, %d vanished, %d rooms", f.Format,
				p.Unchanged, len(p.Created), len(p.Changed), len(p.Learned), len(p.Vanished), len(p.Rooms))
		}
		for _, it := range f.Items {
			if it.Day != days[it.GUID] {
				t.Errorf("%s: %s at %s is listed under %s, was under %s", f.Format, it.GUID, it.Start, it.Day, days[it.GUID])
			}
		}
		if len(f.Items) != 498 {
			t.Errorf("%s: %d items", f.Format, len(f.Items))
		}
	}
	for i := range x.Items {
		x.Items[i].Place, x.Items[i].Line, j.Items[i].Place, j.Items[i].Line = "", 0, "", 0
	}
	if !reflect.DeepEqual(x.Items, j.Items) {
		t.Error("the two formats say different things")
	}
}

func TestAConferenceAcrossAChangeOfClocksGoesOutAndComesBack(t *testing.T) {
	t.Parallel()
	// Clocks in Berlin go back on the 27th, and the hour from two to three comes twice.
	berlin := Conference{ID: "c", Name: Text{"en": "Berlin"}, Zone: "Europe/Berlin", Languages: []string{"en"}, Days: []string{"2013-10-26", "2013-10-27"}}
	now := time.Date(2013, 10, 1, 0, 0, 0, 0, time.UTC)
	var items []schedulefile.Item
	for i := range 96 {
		from := time.Date(2013, 10, 26, 6, 0, 0, 0, time.UTC).Add(time.Duration(i) * 20 * time.Minute)
		items = append(items, item("g", "Hall", from, from.Add(20*time.Minute)))
	}
	a, _ := imported(t, berlin, Empty("c"), file(items...), counter(), now)
	for _, write := range []func(schedulefile.Schedule) ([]byte, error){schedulefile.WriteXML, schedulefile.WriteJSON} {
		f := exported(t, write, a.Schedule(berlin, "en"))
		p := a.PlanImport(berlin, f, counter(), now)
		if p.Unchanged != 96 || len(p.Created)+len(p.Changed)+len(p.Vanished) > 0 {
			t.Errorf("%s: %d unchanged, %d created, %d changed", f.Format, p.Unchanged, len(p.Created), len(p.Changed))
		}
	}
}

func TestAnExportTellsNamesAndNeverDelegates(t *testing.T) {
	t.Parallel()
	a, _ := imported(t, korea, Empty("c"), file(item("g", "Hall", at(1, 0), at(2, 0))), counter(), at(0, 0))
	s := a.Sessions()[0]
	s.Theme, s.Status, s.Delayed = "crime", Cancelled, true
	s.People = append(s.People, Part{Role: Chair, Delegate: "d-1"}, Part{Role: Moderator, Name: "Bo Example"})
	r, _ := a.Next("desk", at(0, 0), Proposal{Sessions: []Session{s}})
	a, err := a.With(r)
	if err != nil {
		t.Fatal(err)
	}
	out := a.Schedule(korea, "en")
	got := out.Sessions[0]
	if out.Version != "2" || got.Track != "Cyber crime" || !got.Cancelled || !got.Delayed || got.GUID != "g" || got.Key != s.ID {
		t.Errorf("%+v", got)
	}
	if want := []schedulefile.Participant{{Name: "Ada Example", Role: Speaker}, {Name: "Bo Example", Role: Moderator}}; !reflect.DeepEqual(got.Participants, want) {
		t.Errorf("participants %+v", got.Participants)
	}
	if !reflect.DeepEqual(got.Persons, []string{"Ada Example"}) {
		t.Errorf("persons %v", got.Persons)
	}
}

func TestSessionsMadeHereComeBackAsThemselves(t *testing.T) {
	t.Parallel()
	a, _ := imported(t, korea, Empty("c"), file(item("g", "Hall", at(1, 0), at(2, 0))), counter(), at(0, 0))
	ours := a.Sessions()[0]
	ours.ID, ours.External, ours.Source, ours.Start, ours.End = "ours", "", nil, at(3, 0), at(4, 0)
	r, _ := a.Next("desk", at(0, 0), Proposal{Sessions: []Session{ours}})
	a, err := a.With(r)
	if err != nil {
		t.Fatal(err)
	}
	f := exported(t, schedulefile.WriteXML, a.Schedule(korea, "ko"))
	for i := range f.Items {
		f.Items[i].Title += ", edited elsewhere"
	}
	p := a.PlanImport(korea, f, counter(), at(0, 0))
	if len(p.Created) != 0 || len(p.Changed) != 1 || p.Changed[0].After.External != "g" || p.Unchanged != 1 || !slices.Contains(warned(p), MadeHere) {
		t.Errorf("%d created, %d changed, %d unchanged, warned %v", len(p.Created), len(p.Changed), p.Unchanged, warned(p))
	}
	f.Items[0].GUID, f.Items[1].GUID = "ours@c.plenary", a.Sessions()[0].ID+"@c.plenary" // as calendars call them
	if p := a.PlanImport(korea, f, counter(), at(0, 0)); len(p.Created)+len(p.Changed)+len(p.Vanished) != 0 || p.Unchanged != 2 {
		t.Errorf("from a calendar: %d created, %d changed, %d vanished", len(p.Created), len(p.Changed), len(p.Vanished))
	}
}
