package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/standalone/internal/docs"
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/services/agenda"
	"plenary.example/services/delegates"
	"plenary.example/services/notifications"
	"plenary.example/shared/bus"
	"plenary.example/shared/httpd"
	"plenary.example/shared/lifecycle"
	"plenary.example/shared/store"
)

// A house is everything that runs in this process.
type house struct {
	set      settings
	log      *slog.Logger
	registry *prometheus.Registry
	stack    lifecycle.Stack

	engines *engines.Engines
	sandbox *fcmsandbox.Sandbox // nil when somebody else receives the pushes
	services
	sample  sample.Conference // what the folder holds, empty without one
	opened  time.Time         // when the sample's clock showed 08:00
	first   string            // the code of the first secretariat person, when it was just made
	door    *httpd.Server
	metrics *httpd.Server // nil without
}

// services are the three doorways.
type services struct {
	agenda        *agenda.Service
	delegates     *delegates.Service
	notifications *notifications.Service
}

// serve runs everything until ctx ends.
func serve(ctx context.Context, s settings, log *slog.Logger, out io.Writer) error {
	h, err := open(ctx, s, log)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		log.Info("stopped before the start was complete") // the next one goes on from there
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, welcome(h.place())); err != nil {
		return errors.Join(fmt.Errorf("welcome: %w", err), h.close())
	}
	<-ctx.Done()
	log.Info("stopping")
	return h.close()
}

// open starts a house and returns when it answers. After an error nothing is
// left running.
func open(ctx context.Context, s settings, log *slog.Logger) (_ *house, err error) {
	h := &house{set: s, log: log, registry: httpd.NewRegistry()}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.engines, err = engines.Start(ctx, engines.Config{Dir: s.Data, Log: log}); err != nil {
		return nil, err
	}
	h.stack.Push("engines", h.engines.Stop)
	secret, err := secretIn(s.Data)
	if err != nil {
		return nil, err
	}
	if s.FCMEndpoint == "" && s.Project == "" {
		if err := h.openSandbox(ctx, "127.0.0.1:0"); err != nil {
			return nil, err
		}
		s.FCMEndpoint = h.sandbox.Endpoint()
	}
	s.People.Announce = func(code string) { h.first = code }
	h.services, err = wire(s, secret, h.registry, log, bus.Config{Options: h.engines.Bus()}, func(database string) store.Config {
		return store.Config{URI: h.engines.StoreURI(), Dialer: h.engines.Dialer(), Database: database}
	})
	if err != nil {
		return nil, err
	}
	if err := h.start(ctx, &h.stack); err != nil {
		return nil, err
	}
	if err := h.loadSample(ctx); err != nil {
		return nil, err
	}
	if err := h.listen(ctx); err != nil {
		return nil, err
	}
	return h, nil
}

// openSandbox starts the stand-in for Google; its journal lies in the folder.
func (h *house) openSandbox(ctx context.Context, listen string) error {
	if err := os.MkdirAll(h.set.Data, 0o700); err != nil {
		return err
	}
	h.sandbox = fcmsandbox.New(fcmsandbox.Config{File: filepath.Join(h.set.Data, "phones.jsonl"), Log: h.log})
	if err := h.sandbox.Start(ctx, listen); err != nil {
		return err
	}
	h.stack.Push("sandbox", h.sandbox.Stop)
	return nil
}

