package notifications_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

const panelID, laterID = "0190a3c2-7b1e-7c4d-9a51-00000000c001", "0190a3c2-7b1e-7c4d-9a51-00000000c002"

// A programme is the sessions of Seoul as they stand, released one at a time.
type programme struct {
	*stage
	now map[string]event.SessionState
}

// release puts a session and tells of the release that brought it.
func (p *programme) release(x event.SessionState) {
	p.Helper()
	p.rev[seoul]++
	x.Revision = p.rev[seoul]
	change := event.SessionChange{Session: x.Session, Fields: []string{"created"}, After: x}
	if before, there := p.now[x.Session]; there {
		change.Before, change.Fields = &before, []string{"time"}
	}
	p.now[x.Session] = x
	p.put(event.SessionStateSubject(seoul, x.Session), x.Revision, x)
	p.put(event.AgendaHeadSubject(seoul), x.Revision, event.AgendaHead{Conference: seoul, Revision: x.Revision})
	p.publish(seoul, seoul, x.Revision, event.AgendaReleased{Revision: x.Revision, Part: 1, Parts: 1, Changes: []event.SessionChange{change}})
}

// beginning is one that begins so long from now.
func beginning(id string, in time.Duration) event.SessionState {
	start := time.Now().Add(in).UTC().Truncate(time.Second)
	return event.SessionState{
		Session: id, Title: map[string]string{"en": "Panel"}, Room: "hall", RoomName: "Hall A", Start: start, End: start.Add(time.Hour),
		Status: event.SessionConfirmed,
	}
}

func (p *programme) picks(delegate string, sessions ...string) {
	p.Helper()
	picks := event.PicksState{Delegate: delegate, Revision: 1}
	for _, id := range sessions {
		picks.Picks = append(picks.Picks, event.Pick{Session: id})
	}
	p.put(event.PicksStateSubject(seoul, delegate), 1, picks)
}

// alarms are how many reminders the bus holds back.
func (p *programme) alarms() (reminders uint64) {
	p.Helper()
	st, err := p.bus.JS().Stream(p.Context(), "ALARMS")
	if err != nil {
		p.Fatal(err)
	}
	info, err := st.Info(p.Context(), jetstream.WithSubjectFilter("alarm.>"))
	if err != nil {
		p.Fatal(err)
	}
	for subject, n := range info.State.Subjects {
		if strings.Contains(subject, ".reminder") {
			reminders += n
		}
	}
	return reminders
}

