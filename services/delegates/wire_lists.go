package delegates

import (
	"context"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/participants"
	"plenary.example/services/delegates/internal/rest"
	"plenary.example/services/delegates/internal/roll"
)

// startLists opens imports and numbered lists.
func (s *Service) startLists(ctx context.Context, r *running) error {
	kept, tell := mongostore.NewLists(r.open), herald{r.bus}.Publish
	owe := lane(r.relay)
	imports := roll.NewImports(r.book, delegate.NewOffice(r.book), r.book.Conferences, kept, tell, owe, s.cfg.Now)
	s.stack.Until("imports", imports.Close)
	if err := imports.Begin(ctx); err != nil {
		return err
	}
	r.lists = participants.New(kept, r.book, r.book.Conferences, tell, owe, s.cfg.Now)
	if err := r.lists.Begin(ctx); err != nil {
		return err
	}
	r.rooms.Lists = rest.Lists{Imports: imports, Lists: r.lists, Conferences: r.book.Conferences}
	return nil
}
