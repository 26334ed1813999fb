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
	r.apiKeys = apikey.New(kept, r.ends, herald{r.bus}, func(c apikey.Claim) (string, error) {
		return r.secrets.AccessFor(c.Subject, c.Conference, c.Scopes, c.IssuedAt, c.ExpiresAt)
	}, r.guard, s.cfg.Now)
	pending, err := kept.Pending(ctx)
	if err != nil {
		return err
	}
	r.apiKeys.Remember(pending)
	r.rooms.Keys.APIKeys, r.rooms.Keys.KeySignIns = r.apiKeys, r.apiKeys
	s.sweep("API keys", kept.Sweep)
	return nil
}

func (s *Service) startPasskeys(ctx context.Context, r *running) error {
	kept := mongostore.NewPasskeys(r.open)
	var err error
	tell := passkey.Telling{Herald: herald{r.bus}, Owe: lane(r.relay)}
	if r.passkeys, err = passkey.New(passkey.Config(s.cfg.Passkeys), kept, tell, s.cfg.Now, s.log); err != nil {
		return err
	}
	// Also while they are off: who leaves the secretariat must not find them again
	// when they are on.
	stop, err := r.bus.Consume(ctx, bus.Work{Stream: bus.StreamDelegates, Durable: "delegates-passkeys"}, r.passkeys.Hear)
	if err != nil {
		return err
	}
	s.stack.Push("passkeys", func(context.Context) error {
		stop()
		return nil
	})
	steps := accreditation.NewSteps(r.desk, r.passkeys)
	r.rooms.SignIns.Desk = steps
	r.rooms.Keys.Passkeys, r.rooms.Keys.People, r.rooms.Keys.SecondStep = r.passkeys, r.book, steps
	s.regularly("untold passkeys", 0, sweepEvery, r.passkeys.Resume)
	s.regularly("sweep of challenges", sweepFirst, passkey.ChallengeLife, func(ctx context.Context) error {
		_, err := kept.Sweep(ctx, s.cfg.Now()) // one names an accreditation: not for an hour
		return err
	})
	return nil
}
