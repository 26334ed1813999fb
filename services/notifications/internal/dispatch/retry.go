package dispatch

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"plenary.example/services/notifications/internal/push"
)

// putOff makes jobs of what is left of one: devices that wait for the same
// reason wait together. It returns nil when the bus is bound to each of them.
func (d *Dispatcher) putOff(lane push.Lane, job push.Job, owed map[string]debt) error {
	if len(owed) == 0 {
		return nil
	}
	groups := map[debt][]string{}
	for installation, left := range owed {
		groups[left] = append(groups[left], installation)
	}
	msgs := make([]*nats.Msg, 0, len(groups))
	for left, who := range groups {
		slices.Sort(who) // so that a repeat has the same id
		rest := remainder(job, left, who)
		if left.why == overtaken {
			rest.OvertakenAt = d.id
		}
		m, err := d.message(lane, rest, left)
		if err != nil {
			return err
		}
		msgs = append(msgs, m)
		if rest.Held > 1 {
			continue // it is still the same wait
		}
		d.metrics.putOff.Add(float64(len(who)))
		d.tally.delay(int64(len(who)))
	}
	return d.queue.publish(d.ctx, msgs)
}

// remainder is the job of those of a job's devices to whom left is owed. A night
// of waiting for its reader is no reason to wait longer for the carrier.
func remainder(job push.Job, left debt, who []string) push.Job {
	job.Installations = who
	if left.why == held {
		job.Held++
	} else {
		job.Held = 0
		job.Round++
	}
	job.Ambiguous = job.Ambiguous || left.ambiguous
	// Until the newest is told again: the repeat itself may be refused.
	job.Overtaken = job.Overtaken || left.why == overtaken
	if left.sent {
		job.Attempt++
	}
	return job
}

func (d *Dispatcher) message(lane push.Lane, j push.Job, left debt) (*nats.Msg, error) {
	if left.why == putBack {
		return now(lane, j)
	}
	return later(lane, j, time.Now().Add(d.delay(left, j.Round)))
}

// delay is how long a device waits before its job's next round, from 1, or 0 while
// none was needed. Full jitter keeps a storm of refusals from coming back as one.
func (d *Dispatcher) delay(left debt, round int) time.Duration {
	w := d.cfg.Waits
	rising := min(w.Most, w.Base<<min(max(round, 1)-1, 16))
	switch left.why {
	case quota:
		wait := left.after
		if wait == 0 {
			wait = w.Quota
		}
		return wait + jitter(wait/5)
	case platform:
		return left.after + jitter(left.after/5)
	case overtaken:
		return w.Base
	case held, chatty:
		return left.after
	case backoff:
		if left.after > 0 {
			return left.after + jitter(rising)
		}
		return jitter(rising)
	case nothing, putBack:
	}
	return 0
}

// jitter is a random time below d; how long one waits is no secret.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d)
}

// String is the reason as metrics and logs say it.
func (w why) String() string {
	return strings.Fields("nothing backoff quota platform overtaken chatty held put_back")[w]
}
