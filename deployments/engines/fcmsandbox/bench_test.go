package fcmsandbox

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkSends tells how much the stand-in itself costs: a bare HTTP/2 client
// with 1,600 sends in flight over 20 connections, 80 ms each, journal on disk.
func BenchmarkSends(b *testing.B) {
	s := New(Config{Latency: 80 * time.Millisecond, File: filepath.Join(b.TempDir(), "phones.jsonl")})
	if err := s.Start(b.Context(), "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Stop(context.Background()) }()
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	for range 20 {
		var only http.Protocols
		only.SetUnencryptedHTTP2(true)
		client := &http.Client{Transport: &http.Transport{Protocols: &only}}
		for range 80 {
			all.Go(func() {
				for i := left.Add(-1); i >= 0; i = left.Add(-1) {
					body := payload(fmt.Sprintf("cMq8vX0aT3uXkQ9mR2bYpZ:APA91bHun4MxP5egoKMwt2KZFBaFUH-%d", i%2100), "n", "g", 1, "Opening plenary")
					r, _ := http.NewRequestWithContext(context.Background(), "POST", s.Endpoint()+"/projects/p/messages:send", strings.NewReader(body))
					r.Header.Set("Authorization", "Bearer x")
					resp, err := client.Do(r)
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			})
		}
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
}
