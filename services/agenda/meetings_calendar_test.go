package agenda_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	ical "github.com/emersion/go-ical"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// someone is a delegate of a delegation who does nothing for it.
func someone(delegation string, n int) claims {
	return claims{"sub": personOf(delegation, n), "conference": "seoul-2013", "delegation": delegation, "roles": []string{"delegate"}}
}

// convened is a meeting of the second of Korea with the head of Hungary.
func convened(kr, hu party, start time.Time) client.Meeting {
	kr.t.Helper()
	asked := wish(hungary, start)
	asked.Principals, asked.Note = &[]string{personOf(korea, second)}, ptr("A note to them")
	return hu.accepts(kr.asks(asked), client.MeetingAcceptance{Principals: &[]string{personOf(hungary, head)}})
}

func scheduleOf(t testing.TB, c *client.ClientWithResponses) client.Schedule {
	t.Helper()
	got, err := c.GetMyScheduleWithResponse(t.Context(), nil)
	if err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	return *got.JSON200
}

func TestMyScheduleHasTheMeetingsAtWhichIAmExpected(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2, func(c *agenda.Seed) {
		c.Rooms[1].Zone = "south"
		c.Walking = []agenda.Walk{{From: "north", To: "south", Minutes: 12}}
	})
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	ten := s.clock.day(1, 0)
	m := convened(kr, hu, ten.Add(30*time.Minute))
	next := convened(kr, hu, ten.Add(time.Hour))
	kr.asks(wish(hungary, ten.Add(2*time.Hour))) // which nobody has agreed to

	me := s.as(t, a, someone(korea, second))
	pick(t, s, a, personOf(korea, second), 1, 10, 11)
	got := scheduleOf(t, me)
	if len(got.Meetings) != 2 || len(got.Items) != 3 {
		t.Fatalf("the schedule has %+v", got)
	}
	want := client.ScheduleMeeting{
		ID: m.ID, Status: "confirmed", Level: "minister", StartsAt: ten.Add(30 * time.Minute), EndsAt: ten.Add(55 * time.Minute),
		RoomID: bilateral(0), RoomName: "Bilateral 1", With: client.ScheduleCounterpart{Delegation: hungary},
	}
	if got.Meetings[0] != want {
		t.Errorf("it is shown as %+v, want %+v", got.Meetings[0], want)
	}
	var conflicts []string
	for _, c := range got.Conflicts {
		line := c.Code
		for _, id := range c.Sessions {
			line += " session " + id[34:]
		}
		for _, id := range c.Meetings {
			line += map[string]string{m.ID: " this", next.ID: " next"}[id]
		}
		conflicts = append(conflicts, line+" "+number(int64(c.Minutes)))
	}
	// 10 and 11 take place from ten to eleven, in the north and, twelve minutes
	// away, in the south, where 1 is before them. The next meeting begins at eleven.
	want2 := "walking_time session 01 session 10 12, overlap session 10 session 11 60, overlap session 10 this 25, overlap session 11 this 25, walking_time session 11 next 12"
	if text := strings.Join(conflicts, ", "); text != want2 {
		t.Errorf("got %s, want %s", text, want2)
	}
	if other := scheduleOf(t, s.as(t, a, someone(hungary, head))); len(other.Meetings) != 2 || other.Meetings[0].With.Delegation != korea {
		t.Errorf("the other side has %+v", other.Meetings)
	}
	for name, c := range map[string]claims{
		"somebody of a side who does not come": someone(korea, expert), "another delegation": someone(poland, head), "the desk": secretary("seoul-2013"),
	} {
		if got := scheduleOf(t, s.as(t, a, c)); len(got.Meetings) != 0 || len(got.Conflicts) != 0 {
			t.Errorf("%s has %+v", name, got)
		}
	}
	off, err := kr.CancelMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.CancelMeetingParams{IfMatch: met(m)}, client.MeetingCancellation{Reason: "The weather."})
	if err != nil || off.JSON200 == nil {
		t.Fatalf("%v %s", err, off.GetBody())
	}
	if got := scheduleOf(t, me); len(got.Meetings) != 1 || got.Meetings[0].ID != next.ID {
		t.Errorf("after it was cancelled there are %+v", got.Meetings)
	}
}

