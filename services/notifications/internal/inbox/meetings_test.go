package inbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
)

func TestAMeetingIsToldToThoseItConcernsAndToNobodyElse(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.parties()
	r.meet("hu-liaison", meets("requested", 1, requested))
	r.handled(1)
	r.wantInboxes(map[string]string{"kr-liaison": "meeting.requested 0>1"})
	if n, _ := r.ledger.Inbox("seoul", "kr-liaison", 0, 1); n[0].Urgency != push.Important || len(n[0].After.Offered) != 1 || n[0].After.Until.IsZero() || !n[0].After.Start.IsZero() {
		t.Errorf("notice says %+v", n[0])
	}
	r.meet("kr-liaison", meets("confirmed", 2, func(m *event.MeetingTold) { m.By = "kr" }))
	r.handled(2)
	r.meet("hu-minister", meets("moved", 3, moved, func(m *event.MeetingTold) {
		m.Sides[1].People, m.Left = []string{"kr-minister"}, []string{"kr-interpreter", "hu-substituted"}
	}))
	r.handled(3)
	r.meet("", meets("reconfirmed", 4, moved, func(m *event.MeetingTold) { m.By, m.Was, m.Sides[1].People = "kr", nil, []string{"kr-minister"} }))
	r.handled(4)
	r.wantInboxes(map[string]string{
		"kr-liaison":     "meeting.requested 0>1, meeting.moved 2>3",
		"hu-liaison":     "meeting.confirmed 1>2, meeting.moved 2>3, meeting.reconfirmed 3>4",
		"hu-minister":    "meeting.confirmed 1>2",
		"kr-minister":    "meeting.confirmed 1>2, meeting.moved 2>3",
		"kr-interpreter": "meeting.confirmed 1>2, meeting.left 2>3",
	})
	if n, _ := r.ledger.Inbox("seoul", "kr-minister", 0, 10); n[1].Before.Room != "Room 3" || n[1].After.Room != "Room 1" || n[1].Zone != "Asia/Seoul" || len(n[1].After.Title) > 0 {
		t.Errorf("notice says %+v", n[1])
	}
}

// A swap that one side has agreed to waits for the sides of another meeting, and
// nobody of this one is asked anything any more.
func TestWhoProposedASwapHearsThatHalfOfItIsAgreedAndIsAskedNothing(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.parties()
	swap := func(by string, awaits ...string) func(*event.MeetingTold) {
		return func(m *event.MeetingTold) {
			m.By, m.Proposal, m.Awaits, m.ExpiresAt = by, "swap", awaits, meetsAt.Add(-time.Hour)
			m.Proposed = []event.MeetingSlot{{Start: m.Slot.Start.Add(time.Hour), End: m.Slot.End.Add(time.Hour)}}
		}
	}
	r.meet("hu-liaison", meets("proposed", 1, swap("hu", "kr")))
	r.handled(1)
	r.meet("kr-liaison", meets("endorsed", 2, swap("kr")))
	r.handled(2)
	r.meet("", meets("declined", 3)) // by a third, for the other meeting
	r.handled(3)
	r.wantInboxes(map[string]string{
		"kr-liaison": "meeting.proposed 0>1, meeting.declined 2>3",
		"hu-liaison": "meeting.endorsed 1>2, meeting.declined 2>3",
	})
	asked, _ := r.ledger.Inbox("seoul", "kr-liaison", 0, 1)
	told, _ := r.ledger.Inbox("seoul", "hu-liaison", 0, 1)
	if asked[0].After.Until.IsZero() || !told[0].After.Until.IsZero() {
		t.Errorf("who is asked reads %+v, and who is not %+v", asked[0].After, told[0].After)
	}
}

