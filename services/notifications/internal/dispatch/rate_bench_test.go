package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkPushes prints the pushes a second and the CPU seconds for 10,000 pushes
// of everything from the queue to the SDK, the queue's own included, and of a bare
// HTTP/2 client that sends the same bytes over as many connections to the same
// carrier in the same run: 800 in flight, at 20 and at 80 ms. The carrier is
// another process, so CPU is the sender's alone. Each is the median of five turns:
//
//	go test -run - -bench Pushes -benchtime 1x ./internal/dispatch
func BenchmarkPushes(b *testing.B) {
	for _, latency := range []time.Duration{20 * time.Millisecond, 80 * time.Millisecond} {
		b.Run(fmt.Sprint("latency=", latency), func(b *testing.B) { pushesAgainstBare(b, latency) })
	}
}

func pushesAgainstBare(b *testing.B, latency time.Duration) {
	const people, connections, turns = 10_000, 10, 5
	endpoint := elsewhere(b, latency)
	s := newScene(b, endpoint, people, connections, 1e6)
	bare := newBare(s, endpoint, connections)
	s.tell(people) // pages of memory, too, want warming
	bare.send()
	for b.Loop() {
		var ours, floor []spent
		for range turns { // in turns, because the machine has other moods too
			n, phones := s.move(people)
			ours = append(ours, spend(func() { s.send(n, phones) }))
			floor = append(floor, spend(bare.send))
		}
		took, cpu := medians(ours)
		least, leastCPU := medians(floor)
		b.ReportMetric(people/took, "pushes/s")
		b.ReportMetric(people/least, "bare-pushes/s")
		b.ReportMetric(least/took, "rate-to-bare")
		b.ReportMetric(cpu, "cpu-s/10k")
		b.ReportMetric(leastCPU, "bare-cpu-s/10k")
		b.ReportMetric(cpu/leastCPU, "cpu-to-bare")
	}
	b.ReportMetric(0, "ns/op")
}

// spent is seconds on the clock and of the processor.
type spent struct{ took, cpu float64 }

func spend(f func()) spent {
	begun, before := time.Now(), processor()
	f()
	return spent{time.Since(begun).Seconds(), processor() - before}
}

// processor is the CPU seconds this process has used.
func processor() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it knows itself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

func medians(all []spent) (took, cpu float64) {
	slices.SortFunc(all, func(x, y spent) int { return int(1e9 * (x.took - y.took)) })
	took = all[len(all)/2].took
	slices.SortFunc(all, func(x, y spent) int { return int(1e9 * (x.cpu - y.cpu)) })
	return took, all[len(all)/2].cpu
}

// A bare client is the floor: nothing but HTTP/2, and bodies that are ready.
type bare struct {
	*testing.B
	url     string
	bodies  [][]byte
	clients []*http.Client
}

// newBare takes the bodies from what the scene would send its people.
func newBare(s *scene, endpoint string, connections int) *bare {
	s.Helper()
	f := &bare{B: s.B, url: endpoint + "/projects/p/messages:send"}
	n, phones := s.move(len(s.people))
	for _, installation := range phones {
		d, _ := s.devices.Device(installation)
		shown, err := s.carrier.Show(s.compose(n, d), false)
		if err != nil {
			s.Fatal(err)
		}
		body := bytes.Replace(shown, mustJSON(s, d.Token.String()), mustJSON(s, string(d.Token)), 1)
		f.bodies = append(f.bodies, body)
	}
	for range connections {
		var only http.Protocols
		only.SetUnencryptedHTTP2(true)
		client := &http.Client{Transport: &http.Transport{Protocols: &only}}
		f.clients = append(f.clients, client)
		f.post(client, f.bodies[0])
		s.Cleanup(client.CloseIdleConnections)
	}
	return f
}

func mustJSON(s *scene, text string) []byte {
	b, err := json.Marshal(text)
	if err != nil {
		s.Fatal(err)
	}
	return b
}

func (f *bare) send() {
	var (
		next atomic.Int64
		all  sync.WaitGroup
	)
	for _, client := range f.clients {
		for range 80 {
			all.Go(func() {
				for i := next.Add(1) - 1; i < int64(len(f.bodies)); i = next.Add(1) - 1 {
					f.post(client, f.bodies[i])
				}
			})
		}
	}
	all.Wait()
}

func (f *bare) post(c *http.Client, body []byte) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, f.url, bytes.NewReader(body))
	if err != nil {
		f.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer x")
	resp, err := c.Do(r)
	if err != nil {
		f.Error(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		f.Errorf("status %d, %v", resp.StatusCode, err)
	}
}
