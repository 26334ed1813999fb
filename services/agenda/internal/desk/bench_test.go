package desk

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

// BenchmarkAccept confirms one meeting after the other, each in cells of its own,
// on the embedded store:
//
//	go test -run '^$' -bench Accept -benchtime 200x ./internal/desk
func BenchmarkAccept(b *testing.B) {
	r, _ := open(b, enginestest.Test(b))
	for i := range b.N {
		r.request(b, fmt.Sprint("m", i), fmt.Sprint("a", i), fmt.Sprint("b", i))
	}
	r.quieted(b)
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for i := range b.N {
		from := time.Now()
		if _, err := r.Do(b.Context(), "seoul", fmt.Sprint("m", i), 1, meeting.By{}, into(at(i), "b1")); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(from))
	}
	report(b, took)
}

// BenchmarkBurst has 200 clients accept at once, on ten slots of one room, and
// reports how long each waits for its answer, yes or no.
func BenchmarkBurst(b *testing.B) {
	for _, replicas := range []int{1, 3} {
		b.Run(fmt.Sprint("replicas=", replicas), func(b *testing.B) { burst(b, replicas, 200, 10) })
	}
}

func burst(b *testing.B, replicas, clients, slots int) {
	e := enginestest.Test(b)
	var all []*replica
	for range replicas {
		r, _ := open(b, e)
		all = append(all, r)
	}
	var took []time.Duration
	for n := range b.N {
		b.StopTimer()
		for i := range clients {
			all[0].request(b, fmt.Sprintf("m%d-%d", n, i), fmt.Sprint("a", i), fmt.Sprint("b", i))
		}
		for _, r := range all {
			r.quietedAfter(b, all[0])
		}
		b.StartTimer()
		var mu sync.Mutex
		var wg sync.WaitGroup
		won := 0
		for i := range clients {
			wg.Go(func() {
				from := time.Now()
				_, err := all[i%replicas].Do(b.Context(), "seoul", fmt.Sprintf("m%d-%d", n, i), 1, meeting.By{}, into(at(n*slots+i%slots), "b1"))
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(from))
				if err == nil {
					won++
				} else if !problem.Is(err, problem.Conflict) {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		if won != slots {
			b.Errorf("%d of %d slots were won", won, slots)
		}
	}
	report(b, took)
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}