func TestHowSoonAMeetingDecidesHowUrgentItsNewsIs(t *testing.T) {
	t.Parallel()
	now := time.Now()
	in := func(d time.Duration) *event.MeetingSlot {
		return &event.MeetingSlot{Start: now.Add(d), End: now.Add(d + time.Hour)}
	}
	for _, tc := range []struct {
		verb     string
		slot     *event.MeetingSlot
		was      *event.MeetingSlot
		want     push.Lane
		stale    time.Duration
		proposal time.Duration
	}{
		{"moved", in(25 * time.Hour), in(30 * time.Minute), push.Urgent, 26 * time.Hour, 0},
		{"moved", in(25 * time.Hour), in(31 * time.Minute), push.Important, 26 * time.Hour, 0},
		{"cancelled", nil, in(-time.Minute), push.Urgent, 59 * time.Minute, 0},
		{"evicted", nil, in(29 * time.Minute), push.Urgent, 3 * time.Hour, 3 * time.Hour},
		{"confirmed", in(5 * time.Minute), nil, push.Important, 65 * time.Minute, 0},
		{"confirmed", in(25 * time.Hour), nil, push.Routine, 26 * time.Hour, 0},
		{"requested", nil, nil, push.Important, 48 * time.Hour, 48 * time.Hour},
		{"proposed", in(40 * time.Hour), nil, push.Important, 2 * time.Hour, 2 * time.Hour},
		{"declined", nil, nil, push.Routine, closed, 0},
		{"substituted", in(20 * time.Minute), nil, push.Important, 80 * time.Minute, 0},
		{"substituted", nil, in(20 * time.Minute), push.Urgent, 80 * time.Minute, 0}, // and lost its slot by that
	} {
		_, rule := ruleOf(tc.verb)
		n := meetingNews{rule: rule, now: event.MeetingState{Slot: tc.slot}, was: tc.was}
		if tc.proposal > 0 {
			n.now.ExpiresAt = now.Add(tc.proposal)
		}
		if got, stale := n.urgency(now), n.stale(now).Sub(now); got != tc.want || stale != tc.stale {
			t.Errorf("%s from %v to %v is %s and good for %v, want %s and %v", tc.verb, tc.was, tc.slot, got, stale, tc.want, tc.stale)
		}
	}
}

func TestEveryVerbHasARule(t *testing.T) {
	t.Parallel()
	for _, verb := range event.MeetingVerbs() {
		if category, _ := ruleOf(verb); category != "meeting."+verb {
			t.Errorf("%s is told as %s", verb, category)
		}
	}
	if len(meetingRules) != len(event.MeetingVerbs()) {
		t.Errorf("%d rules for %d verbs", len(meetingRules), len(event.MeetingVerbs()))
	}
	if category, rule := ruleOf("of-later"); category != MeetingChanged || !rule.named {
		t.Errorf("a verb of later is told as %s", category)
	}
}

// Whatever another service puts into an event by mistake, nothing of it gets out.
func TestWhatAMeetingIsAboutIsInNoNoticeAndNoLog(t *testing.T) {
	t.Parallel()
	const canary = "CANARY-TOPIC"
	r := setup(t, 0)
	r.start()
	var log bytes.Buffer
	r.plan.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.parties()
	r.phone("kr-minister", "phone")
	r.phone("kr-liaison", "liaison's")
	for i, verb := range event.MeetingVerbs() {
		m := meets(verb, int64(i+1))
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.Replace(data, []byte("{"), []byte(`{"topic":"`+canary+`","note":"`+canary+`","reason":"`+canary+`",`), 1)
		e, err := event.New(fmt.Sprint("c/", verb), "seoul", "m", m.Revision, "", time.Now(), m)
		if err != nil {
			t.Fatal(err)
		}
		e.Data = data
		if err := r.plan.Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.plan.Handle(t.Context(), event.Envelope{Type: event.MeetingType("moved"), Data: json.RawMessage(`{"meeting":["` + canary + `"]}`)}); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("what is no event of a meeting: %v", err)
	}
	if len(r.sent) < 10 {
		t.Fatalf("only %d notices were sent", len(r.sent))
	}
	said, err := json.Marshal(r.sent)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(said), canary) || strings.Contains(log.String(), canary) {
		t.Errorf("%s\n%s", said, &log)
	}
	if slices.ContainsFunc(r.sent, func(n push.Notice) bool { return n.Subject.Kind != push.Meeting || n.Subject.ID != "m" }) {
		t.Error("a notice is about something else")
	}
}

