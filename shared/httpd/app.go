// Package httpd is the edge every service shares: a Fiber app that keeps the
// promises of the API however a handler behaves.
//
// It exists so that a handler only translates. Failures have kinds and one
// function turns a kind into a status and an application/problem+json answer,
// also for what never reaches a handler (an unknown path, a body too large, a
// panic). Every answer has a request id, every request a deadline and one log
// line. A request is authorised and counted before anything in it is parsed,
// parsed strictly, and checked against the constraints of the spec before a
// handler sees it.
//
// Fiber lends strings out of buffers it reuses; the app is Immutable, so what a
// handler is given may be kept.
package httpd

import (
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// Sizes and times that hold unless a Config says otherwise.
const (
	DefaultBodyLimit = 256 << 10
	DefaultDeadline  = 10 * time.Second

	headerLimit = 8 << 10 // a token is about 500 bytes, some proxies add a lot
	readTimeout = time.Minute
	idleTimeout = 2 * time.Minute
)

// Config says how an app is to behave. The zero Config is a working one.
type Config struct {
	Log     *slog.Logger // nil = slog.Default()
	Service string       // who answers, in logs and metrics
	// Registry takes the HTTP metrics; two apps may share one. nil = none kept.
	Registry prometheus.Registerer
	// BodyLimit is how many bytes a body may have; 0 = DefaultBodyLimit.
	BodyLimit int
	// BodyLimits are the exceptions, keyed "POST /v1/conferences/:conference/imports".
	BodyLimits map[string]int
	// Deadline bounds c.UserContext(); 0 = DefaultDeadline. A stream outlives its
	// handler and must bring its own context. Rules has the exceptions.
	Deadline time.Duration
	Settings
}

// New makes the app. Everything it answers, errors of the router and of the
// connection included, carries X-Request-Id, traceparent and the security
// headers, and every failure is a problem document.
func New(cfg Config) *fiber.App {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Registry == nil {
		cfg.Registry = prometheus.NewRegistry()
	}
	if cfg.BodyLimit == 0 {
		cfg.BodyLimit = DefaultBodyLimit
	}
	if cfg.Deadline == 0 {
		cfg.Deadline = DefaultDeadline
	}
	log := cfg.Log.With("service", cfg.Service).Handler()
	e := &edge{
		deadline: cfg.Deadline, metrics: newMetrics(cfg.Registry, cfg.Service, log), proxies: cfg.Proxies,
		origins: cfg.Origins, next: crossing(cfg.Origins), limits: newLimiter(cfg.Limits),
	}
	app := fiber.New(fiber.Config{
		AppName:               cfg.Service,
		Immutable:             true,
		CaseSensitive:         true,
		StrictRouting:         true,
		BodyLimit:             cfg.BodyLimit,
		ReadBufferSize:        headerLimit,
		ReadTimeout:           readTimeout,
		IdleTimeout:           idleTimeout, // no WriteTimeout: it would cut streams
		JSONDecoder:           decodeStrictly,
		ErrorHandler:          e.outside,
		DisableStartupMessage: true,
		// Nobody here reads forms: their bodies are refused like any other.
		DisablePreParseMultipartForm: true,
	})
	limitBodies(app.Server(), cfg.BodyLimits)
	refuseOddMethods(app, e)
	app.Use(e.around)
	return app
}
