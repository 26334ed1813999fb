package notifications

import (
	"context"
	"encoding/json"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/shared/event"
)

// startStreams has the apps that follow their inbox woken when there is news for
// them.
func (s *Service) startStreams(context.Context) error {
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "plenary_streams_open", Help: "Apps that follow their inbox on this replica.",
	}, func() float64 { return float64(s.streams.Open()) })
	return s.show(open)
}

// Drain sends away the apps that follow their inbox, and lets none in any more.
// Whoever mounts the service calls it before the door closes, which would wait for
// them.
func (s *Service) Drain(context.Context) error {
	s.streams.Close()
	return nil
}

// wakeEnded has the streams of whoever's sign-in or rights have ended find out.
func (s *Service) wakeEnded(_ context.Context, e event.Envelope) error {
	var who struct {
		Delegate string `json:"delegate"`
	}
	if json.Unmarshal(e.Data, &who) == nil && who.Delegate != "" {
		s.streams.Wake(e.Conference, who.Delegate)
	}
	return nil // what cannot be read has nobody to wake
}
