// Package revocation takes rights away on every replica of every service within
// the time of a message.
//
// An access token says for a quarter of an hour what its holder may do, and no
// service asks the delegates service about it: that is what makes reads cheap.
// So whoever signs out, loses a device, is removed, substituted or erased, or
// gets another role, would keep the old rights for that long. The delegates
// service tells each of these as an event anyway; a replica that has seen the
// last twenty minutes of them knows of every token that is still fresh and no
// good any more. It is a room of its own because it stands between the bus and
// the edge, neither of which knows the other.
package revocation

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"time"

	"plenary.example/shared/bus"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

const (
	// since is how far back a replica reads at its start: longer than an access
	// token lives.
	since = 20 * time.Minute
	// lag is for how long a replica may not know of an end and still serve.
	lag = 5 * time.Second
)

// A Following tells the keys of one replica what has ended, for as long as the
// service runs.
type Following struct {
	watch *bus.Watch
	now   func() time.Time
}

// Follow has keys refuse the tokens whose sign-in or rights have ended, from
// now on. It returns when everything of the last twenty minutes that stood at
// the call is known. Each of also is called with every event of the delegates
// on every replica, one at a time and in their order, after keys; when it fails
// it is called again with the same event, so the repeat must do no harm, and the
// replica is not Ready before it has succeeded.
func Follow(ctx context.Context, b *bus.Bus, keys *httpd.Keys, now func() time.Time, log *slog.Logger, also ...func(context.Context, event.Envelope) error) (*Following, error) {
	f := &Following{now: now}
	var err error
	f.watch, err = b.TailSince(ctx, bus.StreamDelegates, now().Add(-since), func(ctx context.Context, m bus.Seen) error {
		e, err := event.Parse(m.Data)
		if err == nil {
			err = apply(e, keys)
		}
		if err != nil { // reading it again would not help
			log.Error("event of the delegates not understood: tokens may live on", "subject", m.Subject, "err", err)
			return nil
		}
		for _, do := range also {
			if err := do(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("follow what has ended: %w", err)
	}
	return f, nil
}

// apply tells keys what e ends. A substitution needs no line here: it comes
// with a change of the person's rights.
func apply(e event.Envelope, keys *httpd.Keys) error {
	switch e.Type {
	case event.SignInEnded{}.Type():
		var p event.SignInEnded
		if err := e.Into(&p); err != nil {
			return err
		}
		keys.EndSignIn(p.SignIn)
	case event.DelegateChanged{}.Type():
		var p event.DelegateChanged
		if err := e.Into(&p); err != nil {
			return err
		}
		keys.Outdate(p.Delegate, p.Rights)
	case event.DelegateErased{}.Type():
		var p event.DelegateErased
		if err := e.Into(&p); err != nil {
			return err
		}
		keys.Outdate(p.Delegate, math.MaxInt64) // nobody comes back from that
	case event.APIKeyChanged{}.Type():
		var p event.APIKeyChanged
		if err := e.Into(&p); err != nil {
			return err
		}
		if p.Ended {
			keys.EndSignIn(caller.KeyPrefix + p.Key)
		}
	}
	return nil
}

// Ready returns nil while the replica knows of every end that is older than
// five seconds; its error is Unavailable. Traffic that comes while it does not
// might be let in with rights that are gone.
func (f *Following) Ready(ctx context.Context) error {
	behind, err := f.watch.Lag(ctx, f.now())
	if err == nil && behind > lag {
		err = fmt.Errorf("%v behind", behind.Round(time.Millisecond))
	}
	if err != nil {
		return problem.New(problem.Unavailable, "revocations_unknown", "It is not known whose rights have ended.").After(time.Second).Because(err)
	}
	return nil
}

// Sync returns when every event of the delegates stored before the call has
// been taken in here.
func (f *Following) Sync(ctx context.Context) error { return f.watch.Sync(ctx) }

// Stop ends the following and waits for what is under way.
func (f *Following) Stop() { f.watch.Stop() }
