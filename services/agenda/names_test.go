package agenda_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// office answers for the delegates service who aDelegate is.
type office struct {
	name  atomic.Pointer[string]
	asked atomic.Int64
}

func (o *office) open(t *testing.T, s *stage) *bus.Bus {
	t.Helper()
	b, err := bus.Connect(t.Context(), bus.Config{Options: s.engines.Bus()}, s.logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	stop, err := b.Answer(event.AskDirectory, func(_ context.Context, conference string, question []byte) (any, error) {
		o.asked.Add(1)
		var q event.Lookup
		if err := json.Unmarshal(question, &q); err != nil || conference != "seoul-2013" || q.Purpose != event.ForProgram {
			t.Errorf("asked %s of %s: %v", question, conference, err)
		}
		return event.LookupAnswer{People: []event.Person{{Delegate: aDelegate, Name: *o.name.Load(), Designation: "Republic of Korea"}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return b
}

func TestOnesScheduleNamesTheDelegatesInIt(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, opening())
	api := s.as(t, a, delegate("seoul-2013", aDelegate))
	chair := func() client.Part {
		t.Helper()
		res, err := api.GetMyScheduleWithResponse(t.Context(), nil)
		if err != nil || res.JSON200 == nil || len(res.JSON200.Items) == 0 {
			t.Fatalf("schedule: %v, %s", err, res.Body)
		}
		for _, p := range res.JSON200.Items[0].Session.People {
			if p.DelegateID == aDelegate {
				return p
			}
		}
		t.Fatalf("nobody chairs: %s", res.Body)
		return client.Part{}
	}
	if p := chair(); p.Name != "" {
		t.Errorf("nobody can say who it is, and they are called %q", p.Name)
	}

	var o office
	first, second := "Ahn So-yeon", "Ahn So-yeon (acting)"
	o.name.Store(&first)
	b := o.open(t, s)
	s.clock.set(s.clock.now().Add(2 * time.Second)) // the silence is not taken for good
	for range 2 {
		if p := chair(); p.Name != first || p.Affiliation != "Republic of Korea" {
			t.Errorf("the chair is %+v", p)
		}
	}
	if o.asked.Load() != 1 {
		t.Errorf("asked %d times, want once", o.asked.Load())
	}

	o.name.Store(&second)
	e, err := event.New("renamed", "seoul-2013", aDelegate, 2, "", s.clock.now(), event.DelegateChanged{Delegate: aDelegate, Fields: []string{"name"}, Status: event.Accredited})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for p := chair(); p.Name != second; p = chair() {
		if t.Context().Err() != nil {
			t.Fatal("the old name stays")
		}
		if p.Name == "" { // a slow machine did not answer, and the clock that ends the silence stands
			s.clock.set(s.clock.now().Add(2 * time.Second))
		}
	}
}
