package draft_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/schedulefile"
)

// congress is the conference whose published schedules are in the testdata.
var congress = programme.Conference{
	ID: "c", Zone: "Europe/Berlin", Languages: []string{"en", "de"},
	Days: []string{"2019-12-27", "2019-12-28", "2019-12-29", "2019-12-30"},
}

func published(t testing.TB, version string) schedulefile.File {
	t.Helper()
	files.Lock()
	defer files.Unlock()
	f, known := files.read[version]
	if !known {
		f = fromDisk(t, version)
		files.read[version] = f
	}
	return f
}

// files keeps what was read: under the race detector reading takes a second
// each time.
var files = struct {
	sync.Mutex
	read map[string]schedulefile.File
}{read: map[string]schedulefile.File{}}

func fromDisk(t testing.TB, version string) schedulefile.File {
	t.Helper()
	packed, err := os.ReadFile("../schedulefile/testdata/history/2019-12-27T" + version + "+0100.schedule.json.gz")
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
	f, err := schedulefile.ReadJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A desk is a conference with its draft, as one secretariat has it.
type desk struct {
	testing.TB
	now    time.Time
	agenda programme.Agenda
	draft  draft.Draft
	ids    int
}

func newDesk(t testing.TB) *desk {
	return &desk{TB: t, now: time.Date(2019, 12, 26, 12, 0, 0, 0, time.UTC), agenda: programme.Empty("c"), draft: draft.Draft{ID: "c"}}
}

func (d *desk) id() string { d.ids++; return fmt.Sprintf("id-%05d", d.ids) }

func (d *desk) brings(f schedulefile.File) programme.Plan {
	next, plan := d.draft.Import(congress, d.agenda, f, d.id, d.now)
	d.draft = next
	return plan
}

// conflicts are the codes of what blocks the draft.
func (d *desk) blocked() []draft.Code {
	var codes []draft.Code
	for _, c := range d.draft.Conflicts(congress, d.agenda, d.now, func(string) int { return 0 }) {
		if c.Blocks() {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// releases makes the draft true and answers what that changed.
func (d *desk) releases() []programme.Change {
	d.Helper()
	if b := d.blocked(); len(b) > 0 {
		d.Fatalf("blocked by %v", b)
	}
	p, _ := d.draft.Proposal(d.agenda)
	return d.applies(p)
}

func (d *desk) applies(p programme.Proposal) []programme.Change {
	d.Helper()
	r, any := d.agenda.Next("desk", d.now, p)
	if !any {
		return nil
	}
	next, err := d.agenda.With(r)
	if err != nil {
		d.Fatal(err)
	}
	d.agenda = next
	if p.Kind == programme.Drafted {
		d.draft = d.draft.Settled(r)
	}
	return r.Changes()
}

// hand changes a session in the agenda, as a live change does.
func (d *desk) hand(id string, edit func(*programme.Session)) {
	d.Helper()
	s, _ := d.agenda.Session(id)
	edit(&s)
	d.applies(programme.Proposal{Sessions: []programme.Session{s}})
}

func at(hour int) time.Time { return time.Date(2019, 12, 27, hour, 0, 0, 0, time.UTC) }

func item(guid, room string, hour int) schedulefile.Item {
	return schedulefile.Item{GUID: guid, Title: "Talk " + guid, Room: room, Start: at(hour), End: at(hour + 1)}
}

func file(items ...schedulefile.Item) schedulefile.File {
	f := schedulefile.File{Format: schedulefile.JSON, Items: items}
	for _, it := range items {
		if !slices.ContainsFunc(f.Rooms, func(r schedulefile.Room) bool { return r.Name == it.Room }) {
			f.Rooms = append(f.Rooms, schedulefile.Room{Name: it.Room})
		}
	}
	return f
}

func (d *desk) review() map[string]string {
	all := map[string]string{}
	for _, r := range d.draft.Review {
		all[r.Session] = r.Decision
	}
	return all
}

func TestAnImportIsInTheDraftUntilItIsReleased(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := file(item("a", "Hall", 9), item("b", "Hall", 10))
	p := d.brings(f)
	if len(p.Created) != 2 || len(d.draft.Sessions) != 2 || len(d.draft.Rooms) != 1 || len(d.agenda.Sessions()) != 0 {
		t.Fatalf("%d created, draft %+v", len(p.Created), d.draft)
	}
	for range 2 { // in the draft, then in the agenda
		before := d.draft
		if p := d.brings(f); len(p.Sessions())+len(p.Rooms) > 0 || p.Unchanged != 2 || len(d.draft.Sessions) != len(before.Sessions) {
			t.Errorf("the same again: %+v", p)
		}
		d.releases()
	}
	if !d.draft.Empty() || len(d.agenda.Sessions()) != 2 {
		t.Errorf("released %d, left in the draft %+v", len(d.agenda.Sessions()), d.draft.Sessions)
	}
}

func TestWhatVanishedIsForAPersonToDecide(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	all := file(item("a", "Hall", 9), item("b", "Hall", 10), item("c", "Hall", 11), item("d", "Hall", 12))
	d.brings(all)
	d.releases()
	id := map[string]string{}
	for _, s := range d.agenda.Sessions() {
		id[s.External] = s.ID
	}
	lacking := file(all.Items[0])
	if p := d.brings(lacking); len(p.Vanished) != 3 || d.draft.Undecided() != 3 || !d.draft.Empty() {
		t.Fatalf("%d vanished, review %v", len(p.Vanished), d.review())
	}
	for guid, decision := range map[string]string{"b": draft.Keep, "c": draft.Cancel, "d": draft.Ignore} {
		next, err := d.draft.Decide(d.agenda, id[guid], decision, "")
		if err != nil {
			t.Fatal(err)
		}
		d.draft = next
	}
	// Kept asks again, ignored never, and a cancellation may still be taken back.
	p := d.brings(lacking)
	if got := d.review(); len(got) != 3 || got[id["b"]] != draft.Undecided || got[id["c"]] != draft.Cancel || got[id["d"]] != draft.Ignore {
		t.Errorf("review %v", got)
	}
	if len(p.Vanished) != 1 || p.Vanished[0].ID != id["b"] {
		t.Errorf("vanished %+v", p.Vanished)
	}
	// Who comes back leaves the list.
	d.brings(file(all.Items[0], all.Items[1]))
	if _, listed := d.review()[id["b"]]; listed {
		t.Error("the one that came back is still on the list")
	}
	changes := d.releases()
	if len(changes) != 1 || changes[0].Session != id["c"] || changes[0].After.Status != programme.Cancelled {
		t.Errorf("released %+v", changes)
	}
	if p := d.brings(lacking); len(p.Vanished) != 1 || len(d.review()) != 2 {
		t.Errorf("%d vanished, review %v", len(p.Vanished), d.review())
	}
}

func TestAnImportLeavesAloneWhatPeopleDid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := file(item("a", "Hall", 9), item("b", "Hall", 10), item("c", "Hall", 11))
	d.brings(f)
	d.releases()
	all := d.agenda.Sessions()
	a, b, c := all[0], all[1], all[2]

	moved := a
	moved.Start, moved.End = at(14), at(15)
	d.draft = d.draft.Put(d.agenda, moved).Drop(d.agenda, b.ID) // in the draft
	d.hand(c.ID, func(s *programme.Session) { s.Start, s.End = at(16), at(17) })

	p := d.brings(f)
	if len(p.Created)+len(p.Changed)+len(p.Vanished) != 0 || p.Unchanged != 3 {
		t.Errorf("%d created, %d changed, %d vanished", len(p.Created), len(p.Changed), len(p.Vanished))
	}
	f.Items[0].Title, f.Items[1].Title, f.Items[2].Title = "A", "B", "C"
	if p := d.brings(f); len(p.Changed) != 2 || len(p.Created) != 0 {
		t.Errorf("%d changed, %d created", len(p.Changed), len(p.Created))
	}
	d.releases()
	got := d.agenda.Sessions()
	if len(got) != 2 || !got[0].Start.Equal(at(14)) || got[0].Title["en"] != "A" || !got[1].Start.Equal(at(16)) || got[1].Title["en"] != "C" {
		t.Errorf("the agenda is %+v", got)
	}
}

func TestAnImportDoesNotMoveWhatItsChairOpenedEarly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := file(item("a", "Hall", 9), item("b", "Hall", 10))
	d.brings(f)
	d.releases()
	s := d.agenda.Sessions()[0]
	d.now = s.Start.Add(-30 * time.Minute)
	d.hand(s.ID, func(s *programme.Session) { s.Status = programme.Running })
	f.Items[0].Start, f.Items[0].End, f.Items[0].Room = at(14), at(15), "Annex"
	p := d.brings(f)
	said := 0
	for _, w := range p.Warnings {
		if w.Code == programme.HasBegun {
			said++
		}
	}
	if now, _ := d.draft.Merged(d.agenda).Session(s.ID); said != 2 || !now.Start.Equal(s.Start) || now.Room != s.Room {
		t.Errorf("said %d times, it is at %s in %s", said, now.Start, now.Room)
	}
}

// Somebody moved a session live that the draft moves elsewhere, and has to be
// heard before the release. An import in between is not that somebody.
func TestAnImportAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := file(item("a", "Hall", 9))
	d.brings(f)
	d.releases()
	s := d.agenda.Sessions()[0]
	moved := s
	moved.Start, moved.End = at(14), at(15)
	d.draft = d.draft.Put(d.agenda, moved)
	d.hand(s.ID, func(s *programme.Session) { s.Start, s.End = at(16), at(17) })
	f.Items[0].Title = "Another"
	if p := d.brings(f); len(p.Changed) != 1 {
		t.Fatalf("%+v", p)
	}
	if got := d.blocked(); !slices.Equal(got, []draft.Code{draft.ChangedMeanwhile}) {
		t.Errorf("blocked by %v", got)
	}
}

// What a source publishes is odd now and then: no length at all, two at once in
// one room. That is said, and blocks nothing until people make it so.
func TestOdditiesOfASourceBlockNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	long, none := item("a", "Hall", 9), item("b", "Hall", 9)
	long.End, none.End = long.Start.Add(30*time.Hour), none.Start
	f := file(long, none, item("c", "Hall", 9), item("d", "Hall", 9))
	d.brings(f)
	if got := d.blocked(); len(got) > 0 {
		t.Errorf("blocked by %v", got)
	}
	if n := len(d.draft.Conflicts(congress, d.agenda, d.now, func(string) int { return 0 })); n < 3 {
		t.Errorf("%d conflicts are said", n)
	}
}