// listen opens the doors: one for the API and its pages, one for the numbers.
func (h *house) listen(ctx context.Context) (err error) {
	bodies := agenda.BodyLimits()
	maps.Copy(bodies, delegates.BodyLimits())
	app := httpd.New(httpd.Config{Log: h.log, Service: "standalone", Registry: h.registry, BodyLimits: bodies, Settings: h.set.HTTP})
	httpd.Health(app, h.ready)
	h.delegates.Mount(app)
	h.agenda.Mount(app)
	h.notifications.Mount(app)
	docs.Handler(app)
	live, end := context.WithCancel(ctx)
	defer func() {
		if err != nil {
			end()
		}
	}()
	if h.sandbox != nil {
		mountSandbox(live, app, h.sandbox.Handler())
	}
	if h.set.Metrics != "" {
		h.metrics = httpd.MetricsServer(h.registry, func(r fiber.Router) { h.notifications.MountOperator(r, h.set.Metrics, h.set.OperatorToken) })
		if err := h.metrics.Start(ctx, h.set.Metrics); err != nil {
			return fmt.Errorf("%w (METRICS_LISTEN says where else, or off)", err)
		}
		h.stack.Push("metrics", h.metrics.Stop)
	}
	h.door = httpd.NewServer(app)
	if err := h.door.Start(ctx, h.set.Listen); err != nil {
		return fmt.Errorf("%w (PORT or LISTEN says where else)", err)
	}
	h.stack.Push("door", h.door.Stop)
	h.stack.Push("streams", h.notifications.Drain)
	h.stack.Push("live pages", func(context.Context) error { end(); return nil }) // or the door would wait for them
	return nil
}

// ready answers whether each service is.
func (h *house) ready(ctx context.Context) error {
	return errors.Join(h.delegates.Ready(ctx), h.agenda.Ready(ctx), h.notifications.Ready(ctx))
}

// place is what the people who start it are told.
func (h *house) place() place {
	p := place{URL: reachable(h.door.Addr()), Data: h.set.Data, Sandbox: h.sandbox != nil, Sample: h.sample, Bootstrap: h.set.People.BootstrapConference, Code: h.first}
	if h.metrics != nil {
		p.Metrics = reachable(h.metrics.Addr()) + "/metrics"
	}
	if loc, err := time.LoadLocation(h.sample.Zone); err == nil && h.sample.ID != "" {
		p.Now = h.sample.Opens().Add(time.Since(h.opened)).In(loc)
	}
	return p
}

// reachable is the URL of a listener, for somebody on this machine.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// close stops what runs, last things first, within patience.
func (h *house) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return h.stack.Stop(ctx)
}

// wire makes the three services; each has its own database. Where bus and
// store are is the caller's to say.
func wire(s settings, secret string, registry *prometheus.Registry, log *slog.Logger, to bus.Config, in func(database string) store.Config) (services, error) {
	secrets, err := delegates.ParseSecrets(secret)
	if err != nil {
		return services{}, fmt.Errorf("PLENARY_SECRET: %w", err)
	}
	people := s.People
	people.Store, people.Bus, people.Registry, people.Sandbox, people.Secrets = in("plenary_delegates"), to, registry, s.Sandbox, secrets
	return services{
		delegates: delegates.New(people, log),
		agenda: agenda.New(agenda.Config{
			Store: in("plenary_agenda"), Bus: to, Registry: registry, Sandbox: s.Sandbox,
		}, log),
		notifications: notifications.New(notifications.Config{
			Store: in("plenary_notifications"), Bus: to, Registry: registry,
			FCM:     notifications.FCM{Endpoint: s.FCMEndpoint, Project: s.Project, Credentials: s.Credentials},
			Windows: s.Windows,
		}, log),
	}, nil
}

// start starts the services side by side, each reads its own database, and says
// on the stack how to stop them. None needs another to start; the agenda and
// the notifications hear of the keys that tokens are signed with when the
// delegates have published them.
func (s services) start(ctx context.Context, stack *lifecycle.Stack) error {
	all := []struct {
		name        string
		start, stop func(context.Context) error
	}{
		{"delegates", s.delegates.Start, s.delegates.Stop},
		{"agenda", s.agenda.Start, s.agenda.Stop},
		{"notifications", s.notifications.Start, s.notifications.Stop},
	}
	errs := make([]error, len(all))
	var begun sync.WaitGroup
	for i, service := range all {
		begun.Go(func() { errs[i] = service.start(ctx) })
	}
	begun.Wait()
	for i, service := range all {
		if errs[i] == nil {
			stack.Push(service.name, service.stop)
		}
	}
	return errors.Join(errs...)
}
