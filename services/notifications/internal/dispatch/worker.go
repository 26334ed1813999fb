package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/services/notifications/internal/push"
)

const (
	idle      = 20 * time.Second // one question to the queue
	askAgain  = time.Second      // after a job that cannot be done yet
	unknowns  = 30               // deliveries of a job whose notice nobody knows
	ackWithin = 2 * time.Second
)

// serve does one job of a lane after the other until Stop. It asks for one at a
// time: a job that waits in a client's buffer is one its lease runs out for.
func (d *Dispatcher) serve(lane push.Lane) {
	var consumer jetstream.Consumer
	for d.stopping.Err() == nil {
		if !d.carrier.wait(d.stopping) || !d.order.wait(d.stopping, lane) {
			return
		}
		m, err := d.next(&consumer, lane)
		switch {
		case err == nil:
			d.handle(lane, m)
		case errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded), d.stopping.Err() != nil:
		default:
			d.cfg.Log.Warn("push queue does not answer", "lane", lane, "err", err)
			consumer = nil
			back := d.order.rest(lane) // the others may be better off
			pause(d.stopping, askAgain)
			back()
		}
	}
}

// next waits for a job. Until it knows that there is none the lane is not at rest.
func (d *Dispatcher) next(consumer *jetstream.Consumer, lane push.Lane) (jetstream.Msg, error) {
	ctx, cancel := context.WithTimeout(d.stopping, idle)
	defer cancel()
	if *consumer == nil {
		c, err := d.cfg.JS.Consumer(ctx, stream, consumerName(lane))
		if err != nil {
			return nil, err
		}
		*consumer = c
	}
	there, err := (*consumer).FetchNoWait(1)
	if err != nil {
		return nil, err
	}
	for m := range there.Messages() {
		return m, nil
	}
	if err := there.Error(); err != nil {
		return nil, err
	}
	defer d.order.rest(lane)()
	return (*consumer).Next(jetstream.FetchContext(ctx))
}

// handle does one job and settles it. It returns only when somebody else is
// bound to every device: nobody, because it is told or must not be; the bus,
// with a later job; or the next worker, because the job was not acknowledged.
func (d *Dispatcher) handle(lane push.Lane, m jetstream.Msg) {
	release := d.hold(m)
	defer release()
	var job push.Job
	if err := json.Unmarshal(m.Data(), &job); err != nil || len(job.Installations) == 0 {
		d.bury(m, "unreadable", "unreadable job", m.Data())
		return
	}
	n, ok, err := d.cfg.Notices.Notice(d.ctx, job.Notice)
	if !ok {
		d.unknown(m, job, err)
		return
	}
	owed, bad := d.deliverAll(n, job)
	if bad != "" {
		d.bury(m, mark(job.Notice, job), bad, m.Data())
		return
	}
	if err := d.putOff(lane, job, owed); err != nil {
		d.cfg.Log.Warn("push job kept: its rest cannot be put off", "notice", n.ID, "page", job.Page, "err", err)
		_ = m.NakWithDelay(askAgain) // unheard, the lease runs out
		return
	}
	d.settle(m, job)
}

// settle acknowledges a job and waits until the bus knows: a lost ack repeats a
// hundred sends.
func (d *Dispatcher) settle(m jetstream.Msg, job push.Job) {
	ctx, cancel := context.WithTimeout(d.ctx, ackWithin)
	defer cancel()
	if err := m.DoubleAck(ctx); err != nil {
		d.cfg.Log.Debug("push job not acknowledged", "err", err)
		return
	}
	if d.jobDone != nil {
		d.jobDone(job)
	}
}

// unknown keeps a job whose notice was not found, why says for what reason. Without
// one there is no such notice, which is asked about for a while all the same: a
// member of the store may be behind the others.
func (d *Dispatcher) unknown(m jetstream.Msg, job push.Job, why error) {
	if why != nil {
		d.cfg.Log.Warn("push job kept: the store does not say what it is about", "page", job.Page, "err", why)
	} else if meta, err := m.Metadata(); err == nil && meta.NumDelivered > unknowns {
		d.bury(m, mark(job.Notice, job), "no such notice", m.Data())
		return
	}
	_ = m.NakWithDelay(askAgain) // unheard, the lease runs out
}

// bury puts a job among the dead letters and takes it off the queue. The id is
// the notice's, so one that is wrong for 2,100 devices is one dead letter.
func (d *Dispatcher) bury(m jetstream.Msg, id, reason string, data []byte) {
	if meta, err := m.Metadata(); err == nil && id == "unreadable" {
		id = strconv.FormatUint(meta.Sequence.Stream, 10)
	}
	if err := d.cfg.Dead(d.ctx, "push", id, reason, data); err != nil {
		d.cfg.Log.Warn("push job kept: it cannot be put aside", "err", err)
		_ = m.NakWithDelay(askAgain) // unheard, the lease runs out
		return
	}
	d.cfg.Log.Error("push job put aside", "alarm", "push_dead_letter", "id", id, "reason", reason)
	d.metrics.dead.Inc()
	_ = m.TermWithReason(reason) // unheard, it is buried once more under the same id
	if d.jobDone != nil {
		d.jobDone(push.Job{})
	}
}

// hold tells the bus thrice per lease that the job is in good hands.
func (d *Dispatcher) hold(m jetstream.Msg) (release func()) {
	done := make(chan struct{})
	var beat sync.WaitGroup
	beat.Go(func() {
		t := time.NewTicker(d.cfg.Waits.Ack / 3)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				_ = m.InProgress() // unheard, another worker repeats it
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		beat.Wait()
	}
}

// pause waits for d; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
