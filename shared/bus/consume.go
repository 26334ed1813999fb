package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

const (
	maxDeliver  = 20 // the broker's own net below ours
	patience    = 15 // deliveries after which we put a message aside ourselves
	maxPanics   = 3
	longestWait = 10 * time.Second
	idle        = 5 * time.Second // one question; a broker that restarts forgets it
	ackWithin   = 2 * time.Second
)

// Work names a durable consumer: its messages are worked through one after
// another, by whichever replica is up, each until it is done.
type Work struct {
	Stream  string
	Durable string
	// OnDone, if set, hears of every message that ended, with its stream
	// sequence; tests wait on it and metrics are fed by it.
	OnDone func(e event.Envelope, err error)
}

// Consume works through the stream's events until the returned stop is
// called; stop waits for the event in hand. How a delivery ends is decided by
// the error's kind: nil acknowledges; Malformed or Invalid, or an envelope that
// cannot be read, puts the message aside among the dead letters; anything else
// is bad weather (a store or bus that does not answer), and the same event is
// tried again in place, without counting deliveries, until it passes.
func (b *Bus) Consume(ctx context.Context, w Work, fn func(context.Context, event.Envelope) error) (stop func(), err error) {
	cons, err := b.consumer(ctx, w)
	if err != nil {
		return nil, err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() {
		for run.Err() == nil {
			m, err := next(run, cons)
			switch {
			case err == nil:
				b.work(run, w, m, fn)
				continue
			case errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded), run.Err() != nil:
				continue
			}
			b.log.Warn("consumer waits", "durable", w.Durable, "err", err)
			select {
			case <-run.Done():
			case <-time.After(time.Second):
			}
			if made, err := b.consumer(run, w); err == nil { // the broker may have lost it
				cons = made
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}, nil
}

// consumer makes the durable consumer, or brings it to these settings.
func (b *Bus) consumer(ctx context.Context, w Work) (jetstream.Consumer, error) {
	cons, err := b.js.CreateOrUpdateConsumer(ctx, w.Stream, jetstream.ConsumerConfig{
		Durable: w.Durable, AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait,
		MaxAckPending: 1, MaxDeliver: maxDeliver, DeliverPolicy: jetstream.DeliverAllPolicy,
	})
	if err != nil {
		return nil, fmt.Errorf("consumer %s: %w", w.Durable, err)
	}
	return cons, nil
}

// next asks for one message at a time: one that waits in a client's buffer while
// the client stops is nobody's until its lease is over. For the same reason the
// end of ctx does not cut the question for what is there already.
func next(ctx context.Context, cons jetstream.Consumer) (jetstream.Msg, error) {
	there, err := cons.FetchNoWait(1)
	if err != nil {
		return nil, err
	}
	for m := range there.Messages() {
		return m, nil
	}
	if err := there.Error(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, idle)
	defer cancel()
	return cons.Next(jetstream.FetchContext(ctx))
}

// Pending counts the events the durable consumer has still to work through,
// the one in hand included. A consumer that does not exist yet has them all.
func (b *Bus) Pending(ctx context.Context, stream, durable string) (uint64, error) {
	cons, err := b.js.Consumer(ctx, stream, durable)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		st, err := b.js.Stream(ctx, stream)
		if err != nil {
			return 0, fmt.Errorf("stream %s: %w", stream, err)
		}
		return st.CachedInfo().State.Msgs, nil
	}
	if err != nil {
		return 0, fmt.Errorf("consumer %s: %w", durable, err)
	}
	info := cons.CachedInfo()
	return info.NumPending + uint64(info.NumAckPending), nil
}

// Worked is the stream sequence up to which the durable consumer has worked
// everything through; zero for one that does not exist yet. A replica that
// loads what a consumer writes follows the stream from here on, because what
// lies between here and the stream's end is not in the store yet.
func (b *Bus) Worked(ctx context.Context, stream, durable string) (uint64, error) {
	cons, err := b.js.Consumer(ctx, stream, durable)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("consumer %s: %w", durable, err)
	}
	return cons.CachedInfo().AckFloor.Stream, nil
}

// work sees one delivery through to its end.
func (b *Bus) work(ctx context.Context, w Work, m jetstream.Msg, fn func(context.Context, event.Envelope) error) {
	held, release := context.WithCancel(ctx)
	defer release()
	go func() { // tells the broker that we are still at it
		t := time.NewTicker(ackWait / 3)
		defer t.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-t.C:
				_ = m.InProgress()
			}
		}
	}()
	e, err := event.Parse(m.Data())
	if err != nil {
		err = problem.New(problem.Malformed, "bad_envelope", "%v", err)
	} else {
		err = b.attempt(ctx, w, m, e, fn)
	}
	switch {
	case err == nil:
		done, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackWithin) // also when we are stopping
		err = m.DoubleAck(done)
		cancel()
	case ctx.Err() != nil:
		_ = m.Nak() // we are stopping: the next one to come takes it
	default:
		err = errors.Join(err, b.putAside(ctx, w, m, err))
	}
	if w.OnDone != nil {
		w.OnDone(e, err)
	}
}

// attempt calls fn until it succeeds or no further attempt can help.
func (b *Bus) attempt(ctx context.Context, w Work, m jetstream.Msg, e event.Envelope, fn func(context.Context, event.Envelope) error) error {
	md, err := m.Metadata()
	if err != nil {
		return problem.New(problem.Malformed, "bad_delivery", "%v", err)
	}
	if md.NumDelivered > patience {
		return problem.New(problem.Malformed, "delivered_too_often", "delivered %d times without an end", md.NumDelivered)
	}
	wait, panics := 50*time.Millisecond, 0
	for {
		err := guarded(ctx, e, fn)
		if _, ok := errors.AsType[*panicked](err); ok {
			if panics++; panics >= maxPanics {
				return problem.New(problem.Malformed, "poison", "%v", err)
			}
		}
		if err == nil || problem.Is(err, problem.Malformed) || problem.Is(err, problem.Invalid) {
			return err
		}
		b.log.Warn("event not yet worked through", "durable", w.Durable, "event", e.ID, "type", e.Type, "err", err)
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait):
			wait = min(2*wait, longestWait)
		}
	}
}

func (b *Bus) putAside(ctx context.Context, w Work, m jetstream.Msg, why error) error {
	md, err := m.Metadata()
	if err != nil {
		return m.TermWithReason(why.Error())
	}
	id := w.Stream + "+" + strconv.FormatUint(md.Sequence.Stream, 10)
	if err := b.DeadLetter(ctx, w.Durable, id, why.Error(), m.Data()); err != nil {
		return errors.Join(err, m.NakWithDelay(time.Second))
	}
	return m.TermWithReason(why.Error())
}

type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

func guarded(ctx context.Context, e event.Envelope, fn func(context.Context, event.Envelope) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
		}
	}()
	return fn(ctx, e)
}
