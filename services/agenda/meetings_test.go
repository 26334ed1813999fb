package agenda_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/shared/client"
)

func TestARequestIsShownAcceptedAndRoomed(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2)
	kr, hu, pl := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary), liaisonOf(t, s, a, poland)
	nine, ten := s.clock.day(0, 0), s.clock.day(1, 0)
	mine := wish(hungary, nine, ten)
	mine.Principals, mine.Plus, mine.Note = &[]string{personOf(korea, second)}, ptr(2), ptr("A note\u202e to them")
	m := kr.asks(mine)
	rival := pl.asks(wish(hungary, nine))

	if m.Status != "requested" || m.Proposal == nil || len(m.Proposal.Slots) != 2 || m.Proposal.Slots[0].Competing != 0 || m.Proposal.Note != "A note to them" || m.StartsAt != nil || m.Timezone != "Asia/Seoul" {
		t.Errorf("it was asked for as %+v", m)
	}
	if own := kr.reads(m.ID); own.Proposal.Slots[0].Competing != 0 {
		t.Errorf("who asks is told of %d rivals", own.Proposal.Slots[0].Competing)
	}
	got := hu.reads(m.ID)
	if got.Topic != "Search and rescue" || got.Proposal.Slots[0].Competing != 1 || got.Proposal.Slots[1].Competing != 0 {
		t.Errorf("who is asked reads %+v", got)
	}

	both, err := hu.AcceptMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.AcceptMeetingParams{IfMatch: met(m)}, client.MeetingAcceptance{StartsAt: &nine, LeaveToDesk: ptr(true)})
	refused(t, both, err, http.StatusUnprocessableEntity, "means_nothing_here")
	guest := wish(hungary, nine) // somebody who is to be there, and no liaison, is told of no rivals
	guest.WithPrincipals = &[]string{personOf(hungary, expert)}
	invited := party{s.as(t, a, claims{"sub": personOf(hungary, expert), "conference": "seoul-2013", "delegation": hungary, "roles": []string{"delegate"}}), t}
	if other := kr.asks(guest); invited.reads(other.ID).Proposal.Slots[0].Competing != 0 || hu.reads(other.ID).Proposal.Slots[0].Competing != 2 {
		t.Error("how many compete is told to others than who answers")
	} else if _, err := kr.WithdrawMeetingWithResponse(t.Context(), "seoul-2013", other.ID, &client.WithdrawMeetingParams{IfMatch: met(other)}, client.MeetingReason{}); err != nil {
		t.Fatal(err)
	}
	m = hu.accepts(got, client.MeetingAcceptance{StartsAt: &nine, Principals: &[]string{personOf(hungary, head)}, Plus: ptr(1)})
	if m.Status != "confirmed" || m.RoomID != bilateral(0) || m.RoomName != "Bilateral 1" || !m.StartsAt.Equal(nine) || !m.EndsAt.Equal(nine.Add(25*time.Minute)) || m.Proposal != nil || m.Sequence != 1 {
		t.Errorf("it was accepted as %+v", m)
	}
	late, err := hu.AcceptMeetingWithResponse(t.Context(), "seoul-2013", rival.ID, &client.AcceptMeetingParams{IfMatch: met(rival)}, client.MeetingAcceptance{Principals: &[]string{personOf(hungary, head)}})
	p := refused(t, late, err, http.StatusConflict, "slot_taken")
	spoken(t, p)
	if len(p.Errors) == 0 || p.Errors[0].Params == nil || (*p.Errors[0].Params)["startsAt"] == "" {
		t.Errorf("nothing is offered in its place: %s", late.Body)
	}
	for _, word := range []string{m.ID, korea, personOf(hungary, head), "Bilateral"} {
		if strings.Contains(string(late.Body), word) {
			t.Errorf("the refusal says who or what is in the way: %s", late.Body)
		}
	}
	if list := hu.lists(nil); len(list) != 3 || list[0].ID != m.ID || list[1].ID != rival.ID {
		t.Errorf("the other side has %+v", list)
	}
	if list := hu.lists(&client.ListMeetingsParams{Status: ptr(client.ListMeetingsParamsStatusConfirmed)}); len(list) != 1 || list[0].ID != m.ID {
		t.Errorf("of these are confirmed: %+v", list)
	}
}

