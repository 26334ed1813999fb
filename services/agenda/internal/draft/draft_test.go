package draft_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
)

var nine = time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC) // in Seoul

func facts() programme.Conference {
	return programme.Conference{
		ID: "seoul", Zone: "Asia/Seoul", Days: []string{"2013-10-17"}, Languages: []string{"en"},
		Themes:  []programme.Theme{{ID: "security"}},
		Walking: []programme.Walk{{From: "north", To: "south", Minutes: 10}},
	}
}

func session(id string, hour int, room string) programme.Session {
	start := nine.Add(time.Duration(hour) * time.Hour)
	return programme.Session{ID: id, Kind: programme.Plenary, Title: programme.Text{"en": id}, Room: room, Start: start, End: start.Add(time.Hour), Status: programme.Confirmed}
}

// agenda has rooms hall and annex, and the sessions.
func agenda(t *testing.T, sessions ...programme.Session) programme.Agenda {
	t.Helper()
	return after(t, programme.Empty("seoul"), programme.Proposal{
		Rooms:    []programme.Room{{ID: "hall", Name: "Hall", Zone: "north", Capacity: 3}, {ID: "annex", Name: "Annex", Zone: "south", Hours: []programme.Hours{{From: "09:00", To: "18:00"}}}},
		Sessions: sessions,
	})
}

