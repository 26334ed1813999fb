package agenda_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// The delegations of these tests: one hosts the conference, and one has nothing to
// do with what the first two talk about.
const (
	korea   = "0190a3c2-7b1e-7c4d-9a53-000000000001"
	hungary = "0190a3c2-7b1e-7c4d-9a53-000000000002"
	poland  = "0190a3c2-7b1e-7c4d-9a53-000000000003"
)

// Who there is in each delegation, by number.
const (
	head = iota
	second
	expert
	interpreter
	theLiaison
)

// personOf is somebody of a delegation.
func personOf(delegation string, n int) string {
	return fmt.Sprintf("0190a3c2-7b1e-7c4d-9a54-%s%06d", delegation[len(delegation)-6:], n)
}

// bilateral are the rooms for meetings, from the smallest on.
func bilateral(n int) string { return fmt.Sprintf("0190a3c2-7b1e-7c4d-9a55-%012d", n) }

// negotiated is a stage with an agenda that has bilateral rooms and knows who the
// delegates are. Its clock shows eight in the morning of the first day.
func negotiated(t testing.TB, rooms int, settings ...func(*agenda.Seed)) (*stage, *agenda.Service) {
	t.Helper()
	seed := seed("seoul-2013", 12)
	for n := range rooms {
		seed.Rooms = append(seed.Rooms, agenda.Room{ID: bilateral(n), Name: fmt.Sprintf("Bilateral %d", n+1), Kind: "bilateral", Capacity: 8 + n, Zone: "north"})
	}
	for _, set := range settings {
		set(&seed)
	}
	s, a := loaded(t, seed)
	d := s.delegates(t)
	put := func(subject string, state any) {
		t.Helper()
		data, err := json.Marshal(state)
		if err == nil {
			err = d.bus.PutState(t.Context(), subject, 1, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, g := range []struct{ id, kind string }{{korea, "host"}, {hungary, "state"}, {poland, "state"}} {
		for n, rank := range []string{head: "minister", second: "vice_minister", expert: "expert", interpreter: "", theLiaison: ""} {
			id := personOf(g.id, n)
			put(event.DelegateStateSubject("seoul-2013", id), event.DelegateState{
				Delegate: id, Delegation: g.id, Revision: 1, Status: event.Accredited, Roles: []string{"delegate"}, Rank: rank,
			})
		}
		put(event.DelegationStateSubject("seoul-2013", g.id), event.DelegationState{Delegation: g.id, Revision: 1, Status: event.Accredited, Kind: g.kind, Head: personOf(g.id, head)})
	}
	c := s.as(t, a, secretary("seoul-2013"))
	for { // what was put last is the last to be known
		res, err := c.GetAvailabilityWithResponse(t.Context(), "seoul-2013", poland)
		if err != nil {
			t.Fatal(err)
		}
		if res.JSON200 != nil {
			return s, a
		}
		<-time.After(time.Millisecond)
	}
}

// A party is somebody's liaison, or the desk, at work on meetings.
type party struct {
	*client.ClientWithResponses
	t testing.TB
}

func liaisonOf(t testing.TB, s *stage, a *agenda.Service, delegation string, options ...client.CheckOption) party {
	t.Helper()
	return party{s.as(t, a, claims{
		"sub": personOf(delegation, theLiaison), "conference": "seoul-2013", "delegation": delegation, "roles": []string{"delegate", "liaison"},
	}, options...), t}
}

func theDesk(t testing.TB, s *stage, a *agenda.Service) party {
	t.Helper()
	return party{s.as(t, a, claims{"sub": "desk-9", "conference": "seoul-2013", "delegation": "host", "roles": []string{"delegate", "desk"}}), t}
}

// wish is a request at the level of ministers.
func wish(delegation string, at ...time.Time) client.MeetingRequest {
	r := client.MeetingRequest{Delegation: delegation, Level: client.MeetingLevelMinister, Topic: ptr("Search and rescue")}
	for _, t := range at {
		r.Slots = append(r.Slots, client.SlotChoice{StartsAt: t})
	}
	return r
}

func (p party) asks(r client.MeetingRequest) client.Meeting {
	p.t.Helper()
	res, err := p.RequestMeetingWithResponse(p.t.Context(), "seoul-2013", nil, r)
	if err != nil || res.JSON201 == nil {
		p.t.Fatalf("%v %s", err, res.GetBody())
	}
	return *res.JSON201
}

func (p party) reads(id string) client.Meeting {
	p.t.Helper()
	res, err := p.GetMeetingWithResponse(p.t.Context(), "seoul-2013", id, nil)
	if err != nil || res.JSON200 == nil {
		p.t.Fatalf("%v %s", err, res.GetBody())
	}
	return *res.JSON200
}

func (p party) accepts(m client.Meeting, a client.MeetingAcceptance) client.Meeting {
	p.t.Helper()
	res, err := p.AcceptMeetingWithResponse(p.t.Context(), "seoul-2013", m.ID, &client.AcceptMeetingParams{IfMatch: met(m)}, a)
	if err != nil || res.JSON200 == nil {
		p.t.Fatalf("%v %s", err, res.GetBody())
	}
	return *res.JSON200
}

// met is a tag of a meeting as it was seen.
func met(m client.Meeting) string { return fmt.Sprintf(`"%d"`, m.Revision) }
