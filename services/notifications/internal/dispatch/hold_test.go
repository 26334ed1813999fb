package dispatch

import (
	"testing"
	"testing/synctest"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// What an operator stops, no answer of the carrier lets go, and the other way
// round.
func TestTheWishOfAnOperatorAndTheBreakerStandApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{open: make(chan struct{})}
		c.hold(true)
		c.hold(true) // repeating it does nothing
		through := false
		go func() { through = c.wait(t.Context()) }()
		synctest.Wait()
		c.mu.Lock()
		close(c.open)
		c.open = nil
		c.mu.Unlock()
		synctest.Wait()
		if through || !c.refuses() || c.refused() {
			t.Error("the carrier knows us again, and sending goes on against the operator")
		}
		c.hold(false)
		c.hold(false)
		synctest.Wait()
		if !through || c.refuses() {
			t.Error("sending does not go on")
		}
	})
}

func TestAPlatformIsStoppedAlone(t *testing.T) {
	t.Parallel()
	p := newPlatforms(time.Minute)
	p.hold(push.IOS, true)
	if wait, ok := p.allow(push.IOS); ok || wait != time.Minute || !p.isHeld(push.IOS) || p.refusing(push.IOS) {
		t.Errorf("stopped: %v %v", wait, ok)
	}
	if _, ok := p.allow(push.Android); !ok {
		t.Error("another is stopped too")
	}
	p.hold(push.IOS, false)
	if _, ok := p.allow(push.IOS); !ok {
		t.Error("it does not go on")
	}
}

func TestTheBudgetIsWhatTheLastSecondLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(1000)
		for range 300 {
			p.take(time.Now())
		}
		time.Sleep(time.Second) // the bubble's clock
		if b := p.budget(time.Now()); b != (Budget{1000, 1000, 700}) {
			t.Errorf("after 300 in a second: %+v", b)
		}
		time.Sleep(time.Minute)
		if b := p.budget(time.Now()); b.Left != 1000 {
			t.Errorf("after a quiet minute: %+v", b)
		}
	})
}
