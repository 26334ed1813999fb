package agenda_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/agenda"
	"plenary.example/shared/lifecycle"
)

// BenchmarkAgenda reads the whole agenda, plain, compressed and not at all
// because it is known, and says what share of the requests per second of a bare
// Fiber handler that is. The bare one sends the same bytes, headers too, to
// whoever asks: no token, no language, no log. Both are asked in turns, over the same kind of
// connections and with the same bytes, on the same cores, by clients that do as
// little as they can. The log goes to a file, as in production.
//
//	go test -run '^$' -bench Agenda ./services/agenda
func BenchmarkAgenda(b *testing.B) {
	for _, sessions := range []int{34, 200, 2000} {
		s, a := loaded(b, seed("seoul-2013", sessions))
		stop(b, a)
		a = s.open(b, loggingToFile(b, s))
		for _, read := range []struct {
			name, header string
			status       int
		}{
			{"plain", "", 200},
			{"gzip", "Accept-Encoding: gzip\r\n", 200},
			{"304", "Accept-Encoding: gzip\r\nIf-None-Match: \"1-ko\"\r\n", 304},
		} {
			b.Run(fmt.Sprintf("sessions=%d/%s", sessions, read.name), func(b *testing.B) {
				request := []byte("GET /v1/conferences/seoul-2013/agenda HTTP/1.1\r\nHost: plenary\r\nAccept: application/json\r\nAccept-Language: ko-KR\r\n" +
					"User-Agent: Plenary/1.0 (iPhone)\r\nAuthorization: Bearer " + s.signer.token(delegate("seoul-2013", "d1")) + "\r\n" + read.header + "\r\n")
				ours := connect(b, a.Addr(), request)
				answer := ours.sample(b)
				if answer.StatusCode != read.status {
					b.Fatalf("answered %s", answer.Status)
				}
				compare(b, connect(b, bare(b, "/v1/conferences/:conference/agenda", answer), request), ours)
			})
		}
	}
}

func loggingToFile(b *testing.B, s *stage) func(*agenda.Config) {
	b.Helper()
	f, err := os.Create(b.TempDir() + "/log")
	if err != nil {
		b.Fatal(err)
	}
	out := lifecycle.NewOutput(f) // as the services' mains do
	b.Cleanup(func() {
		_ = out.Stop(context.Background())
		f.Close()
	})
	return func(*agenda.Config) { s.logger = slog.New(slog.NewJSONHandler(out, nil)) }
}

// bare is the address of a Fiber app that gives whoever asks for the route the
// same answer.
func bare(b *testing.B, route string, answer *http.Response) string {
	b.Helper()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	type line struct{ name, value []byte }
	var lines []line
	for name, values := range answer.Header {
		if name != "Date" && name != "Content-Length" { // Fiber's own
			lines = append(lines, line{[]byte(name), []byte(values[0])})
		}
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get(route, func(c *fiber.Ctx) error {
		for _, l := range lines {
			c.Response().Header.SetCanonical(l.name, l.value)
		}
		c.Status(answer.StatusCode)
		return c.Send(body)
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = app.Listener(ln) }() // ends with the app
	b.Cleanup(func() { _ = app.Shutdown() })
	return ln.Addr().String()
}

// compare asks both in turns, beginning with the one and then with the other,
// and reports the median of what the rounds say.
func compare(b *testing.B, bare, ours *load) {
	b.Helper()
	const turn = 640
	bare.run(b, turn)
	ours.run(b, turn)
	var ratios []float64
	var took [2]time.Duration
	for first := 0; b.Loop(); first = 1 - first {
		var now [2]time.Duration
		for _, who := range []int{first, 1 - first} {
			now[who] = []*load{bare, ours}[who].run(b, turn)
			took[who] += now[who]
		}
		ratios = append(ratios, now[0].Seconds()/now[1].Seconds())
	}
	slices.Sort(ratios)
	rounds := float64(len(ratios) * turn)
	b.ReportMetric(ratios[len(ratios)/2], "of-bare")
	b.ReportMetric(rounds/took[0].Seconds(), "bare/s")
	b.ReportMetric(rounds/took[1].Seconds(), "ours/s")
	b.ReportMetric(0, "ns/op") // a round says nothing to anybody
}

// load is a set of open connections that each ask again as soon as they have
// been answered.
type load struct {
	request []byte
	conns   []*bufio.ReadWriter
}

func connect(b *testing.B, addr string, request []byte) *load {
	b.Helper()
	l := &load{request: request}
	for range 32 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close() })
		l.conns = append(l.conns, bufio.NewReadWriter(bufio.NewReaderSize(c, 64<<10), bufio.NewWriter(c)))
	}
	return l
}

// sample asks once and reads the answer as it came.
func (l *load) sample(b *testing.B) *http.Response {
	b.Helper()
	c := l.conns[0]
	_, err := c.Write(l.request)
	if err == nil {
		err = c.Flush()
	}
	if err != nil {
		b.Fatal(err)
	}
	answer, err := http.ReadResponse(c.Reader, nil)
	if err != nil {
		b.Fatal(err)
	}
	return answer
}

// run asks n times and answers how long that took.
func (l *load) run(b *testing.B, n int) time.Duration {
	begin := time.Now()
	var wg sync.WaitGroup
	for _, c := range l.conns {
		wg.Go(func() {
			for range n / len(l.conns) {
				if status, err := ask(c, l.request); err != nil || status >= 400 {
					b.Errorf("answered %d, %v", status, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
}

var contentLength = []byte("Content-Length: ")

func ask(c *bufio.ReadWriter, request []byte) (status int, err error) {
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	if err := c.Flush(); err != nil {
		return 0, err
	}
	size := 0
	for {
		line, err := c.ReadSlice('\n')
		if err != nil {
			return status, err
		}
		if status == 0 {
			if status, err = strconv.Atoi(string(line[len("HTTP/1.1 "):][:3])); err != nil {
				return 0, err
			}
		}
		if rest, ok := bytes.CutPrefix(line, contentLength); ok {
			if size, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return status, err
			}
		}
		if len(line) == 2 {
			if status == 304 {
				size = 0 // the length is that of what is not sent
			}
			_, err := c.Discard(size)
			return status, err
		}
	}
}
