package desk

import (
	"context"
	"errors"
	"sync"
	"time"
)

// sweepEvery is how often what others left unfinished is looked for.
const sweepEvery = 2 * time.Second

// A loop calls something now and then until it is stopped.
type loop struct {
	once sync.Once
	end  context.CancelFunc
	done chan struct{}
}

func (l *loop) begin(do func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	l.end, l.done = cancel, make(chan struct{})
	go func() {
		defer close(l.done)
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			do(ctx)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
}

func (l *loop) stop() {
	l.once.Do(func() {
		if l.end != nil {
			l.end()
			<-l.done
		}
	})
}

// Begin looks after the meetings from now on, until Close. It is to be called
// once, when Hint has had every state message that stood at Open.
func (d *Desk) Begin() {
	if d.options.Idle {
		return
	}
	d.loop.begin(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if err := d.Sweep(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("sweep failed", "err", err)
		}
	})
}

// Sweep ends what took too long, of whatever replica, and frees what is due. It
// may run on any number of replicas at once.
func (d *Desk) Sweep(ctx context.Context) error {
	var errs error
	for _, c := range d.conferences() {
		d.freeDue(c)
		errs = errors.Join(errs, d.sweepBusy(ctx, c))
	}
	return errs
}

// sweepBusy ends attempts and acts that memory knows of.
func (d *Desk) sweepBusy(ctx context.Context, c *conference) error {
	var errs error
	for _, id := range c.busy() {
		if _, err := d.settled(ctx, c, id); err != nil {
			errs = errors.Join(errs, err)
		}
	}
	return errs
}

// busy are the meetings of which memory has an attempt or an act.
func (c *conference) busy() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var ids []string
	for id, e := range c.meetings {
		if e.m.Attempt != nil || e.m.Act != "" {
			ids = append(ids, id)
		}
	}
	return ids
}
