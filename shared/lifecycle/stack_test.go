package lifecycle_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"plenary.example/shared/lifecycle"
)

func TestStopsRunBackwardsOnceAndAllOfThem(t *testing.T) {
	t.Parallel()
	var s lifecycle.Stack
	var order []string
	add := func(name string, err error) {
		s.Push(name, func(context.Context) error {
			order = append(order, name)
			return err
		})
	}
	add("store", io.EOF)
	add("bus", io.ErrClosedPipe)
	add("doors", nil)

	err := s.Stop(t.Context())
	if want := []string{"doors", "bus", "store"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	if !errors.Is(err, io.EOF) || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Stop = %v, want both failures", err)
	}
	if err := s.Stop(t.Context()); err != nil || len(order) != 3 {
		t.Errorf("a second Stop did %v and returned %v", order[3:], err)
	}
}
