package httpd

import (
	"context"
	"sync"
	"time"
)

// lazyDeadline is a context with a deadline whose timer is set when somebody
// first waits for it. A read that is answered from memory waits for nothing,
// and setting and clearing a timer would be a tenth of what the edge costs it.
type lazyDeadline struct {
	at time.Time // set before first use

	mu     sync.Mutex
	inner  context.Context // nil until somebody waits
	cancel context.CancelFunc
	ended  bool
}

// wait is the context that does the work.
func (l *lazyDeadline) wait() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inner == nil {
		l.inner, l.cancel = context.WithDeadline(context.Background(), l.at)
		if l.ended {
			l.cancel()
		}
	}
	return l.inner
}

// over ends the context, as the end of the request does.
func (l *lazyDeadline) over() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	if l.cancel != nil {
		l.cancel()
	}
}

// Deadline implements context.Context.
func (l *lazyDeadline) Deadline() (time.Time, bool) { return l.at, true }

// Done implements context.Context.
func (l *lazyDeadline) Done() <-chan struct{} { return l.wait().Done() }

// Err implements context.Context.
func (l *lazyDeadline) Err() error { return l.wait().Err() }

// Value implements context.Context. A derived context finds the working one
// through it, and is then cancelled without a goroutine of its own.
func (l *lazyDeadline) Value(key any) any {
	l.mu.Lock()
	inner := l.inner
	l.mu.Unlock()
	if inner == nil {
		return nil
	}
	return inner.Value(key)
}
