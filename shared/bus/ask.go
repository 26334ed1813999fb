package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"plenary.example/shared/problem"
)

const (
	askRoot     = "plenary-ask." // no stream keeps what is asked
	askPatience = 2 * time.Second
	// answering is how long an answer may take: more than most ask for.
	answering   = 10 * time.Second
	errorHeader = "Plenary-Error"
)

// Ask puts a question about a conference to whichever replica of a service
// answers it, and reads the reply, which has two seconds. what is one of event's
// Ask words. A service that is away, slow or fails is Unavailable; nothing is
// asked twice.
func (b *Bus) Ask(ctx context.Context, conference, what string, question, reply any) error {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	return b.AskPatiently(ctx, conference, what, question, reply)
}

// AskPatiently is Ask for what cannot be done without: the reply has as long as
// ctx, and ten seconds at most.
func (b *Bus) AskPatiently(ctx context.Context, conference, what string, question, reply any) error {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	data, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("ask %s: %w", what, err)
	}
	m, err := b.nc.RequestWithContext(ctx, askRoot+conference+"."+what, data)
	switch {
	case err != nil:
		return problem.New(problem.Unavailable, "not_answered", "Another part of Plenary does not answer.").Because(fmt.Errorf("ask %s: %w", what, err))
	case m.Header.Get(errorHeader) != "":
		return problem.New(problem.Unavailable, "not_answered", "Another part of Plenary cannot answer.").
			Because(fmt.Errorf("ask %s: %s", what, m.Header.Get(errorHeader)))
	}
	if err := json.Unmarshal(m.Data, reply); err != nil {
		return fmt.Errorf("ask %s: %w", what, err)
	}
	return nil
}

// Answer has fn answer the questions of one kind, of every conference, until
// stop is called. Each question goes to one replica.
func (b *Bus) Answer(what string, fn func(ctx context.Context, conference string, question []byte) (any, error)) (stop func(), err error) {
	sub, err := b.nc.QueueSubscribe(askRoot+"*."+what, what, func(m *nats.Msg) {
		conference, _, _ := strings.Cut(strings.TrimPrefix(m.Subject, askRoot), ".")
		ctx, cancel := context.WithTimeout(context.Background(), answering)
		defer cancel()
		answer := nats.NewMsg(m.Reply)
		reply, err := fn(ctx, conference, m.Data)
		if err == nil {
			answer.Data, err = json.Marshal(reply)
		}
		if err != nil {
			b.log.Warn("question not answered", "what", what, "err", err)
			answer.Header.Set(errorHeader, problem.From(err).Code)
		}
		if err := m.RespondMsg(answer); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			b.log.Warn("answer not sent", "what", what, "err", err)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("answer %s: %w", what, err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}
