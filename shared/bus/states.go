package bus

import (
	"context"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A State is a state message that is to be put.
type State struct {
	Subject  string
	Revision int64
	Data     []byte
}

// atOnce is how many state messages are on their way at one time.
const atOnce = 256

// PutStates is PutState for many subjects, quick where none of them has a state
// yet: that is what it expects first, and all are on their way side by side. It
// is not atomic; putting the same again does no harm.
func (b *Bus) PutStates(ctx context.Context, states []State) error {
	for len(states) > 0 {
		part := states[:min(atOnce, len(states))]
		states = states[len(part):]
		acks := make([]jetstream.PubAckFuture, len(part))
		for i, s := range part {
			m := nats.NewMsg(s.Subject)
			m.Data = s.Data
			m.Header.Set(revisionHeader, strconv.FormatInt(s.Revision, 10))
			// An error here or below is for PutState to find again.
			acks[i], _ = b.js.PublishMsgAsync(m, jetstream.WithExpectLastSequencePerSubject(0))
		}
		for i, s := range part {
			if acked(ctx, acks[i]) {
				continue
			}
			if ctx.Err() != nil {
				return fmt.Errorf("states: %w", ctx.Err())
			}
			if err := b.PutState(ctx, s.Subject, s.Revision, s.Data); err != nil {
				return err
			}
		}
	}
	return nil
}

func acked(ctx context.Context, ack jetstream.PubAckFuture) bool {
	if ack == nil {
		return false
	}
	select {
	case <-ack.Ok():
		return true
	case <-ack.Err(): //nolint:errcheck // whatever it is, it is not acknowledged
	case <-ctx.Done():
	}
	return false
}
