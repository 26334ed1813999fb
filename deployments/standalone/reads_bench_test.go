package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/client"
)

// BenchmarkAgendaReads asks for the agenda of Seoul over 32 connections, whole
// and with an ETag that still holds, and asks a bare Fiber handler that sends
// the same bytes, in turns, on the same cores. What counts is the ratio: what
// the house adds to a request, its log line and metrics included.
func BenchmarkAgendaReads(b *testing.B) {
	s, err := readSettings(env("PORT", "0", "METRICS_LISTEN", "off", "PLENARY_DATA", enginestest.Folder(b),
		"RATE_LIMIT", "1000000/1000000")) // counted as in earnest, and never refused
	if err != nil {
		b.Fatal(err)
	}
	h, err := open(b.Context(), s, slog.New(slog.NewJSONHandler(io.Discard, nil))) //nolint:sloglint // lines are made as in earnest
	if err != nil {
		b.Fatal(err)
	}
	defer h.close()
	url := h.place().URL
	d := oneOf(h.sample, "delegate")
	in, err := client.NewChecked(b, url, "").SignInWithResponse(b.Context(), client.SignIn{
		Conference: h.sample.ID, Accreditation: d.Accreditation, ActivationCode: d.ActivationCode,
	})
	if err != nil || in.JSON201 == nil {
		b.Fatalf("signing in: %v", err)
	}
	request := fmt.Sprintf("GET /v1/conferences/%s/agenda HTTP/1.1\r\nHost: plenary\r\nAccept-Encoding: gzip\r\n"+
		"Accept-Language: en\r\nAuthorization: Bearer %s\r\n", h.sample.ID, in.JSON201.AccessToken)
	whole := ask(b, h.door.Addr(), request+"\r\n")
	again := request + "If-None-Match: " + whole.header.Get("ETag") + "\r\n\r\n"
	for _, c := range []struct {
		name, request string
		sample        sampled
	}{{"whole", request + "\r\n", whole}, {"304", again, ask(b, h.door.Addr(), again)}} {
		b.Run(c.name, func(b *testing.B) {
			bare := bareServer(b, c.sample)
			const round = 400 * time.Millisecond
			var ours, theirs, ratios []float64
			for b.Loop() {
				o, t := perSecond(b, h.door.Addr(), c.request, round), perSecond(b, bare, c.request, round)
				ours, theirs, ratios = append(ours, o), append(theirs, t), append(ratios, o/t)
			}
			b.ReportMetric(median(ours), "req/s")
			b.ReportMetric(median(theirs), "bare-req/s")
			b.ReportMetric(median(ratios), "ratio")
			b.ReportMetric(float64(c.sample.size), "answer-bytes")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// sampled is one answer: what it is, and how long on the wire.
type sampled struct {
	status int
	header http.Header
	body   []byte
	size   int
}

// ask sends one request and takes the answer apart.
func ask(tb testing.TB, address, request string) sampled {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		tb.Fatal(err)
	}
	wire := &counter{r: conn}
	answer, err := http.ReadResponse(bufio.NewReader(wire), &http.Request{Method: http.MethodGet})
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 400 {
		tb.Fatalf("%d %s, %v", answer.StatusCode, body, err)
	}
	return sampled{answer.StatusCode, answer.Header, body, wire.n}
}

type counter struct {
	r io.Reader
	n int
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// bareServer sends the same status, body and headers and does nothing else.
func bareServer(b *testing.B, s sampled) string {
	b.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/v1/conferences/:conference/agenda", func(c *fiber.Ctx) error {
		for name, values := range s.header {
			if name != "Date" && name != "Content-Length" && !strings.HasPrefix(name, "X-Request") {
				c.Response().Header.Set(name, values[0])
			}
		}
		return c.Status(s.status).Send(s.body)
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(ln) }()
	b.Cleanup(func() {
		if err := errors.Join(app.Shutdown(), <-served); err != nil {
			b.Error(err)
		}
	})
	return ln.Addr().String()
}

// perSecond is how many answers 32 connections get in a second, asking again
// as soon as they have one. Reading is as cheap as can be: all answers to one
// request are of one length.
func perSecond(b *testing.B, address, request string, length time.Duration) float64 {
	b.Helper()
	size := ask(b, address, request).size
	var all sync.WaitGroup
	var mu sync.Mutex
	total := 0
	began := time.Now()
	for range 32 {
		all.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			out, in, n := []byte(request), make([]byte, size), 0
			for time.Since(began) < length {
				if _, err := conn.Write(out); err != nil {
					b.Error(err)
					return
				}
				if _, err := io.ReadFull(conn, in); err != nil {
					b.Error(err)
					return
				}
				if string(in[:5]) != "HTTP/" {
					b.Errorf("an answer was not %d bytes long", size)
					return
				}
				n++
			}
			mu.Lock()
			defer mu.Unlock()
			total += n
		})
	}
	all.Wait()
	return float64(total) / time.Since(began).Seconds()
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
