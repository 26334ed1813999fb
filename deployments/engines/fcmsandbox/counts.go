package fcmsandbox

import (
	"context"
	"sync"
	"sync/atomic"
)

// Stats is what happened at the endpoint since it started.
type Stats struct {
	Requests    int64         `json:"requests"`    // sends that arrived whole, dry runs included
	Received    int64         `json:"received"`    // messages recorded, repeats included
	DryRuns     int64         `json:"dryRuns"`     // dry runs answered 200
	InFlight    int64         `json:"inFlight"`    // sends not answered yet
	Peak        int64         `json:"peak"`        // most sends in flight at once
	Connections int64         `json:"connections"` // ever opened
	Status      map[int]int64 `json:"status"`      // answers by HTTP status; 0 = the connection was cut
}

// counts are the live figures behind Stats, and the bell that wakes whoever
// waits for them.
type counts struct {
	requests, received, dryRuns, inFlight, peak, connections atomic.Int64
	status                                                   [600]atomic.Int64

	waiting atomic.Int64
	mu      sync.Mutex
	changed chan struct{} // closed at the next change
}

func (c *counts) stats() Stats {
	s := Stats{
		Requests: c.requests.Load(), Received: c.received.Load(), DryRuns: c.dryRuns.Load(),
		InFlight: c.inFlight.Load(), Peak: c.peak.Load(), Connections: c.connections.Load(),
		Status: map[int]int64{},
	}
	for i := range c.status {
		if v := c.status[i].Load(); v > 0 {
			s.Status[i] = v
		}
	}
	return s
}

func (c *counts) begin() {
	now := c.inFlight.Add(1)
	for p := c.peak.Load(); now > p && !c.peak.CompareAndSwap(p, now); p = c.peak.Load() {
	}
	c.requests.Add(1)
	c.ring()
}

func (c *counts) end(status int) {
	c.status[status].Add(1)
	c.inFlight.Add(-1)
	c.ring()
}

// ring costs one load when nobody waits, so that the measured path stays bare.
func (c *counts) ring() {
	if c.waiting.Load() == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (c *counts) bell() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

// Stats returns the figures as they are now.
func (s *Sandbox) Stats() Stats { return s.counts.stats() }

// Wait returns nil as soon as enough says so, looking again after each change,
// or the context's error.
func (s *Sandbox) Wait(ctx context.Context, enough func(Stats) bool) error {
	s.counts.waiting.Add(1)
	defer s.counts.waiting.Add(-1)
	for {
		bell := s.counts.bell()
		if enough(s.counts.stats()) {
			return nil
		}
		select {
		case <-bell:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
