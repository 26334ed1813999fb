package meeting_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
)

// congress is a conference ten times as large as any: 300 delegations, 16,000
// delegates who each picked ten of 2,000 sessions, 60 rooms with 80 cells each on
// five days, and 4,500 meetings held.
func congress(b *testing.B) *scene {
	b.Helper()
	s, r := berlin(), rand.New(rand.NewPCG(1, 2))
	s.Conference.Days = []string{"2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"}
	s.Policy.Hours = []programme.Hours{{From: "10:00", To: "18:00"}}
	s.Now = at("08:00").AddDate(0, 0, -2)
	zones := []string{"east", "west", "north", "south"}
	s.Conference.Walking = append(s.Conference.Walking, programme.Walk{From: "north", To: "south", Minutes: 12}, programme.Walk{From: "east", To: "north", Minutes: 5})
	s.rooms = nil
	for i := range 60 {
		s.rooms = append(s.rooms, programme.Room{ID: fmt.Sprintf("r%02d", i), Name: fmt.Sprint(i), Kind: "bilateral", Capacity: 6 + i%5*2, Zone: zones[i%4]})
	}
	for i := range 40 {
		s.rooms = append(s.rooms, programme.Room{ID: fmt.Sprintf("hall%02d", i), Name: fmt.Sprint(i), Kind: "hall", Zone: zones[i%4]})
	}
	cells := s.Cells("2026-11-16")
	for _, day := range s.Days()[1:] {
		cells = append(cells, s.Cells(day)...)
	}
	for i := range 2000 {
		begins := cells[i%len(cells)].Start
		s.sessions = append(s.sessions, programme.Session{
			ID: fmt.Sprintf("s%04d", i), Room: fmt.Sprintf("hall%02d", i%40), Start: begins, End: begins.Add(90 * time.Minute), Status: programme.Confirmed,
			People: []programme.Part{{Role: programme.Chair, Delegate: delegate(r.IntN(16000))}, {Role: programme.Speaker, Delegate: delegate(r.IntN(16000))}},
		})
	}
	s.set()
	for i := range 16000 {
		s.people[delegate(i)] = meeting.Person{Delegation: delegation(i), Status: "accredited", Rank: "minister"}
		for range 10 {
			s.picks[delegate(i)] = append(s.picks[delegate(i)], programme.Pick{Session: s.sessions[r.IntN(2000)].ID})
		}
	}
	s.Delegation = func(string) (meeting.Delegation, bool) { return meeting.Delegation{Kind: "state"}, true }
	for i := range 300 {
		a := meeting.Availability{}
		for _, day := range s.Days() {
			for _, h := range []string{"10:00", "12:30", "15:00"} {
				a.Windows = append(a.Windows, meeting.Window{Start: local("Europe/Berlin", day+" "+h), End: local("Europe/Berlin", day+" "+h).Add(140 * time.Minute)})
			}
		}
		if i%3 == 0 {
			s.availability[delegation(i)] = a
		}
	}
	rooms := slices.Clone(s.rooms[:60])
	for i := 0; len(s.meetings) < 4500; i++ {
		x := cells[i%len(cells)]
		m := principals(r)
		m.ID, m.Minutes, m.Slot = fmt.Sprint(i), 25, meeting.Slot{Start: x.Start, End: x.Start.Add(25 * time.Minute)}
		m.Room = rooms[i/len(cells)%60].ID
		if s.FreeFor(m, m.Slot) && s.RoomFits(m, m.Slot, m.Room) == nil {
			s.hold(m)
		}
	}
	return s
}

func delegate(i int) string   { return fmt.Sprintf("d%05d", i) }
func delegation(i int) string { return fmt.Sprintf("n%03d", i%300) }

// principals is a meeting of two of each of two delegations, and an interpreter.
func principals(r *rand.Rand) meeting.Meeting {
	a := r.IntN(300)
	b := (a + 1 + r.IntN(299)) % 300
	some := func(of int) string { return delegate(of + 300*r.IntN(50)) }
	return meeting.Meeting{Level: meeting.Minister, Sides: [2]meeting.Side{
		{Delegation: delegation(a), Principals: []string{some(a), some(a)}, Interpreters: []string{some(a)}},
		{Delegation: delegation(b), Principals: []string{some(b), some(b)}},
	}}
}

// percentiles are printed beside the mean, for it is the slow ones that hurt.
func percentiles(b *testing.B, one func()) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		one()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportAllocs()
}

func BenchmarkSearch(b *testing.B) {
	s, r := congress(b), rand.New(rand.NewPCG(3, 4))
	offers, searches := 0, 0
	percentiles(b, func() {
		m := principals(r)
		offers += len(s.Search(meeting.Query{
			By: m.Sides[0].Delegation, Principals: m.Sides[0].Principals, Interpreters: m.Sides[0].Interpreters,
			With: m.Sides[1].Delegation, WithPrincipals: m.Sides[1].Principals, Level: m.Level, Limit: 80,
		}))
		searches++
	})
	b.ReportMetric(float64(offers)/float64(searches), "offers")
}

func BenchmarkRoom(b *testing.B) {
	s, r := congress(b), rand.New(rand.NewPCG(3, 4))
	percentiles(b, func() {
		begins := at("10:00").Add(time.Duration(r.IntN(16)) * 30 * time.Minute)
		s.Room(principals(r), meeting.Slot{Start: begins, End: begins.Add(25 * time.Minute)})
	})
}

func BenchmarkAlternatives(b *testing.B) {
	s, r := congress(b), rand.New(rand.NewPCG(3, 4))
	percentiles(b, func() {
		m := principals(r)
		s.Alternatives(m, m.Sides[0].Delegation, slot("12:00", 25), 3)
	})
}

func BenchmarkCheck(b *testing.B) {
	s := congress(b)
	m := ministers("m")
	percentiles(b, func() { _ = s.Check(m, slot("12:00", 25)) })
}
