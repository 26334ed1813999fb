package bus

import (
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// Numbers are how far a service is with the events of a stream, for operators.
type Numbers struct {
	Lag  prometheus.Gauge   // events not yet worked through; who looks sets it
	Dead prometheus.Counter // events nobody could use; see Done
}

// NewNumbers are those of a service and a stream. They are shown to nobody yet.
func NewNumbers(service, stream string) Numbers {
	labels := prometheus.Labels{"service": service, "stream": stream}
	return Numbers{
		Lag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "plenary_event_lag", Help: "Events not yet worked through.", ConstLabels: labels,
		}),
		Dead: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "plenary_event_dead_letters_total", Help: "Events nobody could use, put aside.", ConstLabels: labels,
		}),
	}
}

// Done counts, as Work.OnDone, what Consume puts aside.
func (n Numbers) Done(_ event.Envelope, err error) {
	if problem.Is(err, problem.Malformed) || problem.Is(err, problem.Invalid) {
		n.Dead.Inc()
	}
}
