// Package dispatch brings notices to phones and loses none: jobs of a hundred
// devices in a work queue, a worker that sends them, and a durable retry of
// those the carrier refused.
//
// FCM has no idempotency key, so a crash must repeat, and a repeat must be
// invisible: each message carries its notice's id and its subject's tag, and a
// phone never gets an older revision after a newer one. Nobody sleeps on a
// refusal: the refused devices become a job of their own that the bus delivers
// when it is due, so waiting survives a crash and holds no worker. The price is
// a queue of our own on the bus, which is why this room speaks JetStream itself.
package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/notifications/internal/push"
)

// A Sender carries one message to one device. It never retries.
type Sender interface {
	Send(ctx context.Context, m push.Message) push.Result
	// Probe asks whether the carrier knows us, without a message to anybody.
	Probe(ctx context.Context) push.Result
	// Slots is how many sends may be in flight.
	Slots() int
}

// Notices knows the news. All answer from memory where they can.
type Notices interface {
	// Notice returns the notice filed under key, a sibling's too; an error says
	// that nobody knows whether there is one.
	Notice(ctx context.Context, key string) (push.Notice, bool, error)
	// Newer returns the news after which n must not be told to a delegate.
	Newer(n push.Notice, delegate string) (push.Notice, bool)
	// Has tells whether a delegate was told that revision of the subject.
	Has(conference, delegate string, s push.Subject, revision int64) bool
	// After tells whether n is a delegate's, and what they were told of its subject
	// afterwards.
	After(n push.Notice, delegate string) (later []push.Notice, theirs bool)
}

// Devices knows the phones.
type Devices interface {
	// Device returns the phone with its present holder; false when it is gone
	// or its holder may not be told.
	Device(installation string) (push.Device, bool)
	// Forget drops the phone, unless its token changed or it registered after
	// sentAt, or it is gone already; it answers whether it did.
	Forget(ctx context.Context, installation, token string, sentAt time.Time) (gone bool, err error)
}

// Config is what a dispatcher works with. Zero durations and numbers mean the
// defaults named.
type Config struct {
	JS      jetstream.JetStream
	Sender  Sender
	Notices Notices
	Devices Devices
	// Compose puts a notice into the device's language.
	Compose func(push.Notice, push.Device) push.Message
	// Gate decides right before each push whether the reader wants it now; nil
	// lets all through. It answers from memory.
	Gate func(push.Notice, push.Device) push.Verdict
	// Report hears what became of each push; nil is nobody. It must not block.
	Report func(push.Report)
	// Dead keeps what can never be sent; it returns when that is safe.
	Dead func(ctx context.Context, from, id, reason string, data []byte) error

	Registry prometheus.Registerer // nil = nobody looks
	Log      *slog.Logger
	Now      func() time.Time // wall clock; nil = time.Now
	Replicas int              // of the queue: 3 on a cluster; 0 = 1
	Rate     float64          // sends a second, this replica's share of the quota; 0 = 9,000
	Waits    Waits
}

// Waits is how long dispatch waits, and for what.
type Waits struct {
	Base     time.Duration // first retry, doubled for each further; 0 = 1 s
	Most     time.Duration // longest retry; 0 = 64 s
	Quota    time.Duration // after a 429 that names no time; 0 = 60 s
	Probe    time.Duration // between questions to a carrier that refuses us; 0 = 5 s
	Platform time.Duration // pause of a platform whose gateway refuses us; 0 = 1 min
	Ack      time.Duration // a job not heard of for so long goes to another worker; 0 = 5 s
}

func (w Waits) filled() Waits {
	for _, d := range []struct {
		is *time.Duration
		or time.Duration
	}{
		{&w.Base, time.Second},
		{&w.Most, 64 * time.Second},
		{&w.Quota, time.Minute},
		{&w.Probe, 5 * time.Second},
		{&w.Platform, time.Minute},
		{&w.Ack, 5 * time.Second},
	} {
		if *d.is == 0 {
			*d.is = d.or
		}
	}
	return w
}

// A Dispatcher is one replica's sender.
type Dispatcher struct {
	id        string // of this process, among its siblings
	cfg       Config
	queue     *queue
	carrier   *carrier
	order     *order
	platforms *platforms
	pace      *pace
	turns     *turns
	told      *told
	limits    *limits
	tally     *tally
	metrics   *metrics
	ratios    *ratios
	wrong     *wrong
	flight    flight
	hands     chan func() // free ones take from it

	ctx      context.Context // of sends; ends when Stop may wait no longer
	cancel   context.CancelFunc
	stopping context.Context // of waits; ends when Stop begins
	halt     context.CancelFunc
	workers  sync.WaitGroup
	once     sync.Once
	jobDone  func(push.Job) // tests listen here; nil = nobody does
}

// New makes a dispatcher. It neither sends nor listens before Start.
func New(cfg Config) *Dispatcher {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rate == 0 {
		cfg.Rate = 9000
	}
	cfg.Waits = cfg.Waits.filled()
	d := &Dispatcher{
		id: uuid.NewString(), cfg: cfg, queue: &queue{js: cfg.JS}, pace: newPace(cfg.Rate), order: newOrder(), turns: newTurns(), told: newTold(),
		platforms: newPlatforms(cfg.Waits.Platform), metrics: newMetrics(), ratios: newRatios(cfg.Log),
		wrong: newWrong(), limits: newLimits(), tally: newTally(), flight: newFlight(cfg.Sender.Slots()), hands: make(chan func()),
	}
	d.metrics.watch(d)
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.stopping, d.halt = context.WithCancel(d.ctx)
	d.carrier = newCarrier(d)
	return d
}

// Share says among how many replicas the carrier's limits of a device are shared
// out; until it is called, this is the only one.
func (d *Dispatcher) Share(among int) { d.limits.share(among) }

// Start makes the queue when it is missing and begins to send. ctx bounds the
// start, not the sending.
func (d *Dispatcher) Start(ctx context.Context) error {
	if err := d.queue.ensure(ctx, d.cfg.Replicas, d.cfg.Waits.Ack); err != nil {
		return fmt.Errorf("start dispatch: %w", err)
	}
	if d.cfg.Registry != nil {
		if err := d.cfg.Registry.Register(d.metrics); err != nil {
			return fmt.Errorf("start dispatch: %w", err)
		}
	}
	for lane, jobs := range budgets(d.cfg.Sender.Slots()) {
		for range jobs {
			d.workers.Go(func() { d.serve(lane) })
		}
	}
	return nil
}

// Stop takes no more jobs, finishes those in hand, and puts back what they
// still wait for. When ctx ends first, sends are cut and their jobs go to
// another worker; nothing is lost either way. Stopping again waits too.
func (d *Dispatcher) Stop(ctx context.Context) error {
	d.halt()
	done := make(chan struct{})
	go func() {
		d.workers.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = fmt.Errorf("stop dispatch: %w", ctx.Err())
		d.cancel()
		<-done
	}
	d.cancel()
	d.once.Do(func() {
		if d.cfg.Registry != nil {
			d.cfg.Registry.Unregister(d.metrics)
		}
	})
	return err
}