func (p party) lists(params *client.ListMeetingsParams) []client.Meeting {
	p.t.Helper()
	res, err := p.ListMeetingsWithResponse(p.t.Context(), "seoul-2013", params)
	if err != nil || res.JSON200 == nil {
		p.t.Fatalf("%v %s", err, res.GetBody())
	}
	return res.JSON200.Items
}

func TestAMeetingIsNotThereForThirdParties(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	nine := s.clock.day(0, 0)
	asked := wish(hungary, nine)
	asked.Principals = &[]string{personOf(korea, second)}
	m := hu.accepts(kr.asks(asked), client.MeetingAcceptance{})
	someone := func(delegation string, n int, roles ...string) claims {
		return claims{"sub": personOf(delegation, n), "conference": "seoul-2013", "delegation": delegation, "roles": append([]string{"delegate"}, roles...)}
	}
	reads := func(c claims) (string, int) {
		t.Helper()
		p := party{s.as(t, a, c), t}
		res, err := p.GetMeetingWithResponse(t.Context(), "seoul-2013", m.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(mute(res.Body)), len(p.lists(nil))
	}
	nothing, err := kr.GetMeetingWithResponse(t.Context(), "seoul-2013", sessionID(99), nil)
	refused(t, nothing, err, http.StatusNotFound, "not_found")
	for name, c := range map[string]claims{
		"the liaison of another delegation": someone(poland, theLiaison, "liaison"), "somebody of a party who does not take part": someone(korea, expert),
	} {
		if body, n := reads(c); body != string(mute(nothing.Body)) || n != 0 {
			t.Errorf("%s reads %s and lists %d", name, body, n)
		}
	}
	for name, c := range map[string]claims{
		"who takes part": someone(korea, second), "the other side's liaison": someone(hungary, theLiaison, "liaison"),
		"the desk": someone(poland, theLiaison, "desk"), "the secretariat": secretary("seoul-2013"),
	} {
		if body, n := reads(c); !strings.Contains(body, "Search and rescue") || n != 1 {
			t.Errorf("%s reads %s and lists %d", name, body, n)
		}
	}
	for _, act := range []struct{ path, body string }{
		{"accept", `{}`},
		{"counter", `{"slots":[{"startsAt":"2013-10-17T01:00:00Z"}]}`},
		{"decline", `{}`},
		{"withdraw", `{}`},
		{"cancel", `{"reason":"x"}`},
		{"reschedule", `{"slots":[{"startsAt":"2013-10-17T01:00:00Z"}]}`},
		{"swap", `{"with":"` + sessionID(1) + `"}`},
		{"extend", `{"cells":1}`},
		{"reconfirm", ``},
		{"substitute", `{"in":"` + personOf(poland, head) + `"}`},
		{"history", ""},
	} {
		o := operation{name: act.path, method: "POST", path: "/v1/conferences/seoul-2013/meetings/" + m.ID + "/" + act.path, body: act.body}
		if act.body != "" {
			o.media = "application/json"
		}
		if act.path == "history" {
			o.method = "GET"
		}
		if res, p := call(t, a, o, "Bearer "+s.signer.token(someone(poland, theLiaison, "liaison"))); res.StatusCode != http.StatusNotFound || p.Code != "not_found" {
			t.Errorf("another delegation's %s: %d %s", act.path, res.StatusCode, p.Code)
		}
		if res, p := call(t, a, o, "Bearer "+s.signer.token(someone(korea, second))); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s by somebody who takes part and is no liaison: %d %s", act.path, res.StatusCode, p.Code)
		}
	}
	if now := kr.reads(m.ID); now.Revision != m.Revision {
		t.Errorf("somebody brought it to revision %d", now.Revision)
	}
}

// mute is a problem without what differs from one request to the next.
func mute(body []byte) []byte {
	return differs.ReplaceAll(body, []byte(`"$1":""`))
}

var differs = regexp.MustCompile(`"(instance|requestId)":"[^"]*"`)

