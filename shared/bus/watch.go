package bus

import (
	"context"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
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

	mu   sync.Mutex
	seen uint64
	more chan struct{} // closed and renewed whenever seen rises
}

// WatchState calls fn with the last state message of every entity and then
// with each new one, one at a time and in the order of the stream. It returns
// when everything that stood at the call has been through fn.
func (b *Bus) WatchState(ctx context.Context, fn func(Seen)) (*Watch, error) {
	return b.watch(ctx, StreamState, 1, fn)
}

// Tail calls fn with every event of the stream from the given sequence on,
// which a replica notes before it loads (see LastSequence), so that nothing
// falls between. It returns when fn has seen what stood at the call.
func (b *Bus) Tail(ctx context.Context, stream string, from uint64, fn func(Seen)) (*Watch, error) {
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

func (b *Bus) watch(ctx context.Context, stream string, from uint64, fn func(Seen)) (*Watch, error) {
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
	w := &Watch{stream: st, seen: from - 1, more: make(chan struct{})}
	w.cc, err = cons.Consume(func(m jetstream.Msg) {
		fn(Seen{Subject: m.Subject(), Revision: stateRevision(nats.Header(m.Headers())), Data: m.Data()})
		if md, err := m.Metadata(); err == nil {
			w.pass(md.Sequence.Stream)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", stream, err)
	}
	if err := w.Sync(ctx); err != nil {
		w.Stop()
		return nil, err
	}
	return w, nil
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

// Stop ends the watch and waits for a call of fn that is under way.
func (w *Watch) Stop() {
	w.cc.Stop()
	<-w.cc.Closed()
}
