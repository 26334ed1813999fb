// Package fcmsandbox is a stand-in for the FCM HTTP v1 send endpoint: what a
// cluster has at Google, inside a process. It checks payloads as FCM does,
// answers with FCM's error bodies, fails on request, and shows each phone as
// its owner would see it.
//
// It is evidence, so it keeps what it received and not what anybody meant to
// send: a message is in the journal before its 200 leaves, in one total order,
// and a killed process finds it again. It takes bearer tokens on trust and so
// belongs on a loopback address.
package fcmsandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what the sandbox stands in for. The zero Config serves any
// project, takes any bearer token, answers at once and keeps its memory to
// itself.
type Config struct {
	Project string        // the only project known; "" = any
	Access  string        // the only bearer token taken; "" = any
	File    string        // journal, made when missing; "" = memory only
	Keep    int           // messages kept, in memory and in the journal; 0 = 250,000
	Latency time.Duration // from the last byte of a request to its answer
	Seed    uint64        // of faults that hit a share of the requests
	Log     *slog.Logger  // nil = silent
}

// A Sandbox receives pushes. All its methods may be called side by side.
type Sandbox struct {
	cfg     Config
	log     *slog.Logger
	clerk   *clerk
	faults  faults
	latency atomic.Int64
	counts  counts
	n       atomic.Int64 // names of dry runs

	mu       sync.Mutex // of the server's life
	srv      *http.Server
	listener net.Listener
	over     chan struct{} // closed when Stop begins: live pages end
	served   chan struct{} // closed when serving ended
}

// New makes a sandbox that does not listen yet.
func New(cfg Config) *Sandbox {
	if cfg.Keep == 0 {
		cfg.Keep = 250_000
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Sandbox{cfg: cfg, log: cfg.Log, over: make(chan struct{})}
	s.faults.rng = rand.New(rand.NewPCG(cfg.Seed, 1))
	s.latency.Store(int64(cfg.Latency))
	s.clerk = newClerk(cfg.Keep, &s.counts)
	return s
}

// Start reads the journal and serves on listen (host:port, port 0 = any) until
// Stop. A torn last line, as a killed process leaves it, is dropped: its sender
// had no answer. Starting twice is an error.
func (s *Sandbox) Start(ctx context.Context, listen string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv != nil {
		return errors.New("start fcm sandbox: started before")
	}
	select {
	case <-s.over:
		return errors.New("start fcm sandbox: stopped before")
	default:
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("start fcm sandbox: %w", err)
	}
	if err := s.clerk.open(s.cfg.File); err != nil {
		return fmt.Errorf("start fcm sandbox: %w", errors.Join(err, l.Close()))
	}
	var both http.Protocols
	both.SetHTTP1(true)
	both.SetUnencryptedHTTP2(true)
	s.listener, s.served = l, make(chan struct{})
	s.srv = &http.Server{
		Handler:           s.routes(),
		Protocols:         &both,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100}, // as FCM's front end
		ReadHeaderTimeout: 10 * time.Second,
		ConnState: func(_ net.Conn, st http.ConnState) {
			if st == http.StateNew {
				s.counts.connections.Add(1)
			}
		},
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(s.served)
		if err := s.srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("fcm sandbox stopped serving", "err", err)
		}
	}()
	return nil
}

// Addr is host:port while the sandbox listens, and empty before.
func (s *Sandbox) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Endpoint is the URL a Firebase client is pointed at: scheme, host and /v1.
func (s *Sandbox) Endpoint() string { return "http://" + s.Addr() + "/v1" }

// Stop ends live pages, lets sends in flight finish until ctx ends, and closes
// the journal. Stopping again, or before Start, does nothing.
func (s *Sandbox) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.over:
		return nil
	default:
		close(s.over)
	}
	if s.srv == nil {
		return nil
	}
	err := s.srv.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.srv.Close())
	}
	<-s.served
	return errors.Join(err, s.clerk.close())
}

// SetLatency changes the time from the last byte of a request to its answer.
func (s *Sandbox) SetLatency(d time.Duration) { s.latency.Store(int64(d)) }

func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/projects/{project}/{call}", s.send)
	mux.Handle("/", s.Handler())
	return mux
}
