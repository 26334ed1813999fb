package delegates

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/rest"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
)

// startSignIns publishes the public keys and opens the desk.
func (s *Service) startSignIns(ctx context.Context, r *running) (err error) {
	if r.secrets, err = token.Derive(s.cfg.Secrets); err != nil {
		return err
	}
	if err := s.publishKeys(ctx, r); err != nil {
		return err
	}
	s.regularly("signing keys", token.Republish, token.Republish, func(ctx context.Context) error { return s.publishKeys(ctx, r) })

	attempts, refreshes := outcomes("plenary_sign_ins_total", "Attempts to sign in."), outcomes("plenary_refreshes_total", "Refreshes of sign-ins.")
	if err := httpd.Show(s.cfg.Registry, &s.stack, attempts, refreshes); err != nil {
		return err
	}
	families := mongostore.NewSignIns(r.open)
	r.signIns = token.NewSignIns(token.Config{
		Keys: r.secrets, Families: families, People: r.book, Herald: herald{r.bus}, Now: s.cfg.Now, Ended: r.keys.EndSignIn,
		Owe:   lane(r.ends),
		Count: func(outcome string) { refreshes.WithLabelValues(outcome).Inc() },
	})
	r.book.OnEnded(func(ctx context.Context, d delegate.Delegate) error {
		return r.signIns.EndAll(ctx, d.Conference, d.ID, event.EndedRights, "")
	})
	r.badges, r.codes = mongostore.NewBadges(r.open, r.secrets.Guesses()), accreditation.NewCodes(r.secrets.Codes())
	r.guard = accreditation.NewGuard(r.badges, r.secrets.Address(), s.cfg.Now)
	r.desk = accreditation.NewDesk(accreditation.DeskConfig{
		Badges: r.badges, Guard: r.guard, People: r.book, SignIns: r.signIns, Codes: r.codes, Sandbox: s.cfg.Sandbox, Now: s.cfg.Now,
		Count: func(outcome string) { attempts.WithLabelValues(outcome).Inc() },
	})
	r.office = accreditation.NewOffice(accreditation.OfficeConfig{
		Store: r.badges, People: r.book, Codes: r.codes, Herald: herald{r.bus}, Owe: lane(r.relay), Now: s.cfg.Now,
	})
	r.rooms.SignIns = rest.SignIns{
		SignIns: r.signIns, Office: r.office, People: r.book, JWKS: r.published.jwks, App: rest.App(s.cfg.App), Now: s.cfg.Now,
	}
	s.sweep("sign-ins", families.Sweep)
	s.sweep("guesses", r.badges.Sweep)
	s.regularly("untold ends", 0, sweepEvery, r.signIns.Resume)
	s.regularly("untold codes", 0, sweepEvery, r.office.Resume)
	return nil
}

// bootstrap sees to it that somebody can run the conference the settings name.
// Its code is for whoever starts the service, and for no log.
func (s *Service) bootstrap(ctx context.Context, r *running) error {
	conference := s.cfg.BootstrapConference
	if conference == "" {
		return nil
	}
	if s.cfg.BootstrapCode == "" && s.cfg.Announce == nil {
		return errors.New("bootstrap: there is nobody to tell the code to")
	}
	code, err := r.office.Bootstrap(ctx, r.book, conference, s.cfg.BootstrapCode)
	if err != nil {
		return err
	}
	if code != "" {
		s.cfg.Announce(accreditation.Printed(code))
	}
	return nil
}

func outcomes(name, help string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"outcome"})
}

// publishKeys tells the other services, and our own door, with which keys
// tokens are verified: ours, and those of the other replicas.
func (s *Service) publishKeys(ctx context.Context, r *running) error {
	set, err := mongostore.NewSigningKeys(r.open).Change(ctx, func(p token.Published) token.Published {
		return p.With(r.secrets, s.cfg.Now())
	})
	if err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	document, err := json.Marshal(set.JWKS())
	if err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	if err := r.published.put(r.keys, set.Revision, document); err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	if err := r.bus.PutState(ctx, event.SigningKeysState, set.Revision, document); err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	return nil
}

// hearKeys takes the keys that another replica has published.
func (s *Service) hearKeys(r *running, m bus.Seen) {
	if err := r.published.put(r.keys, m.Revision, m.Data); err != nil {
		s.log.Error("signing keys not understood", "service", "delegates", "err", err)
	}
}

// published are the keys as they were published last.
type published struct {
	mu       sync.Mutex
	revision int64
	set      token.JWKS
}

// put takes a newer set and has keys verify by it.
func (p *published) put(keys *httpd.Keys, revision int64, document []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if revision < p.revision {
		return nil
	}
	var set token.JWKS
	if err := json.Unmarshal(document, &set); err != nil {
		return fmt.Errorf("read key set: %w", err)
	}
	if err := keys.SetJWKS(document); err != nil {
		return err
	}
	p.revision, p.set = revision, set
	return nil
}

func (p *published) jwks() token.JWKS {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.set
}
