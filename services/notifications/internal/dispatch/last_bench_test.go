package dispatch

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// quantile is the part q, below 1, of sorted durations, in milliseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[int(q*float64(len(sorted)))].Microseconds()) / 1000
}

// BenchmarkUntilTheLastPush prints how long it takes from Enqueue until a carrier
// that takes 80 ms has accepted the last push of one notice, as the service is set
// up: 15 connections, 9,000 pushes a second.
//
//	go test -run - -bench UntilTheLastPush -benchtime 20x ./internal/dispatch
func BenchmarkUntilTheLastPush(b *testing.B) {
	for _, people := range []int{2100, 5000, 21_000} {
		b.Run(fmt.Sprintf("phones=%d", people), func(b *testing.B) {
			s := newScene(b, elsewhere(b, 80*time.Millisecond), people, 0, 0)
			s.tell(people) // pages of memory want warming
			var took []time.Duration
			for b.Loop() {
				n, phones := s.move(people)
				begun := time.Now()
				s.send(n, phones)
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			for _, q := range []float64{50, 95, 99} {
				b.ReportMetric(quantile(took, q/100), fmt.Sprintf("ms-p%v", q))
			}
		})
	}
}
