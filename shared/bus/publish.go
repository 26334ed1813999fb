package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/shared/event"
)

const revisionHeader = "Plenary-Revision"

// ErrRefused is returned when the bus will never take a message: too large, or
// of a subject no stream keeps. Trying again does not help; DeadLetter does.
var ErrRefused = errors.New("bus: the message is refused for good")

// Publish hands e to its stream and returns when the broker has it on disk. A
// repeat under the same id within a day is dropped by the broker. It keeps
// trying for fifteen seconds, long enough for a cluster to elect a new leader;
// after an error the event may or may not have been stored.
func (b *Bus) Publish(ctx context.Context, e event.Envelope) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("publish %s: %w", e.ID, err)
	}
	m := nats.NewMsg(e.BusSubject())
	m.Data = data
	m.Header.Set("Content-Type", "application/cloudevents+json")
	if err := b.publish(ctx, m, jetstream.WithMsgID(e.ID)); err != nil {
		return fmt.Errorf("publish %s %s: %w", e.Type, e.ID, err)
	}
	return nil
}

// PutState makes data the state message of subject. An older revision never
// replaces a newer one, whoever comes first; putting the same revision again
// does nothing.
func (b *Bus) PutState(ctx context.Context, subject string, revision int64, data []byte) error {
	st, err := b.js.Stream(ctx, StreamState)
	if err != nil {
		return fmt.Errorf("state %s: %w", subject, err)
	}
	for {
		var last uint64
		old, err := st.GetLastMsgForSubject(ctx, subject)
		switch {
		case err == nil:
			if stateRevision(nats.Header(old.Header)) >= revision {
				return nil
			}
			last = old.Sequence
		case !errors.Is(err, jetstream.ErrMsgNotFound):
			return fmt.Errorf("state %s: %w", subject, err)
		}
		m := nats.NewMsg(subject)
		m.Data = data
		m.Header.Set(revisionHeader, strconv.FormatInt(revision, 10))
		err = b.publish(ctx, m, jetstream.WithExpectLastSequencePerSubject(last))
		if err == nil {
			return nil
		}
		if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
			continue // somebody was faster: look again at who is newer
		}
		return fmt.Errorf("state %s: %w", subject, err)
	}
}

// DeadLetter keeps a message nobody can use, with the reason, and returns when
// the broker has it. The id makes a repeat harmless.
func (b *Bus) DeadLetter(ctx context.Context, from, id, reason string, data []byte) error {
	m := nats.NewMsg("plenary-dead." + from)
	m.Data = data
	m.Header.Set("Plenary-Reason", reason)
	if err := b.publish(ctx, m, jetstream.WithMsgID(from+"/"+id)); err != nil {
		return fmt.Errorf("dead letter %s %s: %w", from, id, err)
	}
	b.log.Error("message put aside", "from", from, "id", id, "reason", reason)
	return nil
}

func (b *Bus) publish(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) error {
	ctx, cancel := context.WithTimeout(ctx, publishPatience)
	defer cancel()
	err := retry(ctx, func() error {
		one, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		_, err := b.js.PublishMsg(one, m, opts...)
		return err
	})
	if err != nil && (errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrBadSubject)) {
		err = errors.Join(ErrRefused, err)
	}
	return err
}

func stateRevision(h nats.Header) int64 {
	r, _ := strconv.ParseInt(h.Get(revisionHeader), 10, 64)
	return r
}