// The eleven versions of one feed, published in the course of a day. Each is
// imported and released: as it was published on the eve, and then with the
// clock running, each half an hour late.
func TestElevenPublishedVersionsImportedAndReleased(t *testing.T) {
	t.Parallel()
	eve := time.Date(2019, 12, 26, 12, 0, 0, 0, time.UTC)
	for name, clock := range map[string]func(version string) time.Time{
		"on the eve": func(string) time.Time { return eve },
		"half an hour late": func(version string) time.Time {
			at, err := time.Parse("20060102T150405Z07:00", "20191227T"+version+"+01:00")
			if err != nil {
				t.Fatal(err)
			}
			return at.Add(30 * time.Minute)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			var away map[string]programme.Session // the 38 that vanish at 19:22 and are back at 19:30
			reviewed := 0
			for _, version := range []string{"130028", "131038", "132055", "133028", "134043", "171035", "190030", "192214", "193028", "195048", "205052"} {
				d.now = clock(version)
				before := d.agenda
				p := d.brings(published(t, version))
				next, _ := d.draft.Proposal(d.agenda)
				r, _ := d.agenda.Next("desk", d.now, next)
				trips := d.agenda.Trips(r.Changes(), d.now, 0, 0)
				changes := d.releases()

				moved := 0
				for _, c := range changes {
					if c.After == nil || c.After.Status != programme.Confirmed {
						t.Errorf("%s: session %s is taken off", version, c.Session)
					}
					if c.Before != nil && !d.now.Before(c.Before.Start) && (!c.Before.Start.Equal(c.After.Start) || c.Before.Room != c.After.Room) {
						t.Errorf("%s: session %s has begun and is moved", version, c.Session)
					}
					if c.Is(programme.Time) && c.Before != nil {
						moved++
					}
				}
				if got := len(changes); got != len(p.Created)+len(p.Changed) {
					t.Errorf("%s: %d changes were released, the import told of %d", version, got, len(p.Created)+len(p.Changed))
				}
				// Nobody is told of a time that is only spelled otherwise.
				if version == "131038" && (len(p.Changed) > 0 || moved > 0) {
					t.Errorf("%d changes by another spelling", len(p.Changed))
				}
				held := slices.ContainsFunc(trips, func(x programme.Trip) bool {
					return x.Rule == programme.TripTogether && x.Shift == -time.Hour && x.Count >= 40
				})
				if (version == "133028") != held || held != (len(trips) > 0) {
					t.Errorf("%s: the breaker says %+v", version, trips)
				}
				for _, s := range p.Vanished {
					was, _ := before.Session(s.ID)
					if is, _ := d.agenda.Session(s.ID); is.Revision != was.Revision {
						t.Errorf("%s: the vanished session %s is touched", version, s.ID)
					}
				}
				if got := d.draft.Undecided(); got != len(p.Vanished) || !d.draft.Empty() {
					t.Errorf("%s: %d to decide, %d vanished; %d edits are left", version, got, len(p.Vanished), len(d.draft.Sessions))
				}
				switch version {
				case "190030":
					reviewed = d.draft.Undecided()
				case "192214":
					away = map[string]programme.Session{}
					for _, s := range p.Vanished {
						away[s.ID] = s
					}
					if len(away)-reviewed != 38 {
						t.Errorf("%d more vanished, want 38", len(away)-reviewed)
					}
				case "193028":
					for id, s := range away {
						if is, ok := d.agenda.Session(id); !ok || is.Revision != s.Revision {
							t.Errorf("session %s came back as another", id)
						}
					}
					if len(changes) > 0 || d.draft.Undecided() != reviewed {
						t.Errorf("coming back changed %d sessions and left %d to decide", len(changes), d.draft.Undecided())
					}
				}
			}
			if n := len(d.agenda.Sessions()); n != 1126+9 {
				t.Errorf("the agenda ends with %d sessions", n)
			}
		})
	}
}
