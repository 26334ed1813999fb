package delegates

import (
	"context"
	"time"
)

// What has expired is removed every hour. The first time comes a little after
// the start, which has better things to do.
const (
	sweepFirst = time.Minute
	sweepEvery = time.Hour
)

// sweep removes what has expired, now and then, until the service stops. remove
// says how many documents it has removed; their sort is for the log.
func (s *Service) sweep(sort string, remove func(ctx context.Context, now time.Time) (int, error)) {
	s.regularly("sweep of "+sort, sweepFirst, sweepEvery, func(ctx context.Context) error {
		n, err := remove(ctx, s.cfg.Now())
		if n > 0 {
			s.log.Info("swept", "service", "delegates", "sort", sort, "documents", n)
		}
		return err
	})
}

// regularly does a thing after a while, and then again and again until the
// service stops. What fails is tried again the next time.
func (s *Service) regularly(what string, first, every time.Duration, do func(ctx context.Context) error) {
	s.background(what, func(ctx context.Context) {
		next := time.NewTimer(first)
		defer next.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-next.C:
				next.Reset(every)
			}
			if err := do(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("not done, and tried again later", "service", "delegates", "what", what, "err", err)
			}
		}
	})
}

// background runs a thing until the service stops.
func (s *Service) background(what string, run func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	s.stack.Push(what, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}
