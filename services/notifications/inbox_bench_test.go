package notifications_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// BenchmarkInboxReadAndMark prints what it costs that everybody of the largest
// conference has 200 notices, reads a page of their inbox, opens an item, and
// marks all as read: 16,000 people, one after the other and sixteen at a time,
// over HTTP. One iteration is one person. Planning the notices first takes a
// minute:
//
//	go test -run - -bench InboxReadAndMark -benchtime 16000x .
func BenchmarkInboxReadAndMark(b *testing.B) {
	const people, notices, sideBySide = 16_000, 200, 16
	s := newStage(b)
	n := s.open()
	s.move(seoul)
	for i := range people {
		s.put(event.PicksStateSubject(seoul, fmt.Sprintf("delegate-%05d", i)), 1, event.PicksState{
			Delegate: fmt.Sprintf("delegate-%05d", i), Revision: 1, Picks: []event.Pick{{Session: panel, AgendaRevision: 1}},
		})
	}
	for range notices {
		s.move(seoul)
	}
	s.worked()
	all := make([]*client.ClientWithResponses, people)
	for i := range all {
		all[i] = s.as(n, seoul, fmt.Sprintf("delegate-%05d", i), "x")
	}
	var mu sync.Mutex
	var reads, marks []time.Duration
	work := make(chan int)
	var hands sync.WaitGroup
	b.ResetTimer()
	for range sideBySide {
		hands.Go(func() {
			for i := range work {
				at := all[i%people]
				began := time.Now()
				limit := 100
				page, err := at.ReadInboxWithResponse(b.Context(), &client.ReadInboxParams{Limit: &limit})
				if err != nil || page.StatusCode() != http.StatusOK || len(page.JSON200.Items) != limit {
					b.Errorf("reading: %v", err)
					continue
				}
				read := time.Since(began)
				began = time.Now()
				marked, err := at.MarkInboxReadWithResponse(b.Context(), client.ReadMark{UpTo: 1 << 30})
				if err != nil || marked.StatusCode() != http.StatusOK || marked.JSON200.Unread != 0 {
					b.Errorf("marking: %v", err)
				}
				mu.Lock()
				reads, marks = append(reads, read), append(marks, time.Since(began))
				mu.Unlock()
			}
		})
	}
	for i := range b.N {
		work <- i
	}
	close(work)
	hands.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "people/s")
	for name, took := range map[string][]time.Duration{"read": reads, "mark": marks} {
		b.ReportMetric(float64(quantile(took, 0.5).Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(quantile(took, 0.99).Microseconds())/1000, name+"-p99-ms")
	}
}

func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[int(q*float64(len(all)-1))]
}
