package agenda_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

func TestASeedBringsItsMeetingsOnceItsPeopleAreKnown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := s.open(t)
	nine := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	with := func(id string, booked bool, start time.Duration, principals ...string) agenda.Meeting {
		return agenda.Meeting{ID: sessionID(900) + id, Asking: "kr", Actor: "kr-liaison", Booked: booked, MeetingAsked: agenda.MeetingAsked{
			Delegation: "hu", Level: "minister", Principals: principals, Starts: []time.Time{nine.Add(start)},
		}}
	}
	seed := seed("seoul-2013", 0)
	seed.Rooms = append(seed.Rooms, agenda.Room{ID: "east", Name: "East", Kind: "bilateral", Capacity: 8})
	seed.MeetingPolicy = agenda.MeetingPolicy{Quota: 4}
	seed.MeetingWindows = map[string][]agenda.MeetingWindow{"hu": {{Start: nine, End: nine.Add(8 * time.Hour)}}}
	seed.Meetings = []agenda.Meeting{
		with("1", true, time.Hour, "kr-minister"),
		with("2", false, 2*time.Hour),
		with("3", true, time.Hour, "kr-minister"), // who is busy, so it is left out
		with("4", true, -3*time.Hour),             // which is past, so it is left out
	}

	brought := make(chan error)
	go func() { brought <- a.Load(t.Context(), seed) }()
	b, err := bus.Connect(t.Context(), bus.Config{Options: s.engines.Bus()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	put := func(subject string, state any) {
		data, err := json.Marshal(state)
		if err == nil {
			err = b.PutState(t.Context(), subject, 1, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"kr", "hu"} {
		put(event.DelegationStateSubject("seoul-2013", d), event.DelegationState{Delegation: d, Revision: 1, Status: event.Accredited, Kind: "state"})
	}
	put(event.DelegateStateSubject("seoul-2013", "kr-minister"), event.DelegateState{
		Delegate: "kr-minister", Delegation: "kr", Revision: 1, Status: event.Accredited, Roles: []string{"delegate"}, Rank: "minister",
	})
	if err := <-brought; err != nil {
		t.Fatal(err)
	}
	for range 2 { // loading again changes nothing
		all, err := a.Meetings("seoul-2013")
		if err != nil || len(all) != 2 {
			t.Fatalf("there are %d meetings, %v", len(all), err)
		}
		if m := all[0]; m.Status != meeting.Confirmed || m.Room != "east" || !m.Slot.Start.Equal(nine.Add(time.Hour)) || m.Revision != 1 {
			t.Errorf("the one that was booked is %+v", m)
		}
		if m := all[1]; m.Status != meeting.Requested || m.Proposal == nil || m.Proposal.By != "kr" {
			t.Errorf("the one that was asked for is %+v", m)
		}
		if err := a.Load(t.Context(), seed); err != nil {
			t.Fatal(err)
		}
	}
}
