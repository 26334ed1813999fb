package dispatch

import (
	"context"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
)

// BenchmarkRefusals prints what becomes of one urgent notice to 21,000 phones while
// the carrier takes 200 a second and answers 429 to the rest, for six seconds,
// and 80 ms for each: requests for each push that was wanted, how many phones never
// got it or got it twice, and the connections that were opened. One iteration is
// enough:
//
//	go test -run - -bench Refusals -benchtime 1x ./internal/dispatch
func BenchmarkRefusals(b *testing.B) {
	const people, connections = 21_000, 15
	carrier := fcmsandbox.New(fcmsandbox.Config{Latency: 80 * time.Millisecond})
	if err := carrier.Start(b.Context(), "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = carrier.Stop(context.Background()) }()
	s := newScene(b, carrier.Endpoint(), people, connections, 0)
	for b.Loop() {
		before, seen := carrier.Stats(), len(carrier.All())
		n, phones := s.move(people)
		carrier.SetQuota(200)
		over := time.AfterFunc(6*time.Second, func() { carrier.SetQuota(0) })
		begun := time.Now()
		s.send(n, phones)
		took := time.Since(begun)
		over.Stop()
		after, got := carrier.Stats(), map[string]int{}
		for _, m := range carrier.All()[seen:] {
			got[m.Token]++
		}
		b.ReportMetric(took.Seconds(), "s-to-the-last")
		b.ReportMetric(float64(after.Requests-before.Requests)/people, "requests/push")
		b.ReportMetric(float64(after.Status[429]-before.Status[429]), "refused")
		b.ReportMetric(float64(people-len(got)), "lost")
		b.ReportMetric(float64(after.Received-before.Received)-float64(len(got)), "doubled")
		b.ReportMetric(float64(after.Connections), "connections")
		b.ReportMetric(connections, "transports")
	}
	b.ReportMetric(0, "ns/op")
}
