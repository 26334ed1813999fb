package notifications_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/shared/event"
)

// BenchmarkInboxReadAndMark prints what it costs that everybody of the largest
// conference, who has 200 notices, reads a page of their inbox and marks all as
// read: 16,000 people, sixteen at a time, over HTTP. One iteration is one person.
// Planning the notices takes a minute before:
//
//	go test -run - -bench InboxReadAndMark -benchtime 16000x .
func BenchmarkInboxReadAndMark(b *testing.B) {
	const people, notices, sideBySide = 16_000, 200, 16
	s := newStage(b)
	n := s.open()
	s.move(seoul)
	for i := range people {
		s.put(event.PicksStateSubject(seoul, reader(i)), 1, event.PicksState{
			Delegate: reader(i), Revision: 1, Picks: []event.Pick{{Session: panel, AgendaRevision: 1}},
		})
	}
	for range notices {
		s.move(seoul)
		s.worked()
	}
	tokens := make([]string, people)
	for i := range tokens {
		tokens[i] = s.token(seoul, reader(i), "x")
	}
	app := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: sideBySide}}
	ask := func(i int, method, path, body string) time.Duration {
		began := time.Now()
		q, err := http.NewRequestWithContext(b.Context(), method, "http://"+n.Addr()+path, strings.NewReader(body))
		if err != nil {
			b.Error(err)
			return 0
		}
		q.Header.Set("Authorization", "Bearer "+tokens[i])
		q.Header.Set("Content-Type", "application/json")
		a, err := app.Do(q)
		if err != nil {
			b.Error(err)
			return 0
		}
		defer func() { _ = a.Body.Close() }()
		if said, err := io.ReadAll(a.Body); err != nil || a.StatusCode != http.StatusOK {
			b.Errorf("%s answers %d %s, %v", path, a.StatusCode, said, err)
		}
		return time.Since(began)
	}
	var mu sync.Mutex
	var reads, marks []time.Duration
	work := make(chan int)
	var hands sync.WaitGroup
	for range sideBySide {
		hands.Go(func() {
			for i := range work {
				read := ask(i, http.MethodGet, "/v1/me/inbox?limit=100", "")
				mark := ask(i, http.MethodPost, "/v1/me/inbox/read", `{"upTo":1000000}`)
				mu.Lock()
				reads, marks = append(reads, read), append(marks, mark)
				mu.Unlock()
			}
		})
	}
	for i := 0; b.Loop(); i++ {
		work <- i % people
	}
	close(work)
	hands.Wait()
	b.ReportMetric(float64(len(reads))/b.Elapsed().Seconds(), "people/s")
	for name, took := range map[string][]time.Duration{"read": reads, "mark": marks} {
		b.ReportMetric(float64(quantile(took, 0.5).Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(quantile(took, 0.99).Microseconds())/1000, name+"-p99-ms")
	}
}

func reader(i int) string { return fmt.Sprintf("delegate-%05d", i) }

func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[int(q*float64(len(all)-1))]
}
