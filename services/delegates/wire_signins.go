package delegates

import (
	"context"
	"encoding/json"
	"fmt"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/event"
)

// startSignIns publishes the public keys and opens the desk.
func (s *Service) startSignIns(ctx context.Context, r *running) error {
	keys, err := token.Derive(s.cfg.Secrets)
	if err != nil {
		return err
	}
	if err := s.publishKeys(ctx, r, keys); err != nil {
		return err
	}
	signIns := mongostore.NewSignIns(r.open)
	r.badges = mongostore.NewBadges(r.open)
	r.codes = accreditation.NewCodes(keys.Codes())
	r.signIns = token.NewSignIns(keys, signIns, accreditedOnly{r.book}, s.cfg.Now)
	r.desk = accreditation.NewDesk(r.badges, r.signIns, r.codes, s.cfg.Sandbox, s.cfg.Now)
	r.rooms.SignIns.Desk, r.rooms.SignIns.SignIns, r.rooms.SignIns.JWKS = r.desk, r.signIns, keys.JWKS()
	s.sweep("sign-ins", signIns.Sweep)
	s.sweep("guesses", r.badges.Sweep)
	return nil
}

// publishKeys tells the other services, and our own door, with which keys
// tokens are verified. The latest start wins; see Config.Secrets.
func (s *Service) publishKeys(ctx context.Context, r *running, keys *token.Keys) error {
	document, err := json.Marshal(keys.JWKS())
	if err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	if err := r.keys.SetJWKS(document); err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	if err := r.bus.PutState(ctx, event.SigningKeysState, s.cfg.Now().UnixMilli(), document); err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	return nil
}
