package devices

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/problem"
)

const (
	// endedFor is how long a sign-in that ended is remembered where phones
	// register: longer than an access token of it can live.
	endedFor = time.Hour
	// silentFor is how long its phones are passed over in memory: longer than
	// their documents should take to be rid of them.
	silentFor = 24 * time.Hour
)

var errSignInEnded = problem.New(problem.Unauthenticated, "token_revoked",
	"What this access token was made for has changed; refresh the sign-in.")

// Ended is a sign-in that is over.
type Ended struct {
	SignIn string    `bson:"signIn"`
	At     time.Time `bson:"at"` // wall clock
}

func (h *Holder) hasEnded(signIn string) bool {
	return slices.ContainsFunc(h.Ended, func(e Ended) bool { return e.SignIn == signIn })
}

// Silence has the phones of a sign-in that ended passed over on this replica
// from now on. It writes nothing: End does.
func (d *Devices) Silence(signIn string) {
	now := d.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if now.Sub(d.tidied) > endedFor {
		d.tidied = now
		maps.DeleteFunc(d.silent, func(_ string, since time.Time) bool { return now.Sub(since) > silentFor })
	}
	d.silent[signIn] = now
}

// over tells whether this replica knows that the phone's sign-in has ended.
func (d *Devices) over(dev push.Device) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, ended := d.silent[dev.SignIn]
	return ended && dev.SignIn != ""
}

// End removes the phones that were registered with a sign-in of the delegate,
// which ended at a time of the wall clock, and sees to it that none registers
// with it any more. Repeating it does nothing.
func (d *Devices) End(ctx context.Context, conference, delegate, signIn string, at time.Time) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.change(ctx, conference, delegate, func(h *Holder) error {
		h.Devices = slices.DeleteFunc(h.Devices, func(x push.Device) bool { return x.SignIn == signIn })
		now := d.now()
		if !h.hasEnded(signIn) && now.Sub(at) < endedFor {
			h.Ended = append(h.Ended, Ended{signIn, at.UTC().Truncate(time.Millisecond)})
			h.Ended = slices.DeleteFunc(h.Ended, func(e Ended) bool { return now.Sub(e.At) >= endedFor })
		}
		return nil
	})
}

// Clear removes all phones of a delegate. Nothing is left in the document then
// but ids, and after an hour, for somebody who is erased, the delegate's alone;
// see Tidy.
func (d *Devices) Clear(ctx context.Context, delegate string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.drop(ctx, delegate, func(push.Device) bool { return true })
}

// staleAfter is how long a phone may go without registering: FCM calls a token
// expired then, and does not bring it anything.
const staleAfter = 270 * 24 * time.Hour

// Tidy removes what is left of people who may not be told anything: phones that
// no event will remove, and sign-ins that ended long enough ago. It also removes
// the phones that have not registered for 270 days, and returns how many those
// were.
func (d *Devices) Tidy(ctx context.Context, may func(conference, delegate string) bool) (stale int, err error) {
	now := d.now()
	old := func(x push.Device) bool { return now.Sub(x.RegisteredAt) >= staleAfter }
	over := func(e Ended) bool { return now.Sub(e.At) >= endedFor }
	d.mu.RLock()
	var left []Holder
	for _, h := range d.holders {
		switch {
		case slices.ContainsFunc(h.Devices, old):
			left = append(left, h)
		case (len(h.Devices) > 0 || slices.ContainsFunc(h.Ended, over)) && !may(h.Conference, h.Delegate):
			left = append(left, h)
		}
	}
	d.mu.RUnlock()
	d.writing.Lock()
	defer d.writing.Unlock()
	for _, h := range left {
		gone, found := !may(h.Conference, h.Delegate), 0
		err := d.change(ctx, h.Conference, h.Delegate, func(h *Holder) error {
			had := len(h.Devices)
			h.Devices = slices.DeleteFunc(h.Devices, old)
			found = had - len(h.Devices)
			if gone {
				h.Devices, h.Ended = nil, slices.DeleteFunc(h.Ended, over)
			}
			return nil
		})
		if err != nil {
			return stale, fmt.Errorf("tidy the devices: %w", err)
		}
		stale += found
	}
	return stale, nil
}
