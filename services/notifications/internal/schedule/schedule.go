// Package schedule wakes the service at a time, once, whatever happens to its
// processes in between: the end of a window, a reminder, a deadline, a digest.
//
// The clock is the bus's: an alarm is a message that the bus holds back until it
// is due, under a subject of its own, so setting an alarm again replaces it and
// no replica has to remember anything. What is due goes to a work queue and is
// handed to one replica, again and again until it has acted upon it. An alarm may
// therefore ring twice, or late, or for something that has changed since: whoever
// is woken looks at how things stand and trusts nothing but the key.
package schedule

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	stream   = "ALARMS"
	laterTo  = "alarm.later."
	dueTo    = "alarm.due."
	ackWait  = 30 * time.Second
	again    = time.Second // after an alarm that could not be acted upon
	idle     = 20 * time.Second
	patience = 15 * time.Second // a cluster that lost its leader acks nothing for 4-8 s
)

// A Kind says what an alarm is for, and so who is woken. It is a word of a
// subject: lower-case letters only.
type Kind string

// An Alarm is what rings.
type Alarm struct {
	Kind Kind            `json:"kind"`
	Key  string          `json:"key"` // of what it is about; one alarm of a kind per key
	At   time.Time       `json:"at"`  // when it was to ring, on the wall clock
	Data json.RawMessage `json:"data,omitempty"`
}

// A Clock sets alarms and rings them. Its methods may be called side by side, on
// any number of replicas.
type Clock struct {
	js       jetstream.JetStream
	replicas int
	log      *slog.Logger
}

// New makes a clock on a bus; replicas is of its stream, 0 is 1.
func New(js jetstream.JetStream, replicas int, log *slog.Logger) *Clock {
	return &Clock{js: js, replicas: max(1, replicas), log: log}
}

// Open makes the stream where it is missing. Call it before anything else.
func (c *Clock) Open(ctx context.Context) error {
	_, err := c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: stream, Subjects: []string{laterTo + ">", dueTo + ">"}, Retention: jetstream.WorkQueuePolicy,
		Storage: jetstream.FileStorage, Replicas: c.replicas, Duplicates: 2 * time.Minute,
		AllowMsgSchedules: true, AllowMsgTTL: true, AllowRollup: true,
	})
	if err != nil {
		return fmt.Errorf("stream %s: %w", stream, err)
	}
	return nil
}

// Set has an alarm ring at its time, and at once when that is past. One that is
// set for the same kind and key is replaced. When it returns nil the bus is bound
// to it.
func (c *Clock) Set(ctx context.Context, a Alarm) error {
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("alarm %s: %w", a.Kind, err)
	}
	m := nats.NewMsg(later(a.Kind, a.Key))
	m.Data = data
	m.Header.Set(jetstream.ScheduleHeader, "@at "+a.At.UTC().Format(time.RFC3339Nano)) // by hand: the library cuts it to seconds
	m.Header.Set(jetstream.ScheduleTargetHeader, dueTo+string(a.Kind))
	m.Header.Set(jetstream.MsgIDHeader, uuid.NewString()) // a repeated id would leave the former alarm as it is
	return c.publish(ctx, m)
}

// Cancel takes an alarm back; one that is not set is no error. It may have rung
// already, and be on its way.
func (c *Clock) Cancel(ctx context.Context, k Kind, key string) error {
	s, err := c.js.Stream(ctx, stream)
	if err != nil {
		return fmt.Errorf("cancel alarm %s: %w", k, err)
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSubject(later(k, key))); err != nil {
		return fmt.Errorf("cancel alarm %s: %w", k, err)
	}
	return nil
}

// later is the subject of an alarm that waits. Keys may hold anything.
func later(k Kind, key string) string {
	sum := sha256.Sum256([]byte(key))
	return laterTo + string(k) + "." + base64.RawURLEncoding.EncodeToString(sum[:18])
}

func (c *Clock) publish(ctx context.Context, m *nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		_, err := c.js.PublishMsg(ctx, m)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("set alarm: %w", errors.Join(err, ctx.Err()))
		case <-time.After(wait):
		}
	}
}

// Ring calls fn for each alarm of a kind that is due, on one of the replicas that
// listen, side by side at most hands at a time. One for which fn fails rings again
// a moment later. It listens until stop is called, which waits for what is in
// hand.
func (c *Clock) Ring(ctx context.Context, k Kind, hands int, fn func(context.Context, Alarm) error) (stop func(), err error) {
	consumer, err := c.js.CreateOrUpdateConsumer(ctx, stream, jetstream.ConsumerConfig{
		Durable: "alarm-" + string(k), FilterSubject: dueTo + string(k), AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: ackWait, MaxDeliver: -1, MaxAckPending: 1000,
	})
	if err != nil {
		return nil, fmt.Errorf("consumer of alarms %s: %w", k, err)
	}
	run, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range hands {
		all.Go(func() { c.serve(run, consumer, k, fn) })
	}
	return func() { cancel(); all.Wait() }, nil
}

func (c *Clock) serve(run context.Context, consumer jetstream.Consumer, k Kind, fn func(context.Context, Alarm) error) {
	for run.Err() == nil {
		wait, cancel := context.WithTimeout(run, idle)
		m, err := consumer.Next(jetstream.FetchContext(wait))
		cancel()
		switch {
		case err == nil:
			c.ring(run, m, k, fn)
		case run.Err() != nil, errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		default:
			c.log.Warn("alarms are not heard", "kind", k, "err", err)
			select {
			case <-run.Done():
			case <-time.After(again):
			}
		}
	}
}

// ring acts upon one alarm. What is in hand when the service stops is finished.
func (c *Clock) ring(run context.Context, m jetstream.Msg, k Kind, fn func(context.Context, Alarm) error) {
	var a Alarm
	if err := json.Unmarshal(m.Data(), &a); err != nil {
		c.log.Error("alarm not understood", "kind", k, "err", err)
		_ = m.TermWithReason("unreadable") // unheard, it is found unreadable again
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(run), ackWait-5*time.Second)
	defer cancel()
	if err := guarded(ctx, a, fn); err != nil {
		c.log.Warn("alarm not acted upon yet", "kind", k, "key", a.Key, "err", err)
		_ = m.NakWithDelay(again) // unheard, the lease runs out
		return
	}
	if err := m.DoubleAck(ctx); err != nil {
		c.log.Debug("alarm not acknowledged", "kind", k, "err", err)
	}
}

// guarded calls fn; a panic in it is a failure like any other, or one alarm would
// end every replica it is handed to.
func guarded(ctx context.Context, a Alarm, fn func(context.Context, Alarm) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(ctx, a)
}
