package delegates

import "context"

// startKeys opens passkeys and API keys.
func (s *Service) startKeys(context.Context, *running) error { return nil }
