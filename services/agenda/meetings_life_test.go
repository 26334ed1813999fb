package agenda_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/shared/client"
)

func TestAMeetingIsCounteredMovedLengthenedAndCalledOff(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2)
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	at := func(h int) []client.SlotChoice { return []client.SlotChoice{{StartsAt: s.clock.day(h, 0)}} }
	asked := wish(hungary, s.clock.day(0, 0))
	asked.Head = ptr(true)
	m := kr.asks(asked)
	if p := m.Sides[0].Principals; len(p) != 1 || p[0].DelegateID != personOf(korea, head) {
		t.Errorf("the head does not come: %+v", p)
	}

	own, err := kr.CounterMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.CounterMeetingParams{IfMatch: met(m)}, client.MeetingCounter{Slots: at(1)})
	refused(t, own, err, http.StatusConflict, "not_awaited")
	countered, err := hu.CounterMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.CounterMeetingParams{IfMatch: met(m)}, client.MeetingCounter{Slots: at(1), Note: ptr("Rather later")})
	if err != nil || countered.JSON200 == nil || countered.JSON200.Status != "requested" || countered.JSON200.Proposal.Kind != "counter" || countered.JSON200.Proposal.Awaits[0] != korea {
		t.Fatalf("%v %s", err, countered.GetBody())
	}
	theirs, err := kr.WithdrawMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.WithdrawMeetingParams{IfMatch: `"1"`}, client.MeetingReason{})
	refused(t, theirs, err, http.StatusPreconditionFailed, "stale")
	m = kr.accepts(*countered.JSON200, client.MeetingAcceptance{})
	if m.Status != "confirmed" || !m.StartsAt.Equal(s.clock.day(1, 0)) || m.RoomID == "" {
		t.Fatalf("accepted as %+v", m)
	}

	moved, err := kr.RescheduleMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.RescheduleMeetingParams{IfMatch: met(m)}, client.MeetingCounter{Slots: at(3)})
	if err != nil || moved.JSON200 == nil || moved.JSON200.Status != "confirmed" || !moved.JSON200.StartsAt.Equal(s.clock.day(1, 0)) {
		t.Fatalf("what stands is not held: %v %s", err, moved.GetBody())
	}
	m = hu.accepts(*moved.JSON200, client.MeetingAcceptance{})
	if !m.StartsAt.Equal(s.clock.day(3, 0)) || m.Sequence != 2 {
		t.Errorf("moved to %+v", m)
	}

	lower, err := kr.SubstitutePrincipalWithResponse(t.Context(), "seoul-2013", m.ID, &client.SubstitutePrincipalParams{IfMatch: met(m)}, client.MeetingSubstitution{Out: ptr(personOf(korea, head)), In: personOf(korea, second)})
	if err != nil || lower.JSON200 == nil || lower.JSON200.Proposal == nil || lower.JSON200.Proposal.Kind != "substitution" || lower.JSON200.Sides[0].Principals[0].DelegateID != personOf(korea, head) {
		t.Fatalf("somebody of a lower rank comes without being asked for: %v %s", err, lower.GetBody())
	}
	with, err := hu.AcceptMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.AcceptMeetingParams{IfMatch: met(*lower.JSON200)}, client.MeetingAcceptance{Plus: ptr(2)})
	refused(t, with, err, http.StatusUnprocessableEntity, "means_nothing_here")
	m = hu.accepts(*lower.JSON200, client.MeetingAcceptance{})
	if m.Sides[0].Principals[0].DelegateID != personOf(korea, second) {
		t.Errorf("nobody was replaced: %+v", m.Sides)
	}

	longer, err := hu.ExtendMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.ExtendMeetingParams{IfMatch: met(m)}, client.MeetingExtension{Cells: 1})
	if err != nil || longer.JSON200 == nil || !longer.JSON200.EndsAt.Equal(s.clock.day(3, 55)) || longer.JSON200.Minutes != 55 {
		t.Fatalf("%v %s", err, longer.GetBody())
	}
	sure, err := kr.ReconfirmMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.ReconfirmMeetingParams{IfMatch: met(*longer.JSON200)})
	if err != nil || sure.JSON200 == nil || !sure.JSON200.Sides[0].Reconfirmed || sure.JSON200.Sides[1].Reconfirmed {
		t.Fatalf("%v %s", err, sure.GetBody())
	}
	off, err := hu.CancelMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.CancelMeetingParams{IfMatch: met(*sure.JSON200)}, client.MeetingCancellation{Reason: "The minister had to leave"})
	if err != nil || off.JSON200 == nil || off.JSON200.Status != "cancelled" {
		t.Fatalf("%v %s", err, off.GetBody())
	}

	var verbs, actors, principals []string
	for cursor := (*string)(nil); ; {
		page, err := kr.GetMeetingHistoryWithResponse(t.Context(), "seoul-2013", m.ID, &client.GetMeetingHistoryParams{Limit: ptr(3), Cursor: cursor})
		if err != nil || page.JSON200 == nil {
			t.Fatalf("%v %s", err, page.GetBody())
		}
		for _, e := range page.JSON200.Items {
			verbs, actors, principals = append(verbs, e.Verb), append(actors, e.Actor), append(principals, e.Principal)
		}
		if !page.JSON200.Page.HasMore {
			break
		}
		next := page.JSON200.Page.NextCursor.MustGet()
		cursor = &next
	}
	want := []string{"cancelled", "reconfirmed", "extended", "substituted", "proposed", "moved", "proposed", "confirmed", "countered", "requested"}
	if !slices.Equal(verbs, want) || actors[0] != personOf(hungary, theLiaison) || actors[len(actors)-1] != personOf(korea, theLiaison) || principals[len(principals)-1] != personOf(korea, head) {
		t.Errorf("its history is %v by %v for %v", verbs, actors, principals)
	}
	// What was called off is in nobody's way.
	if again := hu.accepts(kr.asks(wish(hungary, s.clock.day(3, 0))), client.MeetingAcceptance{}); again.RoomID != m.RoomID {
		t.Errorf("another one gets %+v", again)
	}
}

