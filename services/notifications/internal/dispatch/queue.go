package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/services/notifications/internal/push"
)

// The queue's stream and subjects: jobs to do now, by lane, and jobs the bus
// moves there when they are due.
const (
	stream     = "PUSH"
	sendTo     = "push.send."
	laterTo    = "push.later."
	patience   = 15 * time.Second // a cluster that lost its leader acks nothing for 4-8 s
	oneTry     = 5 * time.Second
	sideBySide = 16 // publishes waiting for their ack
)

type queue struct{ js jetstream.JetStream }

// ensure creates the stream and its consumers, or brings them to these settings.
func (q *queue) ensure(ctx context.Context, replicas int, ackWait time.Duration) error {
	_, err := q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: stream, Subjects: []string{sendTo + ">", laterTo + ">"}, Retention: jetstream.WorkQueuePolicy,
		Storage: jetstream.FileStorage, Replicas: max(1, replicas), Duplicates: 24 * time.Hour,
		AllowMsgSchedules: true, AllowMsgTTL: true, AllowRollup: true,
	})
	if err != nil {
		return fmt.Errorf("stream %s: %w", stream, err)
	}
	for _, lane := range push.Lanes() {
		if _, err := q.js.CreateOrUpdateConsumer(ctx, stream, jetstream.ConsumerConfig{
			Durable: consumerName(lane), FilterSubject: sendTo + string(lane), AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: ackWait, MaxDeliver: -1, MaxAckPending: 1000,
		}); err != nil {
			return fmt.Errorf("consumer %s: %w", consumerName(lane), err)
		}
	}
	return nil
}

func consumerName(l push.Lane) string { return "push-" + string(l) }

// Enqueue binds the senders to bring n to the installations: when it returns
// nil the jobs are on disk, for as soon as n may be told. Calling it again with the same notice does nothing
// to a page of the same devices within a day; a page that differs, because a
// phone came or went in between, is sent as well, and repeats are invisible.
func (d *Dispatcher) Enqueue(ctx context.Context, n push.Notice, installations []string) error {
	return d.enqueue(ctx, n, installations, 0)
}

// Again is Enqueue for a notice that was put among the dead letters: replay tells
// this time from all others, and that its message was called wrong is forgotten.
func (d *Dispatcher) Again(ctx context.Context, n push.Notice, installations []string, replay int64) error {
	return d.enqueue(ctx, n, installations, replay)
}

func (d *Dispatcher) enqueue(ctx context.Context, n push.Notice, installations []string, replay int64) error {
	var msgs []*nats.Msg
	for page := range slices.Chunk(installations, push.PageSize) {
		job := push.Job{
			Notice: n.Key, Conference: n.Conference, Subject: n.Subject, Revision: n.To,
			Page: len(msgs), Installations: page, Replay: replay,
		}
		m, err := now(n.Urgency, job)
		if n.NotBefore.After(d.cfg.Now()) {
			m, err = later(n.Urgency, job, n.NotBefore)
		}
		if err != nil {
			return fmt.Errorf("enqueue %s: %w", n.Key, err)
		}
		msgs = append(msgs, m)
	}
	if err := d.queue.publish(ctx, msgs); err != nil {
		return fmt.Errorf("enqueue %s: %w", n.Key, err)
	}
	return nil
}

// now is the message of a job that is due.
func now(l push.Lane, j push.Job) (*nats.Msg, error) {
	if !slices.Contains(push.Lanes(), l) {
		return nil, fmt.Errorf("no lane %q", l)
	}
	data, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	m := nats.NewMsg(sendTo + string(l))
	m.Data = data
	m.Header.Set(jetstream.MsgIDHeader, id(j))
	return m, nil
}

// later is the message of a job that is due at a time. Its subject is its own,
// because a schedule replaces the one that has the same. The header is written
// by hand: the library cuts the time to seconds.
func later(l push.Lane, j push.Job, at time.Time) (*nats.Msg, error) {
	m, err := now(l, j)
	if err != nil {
		return nil, err
	}
	m.Header.Set(jetstream.ScheduleHeader, "@at "+at.UTC().Format(time.RFC3339Nano))
	m.Header.Set(jetstream.ScheduleTargetHeader, m.Subject)
	sum := sha256.Sum256([]byte(id(j)))
	m.Subject = laterTo + string(l) + "." + base64.RawURLEncoding.EncodeToString(sum[:18])
	return m, nil
}

// id names a job by what it is: notice, page, how often it was put off, why, and
// its devices. The devices belong to it, because two runs of one job may leave
// different devices over, and neither may be taken for the other's repeat.
func id(j push.Job) string {
	h := sha256.New()
	for _, i := range j.Installations {
		_, _ = fmt.Fprintf(h, "%d:%s,", len(i), i) // a hash never fails
	}
	_, _ = fmt.Fprint(h, j.Ambiguous, j.Overtaken, j.OvertakenAt) // as above
	if j.Replay != 0 {
		_, _ = fmt.Fprint(h, j.Replay) // as above
	}
	if j.Held != 0 {
		_, _ = fmt.Fprint(h, " held ", j.Held) // as above
	}
	return j.Notice + "/" + strconv.Itoa(j.Page) + "/" + strconv.Itoa(j.Round) + "/" +
		base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// publish returns nil when all messages are on disk. It repeats what was not
// acknowledged, under the same id, for as long as an election may take.
func (q *queue) publish(ctx context.Context, msgs []*nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	wait := 50 * time.Millisecond
	for {
		left, err := q.publishOnce(ctx, msgs)
		if err == nil {
			return nil
		}
		if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.Code >= 400 && api.Code < 500 {
			return err // another attempt would be refused too
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait):
			msgs, wait = left, min(2*wait, 2*time.Second)
		}
	}
}

// publishOnce returns the messages that were not acknowledged, and why.
func (q *queue) publishOnce(ctx context.Context, msgs []*nats.Msg) ([]*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, oneTry)
	defer cancel()
	var (
		all  sync.WaitGroup
		mu   sync.Mutex
		left []*nats.Msg
		why  error
	)
	room := make(chan struct{}, sideBySide)
	for _, m := range msgs {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			if _, err := q.js.PublishMsg(ctx, m); err != nil {
				mu.Lock()
				left, why = append(left, m), err
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return left, why
}
