package inbox

import (
	"fmt"
	"strings"
	"time"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
)

// person puts somebody of a delegation onto the roster.
func (r *rig) person(delegate, delegation, status string, roles ...string) {
	r.t.Helper()
	r.put(event.DelegateStateSubject("seoul", delegate), 1, event.DelegateState{
		Delegate: delegate, Delegation: delegation, Revision: 1, Status: status, Roles: roles,
	})
}

// parties are two delegations with everybody a meeting can have, and a third.
func (r *rig) parties() {
	r.put(event.ConferenceStateSubject("seoul"), 1, event.ConferenceState{Conference: "seoul", Revision: 1, Timezone: "Asia/Seoul"})
	for _, d := range []string{"hu", "kr", "fr"} {
		r.person(d+"-liaison", d, event.Accredited, caller.Delegate, caller.Liaison)
		r.person(d+"-minister", d, event.Accredited, caller.Delegate)
		r.person(d+"-member", d, event.Accredited, caller.Delegate)
		r.person(d+"-was-liaison", d, event.Removed, caller.Delegate, caller.Liaison)
	}
	r.person("kr-interpreter", "un", event.Accredited, caller.Delegate)
	r.person("hu-substituted", "hu", event.Substituted, caller.Delegate)
}

var meetsAt = time.Now().Add(2 * time.Hour).UTC().Truncate(time.Second)

// meets is a meeting of both that is confirmed, two hours from now.
func meets(verb string, revision int64, changes ...func(*event.MeetingTold)) event.MeetingTold {
	start := meetsAt
	m := event.MeetingTold{
		Verb: verb, Meeting: "m", Revision: revision, Status: "confirmed",
		Sides: []event.MeetingSide{
			{Delegation: "hu", People: []string{"hu-minister"}},
			{Delegation: "kr", People: []string{"kr-minister", "kr-interpreter"}},
		},
		Slot: &event.MeetingSlot{Start: start, End: start.Add(25 * time.Minute), RoomName: "Room 3"},
	}
	for _, c := range changes {
		c(&m)
	}
	return m
}

func requested(m *event.MeetingTold) {
	m.Status, m.By, m.Slot, m.Awaits, m.Proposal = "requested", "hu", nil, []string{"kr"}, "request"
	m.ExpiresAt = meetsAt.Add(-time.Hour)
	m.Proposed = []event.MeetingSlot{{Start: m.ExpiresAt.Add(time.Hour), End: m.ExpiresAt.Add(2 * time.Hour)}}
	m.Sides = []event.MeetingSide{{Delegation: "hu", People: []string{"hu-minister"}}, {Delegation: "kr"}}
}

func reconfirm(m *event.MeetingTold) { m.ReconfirmBy = meetsAt.Add(-time.Hour) }

func moved(m *event.MeetingTold) {
	was := *m.Slot
	m.Was, m.Slot = &was, &event.MeetingSlot{Start: was.Start.Add(time.Hour), End: was.End.Add(time.Hour), RoomName: "Room 1"}
}

// meet publishes how a meeting stands, and then what became of it.
func (r *rig) meet(actor string, m event.MeetingTold) {
	r.t.Helper()
	r.stand(m)
	r.publishMeeting(fmt.Sprint("m/", m.Revision), actor, m)
}

func (r *rig) stand(m event.MeetingTold) {
	r.t.Helper()
	r.put(event.MeetingStateSubject("seoul", m.Meeting), m.Revision, stateOf(m))
}

func (r *rig) publishMeeting(id, actor string, m event.MeetingTold) {
	r.t.Helper()
	e, err := event.New(id, "seoul", m.Meeting, m.Revision, actor, time.Now(), m)
	if err == nil {
		err = r.bus.Publish(r.t.Context(), e)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// inboxes are the inboxes of everybody who has anything in theirs.
func (r *rig) wantInboxes(want map[string]string) {
	r.t.Helper()
	for _, d := range []string{"hu", "kr", "fr"} {
		for _, who := range []string{"-liaison", "-minister", "-member", "-was-liaison", "-interpreter", "-substituted"} {
			if got := strings.Join(r.inbox(d+who), ", "); got != want[d+who] {
				r.t.Errorf("%s%s was told %q, want %q", d, who, got, want[d+who])
			}
		}
	}
}
