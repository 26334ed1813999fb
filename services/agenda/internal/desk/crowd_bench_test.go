package desk

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// conferenceOf makes a conference as large as ten times Seoul, on the usual grid.
func conferenceOf(b *testing.B, replicas int) *crew {
	b.Helper()
	c := newCrew(b, replicas)
	c.grid, c.days = programme.Grid{}, []string{"2013-10-17", "2013-10-18", "2013-10-19", "2013-10-20", "2013-10-21"}
	c.found("benched0", 300, 60)
	return c
}

// halfHour is the n-th slot of the grid, of 24 a day.
func halfHour(n int) time.Time {
	return nine.Add(-time.Hour).AddDate(0, 0, n/24).Add(time.Duration(n%24) * 30 * time.Minute)
}

// BenchmarkBooking enters meetings of two ministers in a room, 8 at a time, each
// with 18 claims, and prints how long one takes at the median and at the 99th of
// a hundred, and how many come true in a second until all is told:
//
//	go test -run='^$' -bench=Booking -benchtime=1000x ./services/agenda/internal/desk
func BenchmarkBooking(b *testing.B) {
	for _, replicas := range []int{1, 3} {
		for _, clients := range []int{1, 8} {
			b.Run(fmt.Sprintf("replicas=%d/clients=%d", replicas, clients), func(b *testing.B) { bookings(b, replicas, clients) })
		}
	}
}

func bookings(b *testing.B, replicas, clients int) {
	c := conferenceOf(b, replicas)
	b.ResetTimer()
	took := make([]time.Duration, b.N)
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for n := client; n < b.N; n += clients {
				asked := meeting.Asked{
					Delegation: delegation("benched0", (2*n+1)%300), Level: meeting.Minister,
					Principals:     []string{delegation("benched0", 2*n%300) + "-minister"},
					WithPrincipals: []string{delegation("benched0", (2*n+1)%300) + "-minister"},
				}
				booking := meeting.Booking{Asking: delegation("benched0", 2*n%300), Asked: asked, Start: halfHour(n / 60)}
				by, began := meeting.By{Actor: "desk", Desk: true}, time.Now()
				_, err := c.mates[n%replicas].desk.Add(b.Context(), "benched0", fmt.Sprintf("m%06d", n), by, func(w meeting.World) (meeting.Plan, error) {
					return w.Book(booking, by)
				})
				if took[n] = time.Since(began); err != nil {
					b.Errorf("booking %d: %v", n, err)
				}
			}
		})
	}
	wg.Wait()
	for _, m := range c.mates {
		(&replica{Desk: m.desk}).quiets(b)
	}
	reported(b, took)
}

func reported(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "booked/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkCrowd has 200 and 2,000 clients accept, all at once, requests for 10
// and 100 slots of one minister, on one and on three desks. Of each slot one gets
// it; the others are refused with other slots, or asked to come again in a
// moment, and nobody gets an error. It prints how long one waited, and the last
// of them, and how many were to come again:
//
//	go test -run='^$' -bench=Crowd -benchtime=1x ./services/agenda/internal/desk
func BenchmarkCrowd(b *testing.B) {
	for _, replicas := range []int{1, 3} {
		for _, slots := range []int{10, 100} {
			b.Run(fmt.Sprintf("replicas=%d/clients=%d", replicas, 20*slots), func(b *testing.B) {
				for range b.N { // each begins with the clock stopped, which Loop forbids
					crowd(b, replicas, slots)
				}
			})
		}
	}
}

func crowd(b *testing.B, replicas, slots int) {
	b.StopTimer()
	c := conferenceOf(b, replicas)
	wanted, many := delegation("benched0", 0), 20*slots
	ids := make([]string, many)
	for n := range ids {
		from := delegation("benched0", 1+n%299)
		asked := meeting.Asked{
			Delegation: wanted, Level: meeting.Minister, Principals: []string{from + "-expert"},
			WithPrincipals: []string{wanted + "-minister"}, Starts: []time.Time{halfHour(n % slots)},
		}
		ids[n] = fmt.Sprintf("m%06d", n)
		by := meeting.By{Delegation: from}
		if _, err := c.mates[0].desk.Add(b.Context(), "benched0", ids[n], by, func(w meeting.World) (meeting.Plan, error) { return w.Request(asked, by) }); err != nil {
			b.Fatal(err)
		}
	}
	c.heard(c.mates[0])
	b.StartTimer()
	took, codes := make([]time.Duration, many), map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n, id := range ids {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(b.Context(), patience+2*time.Second) // as a request has
			defer cancel()
			by, began := meeting.By{Delegation: wanted}, time.Now()
			_, err := c.mates[n%replicas].desk.Do(ctx, "benched0", id, 1, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
				return w.Accept(m, by, meeting.Acceptance{})
			})
			took[n] = time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			codes[codeOf(err)]++
			if p := problem.From(err); p != nil && (p.Kind != problem.Conflict || p.Code != busy.Code && len(p.Fields) == 0) {
				b.Errorf("%s is refused with %v and %d other slots", id, err, len(p.Fields))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	if codes["done"] > slots || codes["done"] < slots && codes[busy.Code] == 0 {
		b.Errorf("%d slots: %v", slots, codes)
	}
	for _, m := range c.mates {
		(&replica{Desk: m.desk}).quiets(b)
	}
	(&replica{Desk: c.mates[0].desk}).sound(b)
	slices.Sort(took)
	b.ReportMetric(float64(took[many/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[many*99/100].Milliseconds()), "p99-ms")
	b.ReportMetric(float64(took[many-1].Milliseconds()), "last-ms")
	b.ReportMetric(float64(codes[busy.Code]), "busy")
	b.ReportMetric(0, "ns/op")
}
