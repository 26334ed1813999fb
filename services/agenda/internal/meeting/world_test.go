package meeting

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// A floor is where meetings take place in a test: a World, and what becomes of
// it as plans come true. There are the delegations kr, fr, us, br and jp, of
// which jp is the host. Each has a head of state as its head, a minister, a vice
// minister, a second minister, an expert and an interpreter, whose rank nobody
// knows: kr-head, kr-minister, kr-vice, kr-second, kr-expert, kr-interpreter.
// The rooms east and west seat six, the room big twenty. It is 08:00 on the
// eve of the two days of the conference, in UTC.
type floor struct {
	World
	meetings map[string]Meeting
	people   map[string]Person
	states   map[string]Delegation
	picks    map[string][]programme.Pick
	open     map[string]Availability
}

func newFloor(t *testing.T) *floor {
	t.Helper()
	f := &floor{
		meetings: map[string]Meeting{}, people: map[string]Person{}, states: map[string]Delegation{},
		picks: map[string][]programme.Pick{}, open: map[string]Availability{},
	}
	ranks := map[string]string{
		"head": "head_of_state", "minister": "minister", "second": "minister", "vice": "vice_minister", "expert": "expert", "interpreter": "",
	}
	for _, d := range []string{"kr", "fr", "us", "br", "jp"} {
		f.states[d] = Delegation{Kind: "state", Status: event.Accredited, Head: d + "-head"}
		for who, rank := range ranks {
			f.people[d+"-"+who] = Person{Delegation: d, Status: event.Accredited, Rank: rank}
		}
	}
	f.states["jp"] = Delegation{Kind: hostKind, Status: event.Accredited, Head: "jp-head"}
	rooms := []programme.Room{{ID: "east", Capacity: 6, Zone: "e"}, {ID: "west", Capacity: 6, Zone: "w"}, {ID: "big", Capacity: 20, Zone: "e"}, {ID: "hall"}}
	for i := range rooms[:3] {
		rooms[i].Kind = bilateral
	}
	agenda := programme.Empty("c")
	r, _ := agenda.Next("", on(16, 8, 0), programme.Proposal{Rooms: rooms})
	agenda, err := agenda.With(r)
	if err != nil {
		t.Fatal(err)
	}
	f.World = World{
		Conference:   programme.Conference{ID: "c", Zone: "UTC", Days: []string{"2013-10-17", "2013-10-18"}},
		Agenda:       agenda,
		Now:          on(16, 8, 0),
		Diary:        NewDiary(),
		Picks:        func(d string) []programme.Pick { return f.picks[d] },
		Person:       func(d string) (Person, bool) { p, ok := f.people[d]; return p, ok },
		Delegation:   func(d string) (Delegation, bool) { s, ok := f.states[d]; return s, ok },
		Availability: func(d string) Availability { return f.open[d] },
		Meeting:      func(id string) (Meeting, bool) { m, ok := f.meetings[id]; return m, ok },
		Meetings: func(d string) []Meeting {
			var all []Meeting
			for _, m := range f.meetings {
				if m.Party(d) && !m.Status.Over() {
					all = append(all, m)
				}
			}
			slices.SortFunc(all, func(a, b Meeting) int { return strings.Compare(a.ID, b.ID) })
			return all
		},
	}
	return f
}

// on is a time on a day of October 2013.
func on(day, hour, minute int) time.Time {
	return time.Date(2013, 10, day, hour, minute, 0, 0, time.UTC)
}

// of is a liaison of a delegation; byDesk is the desk.
func of(delegation string) By { return By{Actor: delegation + "-liaison", Delegation: delegation} }

var byDesk = By{Actor: "jp-desk", Delegation: "jp", Desk: true}

// becomes makes the plan for a meeting come true, and answers how it stands.
func (f *floor) becomes(id string, p Plan) Meeting {
	was, m := f.meetings[id], p.Next
	m.ID, m.Revision = id, was.Revision+1
	m.Holds = claimed(was.Holds, p.Holds, fmt.Sprint(id, "/", m.Revision))
	f.meetings[id] = m
	f.Diary.Put(id, m.Holds)
	return m
}

// claimed are holds as they are kept once they are claimed: what was held before
// is so under the attempt it was claimed under, and what is new under this one,
// so that one resource can be in several holds.
func claimed(was, wanted []Hold, attempt string) []Hold {
	before := map[string]string{}
	for _, h := range was {
		for cell := h.From; cell < h.To; cell++ {
			before[ClaimID("c", h.Resource, cell)] = h.Attempt
		}
	}
	var holds []Hold
	for _, h := range wanted {
		for cell := h.From; cell < h.To; cell++ {
			under := cmp.Or(before[ClaimID("c", h.Resource, cell)], attempt)
			if i := len(holds) - 1; cell > h.From && holds[i].Attempt == under {
				holds[i].To++
				continue
			}
			holds = append(holds, Hold{Resource: h.Resource, From: cell, To: cell + 1, Attempt: under})
		}
	}
	return holds
}

// now is the meeting as the plan of a rule leaves it, which must not refuse.
func (f *floor) now(t *testing.T, id string) func(Plan, error) Meeting {
	t.Helper()
	return func(p Plan, err error) Meeting {
		t.Helper()
		if err != nil {
			t.Fatalf("meeting %s: %v", id, err)
		}
		return f.becomes(id, p)
	}
}

// request is a request of the ministers of two delegations, at these starts.
func (f *floor) request(t *testing.T, id, from, to string, starts ...time.Time) Meeting {
	t.Helper()
	return f.now(t, id)(f.Request(ministers(from, to, starts...), of(from)))
}

// book is a confirmed meeting of the ministers of two delegations; in the best
// room when none is said.
func (f *floor) book(t *testing.T, id, from, to string, start time.Time, room string) Meeting {
	t.Helper()
	return f.now(t, id)(f.Book(Booking{Asking: from, Asked: ministers(from, to), Start: start, Room: room}, byDesk))
}

// ministers is what one asks who wants the ministers of two delegations to meet.
func ministers(from, to string, starts ...time.Time) Asked {
	return Asked{
		Delegation: to, Level: Minister, Principals: []string{from + "-minister"}, WithPrincipals: []string{to + "-minister"},
		Topic: "the weather", Starts: starts,
	}
}

// refused wants a refusal with a code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	if p := problem.From(err); p == nil || p.Code != code {
		t.Errorf("refused with %v, want %s", err, code)
	}
}

// stands wants what there is to see of a meeting, in a line: its status, when
// and where it is, and what waits for whom.
func stands(t *testing.T, m Meeting, want string) {
	t.Helper()
	if got := looks(m); got != want {
		t.Errorf("the meeting stands as %q, want %q", got, want)
	}
}

func looks(m Meeting) string {
	words := []string{string(m.Status)}
	if !m.Slot.IsZero() {
		words = append(words, m.Slot.Start.Format("2 15:04")+"-"+m.Slot.End.Format("15:04"))
	}
	if m.Room != "" {
		words = append(words, m.Room)
	}
	if m.WaitsForRoom {
		words = append(words, "waits")
	}
	if p := m.Proposal; p != nil {
		words = append(words, p.Kind, "awaits "+strings.Join(p.Awaits, " "))
	}
	return strings.Join(words, ", ")
}
