package desk

import (
	"context"
	"sync"
	"time"
)

// sweepEvery is how often what others left unfinished is looked for.
const sweepEvery = 2 * time.Second

// A loop calls something now and then until it is stopped. It is begun once.
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
