package programme

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

func item(guid, room string, from, to time.Time) schedulefile.Item {
	return schedulefile.Item{
		GUID: guid, Title: "T " + guid, Abstract: "A", Track: "Cyber Crime", Type: "Panel discussion",
		Language: "en", Room: room, Start: from, End: to, Persons: []string{"Ada Example"}, Place: "/" + guid, Line: 1,
	}
}

// file is a schedule of the given items, as the reader would give it.
func file(items ...schedulefile.Item) schedulefile.File {
	f := schedulefile.File{Items: items}
	for _, it := range items {
		if !slices.Contains(f.Rooms, schedulefile.Room{Name: it.Room, Capacity: 90}) {
			f.Rooms = append(f.Rooms, schedulefile.Room{Name: it.Room, Capacity: 90})
		}
	}
	return f
}

func warned(p Plan) []schedulefile.Code {
	var codes []schedulefile.Code
	for _, w := range p.Warnings {
		codes = append(codes, w.Code)
	}
	return codes
}

var korea = Conference{
	ID: "c", Zone: "Asia/Seoul", Languages: []string{"ko", "en"}, Days: []string{"2013-10-17", "2013-10-18"},
	Themes: []Theme{{ID: "crime", Name: Text{"en": "Cyber crime"}}},
}

func TestAnItemBecomesASession(t *testing.T) {
	t.Parallel()
	it := item("g", "Hall", at(1, 0), at(2, 0))
	it.Subtitle, it.Description = "S", "A" // software often copies the abstract
	a, p := imported(t, korea, Empty("c"), file(it), counter(), at(0, 0))
	want := Session{
		ID: "id-00001", External: "g", Revision: 1, Kind: Panel, Title: Text{"ko": "T g"}, Abstract: Text{"ko": "S\n\nA"},
		Theme: "crime", Room: "id-00002", Start: at(1, 0), End: at(2, 0), Status: Confirmed, Language: "en", People: []Part{{Role: Speaker, Name: "Ada Example"}},
	}
	got, _ := a.Session("id-00001")
	got.Source, got.ChangedAt = nil, time.Time{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if room := (Room{ID: "id-00002", Name: "Hall", Kind: "side", Capacity: 90}); len(p.Rooms) != 1 || !p.Rooms[0].Same(room) {
		t.Errorf("rooms = %+v", p.Rooms)
	}
}

func TestWhatTheSourceChangesIsCarriedOver(t *testing.T) {
	t.Parallel()
	first := item("g", "Hall", at(1, 0), at(2, 0))
	for name, tc := range map[string]struct {
		edit func(*schedulefile.Item)
		want []Field
	}{
		"nothing":               {func(*schedulefile.Item) {}, nil},
		"another offset":        {func(it *schedulefile.Item) { it.Start = it.Start.In(time.FixedZone("", 9*3600)) }, nil},
		"the time":              {func(it *schedulefile.Item) { it.Start, it.End = at(3, 0), at(4, 0) }, []Field{Time}},
		"the end":               {func(it *schedulefile.Item) { it.End = at(3, 0) }, []Field{End}},
		"the room":              {func(it *schedulefile.Item) { it.Room = "Annex" }, []Field{InRoom}},
		"the title":             {func(it *schedulefile.Item) { it.Title = "U" }, []Field{Titled}},
		"the abstract, to none": {func(it *schedulefile.Item) { it.Abstract = "" }, []Field{Abstract}},
		"the track":             {func(it *schedulefile.Item) { it.Track = "Other" }, []Field{Themed}},
		"the track's case":      {func(it *schedulefile.Item) { it.Track = "cyber crime" }, nil},
		"the type":              {func(it *schedulefile.Item) { it.Type = "Keynote" }, []Field{OfKind}},
		"the language":          {func(it *schedulefile.Item) { it.Language = "ko" }, []Field{Spoken}},
		"the speakers":          {func(it *schedulefile.Item) { it.Persons = nil }, []Field{Speakers}},
		"its short id":          {func(it *schedulefile.Item) { it.ID, it.Place = "9", "/elsewhere" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newID := counter()
			a, _ := imported(t, korea, Empty("c"), file(first), newID, at(0, 0))
			it := first
			tc.edit(&it)
			b, p := imported(t, korea, a, file(it), newID, at(0, 0))
			var got []Field
			if len(p.Changed) == 1 {
				got = p.Changed[0].Fields
			}
			if !slices.Equal(got, tc.want) || len(p.Created)+len(p.Vanished)+len(p.Warnings) > 0 || p.Unchanged+len(p.Changed) != 1 {
				t.Fatalf("plan %+v, want %v", p, tc.want)
			}
			if _, again := imported(t, korea, b, file(it), newID, at(0, 0)); again.Unchanged != 1 {
				t.Errorf("the same again gives %+v", again)
			}
			back, _ := imported(t, korea, b, file(first), newID, at(0, 0))
			was, _ := a.Session("id-00001")
			is, _ := back.Session("id-00001")
			if d := Differences(was, is); len(d) > 0 {
				t.Errorf("the way back leaves %v", d)
			}
		})
	}
}

func TestOurOwnSessionsAreNoBusinessOfAFile(t *testing.T) {
	t.Parallel()
	a, _ := released(t, Empty("c"), []Session{session("ours", "hall", 1, 2)}, Room{ID: "hall", Name: "Hall", Kind: "hall"})
	b, p := imported(t, korea, a, file(item("g", "Hall", at(1, 0), at(2, 0))), counter(), at(0, 0))
	if len(p.Created) != 1 || len(p.Vanished) != 0 || len(p.Rooms) != 0 || p.Created[0].Room != "hall" {
		t.Errorf("plan %+v", p)
	}
	if q := b.PlanImport(korea, file(), counter(), at(0, 0)); len(q.Vanished) != 1 || q.Vanished[0].External != "g" || len(q.Sessions()) > 0 {
		t.Errorf("an empty file gives %+v", q)
	}
}

func TestEditsMadeHere(t *testing.T) {
	t.Parallel()
	newID := counter()
	first := file(item("g", "Hall", at(1, 0), at(2, 0)), item("h", "Annex", at(5, 0), at(6, 0)))
	a, _ := imported(t, korea, Empty("c"), first, newID, at(0, 0))
	moved, err := a.Move(korea, "id-00001", 1, Slot{Start: ptr(at(7, 0)), Room: ptr("id-00004")}, "why", at(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	edited, _ := released(t, a, []Session{moved})

	t.Run("stay when the source says what it said", func(t *testing.T) {
		t.Parallel()
		_, p := imported(t, korea, edited, first, newID, at(0, 0))
		if p.Unchanged != 2 || !slices.Equal(warned(p), []schedulefile.Code{KeptHere}) || p.Warnings[0].Place != "/g" {
			t.Errorf("plan %+v", p)
		}
	})
	t.Run("stay when the source changes something else", func(t *testing.T) {
		t.Parallel()
		it := first.Items[0]
		it.Title = "U"
		b, p := imported(t, korea, edited, file(it, first.Items[1]), newID, at(0, 0))
		if len(p.Changed) != 1 || !slices.Equal(p.Changed[0].Fields, []Field{Titled}) || !slices.Equal(warned(p), []schedulefile.Code{KeptHere}) {
			t.Errorf("plan %+v", p)
		}
		if _, again := imported(t, korea, b, file(it, first.Items[1]), newID, at(0, 0)); again.Unchanged != 2 {
			t.Errorf("the same again gives %+v", again)
		}
	})
	t.Run("give way to a newer word of the source", func(t *testing.T) {
		t.Parallel()
		it := first.Items[0]
		it.Start, it.End = at(9, 0), at(10, 0)
		_, p := imported(t, korea, edited, file(it, first.Items[1]), newID, at(0, 0))
		if len(p.Changed) != 1 || !p.Changed[0].After.Start.Equal(at(9, 0)) || p.Changed[0].After.Room != moved.Room || p.Changed[0].After.Reason != "" ||
			!slices.Equal(warned(p), []schedulefile.Code{KeptHere, EditedTwice}) {
			t.Errorf("plan %+v", p)
		}
	})
	t.Run("are no change when the source follows", func(t *testing.T) {
		t.Parallel()
		it := first.Items[0]
		it.Start, it.End, it.Room = at(7, 0), at(8, 0), "Annex"
		_, p := imported(t, korea, edited, file(it, first.Items[1]), newID, at(0, 0))
		if p.Unchanged != 2 || len(p.Warnings) > 0 {
			t.Errorf("plan %+v", p)
		}
	})
	t.Run("stay after the source has followed an earlier one", func(t *testing.T) {
		t.Parallel()
		it := first.Items[0]
		it.Start, it.End, it.Room = at(7, 0), at(8, 0), "Annex"
		followed, p := imported(t, korea, edited, file(it, first.Items[1]), newID, at(0, 0))
		if s, _ := followed.Session("id-00001"); len(p.Learned) != 1 || s.Revision != 2 || s.Reason != "why" {
			t.Errorf("learned %+v, session %+v", p.Learned, s)
		}
		later, err := followed.Move(korea, "id-00001", 2, Slot{Start: ptr(at(9, 0))}, "again", at(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := released(t, followed, []Session{later})
		if _, p := imported(t, korea, b, file(it, first.Items[1]), newID, at(0, 0)); p.Unchanged != 2 || !slices.Equal(warned(p), []schedulefile.Code{KeptHere}) {
			t.Errorf("plan %+v", p)
		}
	})
	t.Run("a cancellation stays, whatever the source says", func(t *testing.T) {
		t.Parallel()
		gone, err := a.Cancel("id-00001", 1, "flood", at(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := released(t, a, []Session{gone})
		it := first.Items[0]
		it.Start, it.End, it.Title = at(9, 0), at(10, 0), "U"
		_, p := imported(t, korea, b, file(it, first.Items[1]), newID, at(0, 0))
		if p.Unchanged != 2 || !slices.Equal(warned(p), []schedulefile.Code{CancelledHere}) {
			t.Errorf("plan %+v", p)
		}
		if p := b.PlanImport(korea, file(first.Items[1]), newID, at(0, 0)); len(p.Vanished) != 0 {
			t.Error("a cancelled session vanished")
		}
	})
	t.Run("a wording in another language stays", func(t *testing.T) {
		t.Parallel()
		s, _ := a.Session("id-00001")
		s.Title = Text{"ko": s.Title["ko"], "en": "Translated"}
		b, _ := released(t, a, []Session{s})
		it := first.Items[0]
		it.Title = "U"
		_, p := imported(t, korea, b, file(it, first.Items[1]), newID, at(0, 0))
		if len(p.Changed) != 1 || !reflect.DeepEqual(p.Changed[0].After.Title, Text{"ko": "U", "en": "Translated"}) || s.Title["ko"] == "U" {
			t.Errorf("plan %+v", p)
		}
	})
}

func TestASessionThatHasBegunKeepsTimeAndRoom(t *testing.T) {
	t.Parallel()
	newID := counter()
	it := item("g", "Hall", at(1, 0), at(2, 0))
	a, _ := imported(t, korea, Empty("c"), file(it), newID, at(0, 0))
	it.Start, it.End, it.Room, it.Title = at(3, 0), at(4, 0), "Annex", "U"

	b, p := imported(t, korea, a, file(it), newID, at(1, 0))
	if len(p.Changed) != 1 || !slices.Equal(p.Changed[0].Fields, []Field{Titled}) || len(p.Rooms) != 0 ||
		!slices.Equal(warned(p), []schedulefile.Code{HasBegun, HasBegun}) {
		t.Errorf("plan %+v", p)
	}
	if _, again := imported(t, korea, b, file(it), newID, at(1, 0)); again.Unchanged != 1 || !slices.Equal(warned(again), []schedulefile.Code{KeptHere}) {
		t.Errorf("the same again gives %+v", again)
	}
	if q := a.PlanImport(korea, file(it), newID, at(0, 59)); len(q.Changed) != 1 || len(q.Changed[0].Fields) != 3 {
		t.Errorf("a minute before it begins: %+v", q)
	}
}

func TestWhatASecretariatIsTold(t *testing.T) {
	t.Parallel()
	newID := counter()
	it := item("g", "Hall", at(5, 0), at(6, 0))
	a, _ := imported(t, korea, Empty("c"), file(it), newID, at(0, 0))
	t.Run("of a move into the past", func(t *testing.T) {
		t.Parallel()
		it := it
		it.Start, it.End = at(1, 0), at(2, 0)
		if p := a.PlanImport(korea, file(it), newID, at(2, 0)); len(p.Changed) != 1 || !slices.Equal(warned(p), []schedulefile.Code{IntoThePast}) {
			t.Errorf("plan %+v", p)
		}
	})
	t.Run("of items on other days, once", func(t *testing.T) {
		t.Parallel()
		f := file(it, item("x", "Hall", at(24*30, 0), at(24*30+1, 0)), item("y", "Hall", at(24*31, 0), at(24*31+1, 0)))
		if p := a.PlanImport(korea, f, newID, at(0, 0)); len(p.Created) != 2 || !slices.Equal(warned(p), []schedulefile.Code{OutsideConference}) || p.Warnings[0].Place != "/x" {
			t.Errorf("plan %+v", p)
		}
	})
	t.Run("of another time zone, after what the file has to say", func(t *testing.T) {
		t.Parallel()
		f := file(it)
		f.Conference.TimeZone = "Europe/Berlin"
		f.Warnings = []schedulefile.Warning{{Code: schedulefile.NoDuration}}
		if p := a.PlanImport(korea, f, newID, at(0, 0)); !slices.Equal(warned(p), []schedulefile.Code{schedulefile.NoDuration, OtherZone}) {
			t.Errorf("plan %+v", p)
		}
	})
}

func TestOccurrencesOfOneGUID(t *testing.T) {
	t.Parallel()
	g := func(room string, hour int) schedulefile.Item { return item("g", room, at(hour, 0), at(hour+1, 0)) }
	for name, tc := range map[string]struct {
		before, after   []schedulefile.Item
		created, gone   int
		moved, relocate int
	}{
		"stay themselves":                      {before: []schedulefile.Item{g("A", 1), g("A", 5)}, after: []schedulefile.Item{g("A", 5), g("A", 1)}},
		"a second one comes":                   {before: []schedulefile.Item{g("A", 5)}, after: []schedulefile.Item{g("A", 1), g("A", 5)}, created: 1},
		"the first one goes":                   {before: []schedulefile.Item{g("A", 1), g("A", 5)}, after: []schedulefile.Item{g("A", 5)}, gone: 1},
		"one moves by an hour":                 {before: []schedulefile.Item{g("A", 1), g("A", 5)}, after: []schedulefile.Item{g("A", 1), g("A", 6)}, moved: 1},
		"one of two at once changes its room":  {before: []schedulefile.Item{g("A", 1), g("B", 1)}, after: []schedulefile.Item{g("C", 1), g("A", 1)}, relocate: 1},
		"the only one becomes two around it":   {before: []schedulefile.Item{g("A", 5)}, after: []schedulefile.Item{g("A", 1), g("A", 6)}, created: 1, moved: 1},
		"a swap of rooms is told as such":      {before: []schedulefile.Item{g("A", 1), g("B", 5)}, after: []schedulefile.Item{g("B", 1), g("A", 5)}, relocate: 2},
		"the nearer is taken before the first": {before: []schedulefile.Item{g("A", 1), g("A", 6)}, after: []schedulefile.Item{g("A", 5)}, gone: 1, moved: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newID := counter()
			a, _ := imported(t, korea, Empty("c"), file(tc.before...), newID, at(0, 0))
			b, p := imported(t, korea, a, file(tc.after...), newID, at(0, 0))
			moved, relocated := 0, 0
			for _, c := range p.Changed {
				if slices.Contains(c.Fields, Time) {
					moved++
				}
				if slices.Contains(c.Fields, InRoom) {
					relocated++
				}
				if c.After.Start.Sub(c.Before.Start).Abs() > time.Hour {
					t.Errorf("moved from %s to %s", c.Before.Start, c.After.Start)
				}
			}
			if len(p.Created) != tc.created || len(p.Vanished) != tc.gone || moved != tc.moved || relocated != tc.relocate {
				t.Errorf("%d created, %d vanished, %d moved, %d relocated; want %+v", len(p.Created), len(p.Vanished), moved, relocated, tc)
			}
			if _, again := imported(t, korea, b, file(tc.after...), newID, at(0, 0)); again.Unchanged != len(tc.after) {
				t.Errorf("the same again gives %+v", again)
			}
		})
	}
}

func TestAnOccurrenceMovedHereIsFoundByWhatTheSourceSaid(t *testing.T) {
	t.Parallel()
	newID := counter()
	one, five, six := item("g", "A", at(1, 0), at(2, 0)), item("g", "B", at(5, 0), at(6, 0)), item("g", "A", at(6, 0), at(7, 0))
	a, _ := imported(t, korea, Empty("c"), file(one, five), newID, at(0, 0))
	moved, err := a.Move(korea, "id-00001", 1, Slot{Start: ptr(at(6, 0))}, "", at(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := released(t, a, []Session{moved})
	p := b.PlanImport(korea, file(one, five, six), newID, at(0, 0))
	if p.Unchanged != 2 || len(p.Created) != 1 || !p.Created[0].Start.Equal(at(6, 0)) {
		t.Errorf("plan %+v", p)
	}
}

func TestASourceReadBackFromTheStoreIsTheSame(t *testing.T) {
	t.Parallel()
	it := item("g", "A", at(1, 0), at(2, 0))
	a, _ := imported(t, korea, Empty("c"), file(it), counter(), at(0, 0))
	snapshot := a.Snapshot()
	stored := *snapshot.Sessions[0].Source
	stored.Start, stored.End = stored.Start.In(time.FixedZone("", 9*3600)), stored.End.In(time.FixedZone("", 9*3600))
	snapshot.Sessions[0].Source = &stored
	if p := snapshot.Agenda().PlanImport(korea, file(it), counter(), at(0, 0)); len(p.Sessions()) > 0 {
		t.Errorf("plan %+v", p)
	}
}

// Whatever was imported and edited before, a file that is imported once has
// nothing more to change.
func TestTheSameImportTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2013, 10))
	newID := counter()
	a := Empty("c")
	for round := range 300 {
		now := at(rng.IntN(20), 0)
		f := anyFile(rng)
		next, p := imported(t, korea, a, f, newID, now)
		if n := p.Unchanged + len(p.Created) + len(p.Changed); n != len(f.Items) {
			t.Fatalf("round %d: %d items, %d of them planned", round, len(f.Items), n)
		}
		_, again := imported(t, korea, next, f, newID, now)
		if len(again.Sessions())+len(again.Rooms) > 0 || !reflect.DeepEqual(ids(again.Vanished), ids(p.Vanished)) {
			t.Fatalf("round %d: the same import again plans %+v", round, again)
		}
		a = anyEdit(t, rng, next, now)
		if _, later := imported(t, korea, a, f, newID, now); len(later.Sessions()) > 0 {
			t.Fatalf("round %d: the same import undoes an edit: %+v", round, later)
		}
	}
}

func anyFile(rng *rand.Rand) schedulefile.File {
	var items []schedulefile.Item
	seen := map[[3]int]bool{}
	for range rng.IntN(12) {
		guid, room, hour := rng.IntN(8), rng.IntN(3), rng.IntN(20)
		if seen[[3]int{guid, room, hour}] {
			continue
		}
		seen[[3]int{guid, room, hour}] = true
		it := item(string(rune('a'+guid)), string(rune('A'+room)), at(hour, 0), at(hour+1+rng.IntN(2), 0))
		it.Title += string(rune('0' + rng.IntN(2)))
		it.Persons = it.Persons[:rng.IntN(2)]
		items = append(items, it)
	}
	return file(items...)
}

// anyEdit moves or cancels some sessions by hand, where the rules allow it.
func anyEdit(t *testing.T, rng *rand.Rand, a Agenda, now time.Time) Agenda {
	t.Helper()
	var edited []Session
	for _, s := range a.Sessions() {
		var err error
		switch rng.IntN(8) {
		case 0:
			s, err = a.Move(korea, s.ID, s.Revision, Slot{Start: ptr(at(rng.IntN(24), 30))}, "", now)
		case 1:
			s, err = a.Cancel(s.ID, s.Revision, "", now)
		default:
			continue
		}
		if err == nil {
			edited = append(edited, s)
		}
	}
	r, any := a.Next("actor", now, Proposal{Sessions: edited})
	if !any {
		return a
	}
	next, err := a.With(r)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func TestWhatWasRemovedHereStaysOutWhateverTheFileSays(t *testing.T) {
	t.Parallel()
	newID := counter()
	first := file(item("g", "Hall", at(1, 0), at(2, 0)), item("h", "Annex", at(5, 0), at(6, 0)))
	a, _ := imported(t, korea, Empty("c"), first, newID, at(0, 0))
	out := func(a Agenda, kind string) Agenda {
		r, _ := a.Next("desk", at(0, 0), Proposal{Kind: kind, Removed: []string{"id-00001"}})
		next, err := a.With(r)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	removed := out(a, Drafted)
	later := first.Items[0]
	later.Title, later.Start, later.End = "U", at(9, 0), at(10, 0)
	for name, f := range map[string]schedulefile.File{"the same": first, "another time": file(later, first.Items[1])} {
		for from, a := range map[string]Agenda{"memory": removed, "a snapshot": removed.Snapshot().Agenda()} {
			p := a.PlanImport(korea, f, newID, at(0, 0))
			if len(p.Sessions())+len(p.Vanished) > 0 || p.Unchanged != 2 || !slices.Equal(warned(p), []schedulefile.Code{RemovedHere}) {
				t.Errorf("%s, from %s: plan %+v", name, from, p)
			}
		}
	}
	if _, p := imported(t, korea, removed, file(first.Items[1]), newID, at(0, 0)); len(p.Warnings)+len(p.Vanished) > 0 {
		t.Errorf("a file that lacks it too says %+v", p)
	}
	// A second item of that guid, at another time, is a new one.
	if p := removed.PlanImport(korea, file(first.Items[0], later), newID, at(0, 0)); len(p.Created) != 1 || !p.Created[0].Start.Equal(at(9, 0)) {
		t.Errorf("beside another of its guid: %+v", p)
	}
	was, known := removed.Removed("id-00001")
	if !known {
		t.Fatal("it is not remembered")
	}
	back, _ := released(t, removed, []Session{was})
	if p := back.PlanImport(korea, first, newID, at(0, 0)); p.Unchanged != 2 || len(p.Warnings) > 0 {
		t.Errorf("put back, the file says %+v", p)
	}
	ours := removed.PlanImport(korea, file(item("id-00001"+UIDSuffix("c"), "Hall", at(1, 0), at(2, 0))), newID, at(0, 0))
	if len(ours.Created) > 0 || !slices.Equal(warned(ours), []schedulefile.Code{RemovedHere}) {
		t.Errorf("out of our own calendar: %+v", ours)
	}
	if p := out(a, RollBack).PlanImport(korea, first, newID, at(0, 0)); len(p.Created) != 1 {
		t.Errorf("after a roll-back the file brings %+v", p)
	}
}
