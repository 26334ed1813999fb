package notifications

import (
	"context"
	"time"

	"plenary.example/services/notifications/internal/announce"
	"plenary.example/services/notifications/internal/schedule"
	"plenary.example/shared/event"
)

const (
	// announceAlarm is the kind of the alarms by which announcements are sent.
	announceAlarm schedule.Kind = "announce"
	// announcers is how many announcements are sent side by side.
	announcers = 2
)

// openAnnouncements loads the announcements. It comes before the state is
// followed, so that no hint of a sibling is missed.
func (s *Service) openAnnouncements(ctx context.Context) (err error) {
	s.office, err = announce.Open(ctx, s.store, announce.Config{
		Roster: s.roster, Agenda: s.mirror, Phones: s.devices.Of, Compose: s.compose, Changed: s.announcementChanged,
		Sync: func(ctx context.Context) error { return s.plan.Sync(ctx) },
		Wake: func(ctx context.Context, id string, at time.Time) error {
			return s.alarms.Set(ctx, schedule.Alarm{Kind: announceAlarm, Key: id, At: at})
		},
		Sleep: func(ctx context.Context, id string) error { return s.alarms.Cancel(ctx, announceAlarm, id) },
		Tell:  s.plan.File, Told: s.ledger.Audience, Now: s.cfg.Now, Log: s.log,
	})
	return err
}

// startAnnouncing sends what became due while nobody was there, and from then on
// what becomes due.
func (s *Service) startAnnouncing(ctx context.Context) error {
	if err := s.office.Check(ctx); err != nil {
		return err
	}
	stop, err := s.alarms.Ring(ctx, announceAlarm, announcers, func(ctx context.Context, a schedule.Alarm) error {
		return s.office.Ring(ctx, a.Key, a.At)
	})
	if err != nil {
		return err
	}
	s.stack.Until("announcements", stop)
	return nil
}

// announcementChanged tells the siblings that an announcement is another now.
func (s *Service) announcementChanged(a announce.Announcement) {
	s.tellSiblings(event.AnnouncementStateSubject(a.Conference, a.ID), a.Revision)
}

// HeldAnnouncement is something that a person of the secretariat announced. Who did
// stays with it: those who were told may ask.
type HeldAnnouncement struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

func (s *Service) heldAnnouncements(conference, delegate string) (held []HeldAnnouncement) {
	for _, a := range s.office.MadeBy(conference, delegate) {
		held = append(held, HeldAnnouncement{ID: a.ID, At: a.MadeAt.UTC()})
	}
	return held
}
