package notifications

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/notifications/internal/dispatch"
	"plenary.example/services/notifications/internal/operator"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// loadSwitches holds what the operators have stopped, before anything is sent.
func (s *Service) loadSwitches(ctx context.Context) (err error) {
	s.switches, err = operator.Open(ctx, s.store, dispatch.Carriers(), s.send.Hold, s.switchChanged, s.cfg.Now)
	return err
}

// switchChanged tells the siblings that a carrier was stopped or let go.
func (s *Service) switchChanged(x operator.Switch) {
	s.tellSiblings(event.CarrierStateSubject(x.Name), x.Revision)
}

// MountOperator adds the operators' routes to the app that serves the metrics on
// listen. The service must have been started.
func (s *Service) MountOperator(app fiber.Router, listen, token string) {
	host, _ := os.Hostname() // without a name it is known by its process alone
	door := operator.Door{
		Replica:  fmt.Sprintf("%s:%d", host, os.Getpid()),
		Switches: s.switches, Figures: s.send.Figures,
		Letters: s.bus.DeadLetters, Letter: s.bus.DeadLetterAt, Bury: s.bus.Bury,
		Own: ours, Replay: s.replay, Token: token, Exposed: !operator.Local(listen), Log: s.log,
	}
	door.Mount(app)
}

// held tells whether an operator has stopped what goes to a platform.
func (s *Service) held(p push.Platform) bool { return s.send.Held(p) }

// pushLetters is from whom dead letters of pushes are.
const pushLetters = "push"

func ours(from string) bool {
	return from == pushLetters || from == durable || from == durablePeople
}

// Replayed is what came of sending a dead letter again.
type Replayed struct {
	Phones int `json:"phones"` // that are sent the push again
	Events int `json:"events"` // that were worked through again
}

// replay does again what a dead letter was to bring about. Of a push that is to
// send its notice again to everybody it is for: its letter stands for all of them.
func (s *Service) replay(ctx context.Context, x bus.Dead) (any, error) {
	if x.From == pushLetters {
		return s.pushAgain(ctx, x)
	}
	e, err := event.Parse(x.Data)
	if err != nil {
		return nil, errUnreadable.Because(err)
	}
	handle := s.plan.Handle
	if x.From == durablePeople {
		handle = s.plan.HandlePeople
	}
	if err := handle(ctx, e); err != nil {
		return nil, problem.New(problem.Conflict, "still_refused", "It cannot be worked through now either.").Because(err)
	}
	return Replayed{Events: 1}, nil
}

var errUnreadable = problem.New(problem.Conflict, "unreadable", "What was put aside cannot be read.")

func (s *Service) pushAgain(ctx context.Context, x bus.Dead) (any, error) {
	var job push.Job
	if err := json.Unmarshal(x.Data, &job); err != nil || job.Notice == "" {
		return nil, errUnreadable
	}
	n, ok, err := s.ledger.Notice(ctx, job.Notice)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, problem.New(problem.Conflict, "no_such_notice", "There is no such notice.")
	}
	if n.Expired(s.cfg.Now()) {
		return nil, problem.New(problem.Conflict, "stale_news", "The news is stale: no phone would be sent it.")
	}
	who, err := s.ledger.Audience(ctx, n.Key)
	if err != nil {
		return nil, err
	}
	phones := s.devices.Phones(who)
	if len(phones) == 0 {
		return Replayed{}, nil
	}
	return Replayed{Phones: len(phones)}, s.send.Again(ctx, n, phones, s.cfg.Now().UnixMilli())
}
