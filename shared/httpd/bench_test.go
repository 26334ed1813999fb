package httpd_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/shared/httpd"
	"plenary.example/shared/lifecycle"
)

// BenchmarkWholeStack sends the same small answer through a bare Fiber handler
// and through everything this package adds (token, permission, request id,
// limits, deadline, headers, metrics, a log line written to a file), in turns on the
// same cores, and reports the second's requests per second as a share of the
// first's. The load generator does as little as it can, so the share is a
// strict one.
//
//	go test -run '^$' -bench WholeStack ./httpd
func BenchmarkWholeStack(b *testing.B) {
	for _, size := range []int{200, 30 << 10} {
		b.Run(fmt.Sprintf("answer=%dB", size), func(b *testing.B) {
			body := bytes.Repeat([]byte("x"), size)
			bare := fiber.New(fiber.Config{DisableStartupMessage: true})
			handler := func(c *fiber.Ctx) error {
				c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
				return c.Send(body)
			}
			bare.Get("/v1/conferences/:conference/agenda", handler)
			whole, token := wholeStack(b, handler)

			request := []byte("GET /v1/conferences/seoul-2013/agenda HTTP/1.1\r\nHost: plenary\r\nAccept: application/json\r\nAccept-Language: ko\r\nUser-Agent: bench\r\nAuthorization: Bearer " + token + "\r\n\r\n")
			bareLoad, wholeLoad := newLoad(b, bare, request), newLoad(b, whole, request)
			const turn = 2000
			var tookBare, tookWhole time.Duration
			bareLoad.run(b, turn)
			wholeLoad.run(b, turn)
			for b.Loop() {
				tookBare += bareLoad.run(b, turn)
				tookWhole += wholeLoad.run(b, turn)
			}
			rounds := float64(b.N * turn)
			b.ReportMetric(rounds/tookBare.Seconds(), "bare/s")
			b.ReportMetric(rounds/tookWhole.Seconds(), "whole/s")
			b.ReportMetric(tookBare.Seconds()/tookWhole.Seconds(), "ratio")
		})
	}
}

func wholeStack(b *testing.B, handler fiber.Handler) (*fiber.App, string) {
	b.Helper()
	s := newSigner("ours")
	keys := httpd.NewKeys(nil)
	if err := keys.SetJWKS(jwks(s)); err != nil {
		b.Fatal(err)
	}
	log, err := os.Create(b.TempDir() + "/log")
	if err != nil {
		b.Fatal(err)
	}
	out := lifecycle.NewOutput(log) // as the services' mains do
	b.Cleanup(func() {
		_ = out.Stop(context.Background())
		log.Close()
	})
	plenty := httpd.Rate{PerSecond: 1e6, Burst: 1e6}
	app := httpd.New(httpd.Config{
		Service: "bench", Registry: prometheus.NewRegistry(), Log: slog.New(slog.NewJSONHandler(out, nil)),
		Settings: httpd.Settings{Limits: httpd.Limits{Device: plenty, Account: plenty, Key: plenty}},
	})
	door := httpd.NewDoor(httpd.Rules{
		Permissions: map[string]string{"getAgenda": httpd.Delegate},
		Routes:      map[string]string{"GET /v1/conferences/:conference/agenda": "getAgenda"},
	}, keys)
	door.Router(app).Get("/v1/conferences/:conference/agenda", handler)
	return app, s.sign(b, claimsUntil(time.Now().Add(time.Hour)))
}

// load is a set of open connections that each ask again as soon as they have
// been answered.
type load struct {
	request []byte
	conns   []*bufio.ReadWriter
}

func newLoad(b *testing.B, app *fiber.App, request []byte) *load {
	b.Helper()
	s := httpd.NewServer(app)
	if err := s.Start(b.Context(), "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Stop(context.Background()) })
	l := &load{request: request}
	for range 32 {
		c, err := new(net.Dialer).DialContext(b.Context(), "tcp", s.Addr())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close() })
		l.conns = append(l.conns, bufio.NewReadWriter(bufio.NewReaderSize(c, 64<<10), bufio.NewWriter(c)))
	}
	return l
}

// run sends n requests and returns how long that took.
func (l *load) run(b *testing.B, n int) time.Duration {
	begin := time.Now()
	var wg sync.WaitGroup
	for _, c := range l.conns {
		wg.Go(func() {
			for range n / len(l.conns) {
				if err := roundTrip(c, l.request); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
}

var contentLength = []byte("Content-Length: ")

func roundTrip(c *bufio.ReadWriter, request []byte) error {
	if _, err := c.Write(request); err != nil {
		return err
	}
	if err := c.Flush(); err != nil {
		return err
	}
	size := 0
	for first := true; ; first = false {
		line, err := c.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.Contains(line, []byte(" 200 ")) {
			return fmt.Errorf("answered %q", line)
		}
		if rest, ok := bytes.CutPrefix(line, contentLength); ok {
			if size, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return err
			}
		}
		if len(line) == 2 {
			_, err := io.CopyN(io.Discard, c, int64(size))
			return err
		}
	}
}