func TestADelegationWithoutALiaisonHearsOfARequestThroughWhoStandsIn(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.parties()
	revision := int64(0)
	asked := func(verb string, change ...func(*event.MeetingTold)) {
		revision++
		r.meet("hu-liaison", meets(verb, revision, append([]func(*event.MeetingTold){requested}, change...)...))
		r.handled(revision)
	}
	heard := func(want string) {
		t.Helper()
		var who []string
		for _, one := range []string{"kr-liaison", "kr-minister", "kr-member", "kr-head", "officer", "desk-1", "desk-2"} {
			if items := r.inbox(one); len(items) > 0 && strings.HasSuffix(items[len(items)-1], fmt.Sprint(">", revision)) {
				who = append(who, one)
			}
		}
		if got := strings.Join(who, " "); got != want {
			t.Errorf("revision %d was told to %q, want %q", revision, got, want)
		}
	}
	at := func(delegate, delegation, status string, state int64, roles ...string) {
		r.put(event.DelegateStateSubject("seoul", delegate), state, event.DelegateState{
			Delegate: delegate, Delegation: delegation, Revision: state, Status: status, Roles: roles,
		})
	}
	r.person("desk-1", "host", event.Accredited, caller.Desk)
	r.person("desk-2", "host", event.Accredited, caller.Desk)
	r.person("desk-3", "host", event.Removed, caller.Desk)
	r.person("officer", "host", event.Accredited, caller.Delegate)
	r.person("kr-head", "kr", event.Accredited, caller.Delegate)
	r.put(event.DelegationStateSubject("seoul", "kr"), 2, event.DelegationState{Delegation: "kr", Revision: 2, Head: "kr-head", Officer: "officer"})

	asked("requested")
	heard("kr-liaison")
	at("kr-liaison", "kr", event.Removed, 2, caller.Liaison)
	asked("countered")
	heard("kr-head")
	asked("countered", func(m *event.MeetingTold) { m.Sides[1].People = []string{"kr-member"} })
	heard("kr-member")
	asked("countered", func(m *event.MeetingTold) { m.Sides[1].People = []string{"kr-was-liaison", "fr-minister"} })
	heard("kr-head") // who is named has left, or is of another delegation
	at("kr-head", "kr", event.Substituted, 2, caller.Delegate)
	asked("countered")
	heard("officer")
	r.put(event.DelegationStateSubject("seoul", "kr"), 3, event.DelegationState{Delegation: "kr", Revision: 3, Head: "kr-head"})
	asked("countered")
	heard("desk-1 desk-2")
	at("desk-1", "host", event.Accredited, 2, caller.Delegate)
	asked("countered")
	heard("desk-2")
}

func TestWhoHasLeftAMeetingReadsOnlyWhatTheyKnewOfIt(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.parties()
	left := func(m *event.MeetingTold) {
		m.Sides[1].People, m.Left = []string{"kr-minister"}, []string{"kr-interpreter"}
	}
	last := func(who string) push.Notice {
		t.Helper()
		items, _ := r.ledger.Inbox("seoul", who, 0, 10)
		if len(items) == 0 {
			t.Fatalf("%s was told nothing", who)
		}
		return items[len(items)-1]
	}
	knew := func(room string) {
		t.Helper()
		n := last("kr-interpreter")
		if n.Category != "meeting.left" || n.Before.Room != room || !n.Before.Start.Equal(meetsAt) || !reflect.DeepEqual(n.After, push.State{}) || n.ExpiresAt.After(meetsAt.Add(26*time.Minute)) {
			t.Errorf("who has left reads %+v", n)
		}
		if n := last("kr-minister"); n.Category == "meeting.left" || n.After.Room != "Room 1" {
			t.Errorf("who stays reads %+v", n)
		}
	}
	r.meet("", meets("moved", 1, moved, left)) // nothing was known of it
	r.handled(1)
	knew("Room 3")

	again := func(verb string, revision int64, changes ...func(*event.MeetingTold)) {
		t.Helper()
		m := meets(verb, revision, changes...)
		m.Meeting = "again"
		r.meet("", m)
		r.handled(revision)
	}
	again("confirmed", 2)
	again("moved", 4, moved, left, func(m *event.MeetingTold) { // 3, by which they left, is lost
		m.Left, m.Was.RoomName, m.Was.Start = nil, "Room 2", m.Was.Start.Add(-time.Hour)
	})
	knew("Room 3")
	if n := last("kr-interpreter"); n.From != 2 || n.To != 4 || n.Urgency != push.Important {
		t.Errorf("who has left reads %+v", n)
	}
	if newest, ok := r.ledger.Latest("seoul", "kr-minister", push.Subject{Kind: push.Meeting, ID: "again"}); !ok || newest.Category != "meeting.moved" {
		t.Errorf("the card of who stays is of %+v", newest)
	}
}
