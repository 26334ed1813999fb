package agenda_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/services/agenda"
)

// BenchmarkResync is a plenary that has been moved: phones come back for what
// changed, each on a connection of its own, as often in the first second as in
// ten others, and the rest over half a minute. Each had an agenda one to nine
// revisions old, in one of two languages. The clients run on the same cores, so a
// bare Fiber handler is asked the same before. It reports the median and the 99th
// percentile of what an answer took, from the moment its phone came back.
//
//	go test -run '^$' -bench Resync -benchtime 1x ./services/agenda
func BenchmarkResync(b *testing.B) {
	for _, x := range []struct{ sessions, phones int }{{200, 1600}, {2000, 1600}, {2000, 16000}} {
		b.Run(fmt.Sprintf("sessions=%d/phones=%d", x.sessions, x.phones), func(b *testing.B) {
			conference := seed("seoul-2013", x.sessions)
			s := newStage(b)
			a := s.open(b, loggingToFile(b, s))
			if err := a.Load(b.Context(), conference); err != nil {
				b.Fatal(err)
			}
			for n := range 10 {
				if _, err := a.Release(b.Context(), "seoul-2013", delayed(conference, n+1)); err != nil {
					b.Fatal(err)
				}
			}
			token := s.signer.token(delegate("seoul-2013", "d1"))
			answer := connect(b, a.Addr(), []byte(changesSince(2, "ko-KR", token))).sample(b)
			floor := bare(b, "/v1/conferences/:conference/agenda/changes", answer)
			var ours, theirs []time.Duration
			for b.Loop() {
				theirs = append(theirs, crowd(b, floor, token, x.phones)...)
				ours = append(ours, crowd(b, a.Addr(), token, x.phones)...)
			}
			for name, took := range map[string][]time.Duration{"": ours, "-of-bare": theirs} {
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms"+name)
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms"+name)
			}
			b.ReportMetric(0, "ns/op") // a round says nothing to anybody
		})
	}
}

// changesSince is how a phone asks that is not going to ask for more.
func changesSince(revision int, language, token string) string {
	return fmt.Sprintf("GET /v1/conferences/seoul-2013/agenda/changes?since=%d HTTP/1.1\r\nHost: plenary\r\nAccept-Encoding: gzip\r\nConnection: close\r\n"+
		"Accept-Language: %s\r\nUser-Agent: Plenary/1.0 (iPhone)\r\nAuthorization: Bearer %s\r\n\r\n", revision, language, token)
}

// crowd lets phones come back and answers how long each was kept waiting.
func crowd(b *testing.B, addr, token string, phones int) []time.Duration {
	b.Helper()
	rnd := rand.New(rand.NewPCG(2013, 10))
	took := make([]time.Duration, phones)
	begin := time.Now()
	var wg sync.WaitGroup
	for n := range phones {
		due := time.Duration(rnd.Int64N(int64(time.Second))) // ten shares of 39 in the first second
		if rnd.IntN(39) >= 10 {
			due = time.Second + time.Duration(rnd.Int64N(int64(29*time.Second)))
		}
		request := changesSince(2+rnd.IntN(9), []string{"ko-KR", "en"}[n%2], token)
		wg.Go(func() {
			time.Sleep(time.Until(begin.Add(due)))
			if err := once(addr, request); err != nil {
				b.Error(err)
			}
			took[n] = time.Since(begin.Add(due))
		})
	}
	wg.Wait()
	return took
}

// once connects, asks and reads what comes.
func once(addr, request string) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write([]byte(request)); err != nil {
		return err
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK || n == 0 {
		return fmt.Errorf("answered %s with %d bytes, %w", res.Status, n, err)
	}
	return nil
}

// BenchmarkChanges asks for what changed again and again, all at once, and
// says what share of the requests per second of a bare Fiber handler that is.
//
//	go test -run '^$' -bench Changes ./services/agenda
func BenchmarkChanges(b *testing.B) {
	for _, sessions := range []int{34, 200, 2000} {
		conference := seed("seoul-2013", sessions)
		s, a := loaded(b, conference)
		if _, err := a.Release(b.Context(), "seoul-2013", delayed(conference, 1)); err != nil {
			b.Fatal(err)
		}
		stop(b, a)
		a = s.open(b, loggingToFile(b, s))
		for n, status := range []int{200, 304} {
			since := n + 1
			b.Run(fmt.Sprintf("sessions=%d/%d", sessions, status), func(b *testing.B) {
				request := []byte(fmt.Sprintf("GET /v1/conferences/seoul-2013/agenda/changes?since=%d HTTP/1.1\r\nHost: plenary\r\nAccept-Language: ko-KR\r\nAccept-Encoding: gzip\r\n"+
					"User-Agent: Plenary/1.0 (iPhone)\r\nAuthorization: Bearer %s\r\n\r\n", since, s.signer.token(delegate("seoul-2013", "d1"))))
				ours := connect(b, a.Addr(), request)
				answer := ours.sample(b)
				if answer.StatusCode != status {
					b.Fatalf("answered %s", answer.Status)
				}
				compare(b, connect(b, bare(b, "/v1/conferences/:conference/agenda/changes", answer), request), ours)
			})
		}
	}
}

// BenchmarkMemory says by how much the heap grows: when an agenda starts on a
// conference with abstracts of a page, when phones have read it in both
// languages, and when a hundred releases of ten sessions have been made and
// told. What the engines in the same process take for these is in it.
//
//	go test -run '^$' -bench Memory -benchtime 1x ./services/agenda
func BenchmarkMemory(b *testing.B) {
	for _, sessions := range []int{34, 200, 2000} {
		b.Run(fmt.Sprintf("sessions=%d", sessions), func(b *testing.B) {
			for b.Loop() {
				s := newStage(b)
				s.logger = slog.New(slog.DiscardHandler)
				conference := bringIn(b, s, sessions)
				before := inUse()
				a := s.open(b)
				b.ReportMetric(inUse()-before, "started-MB")
				for _, language := range []string{"en", "ko"} {
					get(b, a, "/v1/conferences/seoul-2013/agenda", "Accept-Language", language, "Authorization", "Bearer "+s.signer.token(delegate("seoul-2013", "d1")))
				}
				b.ReportMetric(inUse()-before, "read-MB")
				for n := range 100 {
					if _, err := a.Release(b.Context(), "seoul-2013", delayed(conference, n+1)); err != nil {
						b.Fatal(err)
					}
				}
				for a.Owed() > 0 {
					time.Sleep(10 * time.Millisecond)
				}
				b.ReportMetric(inUse()-before, "released-MB")
				runtime.KeepAlive(conference)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// bringIn leaves a conference with long abstracts in the store, and nothing in
// memory but itself.
func bringIn(b *testing.B, s *stage, sessions int) agenda.Seed {
	b.Helper()
	conference := seed("seoul-2013", sessions)
	for n := range conference.Sessions {
		conference.Sessions[n].Abstract = agenda.Text{"en": strings.Repeat(fmt.Sprint("What states owe each other ", n, ". "), 20)}
	}
	a := s.start(b, func(c *agenda.Config) { c.Listen = "" })
	defer stop(b, a)
	if err := a.Load(b.Context(), conference); err != nil {
		b.Fatal(err)
	}
	return conference
}

// inUse is how many megabytes of the heap are in use.
func inUse() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
