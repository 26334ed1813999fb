package draft_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
)

// clashes says of what the draft would overrule somebody.
func clashes(d draft.Draft, a programme.Agenda) int {
	_, found := d.Proposal(a)
	return len(found)
}

// A session comes and goes by drafts, live changes and roll-backs in any order:
// the number that calendars are told rises with each return.
func TestWhatComesBackIsNewerThanItsRemoval(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		dice := rand.New(rand.NewPCG(seed, 5))
		a := agenda(t, session("one", 10, "hall"), session("two", 12, "hall"))
		history := []programme.Agenda{a}
		prepared := draft.Draft{ID: "seoul"}
		told := int64(-1) // with its removal
		for range 40 {
			s, there := a.Session("one")
			p := programme.Proposal{Kind: programme.RollBack, Removed: []string{"one"}}
			switch dice.IntN(5) {
			case 0: // moved live
				if s.Room = []string{"hall", "annex"}[dice.IntN(2)]; there {
					p = programme.Proposal{Sessions: []programme.Session{s}}
				}
			case 1: // retitled live
				if s.Title = (programme.Text{"en": fmt.Sprint(dice.IntN(9))}); there {
					p = programme.Proposal{Sessions: []programme.Session{s}}
				}
			case 2: // prepared now, released whenever
				if s.Language = fmt.Sprint("l", dice.IntN(9)); there {
					prepared = draft.Draft{ID: "seoul"}.Put(a, s)
				}
			case 3:
				p, _ = prepared.Proposal(a)
			case 4:
				var err error
				if p, err = a.RollBack(history[dice.IntN(len(history))], nine); err != nil {
					t.Fatal(err)
				}
			}
			r, changes := a.Next("x", nine, p)
			if !changes {
				continue
			}
			var err error
			if a, err = a.With(r); err != nil {
				t.Fatal(err)
			}
			history = append(history, a)
			now, is := a.Session("one")
			switch {
			case there && !is:
				told = r.Removed[0].Sequence + 1
			case is && now.Sequence <= told:
				t.Fatalf("seed %d, revision %d: SEQUENCE %d after %d", seed, a.Revision, now.Sequence, told)
			}
		}
		if told < 0 {
			t.Errorf("seed %d never removed it", seed)
		}
	}
}

func TestAnEditOutlivesTheRemovalOfWhatItEdits(t *testing.T) {
	t.Parallel()
	planned := agenda(t, session("one", 0, "hall"), session("two", 2, "hall"))
	s := get(t, planned, "one")
	s.Title = programme.Text{"en": "edited"}
	hall, _ := planned.Room("hall")
	hall.Capacity = 77
	d := draft.Draft{ID: "seoul"}.Put(planned, s).PutRoom(planned, hall)

	gone := after(t, planned, programme.Proposal{Kind: programme.RollBack, Removed: []string{"one"}, RemovedRooms: []string{"hall"}})
	s.Language = "ko"
	hall.Zone = "south"
	d = d.Put(gone, s).PutRoom(gone, hall)
	if got := clashes(d, gone); got != 2 {
		t.Errorf("%d clashes when it would bring back a session and a room", got)
	}

	was, _ := planned.Room("hall")
	back := after(t, gone, programme.Proposal{Kind: programme.RollBack, Sessions: []programme.Session{get(t, planned, "one")}, Rooms: []programme.Room{was}})
	merged := d.Merged(back)
	if one := get(t, merged, "one"); one.Title.In() != "edited" || one.Language != "ko" {
		t.Errorf("the edit of the session is lost: %+v", one)
	}
	if room, _ := merged.Room("hall"); room.Capacity != 77 || room.Zone != "south" {
		t.Errorf("the edit of the room is lost: %+v", room)
	}
	if got := clashes(d, back); got != 0 {
		t.Errorf("%d clashes with nobody", got)
	}
}

func TestADecisionAboutWhatVanishedAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	a := agenda(t, session("one", 0, "hall"))
	s := get(t, a, "one")
	s.Title = programme.Text{"en": "mine"}
	d := draft.Draft{ID: "seoul"}.Put(a, s).Vanished(nine, "one")
	s.Title = programme.Text{"en": "theirs"}
	a = after(t, a, programme.Proposal{Sessions: []programme.Session{s}})
	d, err := d.Decide(a, "one", draft.Cancel, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := clashes(d, a); got != 1 {
		t.Errorf("%d clashes after somebody else named it otherwise", got)
	}
}
