package reminders

import (
	"context"
	"time"
)

const (
	// every is when to look again for what has come within reach by itself.
	every = 30 * time.Second
	// rest is how many times as long as replanning took nothing is replanned: much
	// may happen at once, and none of it is for the next second.
	rest = 20
)

// Start begins to set alarms: now, whenever Again says so, and every half minute.
// It goes on until stop is called, which waits for it.
func (r *Reminders) Start(ctx context.Context) (stop func(), err error) {
	if err := r.Replan(ctx); err != nil {
		return nil, err
	}
	run, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-run.Done():
				return
			case <-r.Again:
			case <-tick.C:
			}
			begun := time.Now()
			if err := r.Replan(run); err != nil && run.Err() == nil {
				r.Log.Warn("reminders not planned", "err", err)
			}
			select {
			case <-run.Done():
			case <-time.After(rest * time.Since(begun)):
			}
		}
	}()
	return func() { cancel(); <-done }, nil
}
