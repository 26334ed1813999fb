package notifications

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
)

// show shows numbers to operators until the service stops.
func (s *Service) show(numbers ...prometheus.Collector) error {
	return httpd.Show(s.cfg.Registry, &s.stack, numbers...)
}

// numbersOf shows how far the events of a stream are worked through.
func (s *Service) numbersOf(stream string) (bus.Numbers, error) {
	n := bus.NewNumbers("notifications", stream)
	return n, s.show(n.Lag, n.Dead)
}

// work has the events of a stream worked through, and counts those that nobody could
// use.
func (s *Service) work(ctx context.Context, stream, durable string, n bus.Numbers, handle func(context.Context, event.Envelope) error) error {
	stop, err := s.bus.Consume(ctx, bus.Work{Stream: stream, Durable: durable, OnDone: n.Done}, handle)
	if err != nil {
		return err
	}
	s.stack.Until("events of "+stream, stop)
	return nil
}
