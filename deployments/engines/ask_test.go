package engines_test

import (
	"context"
	"errors"
	"testing"

	"plenary.example/shared/problem"
)

// TestAQuestionThatCannotBeDoneWithoutWaitsLonger: what is only nice to have is
// given up after two seconds, so that nobody waits for it.
func TestAQuestionThatCannotBeDoneWithoutWaitsLonger(t *testing.T) {
	t.Parallel()
	b := connect(t)
	gaveUp := make(chan struct{})
	stop, err := b.Answer("test.slow", func(ctx context.Context, _ string, _ []byte) (any, error) {
		select {
		case <-gaveUp:
			return map[string]int{"n": 1}, nil
		case <-ctx.Done():
			return nil, errors.New("nobody gave up")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	got := make(chan error, 1)
	var reply map[string]int
	go func() { got <- b.AskPatiently(t.Context(), "seoul", "test.slow", 0, &reply) }()
	if err := b.Ask(t.Context(), "seoul", "test.slow", 0, new(map[string]int)); !problem.Is(err, problem.Unavailable) {
		t.Errorf("whoever is in a hurry gets %v", err)
	}
	close(gaveUp)
	if err := <-got; err != nil || reply["n"] != 1 {
		t.Errorf("whoever waits gets %v, %v", reply, err)
	}
}
