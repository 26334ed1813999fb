// Package bus is how the services use NATS JetStream: events are published
// with an id and worked through in order by one durable consumer per service;
// the state of each entity is kept as the last message of its subject.
//
// Why a state stream beside the events: events expire. A consumer that is new,
// restored or was away for longer must not guess, so each producer also leaves
// what stands now, and a consumer that finds a gap reads that instead.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/shared/problem"
)

// Config says where the bus is. The zero EventAge means seven days.
type Config struct {
	URL string // empty when Options carry an in-process server
	// Options are added to the connection's, for an in-process server or TLS.
	Options []nats.Option
	// EventAge is how long events are kept. State is kept for good.
	EventAge time.Duration
	// Replicas of each stream: 3 on a cluster, 1 (also the zero value) elsewhere.
	// Every service must say the same, because each sees to the streams.
	Replicas int
}

// Names of the streams.
const (
	StreamAgenda    = "AGENDA"
	StreamNotice    = "NOTICE"
	StreamDelegates = "DELEGATES"
	StreamState     = "STATE"
	StreamDead      = "DEAD"
	ackWait         = 10 * time.Second
	publishPatience = 15 * time.Second
)

// A Bus is one service's connection. Its methods may be called side by side.
type Bus struct {
	cfg Config
	nc  *nats.Conn
	js  jetstream.JetStream
	log *slog.Logger
}

// Connect reaches the bus and sees to it that the streams exist with the
// settings of this build. It retries until ctx ends, because in a cluster the
// bus may come up after the service.
func Connect(ctx context.Context, cfg Config, log *slog.Logger) (*Bus, error) {
	opts := append([]nats.Option{
		nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Error("bus error", "err", err)
		}),
	}, cfg.Options...)
	b := &Bus{cfg: cfg, log: log}
	err := retry(ctx, func() (err error) {
		b.nc, err = nats.Connect(cfg.URL, opts...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("connect to the bus: %w", err)
	}
	if b.js, err = jetstream.New(b.nc, jetstream.WithPublishAsyncMaxPending(512)); err == nil {
		err = retry(ctx, func() error { return b.ensureStreams(ctx) })
	}
	if err != nil {
		b.nc.Close()
		return nil, fmt.Errorf("prepare the streams: %w", err)
	}
	return b, nil
}

func (b *Bus) ensureStreams(ctx context.Context) error {
	age := b.cfg.EventAge
	if age == 0 {
		age = 7 * 24 * time.Hour
	}
	replicas := max(1, b.cfg.Replicas)
	events := func(name, subject string) jetstream.StreamConfig {
		return jetstream.StreamConfig{
			Name: name, Subjects: []string{subject}, Storage: jetstream.FileStorage, Replicas: replicas,
			MaxAge: age, Duplicates: min(24*time.Hour, age),
		}
	}
	for _, cfg := range []jetstream.StreamConfig{
		events(StreamAgenda, "plenary.*.agenda.>"),
		events(StreamNotice, "plenary.*.notice.>"),
		events(StreamDelegates, "plenary.*.delegates.>"),
		{
			Name: StreamState, Subjects: []string{"plenary-state.>"}, Storage: jetstream.FileStorage,
			Replicas: replicas, MaxMsgsPerSubject: 1, AllowDirect: true,
		},
		{
			Name: StreamDead, Subjects: []string{"plenary-dead.>"}, Storage: jetstream.FileStorage,
			Replicas: replicas, MaxMsgs: 100_000, Duplicates: 24 * time.Hour,
		},
	} {
		if err := b.EnsureStream(ctx, cfg); err != nil {
			return err
		}
	}
	return nil
}

// EnsureStream creates the stream or brings it to these settings.
func (b *Bus) EnsureStream(ctx context.Context, cfg jetstream.StreamConfig) error {
	if _, err := b.js.CreateOrUpdateStream(ctx, cfg); err != nil {
		return fmt.Errorf("stream %s: %w", cfg.Name, err)
	}
	return nil
}

// JS is the connection itself, for the one room that speaks to a stream of its
// own: the push jobs of the notifications service.
func (b *Bus) JS() jetstream.JetStream { return b.js }

// Ready answers whether the bus takes messages now; its error is Unavailable.
func (b *Bus) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := b.js.Stream(ctx, StreamState); err != nil {
		return problem.New(problem.Unavailable, "bus_unavailable", "the bus does not answer").Because(err)
	}
	return nil
}

// Close ends the connection. Consumers should have been stopped before.
func (b *Bus) Close() { b.nc.Close() }

// retry calls f until it succeeds, ctx ends, or the error is one that another
// attempt cannot mend.
func retry(ctx context.Context, f func() error) error {
	wait := 50 * time.Millisecond
	for {
		err := f()
		if err == nil || permanent(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait):
			wait = min(2*wait, 2*time.Second)
		}
	}
}

// permanent tells the errors that stay: the message or the request is wrong,
// not the weather.
func permanent(err error) bool {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.Code >= 400 && api.Code < 500 && api.ErrorCode != jetstream.JSErrCodeStreamNotFound
	}
	return errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrBadSubject) ||
		errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrAuthorization)
}
