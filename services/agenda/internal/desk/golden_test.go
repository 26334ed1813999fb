package desk

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/event"
)

// The goldens are what the tests of the services that listen hold themselves to
// reading.
const goldens = "../../../../api-spec/events/"

func readGolden(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(goldens + name + ".json")
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sameAsGolden compares what is told with what a golden shows, and looks for what is
// never to be told.
func sameAsGolden(t *testing.T, got, want any) {
	t.Helper()
	var both [2]any
	for i, v := range []any{got, want} {
		text, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(text, &both[i])
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "CANARY") {
			t.Errorf("told: %s", text)
		}
	}
	if !reflect.DeepEqual(both[0], both[1]) {
		t.Errorf("told\n%v\nthe golden shows\n%v", both[0], both[1])
	}
}

// goldenMeeting is the meeting of which a golden tells, with everything confidential a
// meeting can have.
func goldenMeeting(t event.MeetingTold) meeting.Meeting {
	m := meeting.Meeting{
		ID: t.Meeting, Conference: "seoul", Revision: t.Revision, Status: meeting.Status(t.Status), Level: meeting.Minister,
		Topic: "CANARY", Place: "CANARY", Languages: []string{"CANARY"},
		History: []meeting.Entry{{Verb: t.Verb, Delegation: t.By, Reason: "CANARY", Actor: "CANARY"}},
	}
	for i, s := range t.Sides {
		m.Sides[i] = meeting.Side{Delegation: s.Delegation, Principals: s.People}
	}
	if t.Slot != nil {
		m.Slot = meeting.Slot{Start: t.Slot.Start, End: t.Slot.End}
		m.Room = goldenRoom(t.Slot)
	}
	if t.Proposal != "" {
		m.Proposal = &meeting.Proposal{Kind: t.Proposal, By: t.By, Awaits: t.Awaits, ExpiresAt: t.ExpiresAt, Note: "CANARY", With: "CANARY"}
		for _, s := range t.Proposed {
			m.Proposal.Slots = append(m.Proposal.Slots, meeting.Slot{Start: s.Start, End: s.End})
		}
	}
	return m
}

// goldenRoom puts a golden's slot into a room there is in these tests.
func goldenRoom(s *event.MeetingSlot) string {
	if s == nil || s.RoomName == "" {
		return ""
	}
	s.RoomName, s.Zone = "B1", "north"
	return "b1"
}

func TestWhatIsToldOfAMeetingIsWhatTheGoldensShow(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginestest.Test(t))
	for _, verb := range event.MeetingVerbs() {
		var e event.Envelope
		readGolden(t, event.MeetingType(verb), &e)
		want, err := event.ReadMeeting(e)
		if err != nil {
			t.Fatal(err)
		}
		m := goldenMeeting(want)
		f := meeting.Fact{Verb: verb, Actor: e.Actor, Delegation: want.By, Revision: want.Revision, Left: want.Left, ReconfirmBy: want.ReconfirmBy}
		if want.Was != nil {
			f.Was, f.WasRoom = meeting.Slot{Start: want.Was.Start, End: want.Was.End}, goldenRoom(want.Was)
		}
		got := r.told(m, f)
		if got.Type() != e.Type {
			t.Errorf("%s is told as %s", verb, got.Type())
		}
		sameAsGolden(t, got, want)
	}
	var want event.MeetingState
	readGolden(t, "state.agenda.meeting", &want)
	m := goldenMeeting(event.MeetingTold{
		Verb: want.Verb, Meeting: want.Meeting, Revision: want.Revision, Status: want.Status, By: want.By, Sides: want.Sides,
		Slot: want.Slot, Proposal: want.Proposal, Awaits: want.Awaits, ExpiresAt: want.ExpiresAt,
	})
	sameAsGolden(t, r.state(m), want)
	warned, _ := r.next(m, meeting.Plan{Next: m, Told: meeting.Entry{Verb: meeting.WasWarned}, ReconfirmBy: at(1).Start}, meeting.By{})
	if f := warned.Owed[len(warned.Owed)-1]; !f.ReconfirmBy.Equal(at(1).Start) {
		t.Errorf("both are warned and owed %+v", f)
	}
}
