package delegates

import (
	"context"
	"time"
)

// What has expired is removed every hour. The first time
// comes a little after the start, which has better things to do.
const (
	sweepFirst = time.Minute
	sweepEvery = time.Hour
)

// sweep removes what has expired, now and then, until the service stops. remove
// says how many documents it has removed; their sort is for the log.
func (s *Service) sweep(sort string, remove func(ctx context.Context, now time.Time) (int, error)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		next := time.NewTimer(sweepFirst)
		defer next.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-next.C:
				next.Reset(sweepEvery)
			}
			if n, err := remove(ctx, s.cfg.Now()); err != nil && ctx.Err() == nil {
				s.log.Warn("sweep failed", "service", "delegates", "sort", sort, "err", err)
			} else if n > 0 {
				s.log.Info("swept", "service", "delegates", "sort", sort, "documents", n)
			}
		}
	}()
	s.stack.Push("sweep of "+sort, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}