func TestARequestIsRefusedForEachThingThatIsWrong(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	kr := liaisonOf(t, s, a, korea)
	nine := s.clock.day(0, 0)
	at := func(h, m int) []client.SlotChoice { return []client.SlotChoice{{StartsAt: s.clock.day(h, m)}} }
	for name, x := range map[string]struct {
		spoil  func(*client.MeetingRequest)
		status int
		code   string
		where  string
	}{
		"itself":               {func(r *client.MeetingRequest) { r.Delegation = korea }, 422, "same_delegation", "/delegation"},
		"nobody":               {func(r *client.MeetingRequest) { r.Delegation = sessionID(5) }, 422, "delegation_unknown", "/delegation"},
		"a level there is not": {func(r *client.MeetingRequest) { r.Level = "king" }, 422, "validation_failed", "/level"},
		"no slot":              {func(r *client.MeetingRequest) { r.Slots = client.SlotChoices{} }, 422, "validation_failed", "/slots"},
		"four slots":           {func(r *client.MeetingRequest) { r.Slots = slices.Repeat(at(3, 0), 4) }, 422, "too_many_slots", "/slots"},
		"across two cells":     {func(r *client.MeetingRequest) { r.Slots = at(1, 10) }, 422, "slot_off_grid", "/slots/0/startsAt"},
		"at night":             {func(r *client.MeetingRequest) { r.Slots = at(14, 0) }, 422, "outside_hours", "/slots/0/startsAt"},
		"the past": {func(r *client.MeetingRequest) {
			r.Slots = append(r.Slots, client.SlotChoice{StartsAt: nine.Add(-2 * time.Hour)})
		}, 409, "slot_passed", "/slots/1/startsAt"},
		"when all have left":      {func(r *client.MeetingRequest) { r.Slots[0].StartsAt = nine.AddDate(80, 0, 0) }, 422, "outside_hours", "/slots/0/startsAt"},
		"an odd length":           {func(r *client.MeetingRequest) { r.Minutes = ptr(27) }, 422, "slot_off_grid", "/minutes"},
		"somebody unknown":        {func(r *client.MeetingRequest) { r.Principals = &[]string{sessionID(7)} }, 422, "person_unknown", "/principals/0"},
		"somebody of the others":  {func(r *client.MeetingRequest) { r.Principals = &[]string{personOf(hungary, head)} }, 422, "person_unknown", "/principals/0"},
		"an interpreter unknown":  {func(r *client.MeetingRequest) { r.Interpreters = &[]string{sessionID(7)} }, 422, "person_unknown", "/interpreters/0"},
		"with somebody of ours":   {func(r *client.MeetingRequest) { r.WithPrincipals = &[]string{personOf(korea, head)} }, 422, "person_unknown", "/withPrincipals/0"},
		"a long topic":            {func(r *client.MeetingRequest) { r.Topic = ptr(strings.Repeat("é", 301)) }, 422, "validation_failed", "/topic"},
		"a language there is not": {func(r *client.MeetingRequest) { r.Languages = &[]string{"not a language"} }, 422, "validation_failed", "/languages/0"},
		"less than nobody":        {func(r *client.MeetingRequest) { r.Plus = ptr(-1) }, 422, "validation_failed", "/plus"},
	} {
		r := wish(hungary, nine)
		x.spoil(&r)
		res, err := liaisonOf(t, s, a, korea, client.AllowBadRequests).RequestMeetingWithResponse(t.Context(), "seoul-2013", nil, r)
		if err != nil || res.StatusCode() != x.status {
			t.Errorf("%s: %v %d %s", name, err, res.StatusCode(), res.Body)
			continue
		}
		p := refused(t, res, err, x.status, x.code)
		spoken(t, p)
		if x.where != "" && (len(p.Errors) == 0 || p.Errors[0].Pointer != x.where) {
			t.Errorf("%s: it points elsewhere: %s", name, res.Body)
		}
	}
	if all := kr.lists(nil); len(all) != 0 {
		t.Errorf("and yet there are %d meetings", len(all))
	}
}

