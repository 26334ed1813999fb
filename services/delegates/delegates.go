// Package delegates is the service that knows who takes part: delegations,
// delegates, their accreditations and their sign-ins. It alone holds the
// installation's secret; the others learn its public keys from the bus and
// verify tokens without asking.
//
// This package is the only doorway. A Service is a value: any number of them,
// also on one store, may live in a process.
package delegates

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/apikey"
	"plenary.example/services/delegates/internal/audit"
	"plenary.example/services/delegates/internal/command"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/participants"
	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/services/delegates/internal/privacy"
	"plenary.example/services/delegates/internal/rest"
	"plenary.example/services/delegates/internal/seat"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/bus"
	"plenary.example/shared/httpd"
	"plenary.example/shared/lifecycle"
	"plenary.example/shared/problem"
	"plenary.example/shared/revocation"
	"plenary.example/shared/store"
)

// A Service is one replica.
type Service struct {
	cfg   Config
	log   *slog.Logger
	stack lifecycle.Stack

	mu      sync.RWMutex
	running *running // nil unless started
}

// running is what there is between Start and Stop. The steps of Start fill it
// in their order.
type running struct {
	open  *store.Store
	bus   *bus.Bus
	relay *store.Relay // tells what the documents of all rooms owe
	// rights and ends tell who lost rights, and what has ended, past all else that is
	// owed: others act upon that within seconds.
	rights, ends *store.Relay
	keys         *httpd.Keys
	ended        *revocation.Following
	rooms        rest.Rooms // each step adds its own

	commands *command.Commands // what may be repeated under its key

	book  *delegate.Book // everybody who takes part
	lists *participants.Lists

	secrets   *token.Keys
	published published
	badges    *mongostore.Badges
	codes     accreditation.Codes
	signIns   *token.SignIns
	guard     *accreditation.Guard
	desk      *accreditation.Desk
	office    *accreditation.Office

	passkeys *passkey.Room
	apiKeys  *apikey.Keys

	audit    *audit.Log // what was done, by whom
	seats    *seat.Desk
	erasures *privacy.Office

	handler *rest.Handler
	door    *httpd.Server // nil when it does not listen
}

// New makes a service that does nothing yet.
func New(cfg Config, log *slog.Logger) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Registry == nil {
		cfg.Registry = httpd.NewRegistry()
	}
	return &Service{cfg: cfg, log: log}
}

// Start reads everybody into memory, publishes the public keys and, unless
// Listen is empty, answers requests when it returns. What a failing Start has
// begun is undone.
func (s *Service) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("start delegates: %w", err)
			_ = s.Stop(context.WithoutCancel(ctx)) // the reason matters more than the tidying
		}
	}()
	r := &running{keys: httpd.NewKeys(s.cfg.Now)}
	for _, step := range []func(context.Context, *running) error{
		s.connect,
		s.startRevocation,
		s.startPeople,
		s.startSignIns,
		s.startLists,
		s.startKeys,
		s.startPrivacy,
		s.beginPeople, // when everybody listens who hears of changes first
		s.bootstrap,
	} {
		if err := step(ctx, r); err != nil {
			return err
		}
	}
	r.handler = rest.New(r.rooms)

	s.mu.Lock()
	s.running = r
	s.mu.Unlock()
	s.stack.Push("memory", func(context.Context) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running = nil
		return nil
	})
	return s.listen(ctx, r)
}

func (s *Service) connect(ctx context.Context, r *running) error {
	var err error
	if r.open, err = store.Open(ctx, s.cfg.Store); err != nil {
		return err
	}
	s.stack.Push("store", r.open.Close)
	r.commands = command.New(mongostore.NewCommands(r.open), s.cfg.Now)
	if r.bus, err = bus.Connect(ctx, s.cfg.Bus, s.log); err != nil {
		return err
	}
	s.stack.Push("bus", func(context.Context) error {
		r.bus.Close()
		return nil
	})
	for _, lane := range []**store.Relay{&r.ends, &r.rights, &r.relay} {
		*lane = store.NewRelay(s.log.With("service", "delegates"))
		s.stack.Push("outbox", func(ctx context.Context) error {
			(*lane).Stop(ctx)
			return nil
		})
	}
	depth := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "plenary_outbox_depth", Help: "Facts written and not yet published.",
		ConstLabels: prometheus.Labels{"service": "delegates"},
	}, func() float64 { return float64(r.relay.Depth() + r.rights.Depth() + r.ends.Depth()) })
	return httpd.Show(s.cfg.Registry, &s.stack, depth)
}

// lane is a relay as the rooms see it.
func lane(r *store.Relay) func(name string, tell func(context.Context) error) {
	return func(name string, tell func(context.Context) error) { r.Push(store.Owed{Name: name, Tell: tell}) }
}

func (s *Service) listen(ctx context.Context, r *running) error {
	if s.cfg.Metrics != "" {
		numbers := httpd.MetricsServer(s.cfg.Registry)
		if err := numbers.Start(ctx, s.cfg.Metrics); err != nil {
			return err
		}
		s.stack.Push("metrics", numbers.Stop)
	}
	if s.cfg.Listen == "" {
		return nil
	}
	app := httpd.New(httpd.Config{Log: s.log, Service: "delegates", Registry: s.cfg.Registry, BodyLimits: BodyLimits(), Settings: s.cfg.HTTP})
	httpd.Health(app, s.Ready)
	s.Mount(app)
	r.door = httpd.NewServer(app)
	if err := r.door.Start(ctx, s.cfg.Listen); err != nil {
		return err
	}
	s.stack.Push("door", r.door.Stop)
	return nil
}

// BodyLimits are the routes that take more than an app's usual body.
func BodyLimits() map[string]int { return rest.BodyLimits() }

// now is what runs; an error of kind Unavailable when nothing does.
func (s *Service) now() (*running, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.running == nil {
		return nil, problem.New(problem.Unavailable, "not_started", "The service is not running.")
	}
	return s.running, nil
}

// Addr is where the API is answered, or "" when the service does not listen.
func (s *Service) Addr() string {
	r, err := s.now()
	if err != nil || r.door == nil {
		return ""
	}
	return r.door.Addr()
}

// Mount puts the routes on an app made by httpd.New. The service must have
// been started.
func (s *Service) Mount(app *fiber.App) {
	if r, err := s.now(); err == nil {
		r.handler.Mount(app, r.keys)
	}
}

// Ready returns nil when the service can do its work, and otherwise what it lacks.
func (s *Service) Ready(ctx context.Context) error {
	r, err := s.now()
	if err != nil {
		return err
	}
	return errors.Join(r.open.Ping(ctx), r.bus.Ready(ctx), r.ended.Ready(ctx))
}

// Stop lets requests under way end, then stops the rest. It may be called at
// any time, also twice.
func (s *Service) Stop(ctx context.Context) error { return s.stack.Stop(ctx) }
