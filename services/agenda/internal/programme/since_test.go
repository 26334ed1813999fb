package programme

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"
)

// histories is how many random ones each property is held to.
func histories() int {
	if os.Getenv("PLENARY_SOAK") != "" {
		return 200
	}
	return 8
}

// somewhen is a random history: the agenda at every revision, and the release
// that led to each but the first.
func somewhen(t *testing.T, rnd *rand.Rand, length int) ([]Agenda, []*Release) {
	t.Helper()
	agendas, releases := []Agenda{Empty("c")}, []*Release{}
	for len(releases) < length {
		a := agendas[len(agendas)-1]
		var p Proposal
		for range rnd.IntN(4) {
			from := rnd.IntN(20)
			s := session(fmt.Sprint(rnd.IntN(12)), fmt.Sprint(rnd.IntN(4)), from, from+1+rnd.IntN(3))
			if rnd.IntN(5) == 0 {
				s.Status = Cancelled
			}
			if known := slices.ContainsFunc(p.Sessions, func(x Session) bool { return x.ID == s.ID }); !known {
				p.Sessions = append(p.Sessions, s)
			}
		}
		switch rnd.IntN(4) {
		case 0:
			id := fmt.Sprint(rnd.IntN(12))
			if !slices.ContainsFunc(p.Sessions, func(x Session) bool { return x.ID == id }) {
				p.Removed = []string{id}
			}
		case 1:
			p.Rooms = []Room{{ID: fmt.Sprint(rnd.IntN(4)), Name: fmt.Sprint("Room ", rnd.IntN(3)), Capacity: rnd.IntN(3)}}
		case 2:
			p.RemovedRooms = []string{fmt.Sprint(rnd.IntN(4))}
		}
		r, any := a.Next("", day.Add(time.Duration(len(releases))*time.Minute), p)
		if !any {
			continue
		}
		next, err := a.With(r)
		if err != nil {
			t.Fatal(err)
		}
		agendas, releases = append(agendas, next), append(releases, &r)
	}
	return agendas, releases
}

// shown is the agenda as somebody has it who reads rooms' names with sessions.
type shown struct {
	Sessions map[string]Session
	Names    map[string]string // of its room, by session
	Rooms    map[string]Room
}

func (a Agenda) shown() shown {
	s := shown{map[string]Session{}, map[string]string{}, map[string]Room{}}
	for _, x := range a.Sessions() {
		s.Sessions[x.ID], s.Names[x.ID] = x, a.rooms[x.Room].Name
	}
	for _, r := range a.Rooms() {
		s.Rooms[r.ID] = r
	}
	return s
}

// apply does with d what a phone does.
func (s shown) apply(t *testing.T, d Delta, at Agenda) {
	t.Helper()
	for _, gone := range d.Removed {
		if _, there := s.Sessions[gone.ID]; !there || gone.Revision <= d.From || gone.Revision > d.To {
			t.Errorf("from %d to %d a tombstone of %+v", d.From, d.To, gone)
		}
		delete(s.Sessions, gone.ID)
		delete(s.Names, gone.ID)
	}
	for _, x := range d.Sessions {
		name := at.rooms[x.Room].Name
		if reflect.DeepEqual(s.Sessions[x.ID], x) && s.Names[x.ID] == name {
			t.Errorf("from %d to %d session %s is told, and is as it was", d.From, d.To, x.ID)
		}
		s.Sessions[x.ID], s.Names[x.ID] = x, name
	}
	for _, r := range d.Rooms {
		s.Rooms[r.ID] = r
	}
	for _, id := range d.RemovedRooms {
		if _, there := s.Rooms[id]; !there {
			t.Errorf("from %d to %d room %s is gone, and never was", d.From, d.To, id)
		}
		delete(s.Rooms, id)
	}
}

func TestWhatChangedSinceAnyRevisionLeadsToAnyLaterOne(t *testing.T) {
	t.Parallel()
	for seed := range histories() {
		rnd := rand.New(rand.NewPCG(2013, uint64(seed)))
		agendas, releases := somewhen(t, rnd, 30)
		for n := range agendas {
			for m := n; m < len(agendas); m++ {
				d := agendas[m].Since(releases[n:m])
				had := agendas[n].shown()
				had.apply(t, d, agendas[m])
				if d.From != int64(n) || d.To != int64(m) || !reflect.DeepEqual(had, agendas[m].shown()) {
					t.Fatalf("seed %d: from %d to %d leads elsewhere", seed, n, m)
				}
			}
		}
	}
}

func TestAnAgendaGoesBackAsItCame(t *testing.T) {
	t.Parallel()
	for seed := range histories() {
		agendas, releases := somewhen(t, rand.New(rand.NewPCG(2011, uint64(seed))), 30)
		last := agendas[len(agendas)-1]
		for n := range agendas {
			was, err := last.Back(releases[n:])
			if err != nil || was.Revision != int64(n) || !reflect.DeepEqual(was.shown(), agendas[n].shown()) {
				t.Fatalf("seed %d: %v, back at %d it is otherwise", seed, err, n)
			}
		}
		if _, err := last.Back(releases[:3]); err == nil {
			t.Error("releases of long ago were taken back")
		}
	}
}

// A release from before rooms were remembered says how they are, not how they were.
func TestARoomOfAnOldReleaseIsToldAndStays(t *testing.T) {
	t.Parallel()
	hall := Room{ID: "hall", Name: "Hall"}
	first, _ := released(t, Empty("c"), []Session{session("a", "hall", 1, 2), session("b", "annex", 1, 2)}, hall, Room{ID: "annex", Name: "Annex"})
	second, r := released(t, first, nil, Room{ID: "hall", Name: "Great Hall"})
	r.RoomsBefore = nil
	if d := second.Since([]*Release{&r}); len(d.Rooms) != 1 || len(d.Sessions) != 1 || d.Sessions[0].ID != "a" {
		t.Errorf("told %+v", d)
	}
	if was, err := second.Back([]*Release{&r}); err != nil || !maps.EqualFunc(was.rooms, second.rooms, Room.Same) {
		t.Errorf("%v, back are %v", err, was.rooms)
	}
}

func TestOpeningsComeInTheirOrder(t *testing.T) {
	t.Parallel()
	s := session("a", "hall", 10, 11)
	s.Stream = &Stream{URL: "https://live.example/a"}
	s.Documents = []Document{{ID: "late", Embargo: at(12, 0)}, {ID: "early", Embargo: at(9, 0)}, {ID: "open"}}
	cancelled := s
	cancelled.ID, cancelled.Status, cancelled.Documents = "b", Cancelled, nil
	started := s
	started.ID, started.Stream, started.Documents = "c", &Stream{Started: true}, nil
	all := Openings([]Session{s, cancelled, started})
	if want := []Opening{{at(9, 0), "a"}, {at(10, 0), "a"}, {at(12, 0), "a"}}; !slices.Equal(all, want) {
		t.Errorf("openings %v, want %v", all, want)
	}
	for now, want := range map[time.Time]int{at(8, 59): 0, at(9, 0): 1, at(9, 1): 1, at(11, 0): 2, at(12, 0): 3, at(13, 0): 3} {
		if n := Opened(all, now); n != want {
			t.Errorf("at %v %d are open, want %d", now, n, want)
		}
	}
}