func TestAFeedFollowsWhatBecomesOfAMeetingAndSaysNoMore(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	ten := s.clock.day(1, 0)
	_, mine := newFeed(t, s.as(t, a, someone(korea, second)), a, "en")
	_, theirs := newFeed(t, s.as(t, a, someone(hungary, head)), a, "ko")
	_, deputys := newFeed(t, s.as(t, a, someone(korea, expert)), a, "en")
	m := convened(kr, hu, ten)
	last := map[string]int{mine: -1, theirs: -1, deputys: -1}
	shows := func(what, path, status, start, room string) {
		t.Helper()
		events := subscribed(t, a, path)
		e, there := events[m.ID]
		if !there || len(events) != 1 {
			t.Fatalf("%s: %d events, %+v", what, len(events), e)
		}
		sequence, err := strconv.Atoi(text(t, e, "SEQUENCE"))
		if err != nil || sequence <= last[path] {
			t.Errorf("%s: SEQUENCE %d after %d (%v)", what, sequence, last[path], err)
		}
		last[path] = sequence
		at := s.clock.now().UTC().Format("20060102T150405Z")
		got := []string{text(t, e, "STATUS"), text(t, e, "DTSTART"), text(t, e, "LOCATION"), text(t, e, "CLASS"), text(t, e, "LAST-MODIFIED"), text(t, e, "DTSTAMP")}
		if want := []string{status, start, room, "CONFIDENTIAL", at, at}; strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		neutral(t, what, e)
	}
	shows("confirmed", mine, "CONFIRMED", "20131017T100000", "Bilateral 1, COEX")
	shows("confirmed", theirs, "CONFIRMED", "20131017T100000", "Bilateral 1, COEX")
	if events := subscribed(t, a, deputys); len(events) != 0 {
		t.Errorf("who does not come has %d events", len(events))
	}
	tag, _ := get(t, a, mine)
	proposed, err := kr.RescheduleMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.RescheduleMeetingParams{IfMatch: met(m)}, client.RescheduleMeetingJSONRequestBody{Slots: client.SlotChoices{{StartsAt: ten.Add(time.Hour)}}})
	if err != nil || proposed.JSON200 == nil {
		t.Fatalf("%v %s", err, proposed.GetBody())
	}
	if res, _ := get(t, a, mine, "If-None-Match", tag.Header.Get("ETag")); res.StatusCode != http.StatusNotModified {
		t.Errorf("a proposal is no news for a calendar: %d", res.StatusCode)
	}
	s.clock.set(s.clock.now().Add(time.Minute))
	m = hu.accepts(*proposed.JSON200, client.MeetingAcceptance{})
	shows("moved", mine, "CONFIRMED", "20131017T110000", "Bilateral 1, COEX")
	shows("moved", theirs, "CONFIRMED", "20131017T110000", "Bilateral 1, COEX")

	s.clock.set(s.clock.now().Add(time.Minute))
	sent, err := theDesk(t, s, a).SubstitutePrincipalWithResponse(t.Context(), "seoul-2013", m.ID, &client.SubstitutePrincipalParams{IfMatch: met(m)}, client.MeetingSubstitution{Out: ptr(personOf(korea, second)), In: personOf(korea, expert)})
	if err != nil || sent.JSON200 == nil {
		t.Fatalf("%v %s", err, sent.GetBody())
	}
	shows("substituted", mine, "CANCELLED", "20131017T110000", "Bilateral 1, COEX")
	shows("substituted", deputys, "CONFIRMED", "20131017T110000", "Bilateral 1, COEX")
	was := last[mine]
	left := s.clock.now()

	s.clock.set(s.clock.now().Add(time.Minute))
	off, err := hu.CancelMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.CancelMeetingParams{IfMatch: met(*sent.JSON200)}, client.MeetingCancellation{Reason: "The weather."})
	if err != nil || off.JSON200 == nil {
		t.Fatalf("%v %s", err, off.GetBody())
	}
	shows("cancelled", theirs, "CANCELLED", "20131017T110000", "Bilateral 1, COEX")
	shows("cancelled", deputys, "CANCELLED", "20131017T110000", "Bilateral 1, COEX")
	e := subscribed(t, a, mine)[m.ID]
	if text(t, e, "SEQUENCE") != strconv.Itoa(was) || text(t, e, "LAST-MODIFIED") != left.UTC().Format("20060102T150405Z") {
		t.Errorf("what becomes of it is no business of who left: %+v", e.Props)
	}
}

// neutral holds an event to saying nothing of who meets and what about.
func neutral(t testing.TB, what string, e ical.Event) {
	t.Helper()
	if title := text(t, e, "SUMMARY"); title != "Bilateral meeting" && title != "양자 회담" {
		t.Errorf("%s: it is called %q", what, title)
	}
	for name, props := range e.Props {
		for _, p := range props {
			for _, secret := range []string{korea, hungary, personOf(korea, second), personOf(hungary, head), "Search", "note", "minister", "weather"} {
				if strings.Contains(p.Value, secret) {
					t.Errorf("%s: %s says %q", what, name, p.Value)
				}
			}
		}
	}
}

