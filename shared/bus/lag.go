package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Lag is how long the oldest message has been in the stream that has not been
// through fn yet, at now; zero when there is none.
func (w *Watch) Lag(ctx context.Context, now time.Time) (time.Duration, error) {
	info, err := w.stream.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("how far behind the bus: %w", err)
	}
	w.mu.Lock()
	seen := w.seen
	w.mu.Unlock()
	if seen >= info.State.LastSeq {
		return 0, nil
	}
	m, err := w.stream.GetMsg(ctx, seen+1, jetstream.WithGetMsgSubject(">")) // or the next there is
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil // expired meanwhile
	}
	if err != nil {
		return 0, fmt.Errorf("how far behind the bus: %w", err)
	}
	return max(0, now.Sub(m.Time)), nil
}
