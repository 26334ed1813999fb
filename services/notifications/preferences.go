package notifications

import (
	"context"
	"errors"

	"plenary.example/services/notifications/internal/preferences"
	"plenary.example/shared/event"
)

// loadPreferences reads what people chose and makes the gate that holds every
// push against it.
func (s *Service) loadPreferences(ctx context.Context) (err error) {
	if s.prefs, err = preferences.Open(ctx, s.store, s.cfg.Now, s.preferencesChanged); err != nil {
		return err
	}
	s.gate = &preferences.Gate{
		Book: s.prefs, Zone: func(conference string) string { return s.mirror.Facts(conference).Timezone },
		Now: s.mirror.Now, Wall: s.cfg.Now,
	}
	return nil
}

// preferencesChanged tells the siblings that somebody chose anew.
func (s *Service) preferencesChanged(p preferences.Preferences) {
	s.tellSiblings(event.PreferencesStateSubject(p.Conference, p.Delegate), p.Revision)
}

// tidyPreferences forgets what people preferred who are erased and whose event
// came before they wrote last.
func (s *Service) tidyPreferences(ctx context.Context) error {
	var errs []error
	s.prefs.Chosen(func(p preferences.Preferences) {
		if d, ok := s.roster.Of(p.Conference, p.Delegate); ok && d.Status == event.Erased {
			errs = append(errs, s.prefs.Erase(ctx, p.Conference, p.Delegate))
		}
	})
	return errors.Join(errs...)
}

// HeldPreferences is what somebody chose, and what they do not want to hear of.
type HeldPreferences struct {
	preferences.Choice
	Muted    []string `json:"mutedSessions"`
	Revision int64    `json:"revision"`
}

func (s *Service) heldPreferences(ctx context.Context, conference, delegate string) (*HeldPreferences, error) {
	p, err := s.prefs.Stored(ctx, conference, delegate)
	if err != nil || p.Revision == 0 {
		return nil, err
	}
	return &HeldPreferences{p.Choice, append([]string{}, p.Muted...), p.Revision}, nil
}
