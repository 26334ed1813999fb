package dispatch

import "plenary.example/services/notifications/internal/push"

// FCM is the name of the carrier; the gateways behind it are named after their
// platforms.
const FCM = "fcm"

// Carriers are the names of what an operator may hold.
func Carriers() []string {
	return []string{FCM, string(push.Android), string(push.IOS), string(push.Web)}
}

// Hold stops sending over a carrier, or lets it go on, at the wish of an operator
// and whatever the carrier itself says. Jobs are kept. Repeating it does nothing.
func (d *Dispatcher) Hold(name string, held bool) {
	value := 0.0
	if held {
		value = 1
	}
	d.metrics.paused.WithLabelValues("operator_" + name).Set(value)
	if name == FCM {
		d.carrier.hold(held)
		return
	}
	d.platforms.hold(push.Platform(name), held)
}

// Held tells whether an operator has stopped what goes to a platform.
func (d *Dispatcher) Held(p push.Platform) bool { return d.carrier.isHeld() || d.platforms.isHeld(p) }

// hold closes the way for the operator, beside the breaker.
func (c *carrier) hold(held bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case held && c.held == nil:
		c.held = make(chan struct{})
	case !held && c.held != nil:
		close(c.held)
		c.held = nil
	}
}

func (c *carrier) isHeld() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held != nil
}

// refused tells whether the carrier itself refuses us.
func (c *carrier) refused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open != nil
}

// closed is what to wait for before anything is sent; nil when nothing is in the
// way. The lock is held.
func (c *carrier) closed() chan struct{} {
	if c.held != nil {
		return c.held
	}
	return c.open
}

func (p *platforms) hold(of push.Platform, held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if held {
		p.held[of] = true
		return
	}
	delete(p.held, of)
}

func (p *platforms) isHeld(of push.Platform) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held[of]
}

// refusing tells whether the gateway of a platform refuses us.
func (p *platforms) refusing(of push.Platform) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, paused := p.paused[of]
	return paused
}
