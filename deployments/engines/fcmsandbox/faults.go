package fcmsandbox

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Fault makes some sends fail. The first fault that fits a request decides.
// Dry runs meet every fault that has neither Token nor First.
type Fault struct {
	Token      string        `json:"token,omitempty"`      // prefix of the tokens it strikes; "" = all
	Status     int           `json:"status,omitempty"`     // answer; 0 with Stall or Drop
	Code       string        `json:"code,omitempty"`       // FcmError instead of the usual one; "none" = without
	RetryAfter time.Duration `json:"retryAfter,omitempty"` // header, rounded up to seconds; 0 = none
	First      int           `json:"first,omitempty"`      // only the first so many sends of each token
	Share      float64       `json:"share,omitempty"`      // only this part of them; 0 = all
	Deliver    bool          `json:"deliver,omitempty"`    // the phone gets it all the same: only the answer is lost
	Stall      bool          `json:"stall,omitempty"`      // no answer until the client leaves
	Drop       bool          `json:"drop,omitempty"`       // the connection (HTTP/2: the stream) is cut
}

func (f Fault) check() error {
	switch {
	case f.Share < 0 || f.Share > 1:
		return errors.New("share is not between 0 and 1")
	case f.Stall || f.Drop:
		return nil
	case f.Status < 400 || f.Status > 599:
		return errors.New("status is not an error")
	}
	return nil
}

func (f Fault) refusal() *refusal {
	r := usual(f.Status)
	r.retryAfter = f.RetryAfter
	switch f.Code {
	case "":
	case "none":
		r.fcm = ""
	default:
		r.fcm = f.Code
	}
	return &r
}

// faults is what the sandbox was told to get wrong.
type faults struct {
	mu    sync.Mutex
	rules []Fault
	seen  []map[string]int // sends by token, for each rule with First
	rng   *rand.Rand
	hold  chan struct{} // nil = nobody holds

	quota, tokens float64 // sends a second; 0 = no quota
	last          time.Time
}

// SetFaults replaces what the sandbox gets wrong; none = it works.
func (s *Sandbox) SetFaults(f ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = append([]Fault(nil), f...)
	s.faults.seen = make([]map[string]int, len(f))
}

// SetQuota answers 429 above so many sends a second; 0 = no quota.
func (s *Sandbox) SetQuota(perSecond float64) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.quota, s.faults.tokens, s.faults.last = perSecond, perSecond, time.Now()
}

// Hold keeps every send that arrives from now on waiting, neither recorded nor
// answered, until release is called or its client leaves.
func (s *Sandbox) Hold() (release func()) {
	gate := make(chan struct{})
	s.faults.mu.Lock()
	s.faults.hold = gate
	s.faults.mu.Unlock()
	return sync.OnceFunc(func() {
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		if s.faults.hold == gate {
			s.faults.hold = nil
		}
		close(gate)
	})
}

func (f *faults) gate() chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hold
}

// strike returns the fault that meets this send, if one does.
func (f *faults) strike(token string, dryRun bool) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.quota > 0 && !dryRun {
		now := time.Now()
		f.tokens = min(f.quota, f.tokens+now.Sub(f.last).Seconds()*f.quota)
		f.last = now
		if f.tokens < 1 {
			return Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second}, true
		}
		f.tokens--
	}
	for i, r := range f.rules {
		if dryRun && (r.Token != "" || r.First > 0) || !strings.HasPrefix(token, r.Token) {
			continue
		}
		if r.First > 0 {
			if f.seen[i] == nil {
				f.seen[i] = map[string]int{}
			}
			if f.seen[i][token]++; f.seen[i][token] > r.First {
				continue
			}
		}
		if r.Share > 0 && f.rng.Float64() >= r.Share {
			continue
		}
		return r, true
	}
	return Fault{}, false
}
