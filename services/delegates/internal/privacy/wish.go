package privacy

import (
	"context"
	"fmt"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/caller"
)

// Ask notes that the caller wants to be forgotten. The secretariat sees it and
// decides when: somebody without an accreditation cannot be let in, and that is
// a conversation, not a button. Asking again keeps the first moment.
func (o *Office) Ask(ctx context.Context, by caller.Caller) error {
	return o.wish(ctx, by, func(d delegate.Delegate) delegate.Delegate {
		if d.ErasureAskedAt.IsZero() {
			d.ErasureAskedAt = o.now().UTC().Truncate(time.Millisecond)
		}
		return d
	})
}

// Unask takes the wish back; without one it does nothing.
func (o *Office) Unask(ctx context.Context, by caller.Caller) error {
	return o.wish(ctx, by, func(d delegate.Delegate) delegate.Delegate {
		d.ErasureAskedAt = time.Time{}
		return d
	})
}

func (o *Office) wish(ctx context.Context, by caller.Caller, f func(delegate.Delegate) delegate.Delegate) error {
	_, err := o.book.ChangeDelegate(ctx, by.Conference, by.Delegate, 0, by.Actor(), by.Delegate,
		func(d delegate.Delegate) (delegate.Delegate, error) { return f(d), nil })
	if err != nil {
		return fmt.Errorf("note the wish of %s: %w", by.Delegate, err)
	}
	return nil
}
