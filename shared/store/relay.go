package store

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// An Owed is a fact that is written but not yet told: Tell publishes it and
// then marks its document as told. Both must bear repetition, because a crash
// between the two tells twice.
type Owed struct {
	Name string
	Tell func(ctx context.Context) error
}

// A Relay tells, in the order in which they were written, what the documents
// of its service owe to the others. There is one in each replica, for what
// that replica wrote; what a crash left behind is found in the load at start.
type Relay struct {
	log  *slog.Logger
	mu   sync.Mutex
	owed []Owed
	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}
}

// NewRelay starts a relay. Stop ends it.
func NewRelay(log *slog.Logger) *Relay {
	ctx, stop := context.WithCancel(context.Background())
	r := &Relay{log: log, wake: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	go r.run(ctx)
	return r
}

// Push adds o behind what is already owed. It never blocks: the fact is in the
// store, so nothing is lost with this memory.
func (r *Relay) Push(o Owed) {
	r.mu.Lock()
	r.owed = append(r.owed, o)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Depth counts what is owed and not yet told.
func (r *Relay) Depth() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.owed)
}

// Stop gives what is owed until ctx ends to be told, then ends the relay. What
// remains stays in its documents and is told after the next start.
func (r *Relay) Stop(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for r.Depth() > 0 && ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		case <-r.done:
			return
		}
	}
	r.stop()
	<-r.done
}

func (r *Relay) run(ctx context.Context) {
	defer close(r.done)
	for {
		o, ok := r.first()
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-r.wake:
				continue
			}
		}
		if !r.tell(ctx, o) {
			return
		}
		r.mu.Lock()
		r.owed[0] = Owed{} // what it holds on to is free again
		r.owed = r.owed[1:]
		r.mu.Unlock()
	}
}

func (r *Relay) first() (Owed, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.owed) == 0 {
		return Owed{}, false
	}
	return r.owed[0], true
}

// tell tries until it is told; the order matters more than the next fact.
func (r *Relay) tell(ctx context.Context, o Owed) bool {
	wait := 20 * time.Millisecond
	for {
		err := o.Tell(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		r.log.Warn("not yet told", "owed", o.Name, "err", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
			wait = min(2*wait, 5*time.Second)
		}
	}
}