func after(t *testing.T, a programme.Agenda, p programme.Proposal) programme.Agenda {
	t.Helper()
	r, _ := a.Next("x", nine, p)
	next, err := a.With(r)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func get(t *testing.T, a programme.Agenda, id string) programme.Session {
	t.Helper()
	s, ok := a.Session(id)
	if !ok {
		t.Fatalf("there is no %s", id)
	}
	return s
}

func codes(d draft.Draft, a programme.Agenda) string {
	var all []string
	for _, c := range d.Conflicts(facts(), a, nine.Add(-time.Hour), func(string) int { return 4 }) {
		kind := "warning"
		if c.Error {
			kind = "error"
		}
		all = append(all, fmt.Sprintf("%s %s %s%s", kind, c.Code, c.Session, c.Room))
	}
	return fmt.Sprint(all)
}

func TestThereAndBackIsNoChange(t *testing.T) {
	t.Parallel()
	a := agenda(t, session("one", 0, "hall"))
	s := get(t, a, "one")
	s.Room = "annex"
	d := draft.Draft{ID: "seoul"}.Put(a, s)
	if d.Empty() || d.Base != a.Revision {
		t.Fatalf("the edit is lost: %+v", d)
	}
	s.Room = "hall"
	if d = d.Put(a, s); !d.Empty() || d.Base != 0 {
		t.Errorf("there and back is an edit: %+v", d)
	}
	d = d.Drop(a, "one").Put(a, get(t, a, "one"))
	if !d.Empty() {
		t.Errorf("removed and put back is an edit: %+v", d)
	}
	fresh := session("two", 2, "hall")
	if d = d.Put(a, fresh).Drop(a, "two"); !d.Empty() {
		t.Errorf("new and removed is an edit: %+v", d)
	}
}

func TestALiveChangeIsKeptWhereTheDraftSaysNothing(t *testing.T) {
	t.Parallel()
	a := agenda(t, session("one", 0, "hall"))
	s := get(t, a, "one")
	s.Title = programme.Text{"en": "better"}
	s.Start, s.End = s.Start.Add(time.Hour), s.End.Add(time.Hour)
	d := draft.Draft{ID: "seoul"}.Put(a, s)
	live := get(t, a, "one")
	live.Room, live.End = "annex", live.End.Add(30*time.Minute)
	now := after(t, a, programme.Proposal{Sessions: []programme.Session{live}})
	got := get(t, d.Merged(now), "one")
	if got.Room != "annex" || got.Title.In() != "better" || !got.Start.Equal(s.Start) || got.End.Sub(got.Start) != 90*time.Minute {
		t.Errorf("merged into %+v", got)
	}
	if _, clashes := d.Proposal(now); len(clashes) != 0 {
		t.Errorf("they clash: %v", clashes)
	}
}

func TestWhatBothChangedIsAskedAboutUntilItIsEditedAgain(t *testing.T) {
	t.Parallel()
	a := agenda(t, session("one", 0, "hall"), session("two", 4, "hall"))
	s := get(t, a, "one")
	s.Room = "annex"
	d := draft.Draft{ID: "seoul"}.Put(a, s).Drop(a, "two")
	live, two := get(t, a, "one"), get(t, a, "two")
	live.Room, two.Title = "elsewhere", programme.Text{"en": "other"}
	now := after(t, a, programme.Proposal{Sessions: []programme.Session{live, two}})
	conflicts := d.Conflicts(facts(), now, nine.Add(-time.Hour), func(string) int { return 0 })
	if len(conflicts) != 2 || conflicts[0].Code != draft.ChangedMeanwhile || !conflicts[0].Blocks() || conflicts[0].Draft != "Annex" || conflicts[0].Agenda != "elsewhere" || conflicts[1].Session != "two" {
		t.Fatalf("conflicts %+v", conflicts)
	}
	if again := d.Conflicts(facts(), now, nine.Add(-time.Hour), func(string) int { return 0 }); again[0].ID != conflicts[0].ID || again[0].ID == again[1].ID {
		t.Errorf("ids are %s and %s, then %s", conflicts[0].ID, conflicts[1].ID, again[0].ID)
	}
	live.Room = "hall"
	later := after(t, now, programme.Proposal{Sessions: []programme.Session{live}})
	live.Room = "elsewhere"
	later = after(t, later, programme.Proposal{Sessions: []programme.Session{live}})
	if again := d.Conflicts(facts(), later, nine.Add(-time.Hour), func(string) int { return 0 }); again[0].ID == conflicts[0].ID {
		t.Error("what happened since is acknowledged with what happened before")
	}
	d = d.Put(now, s).Drop(now, "two")
	if got := codes(d, now); got != "[warning outside_hours one]" && got != "[]" {
		t.Errorf("after editing again: %s", got)
	}
	if get(t, d.Merged(now), "one").Room != "annex" {
		t.Error("the draft does not win")
	}
}

func TestAReleaseTakesOutWhatItMadeTrueAndNothingElse(t *testing.T) {
	t.Parallel()
	a := agenda(t, session("one", 0, "hall"), session("two", 2, "hall"), session("three", 4, "hall"))
	change := func(id, title string) programme.Session {
		s := get(t, a, id)
		s.Title = programme.Text{"en": title}
		return s
	}
	d := draft.Draft{ID: "seoul"}.Put(a, change("one", "A"), change("two", "B"), session("new", 6, "hall")).Drop(a, "three").
		PutRoom(a, programme.Room{ID: "hall", Name: "Great Hall"})
	p, _ := d.Proposal(a)
	r, _ := a.Next("x", nine, p)
	if left := d.Settled(r); !left.Empty() || left.Seen != r.Revision {
		t.Errorf("left over: %+v", left)
	}
	// Somebody edited on while it was released.
	edited := d.Put(a, change("two", "C"), session("newer", 8, "hall"))
	now, err := a.With(r)
	if err != nil {
		t.Fatal(err)
	}
	left := edited.Settled(r)
	p, clashes := left.Proposal(now)
	rest, _ := now.Next("x", nine, p)
	changes := rest.Changes()
	slices.SortFunc(changes, func(x, y programme.Change) int { return x.Latest().Start.Compare(y.Latest().Start) })
	if len(clashes) != 0 || len(changes) != 2 || changes[0].After.Title.In() != "C" || changes[1].Session != "newer" {
		t.Errorf("the rest is %+v, clashes %v", changes, clashes)
	}
}

func TestConflictsAreFound(t *testing.T) {
	t.Parallel()
	chair := func(s programme.Session, who string) programme.Session {
		s.People = []programme.Part{{Role: programme.Chair, Delegate: who}}
		return s
	}
	outsider := func(s programme.Session) programme.Session {
		s.People = []programme.Part{{Role: programme.Speaker, Name: "Ada Okafor"}}
		return s
	}
	base := []programme.Session{chair(session("there", 0, "hall"), "d1"), outsider(session("talk", 6, "hall"))}
	edit := func(f func(*programme.Session)) programme.Session {
		s := session("mine", 2, "hall")
		f(&s)
		return s
	}
	for name, x := range map[string]struct {
		session programme.Session
		want    string
	}{
		"fine":         {edit(func(s *programme.Session) { s.Room = "annex" }), "[]"},
		"occupied":     {edit(func(s *programme.Session) { s.Start, s.End = nine.Add(30*time.Minute), nine.Add(90*time.Minute) }), "[error room_occupied minehall warning capacity minehall]"},
		"no such room": {edit(func(s *programme.Session) { s.Room = "attic" }), "[error room_unknown mine]"},
		"no theme":     {edit(func(s *programme.Session) { s.Room, s.Theme = "annex", "cakes" }), "[error theme_unknown mine]"},
		"backwards":    {edit(func(s *programme.Session) { s.Room, s.End = "annex", s.Start }), "[error end_before_start mine]"},
		"too long":     {edit(func(s *programme.Session) { s.Room, s.End = "annex", s.Start.Add(25*time.Hour) }), "[error too_long mine warning outside_hours mineannex]"},
		"person twice": {chair(session("mine", 0, "annex"), "d1"), "[error person_twice mine]"},
		"same name":    {outsider(session("mine", 6, "annex")), "[warning person_twice mine]"},
		"unclear":      {edit(func(s *programme.Session) { s.Room, s.People = "annex", []programme.Part{{Role: programme.Chair}} }), "[error person_unclear mine]"},
		"odd delegate": {edit(func(s *programme.Session) {
			s.Room, s.People = "annex", []programme.Part{{Role: programme.Chair, Delegate: "no such/id"}}
		}), "[error person_unclear mine]"},
		"walk":          {chair(session("mine", 1, "annex"), "d1"), "[warning walking_time mine]"},
		"seats":         {edit(func(*programme.Session) {}), "[warning capacity minehall]"},
		"hours":         {session("mine", 9, "annex"), "[warning outside_hours mineannex]"},
		"another day":   {session("mine", 24, "annex"), "[warning outside_conference mine]"},
		"no moderator":  {edit(func(s *programme.Session) { s.Room, s.Kind = "annex", programme.Panel }), "[warning moderator_missing mine]"},
		"in the past":   {session("mine", -2, "annex"), "[warning in_the_past mine warning outside_hours mineannex]"},
		"called off":    {edit(func(s *programme.Session) { s.Start, s.Status = nine, programme.Cancelled }), "[]"},
		"without title": {edit(func(s *programme.Session) { s.Room, s.Title = "annex", nil }), "[error title_missing mine]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := agenda(t, base...)
			if got := codes(draft.Draft{ID: "seoul"}.Put(a, x.session), a); got != x.want {
				t.Errorf("conflicts %s, want %s", got, x.want)
			}
		})
	}
}