func TestWhatEverybodyMayReadHasNoMeetings(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	before := map[string]string{}
	const all = "/v1/conferences/seoul-2013"
	paths := []string{
		all, all + "/agenda", all + "/agenda/changes?since=0", all + "/exports/calendar", all + "/exports/calendar?room=" + bilateral(0),
		all + "/exports/schedule?format=xml", all + "/exports/schedule?format=json", all + "/exports/schedule?format=json2",
		"/v1/public/conferences/seoul-2013", "/v1/public/conferences/seoul-2013/agenda",
	}
	read := func(path string) string {
		res, body := get(t, a, path, "Authorization", "Bearer "+s.signer.token(someone(korea, second)))
		return strconv.Itoa(res.StatusCode) + " " + string(mute(body))
	}
	for _, path := range paths {
		if before[path] = read(path); !strings.HasPrefix(before[path], "200 ") {
			t.Errorf("%s answers %.300s", path, before[path])
		}
	}
	m := convened(kr, hu, s.clock.day(1, 0))
	for _, path := range paths {
		if after := read(path); after != before[path] || strings.Contains(after, m.ID) {
			t.Errorf("a meeting changed %s:\n%.300s\n%.300s", path, before[path], after)
		}
	}
}

func TestWhoLeavesTheConferenceLeavesTheirMeetings(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	people := s.delegates(t)
	m := convened(kr, hu, s.clock.day(1, 0))
	minister := personOf(korea, second)
	people.tell("e1", minister, event.Substituted, 2, s.clock.now(), event.DelegateSubstituted{Delegation: korea, Delegate: minister, Deputy: personOf(korea, expert)})
	people.worked()
	if got := scheduleOf(t, s.as(t, a, someone(korea, expert))); len(got.Meetings) != 1 || got.Meetings[0].ID != m.ID {
		t.Errorf("the deputy has %+v", got.Meetings)
	}
	people.tell("e2", personOf(korea, expert), event.Erased, 2, s.clock.now(), event.DelegateErased{Delegate: personOf(korea, expert)})
	people.worked()
	if now := hu.reads(m.ID); now.Status != "confirmed" || len(now.Sides[0].Principals) != 0 || len(now.Sides[1].Principals) != 1 {
		t.Errorf("when the deputy is erased it is %+v", now)
	}
}

func TestSomebodyReadsWhatMeetingsHoldOfThem(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	people := s.delegates(t)
	ten, minister := s.clock.day(1, 0), personOf(korea, second)
	m := convened(kr, hu, ten)
	kr.asks(wish(hungary, ten.Add(time.Hour))) // in which the minister has no part
	ask := func(who string) (held map[string][]map[string]any, raw string) {
		t.Helper()
		var answer json.RawMessage
		if err := people.bus.AskPatiently(t.Context(), "seoul-2013", event.AskAgendaData, event.PersonalData{Delegate: who}, &answer); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(answer, &held); err != nil {
			t.Fatal(err)
		}
		return held, string(answer)
	}
	held, raw := ask(minister)
	if got := held["meetings"]; len(got) != 1 || got[0]["id"] != m.ID || got[0]["as"] != "principal" || got[0]["startsAt"] != "2013-10-17T01:00:00Z" || held["picks"] == nil {
		t.Errorf("of the minister is held %s", raw)
	}
	held, raw2 := ask(personOf(korea, theLiaison))
	if got := held["meetingActs"]; len(got) != 2 || got[0]["meeting"] != m.ID || got[0]["verb"] != "requested" || len(held["meetings"]) != 0 {
		t.Errorf("of the liaison is held %s", raw2)
	}
	if held, raw := ask(personOf(poland, head)); len(held["meetings"])+len(held["meetingActs"]) != 0 {
		t.Errorf("of somebody else is held %s", raw)
	}
	for _, secret := range []string{"Search and rescue", "A note to them", hungary} {
		if strings.Contains(raw+raw2, secret) {
			t.Errorf("what is the business of delegations is held of a person: %q", secret)
		}
	}
	people.tell("e1", minister, event.Erased, 2, s.clock.now(), event.DelegateErased{Delegate: minister})
	people.worked()
	if held, raw := ask(minister); len(held["meetings"]) != 1 || held["meetings"][0]["as"] != "former" ||
		len(held["meetingActs"]) == 0 || held["meetingActs"][len(held["meetingActs"])-1]["as"] != "out" {
		t.Errorf("of the minister is held when erased %s", raw)
	}
	if now := hu.reads(m.ID); now.Topic != "Search and rescue" || len(now.Sides[0].Principals) != 0 {
		t.Errorf("the delegations have %+v", now)
	}
}
