package httpd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// A Rate is how often somebody may call: so many times a second over a while,
// and so many at once after a rest. The zero Rate limits nothing.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Limits say how often one caller may call one replica. They count by sign-in,
// person and API key, never by address: everybody at a venue shares one. The
// zero Limits limit nothing.
type Limits struct {
	Device  Rate // one sign-in of a person
	Account Rate // all sign-ins of a person together
	Key     Rate // one API key
}

// defaultLimits are more than any app needs that does not loop.
var defaultLimits = Limits{
	Device:  Rate{PerSecond: 30, Burst: 120},
	Account: Rate{PerSecond: 60, Burst: 240},
	Key:     Rate{PerSecond: 20, Burst: 200},
}

// parseLimits reads RATE_LIMIT: "off", nothing for the defaults, or
// "<a second>/<at once>" of a device, to which an account gets twice as much,
// or three of these for device, account and API key, separated by commas.
func parseLimits(text string) (Limits, error) {
	text = strings.TrimSpace(text)
	switch text {
	case "":
		return defaultLimits, nil
	case "off":
		return Limits{}, nil
	}
	var rates []Rate
	for part := range strings.SplitSeq(text, ",") {
		r, ok := parseRate(part)
		if !ok {
			return Limits{}, fmt.Errorf("%q is neither off nor like 30/120, so many requests a second and so many at once", part)
		}
		rates = append(rates, r)
	}
	switch len(rates) {
	case 1:
		d := rates[0]
		return Limits{Device: d, Account: Rate{2 * d.PerSecond, 2 * d.Burst}, Key: defaultLimits.Key}, nil
	case 3:
		return Limits{Device: rates[0], Account: rates[1], Key: rates[2]}, nil
	}
	return Limits{}, fmt.Errorf("%q has neither one rate nor three, for device, account and API key", text)
}

func parseRate(text string) (Rate, bool) {
	often, burst, ok := strings.Cut(strings.TrimSpace(text), "/")
	f, err := strconv.ParseFloat(often, 64)
	n, err2 := strconv.Atoi(burst)
	ok = ok && err == nil && err2 == nil && f > 0 && f <= 1e6 && n > 0 && n <= 1e6
	return Rate{f, n}, ok
}

// manyCallers is of how many devices, accounts and keys each the latest calls
// are remembered; together some 20 MB. Who was forgotten starts afresh.
const manyCallers = 32768

// limiter counts the calls of one replica.
type limiter struct{ devices, accounts, keys *counters }

func newLimiter(l Limits) *limiter {
	return &limiter{newCounters(l.Device), newCounters(l.Account), newCounters(l.Key)}
}

// let counts a call, or says that it is one too many.
func (l *limiter) let(who *caller.Caller, now time.Time) error {
	if who.Key != "" {
		return l.keys.let(who.Key, now)
	}
	if err := l.devices.let(who.SignIn, now); err != nil {
		return err
	}
	return l.accounts.let(who.Delegate, now)
}

// counters are the calls of one kind of caller; nil ones count nothing.
type counters struct {
	rate Rate
	of   *lru.Cache[string, *rate.Limiter]
}

func newCounters(r Rate) *counters {
	if r == (Rate{}) {
		return nil
	}
	of, err := lru.New[string, *rate.Limiter](manyCallers)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &counters{r, of}
}

func (c *counters) let(id string, now time.Time) error {
	if c == nil || id == "" {
		return nil
	}
	l, ok := c.of.Get(id)
	if !ok {
		l = rate.NewLimiter(rate.Limit(c.rate.PerSecond), c.rate.Burst)
		if first, ok, _ := c.of.PeekOrAdd(id, l); ok { // somebody was faster
			l = first
		}
	}
	if l.AllowN(now, 1) {
		return nil
	}
	again := l.ReserveN(now, 1)
	defer again.CancelAt(now)
	return errTooMany.After(again.DelayFrom(now))
}

var errTooMany = problem.New(problem.TooMany, "too_many_requests", "These are too many requests at once. Wait a moment.")
