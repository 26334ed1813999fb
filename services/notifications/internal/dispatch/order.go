package dispatch

import (
	"context"
	"sync"

	"plenary.example/services/notifications/internal/push"
)

// An order has what waits in the queue served most urgent first: a job of a lane is
// begun only while every more urgent lane has a worker that found nothing to do. What
// is in hand goes on. It is of one replica; one that has nothing urgent to do helps
// with the rest, whatever its siblings have in hand.
type order struct {
	mu      sync.Mutex
	resting map[push.Lane]int // workers that found nothing to do
	rested  chan struct{}     // closed when one more does
}

func newOrder() *order {
	return &order{resting: map[push.Lane]int{}, rested: make(chan struct{})}
}

// wait returns true when a job of the lane may be begun, false when ctx ended first.
func (o *order) wait(ctx context.Context, lane push.Lane) bool {
	for {
		o.mu.Lock()
		turn, rested := o.turn(lane), o.rested
		o.mu.Unlock()
		if turn {
			return ctx.Err() == nil
		}
		select {
		case <-rested:
		case <-ctx.Done():
			return false
		}
	}
}

// turn says whether nothing more urgent is to do; the lock is held.
func (o *order) turn(lane push.Lane) bool {
	for _, first := range push.Lanes() {
		if first == lane {
			return true
		}
		if o.resting[first] == 0 {
			return false
		}
	}
	return true
}

// rest says that a worker of the lane has nothing to do, until back is called.
func (o *order) rest(lane push.Lane) (back func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.resting[lane]++
	close(o.rested)
	o.rested = make(chan struct{})
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.resting[lane]--
	}
}