func TestTwoMeetingsOfADelegationExchangeTheirSlots(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	kr, hu, pl := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary), liaisonOf(t, s, a, poland)
	one := hu.accepts(kr.asks(wish(hungary, s.clock.day(0, 0))), client.MeetingAcceptance{})
	two := pl.accepts(kr.asks(wish(poland, s.clock.day(1, 0))), client.MeetingAcceptance{})
	swap := func(p party, m client.Meeting, with string) *client.SwapMeetingsResponse {
		t.Helper()
		res, err := p.SwapMeetingsWithResponse(t.Context(), "seoul-2013", m.ID, &client.SwapMeetingsParams{IfMatch: met(m)}, client.MeetingSwap{With: with})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	refused(t, swap(hu, one, two.ID), nil, http.StatusUnprocessableEntity, "meeting_unknown")
	refused(t, swap(hu, one, sessionID(9)), nil, http.StatusUnprocessableEntity, "meeting_unknown")
	refused(t, swap(kr, one, one.ID), nil, http.StatusUnprocessableEntity, "same_meeting")
	if res := swap(kr, one, two.ID); res.JSON200 == nil || res.JSON200.Proposal.With != two.ID {
		t.Fatalf("proposed as %s", res.Body)
	}
	shown := hu.reads(one.ID)
	if shown.Proposal == nil || shown.Proposal.Kind != "swap" || shown.Proposal.With != "" {
		t.Errorf("the other side is told of a meeting that is not its own: %+v", shown.Proposal)
	}
	more, err := hu.AcceptMeetingWithResponse(t.Context(), "seoul-2013", one.ID, &client.AcceptMeetingParams{IfMatch: met(shown)}, client.MeetingAcceptance{LeaveToDesk: ptr(true)})
	refused(t, more, err, http.StatusUnprocessableEntity, "means_nothing_here")
	if waits := hu.accepts(shown, client.MeetingAcceptance{}); !waits.StartsAt.Equal(s.clock.day(0, 0)) {
		t.Errorf("one agreed and it moved: %+v", waits)
	}
	if done := pl.accepts(pl.reads(two.ID), client.MeetingAcceptance{}); !done.StartsAt.Equal(s.clock.day(0, 0)) {
		t.Errorf("both agreed: %+v", done)
	}
	if other := kr.reads(one.ID); !other.StartsAt.Equal(s.clock.day(1, 0)) || other.RoomID != bilateral(0) {
		t.Errorf("the other is %+v", other)
	}
	// Poland agreed last, which moved Hungary's meeting too: Hungary is not to learn
	// that Korea meets Poland.
	for _, reader := range []struct {
		party
		actor string
	}{{hu, ""}, {kr, ""}, {theDesk(t, s, a), personOf(poland, theLiaison)}} {
		res, err := reader.GetMeetingHistoryWithResponse(t.Context(), "seoul-2013", one.ID, &client.GetMeetingHistoryParams{})
		if err != nil || res.JSON200 == nil || res.JSON200.Items[0].Verb != "moved" || res.JSON200.Items[0].Actor != reader.actor ||
			reader.actor == "" && strings.Contains(string(res.Body), poland) {
			t.Errorf("%v, it is told as %s", err, res.GetBody())
		}
	}
}

