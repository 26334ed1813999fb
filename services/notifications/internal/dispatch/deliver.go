package dispatch

import (
	"context"
	"slices"
	"sync"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// why a device is still owed its push.
type why uint8

const (
	nothing   why = iota // it is told, or must not be
	backoff              // the carrier failed: soon, and ever later
	quota                // too many: when the carrier says, or a minute
	platform             // its gateway refuses us: when the pause is over
	overtaken            // newer news was filed meanwhile: look once more
	chatty               // it has had what a device may have: when there is room
	held                 // its reader does not want it now: when they do
	putBack              // this worker stops: at once, by another
)

// debt is what is left to do for one device.
type debt struct {
	why       why
	after     time.Duration // not before; 0 = as why says
	sent      bool          // a request really left
	ambiguous bool          // and may arrive yet
}

type task struct {
	job          push.Job
	notice       push.Notice
	installation string
}

// deliverAll sends the job's notice to each of its devices, side by side, and
// returns what is owed. bad is set when the message itself is wrong.
func (d *Dispatcher) deliverAll(n push.Notice, job push.Job) (owed map[string]debt, bad string) {
	if reason := d.wrong.reason(mark(n.Key, job)); reason != "" {
		return nil, reason
	}
	owed = map[string]debt{}
	var (
		all sync.WaitGroup
		mu  sync.Mutex
	)
	all.Add(len(job.Installations))
	for _, installation := range job.Installations {
		d.byHand(func() {
			defer all.Done()
			left := d.deliver(task{job, n, installation})
			if left.why == nothing {
				return
			}
			mu.Lock()
			owed[installation] = left
			mu.Unlock()
		})
	}
	all.Wait()
	return owed, d.wrong.reason(mark(n.Key, job))
}

// byHand does f in a goroutine that did the like before, if one is free: each new
// one has to grow its stack first.
func (d *Dispatcher) byHand(f func()) {
	select {
	case d.hands <- f:
		return
	default:
	}
	d.workers.Go(func() { // from a worker, so the group is not empty
		for {
			f()
			select {
			case f = <-d.hands:
			case <-d.stopping.Done():
				return
			}
		}
	})
}

// deliver brings the news to one device. It is the only one to do so for this
// device and subject in this process, so the news it reads is the newest until
// its own outcome is known.
func (d *Dispatcher) deliver(t task) debt {
	leave, ok := d.turns.enter(d.stopping, turn{t.installation, t.notice.Conference, t.notice.Subject})
	if !ok {
		return debt{why: putBack}
	}
	defer leave()
	for refused := false; ; {
		paced := d.pace.wait
		if t.notice.Urgency == push.Urgent {
			paced = d.pace.waitUrgent
		}
		if !d.carrier.wait(d.stopping) || !paced(d.stopping) || !d.flight.begin(d.stopping, t.notice.Urgency) {
			return debt{why: putBack}
		}
		if d.carrier.refuses() { // since we looked
			d.flight.end(t.notice.Urgency)
			continue
		}
		result, left, done := d.sendOnce(t)
		d.flight.end(t.notice.Urgency)
		if done {
			return left
		}
		// The carrier does not know us: the device waits in this worker's hands,
		// unless asking did not help.
		d.carrier.trip(result)
		if refused {
			return debt{why: backoff, sent: !result.NotSent}
		}
		refused = true
	}
}

// sendOnce looks whether the push is still wanted, and sends it. done is false
// when the carrier refused us rather than the push.
func (d *Dispatcher) sendOnce(t task) (result push.Result, left debt, done bool) {
	if d.wrong.reason(mark(t.notice.Key, t.job)) != "" {
		return result, debt{}, true
	}
	dev, n, silent, drop := d.wanted(t)
	var gate push.Verdict
	if drop == "" && d.cfg.Gate != nil {
		gate = d.cfg.Gate(n, dev)
		drop = gate.Drop
	}
	if drop != "" {
		d.metrics.drop(drop)
		d.tally.drop(drop)
		d.report(push.Report{Notice: n, Device: dev, Dropped: drop})
		return result, debt{}, true
	}
	if wait := gate.Until.Sub(d.cfg.Now()); !gate.Until.IsZero() && wait > 0 {
		return result, debt{why: held, after: wait.Truncate(time.Second) + time.Second}, true // devices wait together
	}
	if wait, ok := d.platforms.allow(dev.Platform); !ok {
		return result, debt{why: platform, after: wait}, true
	}
	if wait, ok := d.limits.take(dev.Installation, n.Urgency, d.cfg.Now()); !ok {
		return result, debt{why: chatty, after: wait.Truncate(time.Second) + time.Second}, true // devices wait together
	}
	m := d.cfg.Compose(n, dev)
	m.Silent = silent || gate.Silent
	at := d.cfg.Now()
	result = d.cfg.Sender.Send(d.ctx, m)
	d.metrics.count(result.Outcome)
	d.tally.result(dev.Platform, result, at)
	d.ratios.add(result.Outcome)
	d.report(push.Report{Notice: n, Device: dev, Outcome: result.Outcome, Reason: result.Reason, At: at})
	if result.Outcome == push.Unauthenticated || result.Outcome == push.WrongProject {
		return result, debt{}, false
	}
	return result, d.conclude(t, n, dev, result, at), true
}

func (d *Dispatcher) report(r push.Report) {
	if d.cfg.Report != nil {
		d.cfg.Report(r)
	}
}

// wanted reads the latest news and decides whether the device is to have it. A
// repeat that only puts the newest card back on top is silent; urgent news of which
// this process has not told the device sounds, because its own push may come later
// and be taken for the repeat.
func (d *Dispatcher) wanted(t task) (dev push.Device, n push.Notice, silent bool, drop string) {
	n = t.notice
	dev, ok := d.cfg.Devices.Device(t.installation)
	if !ok {
		return dev, n, false, dropGone
	}
	later, theirs := d.after(n, dev.Delegate)
	if dev.Conference != n.Conference || !theirs { // the phone may have changed hands since the audience was frozen
		return dev, n, false, dropNotTheirs
	}
	if newest, ok := d.newer(n, dev); ok {
		// Only for its own pushes a process knows which came first.
		own := t.job.OvertakenAt == d.id && d.told.revision(dev.Installation, n) >= newest.To
		late := t.job.Ambiguous || t.job.Overtaken && !own
		if !late || !d.cfg.Notices.Has(n.Conference, dev.Delegate, n.Subject, newest.To) {
			return dev, n, false, Superseded
		}
		told := d.told.revision(dev.Installation, newest) >= newest.To
		n, silent = newest, told || newest.Urgency != push.Urgent
	}
	if n.Reminds() && slices.ContainsFunc(later, func(x push.Notice) bool { return d.hears(x, dev) }) {
		return dev, n, false, Superseded
	}
	if n.Expired(d.cfg.Now()) {
		return dev, n, false, dropExpired
	}
	return dev, n, silent, ""
}

// after says whether n is for a delegate, and of a reminder what they were told of
// its subject afterwards. A reminder is for those it was filed for, and not for
// whoever else was told of what it reminds of.
func (d *Dispatcher) after(n push.Notice, delegate string) (later []push.Notice, theirs bool) {
	if n.Reminds() {
		return d.cfg.Notices.After(n, delegate)
	}
	return nil, d.cfg.Notices.Has(n.Conference, delegate, n.Subject, n.To)
}

// newer is the news after which n must not be told on a device. What its reader
// does not let their phones hear replaces no reminder.
func (d *Dispatcher) newer(n push.Notice, dev push.Device) (push.Notice, bool) {
	newest, ok := d.cfg.Notices.Newer(n, dev.Delegate)
	return newest, ok && (!n.Reminds() || d.hears(newest, dev))
}

// hears says whether the reader of a device lets it hear of n.
func (d *Dispatcher) hears(n push.Notice, dev push.Device) bool {
	return d.cfg.Gate == nil || d.cfg.Gate(n, dev).Drop == ""
}

// conclude turns an outcome into duties: towards the device, the rate and the
// platform.
func (d *Dispatcher) conclude(t task, n push.Notice, dev push.Device, r push.Result, at time.Time) debt {
	left := debt{sent: !r.NotSent, after: r.RetryAfter}
	switch r.Outcome {
	case push.Accepted:
		d.platforms.resume(dev.Platform, d.cfg.Log)
		d.told.set(dev.Installation, n)
		if _, ok := d.newer(n, dev); ok {
			left.why = overtaken // another replica may have told it before us
		}
	case push.Unregistered, push.BadToken, push.SenderMismatch:
		d.forget(dev, r, at)
	case push.BadPayload:
		d.wrong.add(mark(n.Key, t.job), r.Reason)
		if n.Key != t.notice.Key {
			d.wrong.add(mark(t.notice.Key, t.job), r.Reason)
		}
	case push.PlatformAuth:
		left.why, left.after = platform, d.platforms.pause(dev.Platform, r, d.cfg.Log)
	case push.Throttled:
		d.pace.refused()
		left.why = quota
	case push.Unwell:
		left.why = backoff
	case push.Ambiguous:
		left.why, left.ambiguous = backoff, true
	case push.Unauthenticated, push.WrongProject: // the caller's
	}
	return left
}

func (d *Dispatcher) forget(dev push.Device, r push.Result, at time.Time) {
	ctx, cancel := context.WithTimeout(d.ctx, ackWithin)
	defer cancel()
	gone, err := d.cfg.Devices.Forget(ctx, dev.Installation, string(dev.Token), at)
	if err != nil {
		// The next push meets the dead token again and tries again.
		d.cfg.Log.Warn("device not forgotten", "device", dev, "err", err)
	}
	if !gone {
		return // another job was faster, or the phone has registered since
	}
	d.Pruned(r.Outcome.String(), 1)
	d.cfg.Log.Info("device forgotten", "device", dev, "reason", r.Reason)
}
