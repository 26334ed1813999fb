package agenda_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"
	"time"

	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

func TestWhoMeetsIsNamedWhileSomebodyCanSayWhoTheyAre(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	asked := wish(hungary, s.clock.day(0, 0))
	asked.Principals = &[]string{personOf(korea, second)}
	m := kr.asks(asked)
	if m.Sides[0].Principals[0].Name != "" || m.Sides[1].Designation != "" {
		t.Errorf("nobody can say who they are, and yet: %+v", m.Sides)
	}
	s.directory(t, event.ForMeeting)
	s.clock.set(s.clock.now().Add(2 * time.Second)) // the silence is not taken for good
	m = hu.reads(m.ID)
	if who := m.Sides[0].Principals[0]; who.Name != "Person "+personOf(korea, second) || who.Function != "Minister" {
		t.Errorf("who comes is %+v", who)
	}
	// The side that has named nobody is called after its head.
	if m.Sides[0].Designation != "Delegation "+korea || m.Sides[1].Designation != "Delegation "+hungary {
		t.Errorf("the sides are %q and %q", m.Sides[0].Designation, m.Sides[1].Designation)
	}
	s.beheads(t, kr, hungary)
	if side := kr.reads(m.ID).Sides[1]; side.Designation != "Delegation "+hungary {
		t.Errorf("without a head, the side is called %q", side.Designation)
	}
	sent, err := kr.SubstitutePrincipalWithResponse(t.Context(), "seoul-2013", m.ID, &client.SubstitutePrincipalParams{IfMatch: met(kr.reads(m.ID))},
		client.MeetingSubstitution{Out: ptr(personOf(korea, second)), In: personOf(korea, head)})
	if err != nil || sent.JSON200 == nil {
		t.Fatalf("%v %s", err, sent.GetBody())
	}
	history, err := hu.GetMeetingHistoryWithResponse(t.Context(), "seoul-2013", m.ID, &client.GetMeetingHistoryParams{})
	if err != nil || history.JSON200 == nil || len(history.JSON200.Items) != 2 {
		t.Fatalf("%v %s", err, history.GetBody())
	}
	if first := history.JSON200.Items[1]; first.ActorName != "Person "+personOf(korea, theLiaison) || first.Principal != personOf(korea, second) || first.Out+first.In != "" {
		t.Errorf("asked for as %+v", first)
	}
	if e := history.JSON200.Items[0]; e.Out != personOf(korea, second) || e.OutName != "Person "+e.Out || e.In != personOf(korea, head) || e.InName != "Person "+e.In {
		t.Errorf("who left and who came is told as %+v", e)
	}
}

// beheads takes the head of a delegation away, and waits until a party can ask for
// them no more.
func (s *stage) beheads(t *testing.T, p party, delegation string) {
	t.Helper()
	data, err := json.Marshal(event.DelegationState{Delegation: delegation, Revision: 2, Status: event.Accredited, Kind: "state"})
	if err == nil {
		err = s.delegates(t).bus.PutState(t.Context(), event.DelegationStateSubject("seoul-2013", delegation), 2, data)
	}
	for gone := false; err == nil && !gone; {
		asked := wish(delegation, s.clock.day(1, 0))
		asked.WithHead = ptr(true)
		var res *client.RequestMeetingResponse
		if res, err = p.RequestMeetingWithResponse(t.Context(), "seoul-2013", nil, asked); err == nil {
			gone = res.ApplicationProblemJSON422 != nil
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// directory answers for the delegates service who the people of these tests are,
// to whoever asks for a purpose.
func (s *stage) directory(t *testing.T, purpose string) {
	t.Helper()
	b, err := bus.Connect(t.Context(), bus.Config{Options: s.engines.Bus()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	stop, err := b.Answer(event.AskDirectory, func(_ context.Context, _ string, question []byte) (any, error) {
		var q event.Lookup
		if err := json.Unmarshal(question, &q); err != nil || q.Purpose != purpose {
			t.Errorf("asked %s: %v", question, err)
		}
		var answer event.LookupAnswer
		for _, id := range q.Delegates {
			i := slices.IndexFunc([]string{korea, hungary, poland}, func(d string) bool { return id[24:30] == d[30:36] })
			delegation := []string{korea, hungary, poland}[i]
			answer.People = append(answer.People, event.Person{
				Delegate: id, Name: "Person " + id, Function: "Minister", Delegation: delegation, Designation: "Delegation " + delegation,
			})
		}
		return answer, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
}