func TestASwapThatIsDeclinedOrWithdrawnIsOverForBothMeetings(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2)
	kr, hu, pl := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary), liaisonOf(t, s, a, poland)
	one := hu.accepts(kr.asks(wish(hungary, s.clock.day(0, 0))), client.MeetingAcceptance{})
	two := pl.accepts(kr.asks(wish(poland, s.clock.day(1, 0))), client.MeetingAcceptance{})
	proposed := func() {
		t.Helper()
		res, err := kr.SwapMeetingsWithResponse(t.Context(), "seoul-2013", one.ID, &client.SwapMeetingsParams{IfMatch: met(kr.reads(one.ID))}, client.MeetingSwap{With: two.ID})
		if err != nil || res.JSON200 == nil {
			t.Fatalf("%v %s", err, res.GetBody())
		}
	}
	proposed()
	no, err := pl.DeclineMeetingWithResponse(t.Context(), "seoul-2013", two.ID, &client.DeclineMeetingParams{IfMatch: met(pl.reads(two.ID))}, client.MeetingReason{Reason: ptr("Not so early")})
	if err != nil || no.JSON200 == nil || no.JSON200.Proposal != nil {
		t.Fatalf("%v %s", err, no.GetBody())
	}
	if m := hu.reads(one.ID); m.Proposal != nil || !m.StartsAt.Equal(s.clock.day(0, 0)) {
		t.Errorf("Poland declined, and Hungary is asked still: %+v", m)
	}
	history, err := hu.GetMeetingHistoryWithResponse(t.Context(), "seoul-2013", one.ID, &client.GetMeetingHistoryParams{})
	if err != nil || history.JSON200 == nil || history.JSON200.Items[0].Verb != "declined" || history.JSON200.Items[0].Actor != "" || history.JSON200.Items[0].Reason != "" {
		t.Errorf("%v, Hungary reads %s", err, history.GetBody())
	}
	proposed()
	back, err := kr.WithdrawMeetingWithResponse(t.Context(), "seoul-2013", one.ID, &client.WithdrawMeetingParams{IfMatch: met(kr.reads(one.ID))}, client.MeetingReason{})
	if err != nil || back.JSON200 == nil || back.JSON200.Proposal != nil || pl.reads(two.ID).Proposal != nil {
		t.Errorf("%v, withdrawn is %s", err, back.GetBody())
	}
}

