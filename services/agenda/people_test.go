package agenda_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// delegates plays the service of that name on the stage.
type delegates struct {
	testing.TB
	bus *bus.Bus
}

func (s *stage) delegates(t testing.TB) delegates {
	t.Helper()
	b, err := bus.Connect(t.Context(), bus.Config{Options: s.engines.Bus()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return delegates{t, b}
}

// tell puts how a person stands and then publishes what happened.
func (d delegates) tell(id, delegate, status string, revision int64, at time.Time, p event.Payload) {
	d.Helper()
	data, err := json.Marshal(event.DelegateState{Delegate: delegate, Revision: revision, Status: status})
	if err == nil {
		err = d.bus.PutState(d.Context(), event.DelegateStateSubject("seoul-2013", delegate), revision, data)
	}
	e, errNew := event.New(id, "seoul-2013", delegate, revision, "", at, p)
	if errNew == nil && err == nil {
		err = d.bus.Publish(d.Context(), e)
	}
	if err != nil || errNew != nil {
		d.Fatal(err, errNew)
	}
}

// worked waits until the agenda has worked through all that was told.
func (d delegates) worked() {
	d.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		last, err := d.bus.LastSequence(d.Context(), bus.StreamDelegates)
		if err != nil {
			d.Fatal(err)
		}
		done, err := d.bus.Worked(d.Context(), bus.StreamDelegates, "agenda-delegates")
		if err != nil {
			d.Fatal(err)
		}
		if done >= last {
			return
		}
		select {
		case <-tick.C:
		case <-d.Context().Done():
			d.Fatal("not worked through")
		}
	}
}

type held struct {
	Picks []struct {
		Session string
		At      time.Time
	}
	Releases      []struct{ Revision int64 }
	CalendarFeeds []struct{ ID string }
}

func (d delegates) ask(delegate string) (h held) {
	d.Helper()
	if err := d.bus.AskPatiently(d.Context(), "seoul-2013", event.AskAgendaData, event.PersonalData{Delegate: delegate}, &h); err != nil {
		d.Fatal(err)
	}
	return h
}

func TestASeatIsHandedOnAndForgottenOnAnyReplica(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 3))
	people := s.delegates(t)
	b := s.open(t)
	ada, bob := s.as(t, a, delegate("seoul-2013", "ada")), s.as(t, b, delegate("seoul-2013", "bob"))
	if got, err := ada.PickSessionWithResponse(t.Context(), sessionID(1), nil); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatal(err, got)
	}
	people.tell("e1", "ada", event.Substituted, 2, s.clock.now(), event.DelegateSubstituted{Delegate: "ada", Deputy: "bob", From: s.clock.now()})
	people.worked()
	if got := people.ask("bob"); len(got.Picks) != 1 || got.Picks[0].Session != sessionID(1) || !got.Picks[0].At.Equal(s.clock.now()) {
		t.Errorf("the deputy has %+v", got)
	}
	if got := people.ask("ada"); len(got.Picks) != 0 {
		t.Errorf("who left has %+v", got)
	}
	if got, err := bob.UnpickSessionWithResponse(t.Context(), sessionID(1)); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatal(err, got)
	}
	if got, err := bob.PickSessionWithResponse(t.Context(), sessionID(2), nil); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatal(err, got)
	}
	stop(t, a)
	people.tell("e2", "bob", event.Erased, 2, s.clock.now(), event.DelegateErased{Delegate: "bob"})
	people.worked()
	if got := people.ask("bob"); len(got.Picks) != 0 {
		t.Errorf("who is erased has %+v", got)
	}
}

func TestWhatHappensWhileTheAgendaIsAwayIsDoneWhenItIsBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	with := seed("seoul-2013", 3)
	with.Picks = map[string][]string{"ada": {sessionID(1), sessionID(2)}}
	a := s.open(t)
	if err := a.Load(t.Context(), with); err != nil {
		t.Fatal(err)
	}
	stop(t, a)
	people := s.delegates(t)
	people.tell("e1", "ada", event.Substituted, 2, s.clock.now(), event.DelegateSubstituted{Delegate: "ada", Deputy: "bob"})
	s.open(t)
	people.worked()
	if got := people.ask("bob"); len(got.Picks) != 2 {
		t.Errorf("the deputy has %+v", got)
	}
}