// Everything here is due already, or not for an hour: nothing waits for a time.
func TestRemindersComeOnceAndGiveWayToChanges(t *testing.T) {
	t.Parallel()
	p := &programme{newStage(t), map[string]event.SessionState{}}
	a, b := p.open(), p.open()
	p.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul"})
	for _, who := range []string{"ada", "bob", "deaf"} {
		p.phone(a, who, who)
	}
	p.picks("ada", panelID, laterID)
	p.picks("deaf", panelID)
	no := false
	if code, _ := p.me(a, "deaf").prefer(`"0"`, client.NewPreferences{Push: &client.PushChoice{Sessions: &no}}); code != http.StatusOK {
		t.Fatalf("wanting no news of sessions answers %d", code)
	}
	panel, later := beginning(panelID, 13*time.Minute), beginning(laterID, 75*time.Minute)
	p.release(panel)
	p.release(later)
	slot := &event.MeetingSlot{Start: panel.Start, End: panel.End, RoomName: "Bilateral room 3"}
	told := event.MeetingTold{
		Verb: "confirmed", Meeting: bilateral, Revision: 1, Status: "confirmed", By: "kr", Slot: slot,
		Sides: []event.MeetingSide{{Delegation: "kr", People: []string{"bob"}}, {Delegation: "hu"}},
	}
	p.meet(told)
	p.eventually("ada is reminded", func() bool { return len(p.carrier.Phone("ada")) > 0 })
	p.eventually("the alarm of what is later is all that is left", func() bool { return p.alarms() == 1 })
	p.settled()
	p.wantPushes("ada", "session.reminder")

	card := p.carrier.Phone("ada")[0]
	if !strings.HasPrefix(card.Body, "Begins at "+panel.Start.In(time.FixedZone("", 9*60*60)).Format("15:04")+", in 1") || !strings.Contains(card.Body, " minutes") || card.Data["tag"] == "" {
		t.Errorf("the reminder says %q, %q with %v", card.Title, card.Body, card.Data)
	}
	chosen := client.NewPreferences{Reminders: &client.ReminderChoice{Sessions: &[]int{15, 77}}}
	if code, _ := p.me(b, "ada").prefer(`"0"`, chosen); code != http.StatusOK {
		t.Fatalf("choosing answers %d", code)
	}
	p.eventually("ada is reminded as early as she chose", func() bool { return len(p.carrier.Phone("ada")) > 1 })
	panel.RoomName, panel.Room = "Hall B", "hall-b"
	p.release(panel)
	p.eventually("who hears of no change is reminded of the new room", func() bool {
		got := p.carrier.Phone("deaf")
		return len(got) == 2 && strings.Contains(got[1].Body, "Hall B")
	})
	later.Status = event.SessionCancelled
	p.release(later)
	p.eventually("the alarm of what is cancelled is taken back", func() bool { return p.alarms() == 0 })
	p.settled()
	all := []string{"session.reminder", "session.reminder", "session.moved", "session.cancelled"}
	p.wantPushes("ada", all...)
	if moved := p.carrier.Phone("ada")[2]; moved.Tag != card.Tag || moved.Revision <= card.Revision {
		t.Errorf("the change is on the card %q at revision %d, the reminder on %q at %d", moved.Tag, moved.Revision, card.Tag, card.Revision)
	}
	p.stop(a)
	c := p.open() // which finds that all is told
	p.eventually("nothing rings", func() bool { return p.alarms() == 0 })
	p.settled()
	p.wantPushes("ada", all...)
	p.wantPushes("deaf", "session.reminder", "session.reminder")
	p.wantPushes("bob", "meeting.confirmed") // which said as much as a reminder would
	for _, replica := range []*client.ClientWithResponses{p.as(b, seoul, "ada", "x"), p.as(c, seoul, "ada", "x")} {
		p.eventually("the replica has all of the inbox", func() bool { return len(p.read(replica)) == len(all) })
		if got := p.read(replica)[0]; got.Category != "session.reminder" || !strings.HasPrefix(got.Body, "Begins at ") || strings.Contains(got.Body, "minute") {
			t.Errorf("the inbox says %q, %q", got.Title, got.Body)
		}
	}
}

// A carrier that is unwell when a session is moved a quarter of an hour before it
// begins is the worst time for both pushes. Who sends every reminder and every
// change sends two to each phone.
func TestAMoveAQuarterOfAnHourBeforeSendsHalfOfWhatEveryReminderAndEveryChangeWould(t *testing.T) {
	t.Parallel()
	const people = 40
	p := &programme{newStage(t), map[string]event.SessionState{}}
	n := p.open()
	p.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul"})
	for i := range people {
		who := fmt.Sprintf("p%02d", i)
		p.phone(n, who, who)
		p.picks(who, "panel")
	}
	p.carrier.SetFaults(fcmsandbox.Fault{Status: 500})
	panel, other := beginning("panel", 15*time.Minute-30*time.Second), beginning("other", 15*time.Minute-30*time.Second)
	p.picks("other", "other")
	p.phone(n, "other", "other")
	p.release(panel)
	p.release(other)
	p.eventually("every reminder was tried", func() bool { return p.carrier.Stats().Status[500] >= people+1 })
	other.Room, other.Revision = "elsewhere", p.rev[seoul]+1
	p.put(event.SessionStateSubject(seoul, "other"), other.Revision, other) // nobody is told of it yet
	panel.Start, panel.End = panel.Start.Add(30*time.Minute), panel.End.Add(30*time.Minute)
	p.release(panel)
	p.worked()
	p.carrier.SetFaults()
	p.eventually("the new reminder is set, and the other waits for its change", func() bool { return p.alarms() == 2 })
	p.settled()
	sent := p.carrier.Stats().Received
	t.Logf("%d pushes to %d phones; a reminder and a change for each would be %d", sent, people, 2*people)
	if sent != people {
		t.Errorf("%d pushes reached %d phones", sent, people)
	}
	for _, m := range p.carrier.All() {
		if m.Category != "session.moved" {
			t.Errorf("%s got %s", m.Token, m.Category)
		}
	}
}
