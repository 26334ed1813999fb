package notifications_test

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/shared/event"
)

// BenchmarkFollow prints what ten thousand apps that follow their inbox cost: the
// memory of each in the service's process, and how long after a change the last of
// them has it. The apps are another process, or one file limit would count both
// ends.
//
//	go test -run - -bench Follow -benchtime 5x ./services/notifications
func BenchmarkFollow(b *testing.B) {
	const apps = 10_000
	s := newStage(b)
	n := s.open()
	s.move(seoul)
	for i := range apps {
		s.put(event.PicksStateSubject(seoul, follower(i)), 1, event.PicksState{
			Delegate: follower(i), Revision: 1, Picks: []event.Pick{{Session: panel, AgendaRevision: 1}},
		})
	}
	before := resident(b)
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestFollowersOfABenchmark$", "-test.v")
	cmd.Env = append(os.Environ(), "FOLLOW="+n.Addr(), "FOLLOWERS="+strconv.Itoa(apps))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	said := bufio.NewScanner(out)
	next := func() (at []int64) { // when each had it, by the clock both have
		for said.Scan() {
			if line, ok := strings.CutPrefix(said.Text(), "all: "); ok {
				for _, t := range strings.Fields(line) {
					n, _ := strconv.ParseInt(t, 10, 64)
					at = append(at, n)
				}
				return at
			}
		}
		b.Fatal("the apps are gone")
		return nil
	}
	next() // ready
	each := float64(resident(b)-before) / apps / 1024
	var first, last []float64
	for b.Loop() {
		began := time.Now()
		s.move(seoul)
		at := next()
		first = append(first, float64(at[0]-began.UnixNano())/1e6)
		last = append(last, float64(at[1]-began.UnixNano())/1e6)
	}
	b.ReportMetric(each, "KiB/app")
	b.ReportMetric(median(first), "ms-first")
	b.ReportMetric(median(last), "ms-last")
}

func follower(i int) string { return fmt.Sprintf("delegate-%05d", i) }

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// resident is the memory this process has, in bytes.
func resident(b *testing.B) int64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// TestFollowersOfABenchmark is the other process of BenchmarkFollow.
func TestFollowersOfABenchmark(t *testing.T) {
	t.Parallel()
	address := os.Getenv("FOLLOW")
	if address == "" {
		t.Skip("it is for a benchmark")
	}
	apps, err := strconv.Atoi(os.Getenv("FOLLOWERS"))
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{TB: t, key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
	heard := make(chan int64, apps)
	var opening sync.WaitGroup
	room := make(chan struct{}, 64)
	for i := range apps {
		room <- struct{}{}
		opening.Go(func() {
			defer func() { <-room }()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err == nil {
				_, err = fmt.Fprintf(conn, "GET /v1/me/stream HTTP/1.1\r\nHost: plenary\r\nAuthorization: Bearer %s\r\n\r\n", s.token(seoul, follower(i), follower(i)))
			}
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			lines := bufio.NewReaderSize(conn, 512)
			if !reads(lines, "event: ready") {
				t.Error("a stream did not begin")
			}
			go func() {
				for reads(lines, "event: notice") {
					heard <- time.Now().UnixNano()
				}
			}()
		})
	}
	opening.Wait()
	fmt.Println("all: 0")
	for {
		all := make([]int64, 0, apps)
		for range apps {
			select {
			case at := <-heard:
				all = append(all, at)
			case <-t.Context().Done():
				return
			}
		}
		fmt.Printf("all: %d %d\n", slices.Min(all), slices.Max(all))
	}
}

// reads reads until a line begins so; false when there is no more.
func reads(from *bufio.Reader, with string) bool {
	for {
		line, err := from.ReadSlice('\n')
		if bytes.HasPrefix(line, []byte(with)) {
			return true
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false
		}
	}
}
