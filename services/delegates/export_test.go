package delegates

import (
	"context"

	"plenary.example/shared/store"
)

// Busy has s tell nothing but what takes rights away until the test ends, as if it
// were telling of a large table.
func (s *Service) Busy(until <-chan struct{}) {
	s.running.relay.Push(store.Owed{Name: "a large table", Tell: func(ctx context.Context) error {
		select {
		case <-until:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
}
