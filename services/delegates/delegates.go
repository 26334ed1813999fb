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
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/rest"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
	"plenary.example/shared/lifecycle"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// Expired sign-ins and forgotten guesses are removed every hour. The first time
// comes a little after the start, which has better things to do.
const (
	sweepFirst = time.Minute
	sweepEvery = time.Hour
)

// A Service is one replica.
type Service struct {
	cfg   Config
	log   *slog.Logger
	stack lifecycle.Stack

	mu      sync.RWMutex
	running *running // nil unless started
}

// running is what there is between Start and Stop.
type running struct {
	open      *store.Store
	store     *mongostore.Store
	bus       *bus.Bus
	codes     accreditation.Codes
	directory *delegate.Directory
	handler   *rest.Handler
	keys      *httpd.Keys
	door      *httpd.Server // nil when it does not listen
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
	keys, err := token.Derive(s.cfg.Secrets)
	if err != nil {
		return err
	}
	r := &running{codes: accreditation.NewCodes(keys.Codes()), keys: httpd.NewKeys(s.cfg.Now)}
	if err := s.connect(ctx, r); err != nil {
		return err
	}
	r.directory = delegate.NewDirectory(r.store)
	delegations, people, err := r.store.People(ctx)
	if err != nil {
		return err
	}
	r.directory.Add(delegations, people)
	if err := s.publishKeys(ctx, r, keys); err != nil {
		return err
	}
	signIns := token.NewSignIns(keys, r.store, r.directory, s.cfg.Now)
	desk := accreditation.NewDesk(r.store, signIns, r.codes, s.cfg.Sandbox, s.cfg.Now)
	r.handler = rest.New(desk, signIns, r.directory, keys.JWKS())
	s.sweep(r)

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
	r.store = mongostore.New(r.open)
	if r.bus, err = bus.Connect(ctx, s.cfg.Bus, s.log); err != nil {
		return err
	}
	s.stack.Push("bus", func(context.Context) error {
		r.bus.Close()
		return nil
	})
	return nil
}

// publishKeys tells the other services, and our own door, with which keys
// tokens are verified. The latest start wins; see Config.Secrets.
func (s *Service) publishKeys(ctx context.Context, r *running, keys *token.Keys) error {
	document, err := json.Marshal(keys.JWKS())
	if err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	if err := r.keys.SetJWKS(document); err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	if err := r.bus.PutState(ctx, event.SigningKeysState, s.cfg.Now().UnixMilli(), document); err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	return nil
}

// sweep removes what has expired, now and then, until the service stops.
func (s *Service) sweep(r *running) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		next := time.NewTimer(sweepFirst)
		defer next.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-next.C:
				next.Reset(sweepEvery)
			}
			if n, err := r.store.Sweep(ctx, s.cfg.Now()); err != nil && ctx.Err() == nil {
				s.log.Warn("sweep failed", "service", "delegates", "err", err)
			} else if n > 0 {
				s.log.Info("swept", "service", "delegates", "documents", n)
			}
		}
	}()
	s.stack.Push("sweep", func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
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
	app := httpd.New(httpd.Config{Log: s.log, Service: "delegates", Registry: s.cfg.Registry, Proxies: s.cfg.Proxies})
	httpd.Health(app, s.Ready)
	s.Mount(app)
	r.door = httpd.NewServer(app)
	if err := r.door.Start(ctx, s.cfg.Listen); err != nil {
		return err
	}
	s.stack.Push("door", r.door.Stop)
	return nil
}

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
	return errors.Join(r.open.Ping(ctx), r.bus.Ready(ctx))
}

// Stop lets requests under way end, then stops the rest. It may be called at
// any time, also twice.
func (s *Service) Stop(ctx context.Context) error { return s.stack.Stop(ctx) }
