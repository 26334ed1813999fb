package lifecycle

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	outputDelay = 10 * time.Millisecond
	outputLimit = 1 << 20
)

// An Output gathers what a log writes within ten milliseconds and passes it on
// in one piece. Under load the system call per line is a fifth of what a small
// request costs; nobody reads a log faster than that. The price: a process that
// is killed loses the lines of its last ten milliseconds.
type Output struct {
	to io.Writer

	mu      sync.Mutex
	room    sync.Cond // there is room again
	pending []byte
	stopped bool

	wake chan struct{} // something is pending
	done chan struct{} // the last line is out
	err  error         // of to; read after done
}

// NewOutput begins to pass on to w. Stop it, or the last lines stay inside.
func NewOutput(w io.Writer) *Output {
	o := &Output{to: w, wake: make(chan struct{}, 1), done: make(chan struct{})}
	o.room.L = &o.mu
	go o.run()
	return o
}

// Write takes p and returns. It waits only while a megabyte is pending, and
// writes through once the output is stopped.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.pending) >= outputLimit && !o.stopped {
		o.room.Wait()
	}
	if o.stopped {
		o.mu.Unlock()
		<-o.done // so that the order stays
		o.mu.Lock()
		return o.to.Write(p)
	}
	if len(o.pending) == 0 {
		o.wake <- struct{}{} // never waits: only the first line of a batch wakes
	}
	o.pending = append(o.pending, p...)
	return len(p), nil
}

func (o *Output) run() {
	defer close(o.done)
	var batch []byte
	for range o.wake {
		time.Sleep(outputDelay)
		o.mu.Lock()
		batch, o.pending = o.pending, batch[:0]
		o.room.Broadcast()
		o.mu.Unlock()
		if _, err := o.to.Write(batch); err != nil && o.err == nil {
			o.err = err
		}
	}
}

// Stop passes on what is pending and returns when it is out, or with ctx's
// error. The first error of the writer below is returned too. A second Stop
// only waits.
func (o *Output) Stop(ctx context.Context) error {
	o.mu.Lock()
	if !o.stopped {
		o.stopped = true
		close(o.wake)
		o.room.Broadcast()
	}
	o.mu.Unlock()
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		return fmt.Errorf("write the last lines: %w", ctx.Err())
	}
}
