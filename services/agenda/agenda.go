// Package agenda is the doorway of the agenda service: everything that has a
// time and a place. It wires the rooms inside and is all that others see of
// the service; its rules live in internal/programme, its memory in
// internal/live, its HTTP in internal/rest.
package agenda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/agenda/internal/desk"
	"plenary.example/services/agenda/internal/live"
	"plenary.example/services/agenda/internal/rest"
	"plenary.example/shared/bus"
	"plenary.example/shared/directory"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
	"plenary.example/shared/lifecycle"
	"plenary.example/shared/revocation"
	"plenary.example/shared/store"
)

// lookEvery is how often releases are looked for that nobody tells of.
const lookEvery = 5 * time.Second

// Config is what the service needs to know. The zero value of every field is
// safe; Store and Bus say where the engines are.
type Config struct {
	// Listen is the host:port of the API; empty when another app mounts it.
	Listen string
	// Metrics is the host:port of /metrics; empty for none of its own.
	Metrics string
	// HTTP is how the edge meets the clients when the service listens; who
	// mounts has an edge of its own.
	HTTP httpd.Settings
	// Registry takes the metrics; nil makes one.
	Registry *prometheus.Registry
	Store    store.Config
	Bus      bus.Config
	// Sandbox instances take conferences whose clock differs from the wall's.
	Sandbox bool
	// Now is the wall clock; nil is time.Now.
	Now func() time.Time
}

// A Service is one replica of the agenda. Any number may run side by side over
// one store and one bus, also in one process.
type Service struct {
	cfg  Config
	log  *slog.Logger // says which service it is
	out  *slog.Logger // does not: httpd adds that
	keys *httpd.Keys

	stack lifecycle.Stack
	store *store.Store
	bus   *bus.Bus
	ended *revocation.Following
	names *directory.Directory
	live  *live.Conferences
	desk  *desk.Desk
	// waiting counts the events about people not yet worked through.
	waiting prometheus.Gauge
	server  *httpd.Server
}

// New makes a service that does nothing yet.
func New(cfg Config, log *slog.Logger) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Registry == nil {
		cfg.Registry = httpd.NewRegistry()
	}
	return &Service{cfg: cfg, log: log.With("service", "agenda"), out: log, keys: httpd.NewKeys(cfg.Now)}
}

// Start reaches the engines, loads every conference and, when there is an
// address to listen on, serves. It returns when the service is ready. After an
// error everything that was begun is undone.
func (s *Service) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start the agenda: %w", err), s.stack.Stop(context.WithoutCancel(ctx)))
		}
	}()
	if s.store, err = store.Open(ctx, s.cfg.Store); err != nil {
		return err
	}
	s.stack.Push("store", s.store.Close)
	if s.bus, err = bus.Connect(ctx, s.cfg.Bus, s.log); err != nil {
		return err
	}
	s.stack.Until("bus", s.bus.Close)
	s.names = directory.New(s.bus, s.cfg.Now)
	drop := func(_ context.Context, e event.Envelope) error { s.names.Drop(e); return nil }
	if s.ended, err = revocation.Follow(ctx, s.bus, s.keys, s.cfg.Now, s.log, drop); err != nil {
		return err
	}
	s.stack.Until("revocation", s.ended.Stop)
	if s.live, err = live.Open(ctx, s.store, s.bus, s.cfg.Now, s.log); err != nil {
		return err
	}
	s.stack.Push("outbox", func(ctx context.Context) error { s.live.Close(ctx); return nil })
	if err := s.openDesk(ctx); err != nil {
		return err
	}
	watch, err := s.bus.WatchState(ctx, s.hear)
	if err != nil {
		return err
	}
	s.stack.Until("hints", watch.Stop)
	if err := s.startPeople(ctx, watch); err != nil {
		return err
	}
	s.desk.Begin()
	s.keepLooking()
	depth := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "plenary_outbox_depth", Help: "Facts written and not yet published.",
		ConstLabels: prometheus.Labels{"service": "agenda"},
	}, func() float64 { return float64(s.live.Owed() + s.desk.Owed()) })
	if err := httpd.Show(s.cfg.Registry, &s.stack, depth); err != nil {
		return err
	}
	return s.listen(ctx)
}

// keepLooking looks now and then for releases of which no hint will come, and
// for picks of people who are gone.
func (s *Service) keepLooking() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := errors.Join(s.live.Look(ctx), s.lookForPeople(ctx)); err != nil && ctx.Err() == nil {
				s.log.Warn("look failed", "err", err)
			}
		}
	}()
	s.stack.Until("looks", func() { cancel(); <-done })
}

func (s *Service) listen(ctx context.Context) error {
	if s.cfg.Metrics != "" {
		m := httpd.MetricsServer(s.cfg.Registry)
		if err := m.Start(ctx, s.cfg.Metrics); err != nil {
			return err
		}
		s.stack.Push("metrics listener", m.Stop)
	}
	if s.cfg.Listen == "" {
		return nil
	}
	app := httpd.New(httpd.Config{Log: s.out, Service: "agenda", Registry: s.cfg.Registry, BodyLimits: BodyLimits(), Settings: s.cfg.HTTP})
	httpd.Health(app, s.Ready)
	s.Mount(app)
	s.server = httpd.NewServer(app)
	if err := s.server.Start(ctx, s.cfg.Listen); err != nil {
		return err
	}
	s.stack.Push("listener", s.server.Stop)
	return nil
}

// BodyLimits are the routes that take more than an app's usual body.
func BodyLimits() map[string]int { return rest.BodyLimits() }

// hear follows the siblings and the keys that tokens are signed with.
func (s *Service) hear(ctx context.Context, m bus.Seen) error {
	if m.Subject == event.SigningKeysState {
		if err := s.keys.SetJWKS(m.Data); err != nil {
			s.log.Error("signing keys not understood", "err", err)
		}
		return nil
	}
	if err := s.live.Hint(ctx, m); err != nil { // first: there are no meetings of a conference that is not there
		return err
	}
	return s.desk.Hint(ctx, m)
}

// Mount adds the service's routes to an app made by httpd.New. The service must
// have been started.
func (s *Service) Mount(app *fiber.App) { rest.Mount(app, s.live, s.desk, s.names, s.keys, s.cfg.Now) }

// Addr is where the service listens; empty when it does not.
func (s *Service) Addr() string {
	if s.server == nil {
		return ""
	}
	return s.server.Addr()
}

// Ready answers whether the engines can be reached, and whether it is known
// whose rights have ended.
func (s *Service) Ready(ctx context.Context) error {
	return errors.Join(s.store.Ping(ctx), s.bus.Ready(ctx), s.ended.Ready(ctx))
}

// Stop drains requests, tells what is owed, and closes. A second call does
// nothing.
func (s *Service) Stop(ctx context.Context) error { return s.stack.Stop(ctx) }
