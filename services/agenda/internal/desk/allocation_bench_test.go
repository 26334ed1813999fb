package desk

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
)

// BenchmarkAllocation plans for so many requests of three slots each, and then
// applies the plan, on the embedded store. Some delegations are wanted much more
// than others, and everybody likes the same hours.
//
//	go test -run '^$' -bench Allocation -benchtime 1x ./services/agenda/internal/desk
func BenchmarkAllocation(b *testing.B) {
	for _, x := range []fair{{405, 105, 14, "14:00"}, {8000, 300, 60, "18:00"}} {
		b.Run(fmt.Sprint("requests=", x.requests), func(b *testing.B) {
			for n := range b.N {
				x.run(b, uint64(n+1))
			}
		})
	}
}

// A fair is five days of meetings from ten o'clock until the hour of closing.
type fair struct {
	requests, delegations, rooms int
	closes                       string
}

func (x fair) run(b *testing.B, seed uint64) {
	b.StopTimer()
	e := enginestest.Test(b)
	setup, stop := open(b, e)
	x.build(b, setup, seed)
	setup.quieted(b)
	stop()
	r, _ := open(b, e)
	b.StartTimer()
	from := time.Now()
	a, err := r.PlanAllocation(b.Context(), "fair", "a", "desk-1", meeting.AllOpen, int64(seed))
	if err != nil {
		b.Fatal(err)
	}
	planned := time.Now()
	calls := 0
	for a.State != meeting.Applied {
		if a, err = r.ApplyAllocation(b.Context(), "fair", "a", "desk-1"); err != nil {
			b.Fatal(err)
		}
		calls++
	}
	b.ReportMetric(planned.Sub(from).Seconds(), "plan-s")
	b.ReportMetric(time.Since(planned).Seconds(), "apply-s")
	b.ReportMetric(float64(calls), "apply-calls")
	b.ReportMetric(float64(a.Applied), "applied")
	b.ReportMetric(100*float64(a.Worth)/float64(a.Bound), "of-bound-%")
	b.ReportMetric(100*float64(a.FirstCome)/float64(a.Bound), "first-come-of-bound-%")
}

// build makes the conference and writes its requests as if they had been made
// one after the other.
func (x fair) build(b *testing.B, r *replica, seed uint64) {
	b.Helper()
	facts := programme.Conference{
		ID: "fair", Zone: "Asia/Seoul", Days: []string{"2013-10-17", "2013-10-18", "2013-10-19", "2013-10-20", "2013-10-21"}, Languages: []string{"en"},
		ClockOffset: time.Until(nine.Add(-72 * time.Hour)).Truncate(time.Second),
	}
	var rooms []programme.Room
	for i := range x.rooms {
		rooms = append(rooms, programme.Room{ID: fmt.Sprintf("r%02d", i), Name: fmt.Sprintf("R%02d", i), Kind: "bilateral", Capacity: 4 + i%3*4})
	}
	if err := r.live.Add(b.Context(), facts, rooms, nil, nil); err != nil {
		b.Fatal(err)
	}
	_, err := r.SetPolicy(b.Context(), "fair", 0, func(_ meeting.World, p meeting.Policy) (meeting.Policy, error) {
		p.Hours = []programme.Hours{{From: "10:00", To: x.closes}}
		return p, nil
	})
	if err != nil {
		b.Fatal(err)
	}
	w, err := r.World("fair")
	if err != nil {
		b.Fatal(err)
	}
	grid := w.Nearest(meeting.Slot{Start: w.Now}, 25, everySlot)
	random := rand.New(rand.NewPCG(seed, 2013))
	docs := make([]any, 0, x.requests)
	for n := range x.requests {
		from := random.IntN(x.delegations)
		to := (from + 1 + int(float64(x.delegations-1)*random.Float64()*random.Float64()*random.Float64())) % x.delegations
		m := asked(fmt.Sprint("d", from), fmt.Sprint("d", to))
		m.ID, m.Conference, m.Revision, m.Level = fmt.Sprintf("m%05d", n), "fair", 1, meeting.Levels()[random.IntN(5)]
		m.Sides[0].Plus, m.CreatedAt = random.IntN(4), r.wall().Add(time.Duration(n)*time.Millisecond)
		m.Proposal = &meeting.Proposal{Kind: meeting.Request, By: m.Sides[0].Delegation, Awaits: []string{m.Sides[1].Delegation}, MadeAt: w.Now, ExpiresAt: w.Now.Add(24 * time.Hour)}
		for len(m.Proposal.Slots) < 3 {
			m.Proposal.Slots = append(m.Proposal.Slots, grid[min(random.IntN(len(grid)), random.IntN(len(grid)))])
		}
		m.Sides[0].Principals, m.Sides[1].Principals = []string{fmt.Sprint(m.Sides[0].Delegation, m.Level)}, []string{fmt.Sprint(m.Sides[1].Delegation, m.Level)}
		docs = append(docs, m)
	}
	if err := r.meetings.InsertAll(b.Context(), docs); err != nil {
		b.Fatal(err)
	}
}
