package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A Dead letter is a message that was put aside because nobody could use it.
type Dead struct {
	Sequence uint64 // its number among the dead letters
	From     string // who put it aside: a durable, or a name of its own
	Reason   string
	At       time.Time
	Data     []byte
}

// DeadLetters returns at most limit dead letters with a sequence below before,
// newest first; before 0 begins with the newest. It says whether there are more.
func (b *Bus) DeadLetters(ctx context.Context, before uint64, limit int) (found []Dead, more bool, err error) {
	st, err := b.js.Stream(ctx, StreamDead)
	if err != nil {
		return nil, false, fmt.Errorf("dead letters: %w", err)
	}
	state := st.CachedInfo().State
	if before == 0 || before > state.LastSeq+1 {
		before = state.LastSeq + 1
	}
	for seq := before - 1; seq >= max(1, state.FirstSeq) && state.Msgs > 0; seq-- {
		d, err := dead(ctx, st, seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // it was sent again
		}
		if err != nil {
			return nil, false, err
		}
		if len(found) == limit {
			return found, true, nil
		}
		found = append(found, d)
	}
	return found, false, nil
}

// DeadLetterAt returns one dead letter; false when there is none of that number.
func (b *Bus) DeadLetterAt(ctx context.Context, sequence uint64) (Dead, bool, error) {
	st, err := b.js.Stream(ctx, StreamDead)
	if err != nil {
		return Dead{}, false, fmt.Errorf("dead letters: %w", err)
	}
	d, err := dead(ctx, st, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Dead{}, false, nil
	}
	return d, err == nil, err
}

// Bury removes a dead letter for good; one that is gone is no error.
func (b *Bus) Bury(ctx context.Context, sequence uint64) error {
	st, err := b.js.Stream(ctx, StreamDead)
	if err == nil {
		err = st.DeleteMsg(ctx, sequence)
	}
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) && !errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
		return fmt.Errorf("remove dead letter %d: %w", sequence, err)
	}
	return nil
}

func dead(ctx context.Context, st jetstream.Stream, sequence uint64) (Dead, error) {
	m, err := st.GetMsg(ctx, sequence)
	if err != nil {
		return Dead{}, fmt.Errorf("dead letter %d: %w", sequence, err)
	}
	return Dead{
		Sequence: sequence, From: strings.TrimPrefix(m.Subject, "plenary-dead."), Reason: m.Header.Get("Plenary-Reason"),
		At: m.Time, Data: m.Data,
	}, nil
}
