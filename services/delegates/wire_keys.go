package delegates

import (
	"context"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/apikey"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/shared/bus"
)

// startKeys opens passkeys, as the second step behind the desk, and API keys.
func (s *Service) startKeys(ctx context.Context, r *running) error {
	if err := s.startPasskeys(ctx, r); err != nil {
		return err
	}
	kept := mongostore.NewAPIKeys(r.open)
	keys := apikey.New(kept, r.relay, herald{r.bus}, func(c apikey.Claim) (string, error) {
		return r.secrets.AccessFor(c.Subject, c.Conference, c.Scopes, c.IssuedAt, c.ExpiresAt)
	}, r.guard, s.cfg.Now)
	pending, err := kept.Pending(ctx)
	if err != nil {
		return err
	}
	keys.Remember(pending)
	r.rooms.Keys.APIKeys, r.rooms.Keys.KeySignIns = keys, keys
	s.sweep("API keys", kept.Sweep)
	return nil
}

func (s *Service) startPasskeys(ctx context.Context, r *running) error {
	kept := mongostore.NewPasskeys(r.open)
	room, err := passkey.New(passkey.Config(s.cfg.Passkeys), kept, s.cfg.Now, s.log)
	if err != nil {
		return err
	}
	// Also while they are off: who leaves the secretariat must not find them again
	// when they are on.
	stop, err := r.bus.Consume(ctx, bus.Work{Stream: bus.StreamDelegates, Durable: "delegates-passkeys"}, room.Hear)
	if err != nil {
		return err
	}
	s.stack.Push("passkeys", func(context.Context) error {
		stop()
		return nil
	})
	steps := accreditation.NewSteps(r.desk, room)
	r.rooms.SignIns.Desk = steps
	r.rooms.Keys.Passkeys, r.rooms.Keys.People, r.rooms.Keys.SecondStep = room, r.book, steps
	s.sweep("challenges", kept.Sweep)
	return nil
}
