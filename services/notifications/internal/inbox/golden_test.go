package inbox

import (
	"os"
	"testing"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
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
	facts := m.Facts("seoul-2013")
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

func TestWhatTheGoldensTellOfPeopleIsUnderstood(t *testing.T) {
	t.Parallel()
	const ada, signIn = "0190a3c2-7b1e-7c4d-9a51-000000000001", "0190a3c2-7b1e-7c4d-9a51-00000000f001"
	r := setup(t, 0)
	r.start()
	if d, ok := r.plan.Roster.See("seoul-2013", golden(t, "state.delegates.delegate.json")); !ok || d.Delegate != ada || d.Status != event.Accredited || d.Rights != 2 {
		t.Errorf("the state of a person is understood as %+v", d)
	}
	register := func(name, signIn string) {
		_, err := r.plan.Devices.Register(t.Context(), push.Device{
			Installation: name, Token: push.Token(name), Delegate: ada, Conference: "seoul-2013", SignIn: signIn,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tell := func(name string) {
		e, err := event.Parse(golden(t, "delegates."+name+".v1.json"))
		if err == nil {
			err = r.plan.HandlePeople(t.Context(), e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	inbox := func() int {
		items, _ := r.ledger.Inbox("seoul-2013", ada, 0, 10)
		return len(items)
	}
	register("first", signIn)
	register("second", "another")
	tell("delegate.changed") // roles only
	r.wantPhones(ada, "first", "second")
	tell("sign-in.ended")
	r.wantPhones(ada, "second")
	if inbox() != 1 {
		t.Errorf("%d items in the inbox after a sign-in was used twice", inbox())
	}
	r.plan.Roster = roster.New(quiet)
	tell("delegate.substituted")
	r.wantPhones(ada)
	register("third", "a third")
	tell("delegate.erased")
	r.wantPhones(ada)
	if inbox() != 0 {
		t.Errorf("%d items in the inbox of somebody erased", inbox())
	}
}
