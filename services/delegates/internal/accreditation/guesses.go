package accreditation

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"
)

// How wrong codes slow down the next attempt at the same accreditation. The
// longest wait is short on purpose: somebody who guesses at another's number
// keeps the owner out for as long as that, and one guess a minute at fifty bits
// will not succeed in this geological era.
const (
	freeGuesses = 5
	firstWait   = time.Second
	longestWait = time.Minute
	forgetAfter = time.Hour
)

// How wrong codes from one address slow down the next from there. A whole venue
// may be one address, so only failures count, and many are allowed.
const (
	addressBurst  = 100
	addressRefill = time.Second // one failure is forgiven
)

// Guesses counts wrong codes: those for one accreditation number, whether or not
// there is such a number, or those from one address. It lies in the store, so
// all replicas count together.
type Guesses struct {
	ID     string    `bson:"_id"`
	Failed int       `bson:"failed"`
	Since  time.Time `bson:"since"` // the first
	Last   time.Time `bson:"last"`
}

// Wait is how long the next attempt at a number must wait; zero when it need not.
func (g Guesses) Wait(now time.Time) time.Duration {
	if g.Failed < freeGuesses || g.Stale(now) {
		return 0
	}
	wait := longestWait
	if doublings := g.Failed - freeGuesses; doublings < 6 {
		wait = min(wait, firstWait<<doublings)
	}
	return max(0, g.Last.Add(wait).Sub(now))
}

// WaitAddress is how long the next attempt from an address must wait.
func (g Guesses) WaitAddress(now time.Time) time.Duration {
	return max(0, g.owed(now)-(addressBurst-1)*addressRefill)
}

// owed is how long it takes until all failures of an address are forgiven.
func (g Guesses) owed(now time.Time) time.Duration {
	return max(0, time.Duration(g.Failed)*addressRefill-now.Sub(g.Since))
}

// Stale says whether the guesses are so old that they do not count any more.
func (g Guesses) Stale(now time.Time) bool { return now.Sub(g.Last) >= forgetAfter }

// tally keeps the guesses.
type tally interface {
	// Guesses is the zero one when none have been counted.
	Guesses(ctx context.Context, id string) (Guesses, error)
	// CountGuess adds one; fresh begins again at one.
	CountGuess(ctx context.Context, id string, at time.Time, fresh bool) error
	ForgetGuesses(ctx context.Context, id string) error
}

// A Guard slows down guessing, at one number and from one address, for all
// replicas together. All sorts of signing in share one.
type Guard struct {
	tally tally
	// key hides addresses: what is kept of one is good for counting, and says
	// neither where it is nor whether it was ever here.
	key []byte
	now func() time.Time
}

// NewGuard makes a guard. Time is the wall clock.
func NewGuard(t tally, addressKey []byte, now func() time.Time) *Guard {
	return &Guard{tally: t, key: addressKey, now: now}
}

// WaitAddress is how long attempts of any sort from an address must wait.
func (g *Guard) WaitAddress(ctx context.Context, address string) (time.Duration, error) {
	t, err := g.tally.Guesses(ctx, g.addressID(address))
	return t.WaitAddress(g.now()), err
}

// CountAddress notes a failure from an address.
func (g *Guard) CountAddress(ctx context.Context, address string) error {
	id := g.addressID(address)
	t, err := g.tally.Guesses(ctx, id)
	if err == nil {
		err = g.tally.CountGuess(ctx, id, g.now(), t.owed(g.now()) == 0)
	}
	if err != nil {
		return fmt.Errorf("count the attempt: %w", err)
	}
	return nil
}

// tried is what was counted before an attempt.
type tried struct{ number, address Guesses }

func (t tried) wait(now time.Time) time.Duration {
	return max(t.number.Wait(now), t.address.WaitAddress(now))
}

// before reads what counts for an attempt at a number from an address, both by
// the ids under which they are counted.
func (g *Guard) before(ctx context.Context, number, address string) (t tried, err error) {
	if t.number, err = g.tally.Guesses(ctx, number); err != nil {
		return tried{}, err
	}
	t.address, err = g.tally.Guesses(ctx, address)
	return t, err
}

// count notes a failure.
func (g *Guard) count(ctx context.Context, before tried, number, address string) error {
	now := g.now()
	if err := g.tally.CountGuess(ctx, number, now, before.number.Stale(now)); err != nil {
		return fmt.Errorf("count the attempt: %w", err)
	}
	if err := g.tally.CountGuess(ctx, address, now, before.address.owed(now) == 0); err != nil {
		return fmt.Errorf("count the attempt: %w", err)
	}
	return nil
}

// forgive forgets what was guessed at a number, once its code is used. It is no
// loss when that fails: guesses go stale by themselves.
func (g *Guard) forgive(ctx context.Context, number string) {
	_ = g.tally.ForgetGuesses(ctx, number)
}

// addressID is where the failures of an address are counted. It holds no slash,
// which every number's id does.
func (g *Guard) addressID(address string) string {
	m := hmac.New(sha256.New, g.key)
	m.Write([]byte(network(address)))
	return "address:" + hex.EncodeToString(m.Sum(nil)[:16])
}

// network is what counts as one address: a single one of IPv4, and of IPv6 the
// 64 bits that a household or a host is given.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	if p, err := ip.Prefix(64); err == nil {
		return p.String()
	}
	return address
}
