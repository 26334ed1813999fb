package delegates

import (
	"context"

	"plenary.example/shared/revocation"
)

// startRevocation has our own door refuse the tokens that have ended, whichever
// replica ended them.
func (s *Service) startRevocation(ctx context.Context, r *running) (err error) {
	if r.ended, err = revocation.Follow(ctx, r.bus, r.keys, s.cfg.Now, s.log.With("service", "delegates")); err != nil {
		return err
	}
	s.stack.Until("revocation", r.ended.Stop)
	return nil
}
