package notifications

import (
	"context"
	"errors"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/receipts"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// filed tells the siblings of a notice, and has its deadline looked after.
func (s *Service) filed(ctx context.Context, n push.Notice, recipients int) error {
	e, err := event.New(n.ID, n.Conference, n.Subject.ID, n.To, "", n.At, event.NoticeCreated{
		Key: n.Key, Number: n.Seq, Urgency: string(n.Urgency), Recipients: recipients,
	})
	if err != nil {
		return err
	}
	return errors.Join(s.bus.Publish(ctx, e), s.ladder.Watch(ctx, n))
}

// hearNotice fetches a notice that a sibling filed; our own are known.
func (s *Service) hearNotice(ctx context.Context, m bus.Seen) error {
	e, err := event.Parse(m.Data)
	var n event.NoticeCreated
	if err == nil && e.Type == n.Type() {
		err = e.Into(&n)
	}
	if err != nil {
		s.log.Error("notice hint not understood", "err", err)
		return nil
	}
	return s.ledger.Hear(ctx, n.Key)
}

// hear follows the agenda, its people, the siblings and the signing keys.
func (s *Service) hear(ctx context.Context, m bus.Seen) error {
	conference, kind, id := event.SplitState(m.Subject)
	switch {
	case m.Subject == event.SigningKeysState:
		if err := s.keys.SetJWKS(m.Data); err != nil {
			s.log.Error("signing keys not understood", "err", err)
		}
	case kind == "delegates.delegate":
		s.hearPerson(m)
	case kind == "delegates.delegation":
		s.roster.SeeDelegation(conference, m.Data)
	case kind == "notice.preferences":
		defer s.replanAfter(kind)
		return s.prefs.Refresh(ctx, conference, id, m.Revision)
	case kind == "notice.devices":
		return s.devices.Refresh(ctx, id, m.Revision)
	case kind == receipts.HintPerson:
		return s.receipts.HearPerson(ctx, conference, id, m.Revision)
	case kind == "notice.escalation":
		return s.ladder.Hear(ctx, id)
	case kind == receipts.HintFetched:
		return s.receipts.HearFetched(ctx, conference, id, m.Revision)
	case kind == "notice.carrier":
		return s.switches.Refresh(ctx, id, m.Revision)
	case kind == "notice.announcement":
		return s.office.Refresh(ctx, id, m.Revision)
	default:
		s.mirror.See(m)
		s.replanAfter(kind)
	}
	return nil
}
