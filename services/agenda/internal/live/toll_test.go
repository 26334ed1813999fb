package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
)

func TestPhonesAreCountedByWhoKnowsThem(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(1)...)
	s, _ := mustAgenda(t, a).Session("s00")
	moved := s
	moved.Room = "annex"
	changes := []programme.Change{{Session: "s00", Fields: []programme.Field{programme.InRoom}, Before: &s, After: &moved}}
	toll, err := a.Toll(t.Context(), "seoul", changes)
	if err != nil || toll.Notices != 1 || toll.ByUrgency[programme.Routine].Phones != nil {
		t.Errorf("nobody answers: %+v, %v", toll, err)
	}
	hush, err := a.bus.Answer(event.AskReach, func(_ context.Context, _ string, q []byte) (any, error) {
		var asked event.ReachQuestion
		if err := json.Unmarshal(q, &asked); err != nil || fmt.Sprint(asked.Delegates) != "[d0]" {
			return nil, errors.New("asked of others")
		}
		return event.ReachAnswer{Phones: 3}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer hush()
	toll, err = a.Toll(t.Context(), "seoul", changes)
	if phones := toll.ByUrgency[programme.Routine].Phones; err != nil || phones == nil || *phones != 3 {
		t.Errorf("counted %+v, %v", toll, err)
	}
}
