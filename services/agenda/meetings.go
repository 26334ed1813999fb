package agenda

import (
	"context"

	"plenary.example/services/agenda/internal/desk"
)

// openDesk loads the bilateral meetings, before the first state message is heard.
func (s *Service) openDesk(ctx context.Context) (err error) {
	if s.desk, err = desk.Open(ctx, s.store, s.bus, s.live, s.cfg.Now, s.log, desk.Options{}); err != nil {
		return err
	}
	s.live.HoldRooms(s.desk.HoldRooms)
	s.stack.Push("desk", func(ctx context.Context) error { s.desk.Close(ctx); return nil })
	return nil
}