func TestWhatWasWrongBeforeDoesNotBlock(t *testing.T) {
	t.Parallel()
	a := agenda(t, session("one", 0, "hall"), session("two", 0, "hall"), session("three", 4, "annex"))
	three := get(t, a, "three")
	three.Title = programme.Text{"en": "better"}
	if got := codes(draft.Draft{ID: "seoul"}.Put(a, three), a); got != "[]" {
		t.Errorf("conflicts %s", got)
	}
	hall, _ := a.Room("hall")
	if got := codes(draft.Draft{ID: "seoul"}.DropRoom(a, hall.ID), a); got != "[error room_unknown one error room_unknown two]" && got != "[error room_occupied onehall error room_unknown one error room_unknown two]" {
		t.Errorf("a room that goes: %s", got)
	}
}

func TestWhatASourcePublishesInOneRoomIsSaidAndNotRefused(t *testing.T) {
	t.Parallel()
	a := agenda(t)
	published := func(id string) programme.Session {
		s := session(id, 0, "hall")
		s.Source = &programme.Source{Start: s.Start, End: s.End, Room: "Hall"}
		return s
	}
	one, two := published("one"), published("two")
	d := draft.Draft{ID: "seoul"}.Put(a, one, two)
	if c := d.Conflicts(facts(), a, nine.Add(-time.Hour), func(string) int { return 0 }); len(c) != 1 || c[0].Error {
		t.Errorf("conflicts %+v", c)
	}
	two.Start = two.Start.Add(time.Minute)
	d = d.Put(a, two)
	if c := d.Conflicts(facts(), a, nine.Add(-time.Hour), func(string) int { return 0 }); len(c) != 1 || !c[0].Error {
		t.Errorf("after an edit here: %+v", c)
	}
}

func TestWhatHasBegunStays(t *testing.T) {
	t.Parallel()
	a := agenda(t, session("one", 0, "hall"))
	s := get(t, a, "one")
	s.Title = programme.Text{"en": "mended"}
	now := nine.Add(time.Minute)
	blocked := func(d draft.Draft) bool {
		return slices.ContainsFunc(d.Conflicts(facts(), a, now, func(string) int { return 0 }), func(c draft.Conflict) bool { return c.Code == draft.SessionBegun && c.Error })
	}
	if blocked(draft.Draft{}.Put(a, s)) {
		t.Error("its title cannot be mended")
	}
	s.Room = "annex"
	if !blocked(draft.Draft{}.Put(a, s)) || !blocked(draft.Draft{}.Drop(a, "one")) {
		t.Error("it is moved or struck out under the people in it")
	}
}

