package notifications

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// until has stop called when the service stops.
func (s *Service) until(what string, stop func()) {
	s.stack.Push(what, func(context.Context) error { stop(); return nil })
}

// show shows a number to operators until the service stops.
func (s *Service) show(number prometheus.Collector) error {
	if err := s.cfg.Registry.Register(number); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	s.until("metrics", func() { s.cfg.Registry.Unregister(number) })
	return nil
}

// lagOf shows how many events of a stream are not worked through yet; who looks
// sets it.
func (s *Service) lagOf(stream string) (prometheus.Gauge, error) {
	lag := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "plenary_event_lag", Help: "Events not yet worked through.",
		ConstLabels: prometheus.Labels{"service": "notifications", "stream": stream},
	})
	return lag, s.show(lag)
}

// work has the events of a stream worked through, and counts those that nobody could
// use.
func (s *Service) work(ctx context.Context, stream, durable string, handle func(context.Context, event.Envelope) error) error {
	dead := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "plenary_event_dead_letters_total", Help: "Events nobody could use, put aside.",
		ConstLabels: prometheus.Labels{"service": "notifications", "stream": stream},
	})
	if err := s.show(dead); err != nil {
		return err
	}
	stop, err := s.bus.Consume(ctx, bus.Work{Stream: stream, Durable: durable, OnDone: func(_ event.Envelope, err error) {
		if problem.Is(err, problem.Malformed) || problem.Is(err, problem.Invalid) {
			dead.Inc()
		}
	}}, handle)
	if err != nil {
		return err
	}
	s.until("events of "+stream, stop)
	return nil
}