func TestAnActNamesTheRevisionItWasDecidedUpon(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	m := kr.asks(wish(hungary, s.clock.day(0, 0)))
	decline := func(tag string) (*client.DeclineMeetingResponse, error) {
		return hu.DeclineMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.DeclineMeetingParams{IfMatch: tag}, client.MeetingReason{})
	}
	for tag, want := range map[string]struct {
		status int
		code   string
	}{`"0"`: {412, "stale"}, `"7"`: {412, "stale"}, `W/"1"`: {412, "stale"}, `*`: {428, "if_match_required"}} {
		res, err := liaisonOf(t, s, a, hungary, client.AllowBadRequests).DeclineMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.DeclineMeetingParams{IfMatch: tag}, client.MeetingReason{})
		spoken(t, refused(t, res, err, want.status, want.code))
	}
	read, err := hu.GetMeetingWithResponse(t.Context(), "seoul-2013", m.ID, nil)
	if err != nil || read.JSON200 == nil {
		t.Fatalf("%v %s", err, read.GetBody())
	}
	tag := read.HTTPResponse.Header.Get("ETag")
	again, err := hu.GetMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.GetMeetingParams{IfNoneMatch: &tag})
	if err != nil || again.StatusCode() != http.StatusNotModified {
		t.Errorf("what is known already: %v %d", err, again.StatusCode())
	}
	done, err := decline(tag)
	if err != nil || done.JSON200 == nil || done.JSON200.Status != "declined" || done.JSON200.Proposal != nil {
		t.Fatalf("%v %s", err, done.GetBody())
	}
	twice, err := decline(tag)
	refused(t, twice, err, http.StatusPreconditionFailed, "stale")
}

func TestARequestIsMadeOnceHoweverOftenItIsRepeated(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	kr := liaisonOf(t, s, a, korea)
	key := "a key chosen at random"
	send := func(r client.MeetingRequest) *client.RequestMeetingResponse {
		t.Helper()
		res, err := kr.RequestMeetingWithResponse(t.Context(), "seoul-2013", &client.RequestMeetingParams{IdempotencyKey: &key}, r)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	first, again := send(wish(hungary, s.clock.day(0, 0))), send(wish(hungary, s.clock.day(0, 0)))
	if first.JSON201 == nil || again.JSON201 == nil || first.JSON201.ID != again.JSON201.ID || again.HTTPResponse.Header.Get("Idempotency-Replayed") != "true" || len(kr.lists(nil)) != 1 {
		t.Errorf("%s\n%s", first.Body, again.Body)
	}
	refused(t, send(wish(poland, s.clock.day(0, 0))), nil, http.StatusUnprocessableEntity, "key_reused")
}

func TestAHeadReadsWhatIsToldThemInThePlaceOfALiaison(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary) // whom nobody has told that they are
	asked := wish(hungary, s.clock.day(0, 0))
	asked.Principals = &[]string{personOf(korea, second)}
	m := kr.asks(asked)
	reads := func(delegation string, n int) (status, listed int) {
		t.Helper()
		p := party{s.as(t, a, claims{"sub": personOf(delegation, n), "conference": "seoul-2013", "delegation": delegation, "roles": []string{"delegate"}}), t}
		res, err := p.GetMeetingWithResponse(t.Context(), "seoul-2013", m.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode(), len(p.lists(nil))
	}
	if status, n := reads(hungary, head); status != http.StatusOK || n != 1 {
		t.Errorf("the head of those who are asked: %d, %d listed", status, n)
	}
	for name, delegation := range map[string]string{"who named somebody": korea, "a third delegation": poland} {
		if status, n := reads(delegation, head); status != http.StatusNotFound || n != 0 {
			t.Errorf("the head of %s: %d, %d listed", name, status, n)
		}
	}
	if status, n := reads(hungary, second); status != http.StatusNotFound || n != 0 {
		t.Errorf("somebody else of those who are asked: %d, %d listed", status, n)
	}
	m = hu.accepts(m, client.MeetingAcceptance{Principals: &[]string{personOf(hungary, second)}})
	if status, n := reads(hungary, head); status != http.StatusNotFound || n != 0 {
		t.Errorf("the head, when somebody is named: %d, %d listed", status, n)
	}
}
