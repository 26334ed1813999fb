package dispatch

import (
	"context"
	"sync"
	"time"
)

// How the rate answers a carrier that says «too many»: down at once, up slowly.
const (
	cutBy     = 0.6
	cutEvery  = time.Second
	raiseBy   = 1.15
	raiseEach = 500 * time.Millisecond
	slowest   = 20.0                   // sends a second
	burst     = 100 * time.Millisecond // sends that may be caught up with
)

// A pace spaces sends so that this replica keeps its share of the quota.
type pace struct {
	mu   sync.Mutex
	rate float64 // sends a second
	most float64
	next time.Time // when the next send is due
	// first is when the next urgent one is, whatever else waits for its turn.
	first time.Time
	cut   time.Time
	rise  time.Time
	// second is the one that runs, and sent what was sent in it; before is of the
	// one before.
	second       int64
	sent, before float64
}

func newPace(rate float64) *pace { return &pace{rate: rate, most: rate} }

// wait returns true when a send is due, false when ctx ended first.
func (p *pace) wait(ctx context.Context) bool { return waitFor(ctx, p.take(time.Now())) }

// waitUrgent is wait for urgent news: it stands behind urgent news only. What has
// its turn already keeps it, and what comes later gives way.
func (p *pace) waitUrgent(ctx context.Context) bool { return waitFor(ctx, p.takeFirst(time.Now())) }

func waitFor(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	return pause(ctx, d)
}

// take reserves the next send and returns how far off it is.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.raise(now)
	if p.next.Before(now.Add(-burst)) {
		p.next = now.Add(-burst)
	}
	d := p.next.Sub(now)
	p.turn(now)
	p.sent++
	p.next = p.next.Add(time.Duration(float64(time.Second) / p.rate))
	return d
}

// takeFirst is take for urgent news.
func (p *pace) takeFirst(now time.Time) time.Duration {
	behind := p.take(now)
	p.mu.Lock()
	defer p.mu.Unlock()
	if soonest := now.Add(min(behind, 0)); p.first.Before(soonest) {
		p.first = soonest
	}
	d := p.first.Sub(now)
	p.first = p.first.Add(time.Duration(float64(time.Second) / p.rate))
	return min(d, behind)
}

// turn begins the second that now is in.
func (p *pace) turn(now time.Time) {
	switch now.Unix() - p.second {
	case 0:
		return
	case 1:
		p.before = p.sent
	default:
		p.before = 0
	}
	p.second, p.sent = now.Unix(), 0
}

// budget is what is allowed, and what of it the last whole second left.
func (p *pace) budget(now time.Time) Budget {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn(now)
	return Budget{Most: p.most, Now: p.rate, Left: max(0, p.rate-p.before)}
}

func (p *pace) raise(now time.Time) {
	if p.rate >= p.most || now.Sub(p.cut) < cutEvery {
		return
	}
	for now.Sub(p.rise) >= raiseEach && p.rate < p.most {
		p.rate = min(p.most, p.rate*raiseBy)
		p.rise = p.rise.Add(raiseEach)
	}
}

// refused lowers the rate, once for the many refusals of one second.
func (p *pace) refused() {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.cut) < cutEvery {
		return
	}
	p.rate = max(slowest, p.rate*cutBy)
	p.cut, p.rise = now, now.Add(cutEvery)
}

func (p *pace) current() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rate
}
