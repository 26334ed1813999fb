package delegates

import "context"

// startLists opens imports and numbered lists.
func (s *Service) startLists(context.Context, *running) error { return nil }
