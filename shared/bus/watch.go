package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	hintTakes    = 5 * time.Second  // one call of a watcher's function
	hintPatience = 15 * time.Minute // all calls with one message
)

// A Seen is a message as a watcher sees it.
type Seen struct {
	Subject string
	// Revision of a state message; zero for an event.
	Revision int64
	Data     []byte
}

// A Watch follows one stream for as long as its service runs. Every replica
// has its own; nothing is acknowledged.
type Watch struct {
	stream jetstream.Stream
	cc     jetstream.ConsumeContext
	log    *slog.Logger
	run    context.Context // ends when Stop begins
	end    context.CancelFunc
	call   sync.Mutex // held while fn runs

	mu   sync.Mutex
	seen uint64
	more chan struct{} // closed and renewed whenever seen rises
}

// WatchState calls fn with the last state message of every entity and then
// with each new one, one at a time and in the order of the stream. It returns
// when everything that stood at the call has been through fn. When fn fails, say
// because a store is away, it is called again with the same message, for a
// quarter of an hour: a message let go does not come again.
func (b *Bus) WatchState(ctx context.Context, fn func(context.Context, Seen) error) (*Watch, error) {
	return b.watch(ctx, StreamState, 1, fn)
}

// Tail calls fn with every event of the stream from the given sequence on,
// which a replica notes before it loads (see LastSequence), so that nothing
// falls between. It returns when fn has seen what stood at the call; when fn
// fails, it is as with WatchState.
func (b *Bus) Tail(ctx context.Context, stream string, from uint64, fn func(context.Context, Seen) error) (*Watch, error) {
	return b.watch(ctx, stream, from, fn)
}

// TailSince is Tail from a moment of the wall clock on.
func (b *Bus) TailSince(ctx context.Context, stream string, since time.Time, fn func(context.Context, Seen) error) (*Watch, error) {
	st, err := b.js.Stream(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", stream, err)
	}
	// The first message of that time or later. One that is gone counts as later:
	// that can only make the watch begin too early.
	from, end := max(1, st.CachedInfo().State.FirstSeq), st.CachedInfo().State.LastSeq+1
	for from < end {
		middle := (from + end) / 2
		m, err := st.GetMsg(ctx, middle)
		switch {
		case err == nil && m.Time.Before(since):
			from = middle + 1
		case err == nil || errors.Is(err, jetstream.ErrMsgNotFound):
			end = middle
		default:
			return nil, fmt.Errorf("watch %s: %w", stream, err)
		}
	}
	return b.watch(ctx, stream, from, fn)
}

// LastSequence is the number of the last message of the stream.
func (b *Bus) LastSequence(ctx context.Context, stream string) (uint64, error) {
	st, err := b.js.Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("stream %s: %w", stream, err)
	}
	return st.CachedInfo().State.LastSeq, nil
}

// Followers is how many wait for what comes next in a stream. Whoever has gone, and
// left a consumer behind, waits for nothing.
func (b *Bus) Followers(ctx context.Context, stream string) (waiting int, err error) {
	st, err := b.js.Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("stream %s: %w", stream, err)
	}
	all := st.ListConsumers(ctx)
	for c := range all.Info() {
		if c.NumWaiting > 0 {
			waiting++
		}
	}
	if err := all.Err(); err != nil {
		return 0, fmt.Errorf("who follows %s: %w", stream, err)
	}
	return waiting, nil
}

func (b *Bus) watch(ctx context.Context, stream string, from uint64, fn func(context.Context, Seen) error) (*Watch, error) {
	st, err := b.js.Stream(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", stream, err)
	}
	from = max(1, from)
	// The consumer's own context ends with the watch, not with the caller's.
	cons, err := st.OrderedConsumer(context.WithoutCancel(ctx), jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
	})
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", stream, err)
	}
	w := &Watch{stream: st, seen: from - 1, more: make(chan struct{}), log: b.log}
	w.run, w.end = context.WithCancel(context.WithoutCancel(ctx))
	w.cc, err = cons.Consume(func(m jetstream.Msg) {
		if !w.pour(Seen{Subject: m.Subject(), Revision: stateRevision(nats.Header(m.Headers())), Data: m.Data()}, fn) {
			return
		}
		if md, err := m.Metadata(); err == nil {
			w.pass(md.Sequence.Stream)
		}
	})
	if err != nil {
		w.end()
		return nil, fmt.Errorf("watch %s: %w", stream, err)
	}
	if err := w.Sync(ctx); err != nil {
		w.Stop()
		return nil, err
	}
	return w, nil
}

// pour hands m to fn until fn has taken it; false when the watch ended before.
func (w *Watch) pour(m Seen, fn func(context.Context, Seen) error) bool {
	w.call.Lock()
	defer w.call.Unlock()
	wait, since := 50*time.Millisecond, time.Now()
	for w.run.Err() == nil {
		ctx, cancel := context.WithTimeout(w.run, hintTakes)
		err := fn(ctx, m)
		cancel()
		switch {
		case err == nil:
			return true
		case w.run.Err() != nil:
			return false
		case time.Since(since) > hintPatience:
			w.log.Error("message not taken in: what is here may be old", "subject", m.Subject, "err", err)
			return true
		}
		w.log.Warn("message not yet taken in", "subject", m.Subject, "err", err)
		select {
		case <-w.run.Done():
		case <-time.After(wait):
			wait = min(2*wait, hintTakes)
		}
	}
	return false
}

func (w *Watch) pass(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if seq > w.seen {
		w.seen = seq
		close(w.more)
		w.more = make(chan struct{})
	}
}

// Sync returns when every message stored before the call has been through fn:
// a barrier between what others have published and what this replica knows.
func (w *Watch) Sync(ctx context.Context) error {
	info, err := w.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("catch up with the bus: %w", err)
	}
	if info.State.Msgs == 0 {
		return nil // whatever there was has expired; it will not come any more
	}
	for {
		w.mu.Lock()
		seen, more := w.seen, w.more
		w.mu.Unlock()
		if seen >= info.State.LastSeq {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("catch up with the bus: %w", ctx.Err())
		}
	}
}

// Stop ends the watch and waits for a call of fn that is under way, which sees
// its context end.
func (w *Watch) Stop() {
	w.end()
	w.call.Lock() // the library does not wait for it
	defer w.call.Unlock()
	ended := make(chan struct{})
	go func() { // while the bus is away the library may keep us until its connection is closed
		defer close(ended)
		w.cc.Stop()
	}()
	select {
	case <-ended:
	case <-time.After(time.Second):
	}
}
