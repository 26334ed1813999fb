package meeting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// at is a local time of day two of the conference in Berlin.
func at(clock string) time.Time { return local("Europe/Berlin", "2026-11-18 "+clock) }

func local(zone, s string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		panic(err)
	}
	return t
}

// slot is one of so many minutes on day two.
func slot(clock string, minutes int) meeting.Slot {
	return meeting.Slot{Start: at(clock), End: at(clock).Add(time.Duration(minutes) * time.Minute)}
}

// A scene is a world that a test can set.
type scene struct {
	meeting.World
	people       map[string]meeting.Person
	picks        map[string][]programme.Pick
	availability map[string]meeting.Availability
	meetings     map[string]meeting.Meeting
	rooms        []programme.Room
	sessions     []programme.Session
}

// berlin is a conference of three days with the delegations kr and hu, a host,
// four delegates each and three rooms; it is the evening before.
func berlin() *scene {
	s := &scene{
		people:       map[string]meeting.Person{},
		picks:        map[string][]programme.Pick{},
		availability: map[string]meeting.Availability{},
		meetings:     map[string]meeting.Meeting{},
		rooms: []programme.Room{
			{ID: "small", Name: "Small", Kind: "bilateral", Capacity: 4, Zone: "east"},
			{ID: "mid-east", Name: "Mid East", Kind: "bilateral", Capacity: 8, Zone: "east"},
			{ID: "mid-west", Name: "Mid West", Kind: "bilateral", Capacity: 8, Zone: "west"},
			{ID: "hall", Name: "Hall", Kind: "hall", Capacity: 500, Zone: "west"},
		},
	}
	s.World = meeting.World{
		Conference: programme.Conference{
			ID: "c", Zone: "Europe/Berlin", Days: []string{"2026-11-17", "2026-11-18", "2026-11-19"},
			Walking: []programme.Walk{{From: "east", To: "west", Minutes: 10}},
		},
		Now:   at("08:00").AddDate(0, 0, -2),
		Diary: meeting.NewDiary(),
		Picks: func(d string) []programme.Pick { return s.picks[d] },
		Person: func(d string) (meeting.Person, bool) {
			p, known := s.people[d]
			return p, known
		},
		Delegation: func(d string) (meeting.Delegation, bool) {
			kinds := map[string]string{"kr": "state", "hu": "state", "host": "host", "acme": "company"}
			return meeting.Delegation{Kind: kinds[d], Status: "accredited"}, kinds[d] != ""
		},
		Availability: func(d string) meeting.Availability { return s.availability[d] },
		Meeting: func(id string) (meeting.Meeting, bool) {
			m, known := s.meetings[id]
			return m, known
		},
		Meetings: func(d string) []meeting.Meeting {
			var all []meeting.Meeting
			for _, m := range s.meetings {
				if m.Party(d) && !m.Status.Over() {
					all = append(all, m)
				}
			}
			return all
		},
	}
	for _, d := range []string{"kr", "hu", "host", "acme"} {
		for _, n := range []string{"1", "2", "3", "4"} {
			s.people[d+n] = meeting.Person{Delegation: d, Status: "accredited", Rank: "minister"}
		}
	}
	s.set()
	return s
}

// set makes the rooms and sessions the agenda.
func (s *scene) set() {
	s.Agenda = programme.Snapshot{Conference: "c", Revision: 1, Rooms: s.rooms, Sessions: s.sessions}.Agenda()
}

// hold puts a confirmed meeting of kr and others into the world.
func (s *scene) hold(m meeting.Meeting) {
	m.Status = meeting.Confirmed
	s.meetings[m.ID] = m
	s.Diary.Put(m.ID, m.Needs(m.Slot, m.Room, s.Changeover(m.Level)))
}

// ministers is a meeting of kr1 and hu1.
func ministers(id string) meeting.Meeting {
	return meeting.Meeting{ID: id, Level: meeting.Minister, Minutes: 25, Sides: [2]meeting.Side{
		{Delegation: "kr", Principals: []string{"kr1"}}, {Delegation: "hu", Principals: []string{"hu1"}},
	}}
}

// clocks are the starts of slots as a clock on the wall in the zone shows them.
func clocks(zone string, slots []meeting.Slot) string {
	loc, _ := time.LoadLocation(zone)
	var all []string
	for _, s := range slots {
		all = append(all, s.Start.In(loc).Format("15:04"))
	}
	return strings.Join(all, " ")
}

// refused wants a refusal, and answers its fields.
func refused(t *testing.T, err error, k problem.Kind, code string) []problem.Field {
	t.Helper()
	e := problem.From(err)
	if e == nil {
		t.Fatalf("it is allowed, want %v %s", k, code)
	}
	if e.Kind != k || e.Code != code {
		t.Fatalf("it is refused as %v %s (%s), want %v %s", e.Kind, e.Code, e.Detail, k, code)
	}
	return e.Fields
}

// suggestions are the starts a refusal suggests.
func suggestions(fields []problem.Field) []string {
	var all []string
	for _, f := range fields {
		if f.Code == "alternative" {
			all = append(all, f.Params["startsAt"])
		}
	}
	return all
}

// faults are pointer and code of each field.
func faults(fields []problem.Field) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.Pointer+" "+f.Code)
	}
	slices.Sort(all)
	return all
}
