package httpd

import (
	"errors"
	"log/slog"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count requests by route template: a path would make one series per id.
type metrics struct {
	service  string
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec

	// made holds the series there are, copied whenever one is added: looking one
	// up by its labels costs more than the rest of counting.
	made   atomic.Pointer[map[outcome]*series]
	making sync.Mutex
	log    slog.Handler
}

type outcome struct {
	route, method string
	status        int
}

// series is where requests with one outcome are counted and logged; its log
// has spelled that outcome already.
type series struct {
	requests prometheus.Counter
	duration prometheus.Observer
	log      slog.Handler
}

func newMetrics(reg prometheus.Registerer, service string, log slog.Handler) *metrics {
	m := &metrics{
		service: service, log: log,
		requests: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "plenary_http_requests_total", Help: "Requests answered, by route template.",
		}, []string{"service", "route", "method", "status"})),
		duration: register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "plenary_http_request_duration_seconds", Help: "Time from the first byte read to the answer made, by route template.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"service", "route", "method"})),
	}
	m.made.Store(&map[outcome]*series{})
	return m
}

// register adds c, or returns the one an earlier app has added.
func register[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if dup, ok := errors.AsType[prometheus.AlreadyRegisteredError](reg.Register(c)); ok {
		return dup.ExistingCollector.(C)
	}
	return c
}

// observe counts a request and answers where to log it.
func (m *metrics) observe(route, method string, status int, took time.Duration) slog.Handler {
	s, ok := (*m.made.Load())[outcome{route, method, status}]
	if !ok {
		s = m.add(outcome{strings.Clone(route), strings.Clone(method), status})
	}
	s.requests.Inc()
	s.duration.Observe(took.Seconds())
	return s.log
}

func (m *metrics) add(o outcome) *series {
	m.making.Lock()
	defer m.making.Unlock()
	s := &series{
		m.requests.WithLabelValues(m.service, o.route, o.method, strconv.Itoa(o.status)),
		m.duration.WithLabelValues(m.service, o.route, o.method),
		m.log.WithAttrs([]slog.Attr{slog.String("method", o.method), slog.String("route", o.route), slog.Int("status", o.status)}),
	}
	grown := maps.Clone(*m.made.Load())
	grown[o] = s
	m.made.Store(&grown)
	return s
}

// NewRegistry makes a registry that already tells of the Go runtime and the process.
func NewRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// MetricsServer serves what reg gathers at /metrics. It is a listener of its
// own, so that the numbers never face the public. Doors for operators may stand
// beside it; what they return as errors is answered as the API answers it.
func MetricsServer(reg prometheus.Gatherer, doors ...func(fiber.Router)) *Server {
	app := fiber.New(fiber.Config{
		DisableStartupMessage: true, Immutable: true, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		BodyLimit: DefaultBodyLimit, ErrorHandler: plainProblem,
	})
	for _, mount := range doors {
		mount(app)
	}
	app.Get("/metrics", adaptor.HTTPHandler(promhttp.HandlerFor(reg, promhttp.HandlerOpts{})))
	return NewServer(app)
}
