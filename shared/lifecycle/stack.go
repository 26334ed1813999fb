// Package lifecycle keeps what has been started, so that it is stopped in the
// opposite order, whatever happened on the way.
//
// A service that fails half-way through Start must undo the first half; one
// that stops must let the doors close before the store does. Both are the same
// list read backwards.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A Stack is a list of named stops. The zero Stack is ready to use, and it is
// safe for concurrent use.
type Stack struct {
	mu    sync.Mutex
	stops []stop
}

type stop struct {
	name string
	fn   func(context.Context) error
}

// Push notes how to stop what has just been started. The name appears in the
// error if stopping fails.
func (s *Stack) Push(name string, fn func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stops = append(s.stops, stop{name, fn})
}

// Until is Push of what stops at once, and cannot fail to.
func (s *Stack) Until(name string, stop func()) {
	s.Push(name, func(context.Context) error { stop(); return nil })
}

// Stop calls the stops, last first, every one of them even when ctx is over or
// an earlier one failed, and joins their errors. Each is called once: a second
// Stop finds nothing left and returns nil, without waiting for the first.
func (s *Stack) Stop(ctx context.Context) error {
	s.mu.Lock()
	stops := s.stops
	s.stops = nil
	s.mu.Unlock()
	var errs []error
	for i := len(stops) - 1; i >= 0; i-- {
		if err := stops[i].fn(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", stops[i].name, err))
		}
	}
	return errors.Join(errs...)
}
