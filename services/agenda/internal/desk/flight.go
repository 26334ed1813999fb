package desk

import (
	"context"

	"plenary.example/services/agenda/internal/meeting"
)

// A flight is an attempt of this replica on its way. Of those who want some of
// the same, one is on its way at a time: what can be settled here need not be
// settled by the store.
type flight struct {
	wants map[cell]string
	over  chan struct{}
}

// departs notes that an attempt is on its way, unless another one that wants
// some of the same is: then that is the answer, to be waited for.
func (c *conference) departs(attempt string, wants []meeting.Hold) (landed func(), inTheWay *flight) {
	f := &flight{cells(wants), make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, other := range c.flying {
		if f.meets(other) {
			return nil, other
		}
	}
	c.flying[attempt] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.flying, attempt)
		close(f.over)
	}, nil
}

func (f *flight) meets(other *flight) bool {
	for k := range f.wants {
		if _, both := other.wants[k]; both {
			return true
		}
	}
	return false
}

// flights are the attempts under way here. What they want is in the diary, and
// they may fail.
func (c *conference) flights() []*flight {
	c.mu.RLock()
	defer c.mu.RUnlock()
	all := make([]*flight, 0, len(c.flying))
	for _, f := range c.flying {
		all = append(all, f)
	}
	return all
}

// wait waits until the flights are over, for a second at most; false when there
// were none.
func wait(ctx context.Context, flights ...*flight) bool {
	ctx, cancel := context.WithTimeout(ctx, waits)
	defer cancel()
	for _, f := range flights {
		select {
		case <-f.over:
		case <-ctx.Done():
			return true
		}
	}
	return len(flights) > 0
}
