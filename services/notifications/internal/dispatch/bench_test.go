package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/fcm"
	"plenary.example/services/notifications/internal/push"
)

const (
	phones      = 2100
	manyPhones  = 21_000
	connections = 15
)

// BenchmarkPushes prints, for a carrier that takes 80 ms: the median and worst
// time from Enqueue to the last of 2,100 pushes accepted, and the pushes a
// second of queue, dispatch and SDK against a bare HTTP/2 client that sends the
// same bytes over as many connections, in the same run. One iteration is enough:
//
//	go test -run - -bench Pushes -benchtime 1x ./internal/dispatch
func BenchmarkPushes(b *testing.B) {
	e := enginestest.Test(b)
	sandbox := fcmsandbox.New(fcmsandbox.Config{Latency: 80 * time.Millisecond})
	if err := sandbox.Start(b.Context(), "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sandbox.Stop(context.Background()) }()
	nc, err := nats.Connect("", e.Bus()...)
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	client, err := fcm.New(b.Context(), fcm.Config{Endpoint: sandbox.Endpoint(), Transports: connections}, quiet)
	if err != nil {
		b.Fatal(err)
	}
	client.Warmed()
	desk := newDesk()
	who := desk.phones(manyPhones, push.Android)
	d := New(Config{
		JS: js, Sender: client, Notices: desk, Devices: desk, Log: quiet, Rate: 1e6,
		Compose: func(n push.Notice, d push.Device) push.Message {
			return push.Compose(n, d, "Opening plenary", desk.body(n), n.At)
		},
		Dead: func(context.Context, string, string, string, []byte) error { return nil },
	})
	if err := d.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = d.Stop(context.Background()); client.Close() }()
	tell := func(revision int, to []string) time.Duration {
		n := desk.file("opening", int64(revision), push.Urgent, nil)
		want, begun := sandbox.Stats().Status[200]+int64(len(to)), time.Now()
		if err := d.Enqueue(b.Context(), n, to); err != nil {
			b.Fatal(err)
		}
		if err := sandbox.Wait(b.Context(), func(s fcmsandbox.Stats) bool { return s.Status[200] >= want }); err != nil {
			b.Fatal(err)
		}
		return time.Since(begun)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as in production, for both
	tell(1, who[:phones])                             // pages of memory, too, want warming
	for i := range b.N {
		var takes []time.Duration
		for k := range 10 {
			takes = append(takes, tell(i*100+k+2, who[:phones]))
		}
		slices.Sort(takes)
		var ours, raw []time.Duration
		for k := range 3 { // in turns, because the machine has other moods too
			ours = append(ours, tell(i*100+20+k, who))
			raw = append(raw, bare(b, sandbox, who))
		}
		slices.Sort(ours)
		slices.Sort(raw)
		b.ReportMetric(float64(takes[5].Milliseconds()), "ms/2100-median")
		b.ReportMetric(float64(takes[9].Milliseconds()), "ms/2100-worst")
		b.ReportMetric(manyPhones/ours[1].Seconds(), "pushes/s")
		b.ReportMetric(manyPhones/raw[1].Seconds(), "bare-pushes/s")
		b.ReportMetric(raw[1].Seconds()/ours[1].Seconds(), "ratio-to-bare")
	}
}

// bare sends what the last phone received to every phone, with nothing but
// HTTP/2.
func bare(b *testing.B, s *fcmsandbox.Sandbox, who []string) time.Duration {
	last := s.All()
	var message map[string]any
	if err := json.Unmarshal(last[len(last)-1].Message, &message); err != nil {
		b.Fatal(err)
	}
	bodies := make([][]byte, len(who))
	for i, w := range who {
		message["token"] = "tok:" + w
		body, err := json.Marshal(map[string]any{"message": message})
		if err != nil {
			b.Fatal(err)
		}
		bodies[i] = body
	}
	var (
		next atomic.Int64
		all  sync.WaitGroup
	)
	begun := time.Now()
	for range connections {
		var only http.Protocols
		only.SetUnencryptedHTTP2(true)
		client := &http.Client{Transport: &http.Transport{Protocols: &only}}
		for range 80 {
			all.Go(func() {
				for i := next.Add(1) - 1; i < int64(len(bodies)); i = next.Add(1) - 1 {
					if err := post(client, s.Endpoint(), bodies[i]); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		defer client.CloseIdleConnections()
	}
	all.Wait()
	return time.Since(begun)
}

func post(c *http.Client, endpoint string, body []byte) error {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, endpoint+"/projects/p/messages:send", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer x")
	resp, err := c.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d, %w", resp.StatusCode, err)
	}
	return nil
}
