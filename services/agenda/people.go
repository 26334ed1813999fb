package agenda

import (
	"context"
	"encoding/json"
	"errors"

	"plenary.example/services/agenda/internal/desk"
	"plenary.example/services/agenda/internal/live"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// durablePeople is the consumer that works through the events about people.
const durablePeople = "agenda-delegates"

// startPeople begins to act upon who leaves and who takes whose seat, and to
// answer what is held about somebody. watch feeds s.hear.
func (s *Service) startPeople(ctx context.Context, watch *bus.Watch) error {
	numbers := bus.NewNumbers("agenda", bus.StreamDelegates)
	if err := httpd.Show(s.cfg.Registry, &s.stack, numbers.Lag, numbers.Dead); err != nil {
		return err
	}
	s.waiting = numbers.Lag
	work := bus.Work{Stream: bus.StreamDelegates, Durable: durablePeople, OnDone: numbers.Done}
	stop, err := s.bus.Consume(ctx, work, func(ctx context.Context, e event.Envelope) error {
		if err := watch.Sync(ctx); err != nil {
			return err
		}
		return errors.Join(s.live.HearPeople(ctx, e), s.desk.HearPeople(ctx, e))
	})
	if err != nil {
		return err
	}
	s.stack.Until("people", stop)
	hush, err := s.bus.Answer(event.AskAgendaData, func(ctx context.Context, conference string, question []byte) (any, error) {
		var q event.PersonalData
		if err := json.Unmarshal(question, &q); err != nil {
			return nil, problem.New(problem.Malformed, "bad_question", "%v", err)
		}
		return s.heldOf(ctx, conference, q.Delegate)
	})
	if err != nil {
		return err
	}
	s.stack.Until("answers", hush)
	return nil
}

// heldOf is everything the agenda holds about a delegate, meetings too.
func (s *Service) heldOf(ctx context.Context, conference, delegate string) (any, error) {
	agenda, err := s.live.HeldOf(ctx, conference, delegate)
	if err != nil {
		return nil, err
	}
	meetings, err := s.desk.HeldOf(ctx, conference, delegate)
	if err != nil {
		return nil, err
	}
	return struct {
		live.Held
		desk.HeldMeetings
	}{agenda, meetings}, nil
}

// lookForPeople clears the picks of people who are gone and whose event will
// not come any more.
func (s *Service) lookForPeople(ctx context.Context) error {
	waiting, err := s.bus.Pending(ctx, bus.StreamDelegates, durablePeople)
	if err != nil {
		return err
	}
	s.waiting.Set(float64(waiting))
	if waiting > 0 {
		return nil
	}
	return errors.Join(s.live.ClearAway(ctx), s.desk.ClearAway(ctx))
}
