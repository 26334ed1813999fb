package httpd

import (
	"errors"
	"net/http"
	"strconv"
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
}

func newMetrics(reg prometheus.Registerer, service string) *metrics {
	return &metrics{
		service: service,
		requests: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "plenary_http_requests_total", Help: "Requests answered, by route template.",
		}, []string{"service", "route", "method", "status"})),
		duration: register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "plenary_http_request_duration_seconds", Help: "Time from the first byte read to the answer made, by route template.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"service", "route", "method"})),
	}
}

// register adds c, or returns the one an earlier app has added.
func register[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if dup, ok := errors.AsType[prometheus.AlreadyRegisteredError](reg.Register(c)); ok {
		return dup.ExistingCollector.(C)
	}
	return c
}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(m.service, route, method, statusText(status)).Inc()
	m.duration.WithLabelValues(m.service, route, method).Observe(took.Seconds())
}

func statusText(status int) string {
	switch status { // the usual ones without an allocation
	case http.StatusOK:
		return "200"
	case http.StatusNotModified:
		return "304"
	}
	return strconv.Itoa(status)
}

// NewRegistry makes a registry that already tells of the Go runtime and the process.
func NewRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// MetricsServer serves what reg gathers at /metrics. It is a listener of its
// own, so that the numbers never face the public.
func MetricsServer(reg prometheus.Gatherer) *Server {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ReadTimeout: readTimeout, IdleTimeout: idleTimeout})
	app.Get("/metrics", adaptor.HTTPHandler(promhttp.HandlerFor(reg, promhttp.HandlerOpts{})))
	return NewServer(app)
}
