package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// A carrier is the breaker before FCM: when it does not know us, sending stops,
// jobs stay, and only questions go out until it knows us again.
type carrier struct {
	d    *Dispatcher
	mu   sync.Mutex
	open chan struct{} // nil while sending is allowed; closed when it is again
	held chan struct{} // as open, for the wish of an operator
}

func newCarrier(d *Dispatcher) *carrier { return &carrier{d: d} }

// wait returns true when sending is allowed, false when ctx ended first.
func (c *carrier) wait(ctx context.Context) bool {
	for {
		c.mu.Lock()
		open := c.closed()
		c.mu.Unlock()
		if open == nil {
			return ctx.Err() == nil
		}
		select {
		case <-open:
		case <-ctx.Done():
			return false
		}
	}
}

// refuses tells whether sending is stopped now.
func (c *carrier) refuses() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed() != nil
}

// trip stops sending and begins to ask. Once is enough: a thousand sends in
// flight are refused together.
func (c *carrier) trip(r push.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open != nil || c.d.stopping.Err() != nil {
		return
	}
	c.open = make(chan struct{})
	c.d.metrics.paused.WithLabelValues("carrier").Set(1)
	c.d.cfg.Log.Error("the push carrier refuses us: sending stops, jobs are kept",
		"alarm", "push_carrier", "outcome", r.Outcome.String(), "reason", r.Reason)
	c.d.workers.Go(c.ask) // from a worker, so the group is not empty
}

// ask questions the carrier until it knows us.
func (c *carrier) ask() {
	for pause(c.d.stopping, c.d.cfg.Waits.Probe) {
		r := c.d.cfg.Sender.Probe(c.d.ctx)
		if r.Outcome == push.Accepted || r.Outcome == push.Throttled {
			c.resume()
			return
		}
		c.d.cfg.Log.Warn("the push carrier still refuses us", "outcome", r.Outcome.String(), "reason", r.Reason)
	}
}

func (c *carrier) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.open)
	c.open = nil
	c.d.metrics.paused.WithLabelValues("carrier").Set(0)
	c.d.cfg.Log.Info("the push carrier knows us again: sending goes on")
}

// platforms are the gateways behind FCM: Apple's, the browsers'. One that
// refuses us pauses alone; when the pause is over, one push finds out.
type platforms struct {
	wait   time.Duration
	mu     sync.Mutex
	paused map[push.Platform]time.Time // until when
	held   map[push.Platform]bool      // by an operator
	gauge  func(push.Platform, float64)
}

func newPlatforms(wait time.Duration) *platforms {
	return &platforms{wait: wait, paused: map[push.Platform]time.Time{}, held: map[push.Platform]bool{}, gauge: func(push.Platform, float64) {}}
}

// allow tells whether a push may go to p now, and if not, after how long.
func (p *platforms) allow(to push.Platform) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held[to] {
		return p.wait, false
	}
	until, ok := p.paused[to]
	if !ok {
		return 0, true
	}
	now := time.Now()
	if now.Before(until) {
		return until.Sub(now).Round(10 * time.Millisecond), false // devices wait together
	}
	p.paused[to] = now.Add(p.wait)
	return 0, true
}

func (p *platforms) pause(of push.Platform, r push.Result, log *slog.Logger) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.paused[of]; !known {
		p.gauge(of, 1)
		log.Error("the gateway of a platform refuses us: its pushes are put off",
			"alarm", "push_platform", "platform", of, "reason", r.Reason)
	}
	p.paused[of] = time.Now().Add(p.wait)
	return p.wait
}

func (p *platforms) resume(of push.Platform, log *slog.Logger) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, paused := p.paused[of]; !paused {
		return
	}
	delete(p.paused, of)
	p.gauge(of, 0)
	log.Info("the gateway of a platform takes pushes again", "platform", of)
}
