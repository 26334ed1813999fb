package accreditation

import (
	"net/netip"
	"sync"
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

// Guesses counts the wrong codes for one accreditation number, whether or not
// there is such a number. It lies in the store, so all replicas count together.
type Guesses struct {
	ID     string    `bson:"_id"`
	Failed int       `bson:"failed"`
	Last   time.Time `bson:"last"`
}

// Wait is how long the next attempt must wait; zero when it need not.
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

// Stale says whether the guesses are so old that they do not count any more.
func (g Guesses) Stale(now time.Time) bool { return now.Sub(g.Last) >= forgetAfter }

// How wrong codes from one address slow down the next from there. A whole venue
// may be one address, so only failures count, and many are allowed.
const (
	addressBurst  = 100
	addressRefill = time.Second // one failure is forgiven
	addressLimit  = 10_000      // addresses remembered
)

// addresses counts failures by address, in the memory of this replica.
type addresses struct {
	mu sync.Mutex
	// until is the moment at which all failures of an address are forgiven.
	until map[string]time.Time
}

// wait is how long attempts from address must wait.
func (a *addresses) wait(address string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	owed := max(0, a.until[network(address)].Sub(now))
	return max(0, owed-(addressBurst-1)*addressRefill)
}

// count notes a failure from address.
func (a *addresses) count(address string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.until) >= addressLimit {
		a.forget(now)
	}
	from := now
	if until := a.until[network(address)]; until.After(now) {
		from = until
	}
	a.until[network(address)] = from.Add(addressRefill)
}

// forget makes room for many at once: whoever is forgiven goes, and if those
// are too few, others do.
func (a *addresses) forget(now time.Time) {
	for n, until := range a.until {
		if !until.After(now) {
			delete(a.until, n)
		}
	}
	for n := range a.until {
		if len(a.until) <= addressLimit*9/10 {
			return
		}
		delete(a.until, n)
	}
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
