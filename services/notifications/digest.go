package notifications

import (
	"context"

	"plenary.example/services/notifications/internal/digest"
	"plenary.example/services/notifications/internal/push"
)

// digesting is how many hours of digests this replica works through side by side.
const digesting = 2

// openDigests makes the teller of digests. It comes before anything is looked for
// now and then: arranging their hours is a part of that.
func (s *Service) openDigests() {
	s.digests = &digest.Teller{
		Book: s.prefs, Inboxes: s.ledger, Location: s.gate.Location, Clock: s.mirror.Now, Wall: s.mirror.Wall, May: s.roster.May,
		Read: func(conference, delegate string, n push.Notice) bool {
			return s.receipts.Of(conference, delegate).HasRead(n.Seq)
		},
		File: s.plan.File, Set: s.alarms.Set, Now: s.cfg.Now,
	}
}

// startDigests begins to tell people together what they do not want one by one.
func (s *Service) startDigests(ctx context.Context) error {
	if err := s.digests.Arrange(ctx); err != nil {
		return err
	}
	hush, err := s.alarms.Ring(ctx, digest.Kind, digesting, s.digests.Ring)
	if err != nil {
		return err
	}
	s.stack.Until("digests", hush)
	return nil
}
