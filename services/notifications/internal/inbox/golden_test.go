package inbox

import (
	"os"
	"testing"

	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// The goldens are what the agenda's own tests hold it to publishing.
const goldens = "../../../../api-spec/events/"

func golden(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(goldens + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheGoldensAreUnderstood(t *testing.T) {
	t.Parallel()
	const session, delegate = "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a", "0190a3c2-7b1e-7c4d-9a51-000000000001"
	e, err := event.Parse(golden(t, "agenda.agenda.released.v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r event.AgendaReleased
	if err := e.Into(&r); err != nil {
		t.Fatal(err)
	}
	if c := r.Changes[0]; c.Before == nil || net(*c.Before, c.After) != Moved {
		t.Errorf("read as %+v", r)
	}

	m := NewMirror(quiet)
	for subject, name := range map[string]string{
		event.ConferenceStateSubject("seoul-2013"):            "agenda.conference",
		event.AgendaHeadSubject("seoul-2013"):                 "agenda.head",
		event.SessionStateSubject("seoul-2013", session):      "agenda.session",
		event.PicksStateSubject("seoul-2013", delegate):       "agenda.picks",
		event.DevicesStateSubject("seoul-2013", delegate):     "agenda.head", // not for the mirror
		event.AgendaHeadSubject("seoul-2013") + ".later.kind": "agenda.head",
	} {
		m.See(bus.Seen{Subject: subject, Data: golden(t, "state."+name+".json")})
	}
	facts := m.facts("seoul-2013")
	if facts.Timezone != "Asia/Seoul" || facts.ClockOffset != -345600 || m.conferences()["seoul-2013"] != 13 {
		t.Errorf("the conference is understood as %+v", facts)
	}
	if who := m.pickersBefore("seoul-2013", session, 13); len(who) != 1 || who[0] != delegate {
		t.Errorf("the session was picked by %v", who)
	}
	if all := m.sessions("seoul-2013"); len(all) != 1 || all[0].RoomName != "Hall C" {
		t.Errorf("the sessions are understood as %+v", all)
	}
}