func TestPolicyAndWindowsDecideWhatIsFree(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	kr, hu, office := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary), party{s.as(t, a, secretary("seoul-2013")), t}
	usual, err := kr.GetMeetingPolicyWithResponse(t.Context(), "seoul-2013")
	if err != nil || usual.JSON200 == nil || usual.JSON200.MaxSlots != 3 || usual.JSON200.AnswerHours != 24 || usual.HTTPResponse.Header.Get("ETag") != `"0"` {
		t.Fatalf("%v %s", err, usual.GetBody())
	}
	set := func(tag string, p client.NewMeetingPolicy) *client.SetMeetingPolicyResponse {
		t.Helper()
		res, err := office.SetMeetingPolicyWithResponse(t.Context(), "seoul-2013", &client.SetMeetingPolicyParams{IfMatch: tag}, p)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	unknown := refused(t, set(`"0"`, client.NewMeetingPolicy{Rooms: &[]client.NewMeetingRoom{{Room: "nowhere"}}}), nil, http.StatusUnprocessableEntity, "policy_wrong")
	if len(unknown.Errors) != 1 || unknown.Errors[0].Pointer != "/rooms/0/room" {
		t.Errorf("a room that is not there is refused at %+v", unknown.Errors)
	}
	if res := set(`"0"`, client.NewMeetingPolicy{OptIn: ptr(true), Changeovers: &map[string]int{"head_of_state": 15}}); res.JSON200 == nil || res.JSON200.Revision != 1 {
		t.Fatalf("set as %s", res.Body)
	}
	refused(t, set(`"0"`, client.NewMeetingPolicy{}), nil, http.StatusPreconditionFailed, "stale")

	no, err := kr.RequestMeetingWithResponse(t.Context(), "seoul-2013", nil, wish(hungary, s.clock.day(0, 0)))
	refused(t, no, err, http.StatusConflict, "not_opted_in")
	foreign, err := kr.SetAvailabilityWithResponse(t.Context(), "seoul-2013", hungary, &client.SetAvailabilityParams{IfMatch: `"0"`}, client.NewAvailability{Windows: []client.NewAvailabilityWindow{}})
	refused(t, foreign, err, http.StatusNotFound, "not_found")
	open := client.NewAvailability{OptedIn: true, Windows: []client.NewAvailabilityWindow{{StartsAt: s.clock.day(2, 0), EndsAt: s.clock.day(4, 0)}}}
	opened, err := hu.SetAvailabilityWithResponse(t.Context(), "seoul-2013", hungary, &client.SetAvailabilityParams{IfMatch: `"0"`}, open)
	if err != nil || opened.JSON200 == nil || opened.JSON200.Revision != 1 || len(opened.JSON200.Windows) != 1 {
		t.Fatalf("%v %s", err, opened.GetBody())
	}

	find := func(p party, params client.FindMeetingSlotsParams) (*client.FindMeetingSlotsResponse, []time.Time) {
		t.Helper()
		res, err := p.FindMeetingSlotsWithResponse(t.Context(), "seoul-2013", &params)
		if err != nil {
			t.Fatal(err)
		}
		var starts []time.Time
		if res.JSON200 != nil {
			for _, o := range res.JSON200.Items {
				starts = append(starts, o.StartsAt)
			}
		}
		return res, starts
	}
	with := client.FindMeetingSlotsParams{With: hungary, Level: client.MeetingLevelMinister}
	want := []time.Time{s.clock.day(2, 0), s.clock.day(2, 30), s.clock.day(3, 0), s.clock.day(3, 30)}
	if res, starts := find(kr, with); !slices.EqualFunc(starts, want, time.Time.Equal) {
		t.Errorf("offered is %v: %s", starts, res.Body)
	}
	odd, _ := find(kr, client.FindMeetingSlotsParams{With: hungary, Level: client.MeetingLevelMinister, Minutes: ptr(30)})
	if p := refused(t, odd, nil, http.StatusUnprocessableEntity, "length_off_grid"); p.Errors[0].Parameter != "minutes" {
		t.Errorf("a length that cannot be asked for is refused at %+v", p.Errors)
	}
	stranger, _ := find(kr, client.FindMeetingSlotsParams{With: hungary, Level: client.MeetingLevelMinister, Interpreters: &[]string{personOf(poland, expert)}})
	refused(t, stranger, nil, http.StatusUnprocessableEntity, "person_unknown")
	hu.accepts(kr.asks(wish(hungary, s.clock.day(2, 30))), client.MeetingAcceptance{})
	if _, starts := find(kr, with); !slices.EqualFunc(starts, []time.Time{want[0], want[2], want[3]}, time.Time.Equal) {
		t.Errorf("offered after one is taken is %v", starts)
	}
	foreignSearch, _ := find(kr, client.FindMeetingSlotsParams{With: hungary, Level: client.MeetingLevelMinister, For: ptr(poland)})
	refused(t, foreignSearch, nil, http.StatusNotFound, "not_found")
	for range 50 {
		if res, _ := find(kr, with); res.StatusCode() == http.StatusTooManyRequests {
			if p := refused(t, res, nil, http.StatusTooManyRequests, "too_many_searches"); res.HTTPResponse.Header.Get("Retry-After") == "" {
				t.Errorf("%+v does not say when", p)
			}
			return
		}
	}
	t.Error("a delegation may search without end")
}