func TestWhatItsChairOpenedEarlyStays(t *testing.T) {
	t.Parallel()
	planned := agenda(t, session("one", 0, "hall"), session("two", 2, "hall"))
	now := nine.Add(-30 * time.Minute)
	one, err := planned.Begin("one", now)
	if err != nil {
		t.Fatal(err)
	}
	two := get(t, planned, "two")
	two.Status = programme.Ended
	a := after(t, planned, programme.Proposal{Sessions: []programme.Session{one, two}})
	for _, id := range []string{"one", "two"} {
		s := get(t, planned, id) // as it was when it was edited
		s.Start, s.End = s.Start.Add(5*time.Hour), s.End.Add(5*time.Hour)
		for what, d := range map[string]draft.Draft{"moved": draft.Draft{}.Put(planned, s), "struck out": draft.Draft{}.Drop(planned, id)} {
			if !slices.ContainsFunc(d.Conflicts(facts(), a, now, func(string) int { return 0 }), func(c draft.Conflict) bool { return c.Code == draft.SessionBegun && c.Session == id }) {
				t.Errorf("%s, which is %s, is %s", id, get(t, a, id).Status, what)
			}
		}
	}
}

func TestVanishedSessionsAreDecidedUpon(t *testing.T) {
	t.Parallel()
	a := agenda(t, session("one", 0, "hall"), session("two", 2, "hall"), session("three", 4, "hall"))
	d := draft.Draft{ID: "seoul"}.Vanished(nine, "one", "two", "three")
	must := func(d draft.Draft, err error) draft.Draft {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d = must(d.Decide(a, "one", draft.Keep, ""))
	d = must(d.Decide(a, "two", draft.Cancel, "gone"))
	d = must(d.Decide(a, "three", draft.Ignore, ""))
	if len(d.Review) != 2 || get(t, d.Merged(a), "two").Status != programme.Cancelled {
		t.Fatalf("decided %+v", d)
	}
	if _, err := d.Decide(a, "one", draft.Keep, ""); err == nil {
		t.Error("what is decided can be decided again without being asked")
	}
	back := must(d.Decide(a, "two", draft.Ignore, ""))
	if !back.Empty() {
		t.Errorf("the cancellation stays: %+v", back)
	}
	p, _ := d.Proposal(a)
	r, _ := a.Next("x", nine, p)
	d = d.Settled(r)
	if len(d.Review) != 1 || d.Review[0].Session != "three" {
		t.Errorf("after the release %+v", d.Review)
	}
	d = d.Discarded().Vanished(nine.Add(time.Hour), "one", "three")
	if len(d.Review) != 2 || d.Review[0].Decision != draft.Ignore || d.Review[1].Session != "one" {
		t.Errorf("the next import that lacks them: %+v", d.Review)
	}
	if d = d.Vanished(nine.Add(2 * time.Hour)); len(d.Review) != 1 {
		t.Errorf("one that came back is asked about: %+v", d.Review)
	}
}

// Whatever happens live and in a draft, a release of the draft has every field
// the draft changed as the draft wants it, and every other as it is live.
func TestAnyDraftOverAnyAgendaLosesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		dice := rand.New(rand.NewPCG(seed, 4))
		mutate := func(s programme.Session) programme.Session {
			for range 1 + dice.IntN(3) {
				switch dice.IntN(6) {
				case 0:
					s.Room = []string{"hall", "annex"}[dice.IntN(2)]
				case 1:
					shift := time.Duration(dice.IntN(3)) * time.Hour
					s.Start, s.End = s.Start.Add(shift), s.End.Add(shift)
				case 2:
					s.End = s.End.Add(time.Duration(dice.IntN(3)) * 10 * time.Minute)
				case 3:
					s.Title = programme.Text{"en": fmt.Sprint(dice.IntN(3))}
				case 4:
					s.Language = []string{"en", "ko"}[dice.IntN(2)]
				case 5:
					s.Public = !s.Public
				}
			}
			return s
		}
		a := agenda(t, session("one", 0, "hall"))
		base := get(t, a, "one")
		mine := mutate(base)
		d := draft.Draft{ID: "seoul"}.Put(a, mine)
		now := after(t, a, programme.Proposal{Sessions: []programme.Session{mutate(base)}})
		present, merged := get(t, now, "one"), get(t, d.Merged(now), "one")
		ours := programme.Differences(base, mine)
		for _, f := range programme.Differences(merged, mine) {
			if slices.Contains(ours, f) {
				t.Fatalf("seed %d: the draft's %s is lost: %+v", seed, f, merged)
			}
		}
		for _, f := range programme.Differences(merged, present) {
			if !slices.Contains(ours, f) {
				t.Fatalf("seed %d: the live %s is lost: %+v", seed, f, merged)
			}
		}
	}
}
