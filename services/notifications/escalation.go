package notifications

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"plenary.example/services/notifications/internal/escalation"
	"plenary.example/services/notifications/internal/schedule"
	"plenary.example/shared/event"
)

const (
	// escalateAlarm is the kind of the alarms of deadlines and of cases.
	escalateAlarm schedule.Kind = "escalate"
	// climbers is how many of them are acted upon side by side.
	climbers = 4
)

// openEscalation loads the cases. It comes before the state is followed, so that
// no hint of a sibling is missed.
func (s *Service) openEscalation(ctx context.Context) (err error) {
	s.ladder, err = escalation.Open(ctx, s.store, escalation.Config{
		Ledger: s.ledger, Receipts: s.receipts, Roster: s.roster, Duties: s.mirror.Duties,
		Sync: func(ctx context.Context) error { return s.plan.Sync(ctx) },
		Wake: func(ctx context.Context, key string, step escalation.Step, at time.Time) error {
			return s.alarms.Set(ctx, schedule.Alarm{Kind: escalateAlarm, Key: key, At: at, Data: fmt.Append(nil, int(step))})
		},
		Sleep: func(ctx context.Context, key string) error { return s.alarms.Cancel(ctx, escalateAlarm, key) },
		Tell:  s.plan.File, Changed: s.caseChanged, Now: s.cfg.Now, Log: s.log,
	})
	return err
}

// startEscalating acts upon deadlines that passed while nobody was there, and
// from then on as they pass.
func (s *Service) startEscalating(ctx context.Context) error {
	stop, err := s.alarms.Ring(ctx, escalateAlarm, climbers, func(ctx context.Context, a schedule.Alarm) error {
		var step escalation.Step
		if len(a.Data) > 0 {
			if err := json.Unmarshal(a.Data, &step); err != nil {
				s.log.Error("alarm of an escalation not understood", "err", err)
				return nil
			}
		}
		return s.ladder.Ring(ctx, a.Key, step, a.At)
	})
	if err != nil {
		return err
	}
	s.stack.Until("escalation", stop)
	return nil
}

// caseChanged tells the siblings of a case.
func (s *Service) caseChanged(c escalation.Case) {
	s.tellSiblings(event.EscalationStateSubject(c.Conference, c.ID), c.Revision)
}

// HeldCase is urgent news that a person has not acknowledged, or was asked to
// pass on.
type HeldCase struct {
	OpenedAt time.Time `json:"openedAt"`
	Step     int       `json:"step"`
}

func (s *Service) heldCases(conference, delegate string) []HeldCase {
	var held []HeldCase
	for _, c := range s.ladder.Of(conference, delegate) {
		held = append(held, HeldCase{c.OpenedAt, int(c.At)})
	}
	return held
}
