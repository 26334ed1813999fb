package agenda_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/shared/client"
)

// booked is a meeting that the desk entered at the level of ministers.
func (p party) booked(asking, asked string, at time.Time, change ...func(*client.MeetingBooking)) client.Meeting {
	p.t.Helper()
	b := client.MeetingBooking{Asking: asking, Asked: asked, Level: client.MeetingLevelMinister, StartsAt: at, Topic: ptr("Search and rescue")}
	for _, x := range change {
		x(&b)
	}
	res, err := p.BookMeetingWithResponse(p.t.Context(), "seoul-2013", nil, b)
	if err != nil || res.JSON201 == nil {
		p.t.Fatalf("%v %s", err, res.GetBody())
	}
	return *res.JSON201
}

func (p party) queue() []string {
	p.t.Helper()
	res, err := p.GetMeetingQueueWithResponse(p.t.Context(), "seoul-2013", nil)
	if err != nil || res.JSON200 == nil {
		p.t.Fatalf("%v %s", err, res.GetBody())
	}
	var ids []string
	for _, m := range res.JSON200.Items {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestTheDeskBooksRoomsAndEvicts(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 2)
	desk, hu := theDesk(t, s, a), liaisonOf(t, s, a, hungary)
	nine := s.clock.day(0, 0)
	low := desk.booked(hungary, poland, nine, func(b *client.MeetingBooking) { b.Level = client.MeetingLevelExpert })
	if low.Status != "confirmed" || low.RoomID != bilateral(0) || hu.reads(low.ID).Revision != 1 {
		t.Errorf("booked as %+v", low)
	}
	itself, err := desk.BookMeetingWithResponse(t.Context(), "seoul-2013", nil, client.MeetingBooking{Asking: hungary, Asked: sessionID(3), Level: client.MeetingLevelMinister, StartsAt: nine})
	if p := refused(t, itself, err, http.StatusUnprocessableEntity, "delegation_unknown"); p.Errors[0].Pointer != "/asked" {
		t.Errorf("refused at %+v", p.Errors)
	}

	room := func(m client.Meeting, id *string) *client.AssignRoomResponse {
		t.Helper()
		res, err := desk.AssignRoomWithResponse(t.Context(), "seoul-2013", m.ID, &client.AssignRoomParams{IfMatch: met(m)}, client.RoomChoice{RoomID: id})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	refused(t, room(low, ptr("nowhere")), nil, http.StatusUnprocessableEntity, "room_unknown")
	moved := room(low, ptr(bilateral(1)))
	if moved.JSON200 == nil || moved.JSON200.RoomID != bilateral(1) {
		t.Fatalf("moved to %s", moved.Body)
	}
	low = *moved.JSON200

	// The other room is taken too, so the host's meeting waits for one.
	other := desk.booked(hungary, poland, nine, func(b *client.MeetingBooking) { b.Level = client.MeetingLevelHeadOfState })
	host := liaisonOf(t, s, a, korea).asks(wish(hungary, nine))
	full, err := hu.AcceptMeetingWithResponse(t.Context(), "seoul-2013", host.ID, &client.AcceptMeetingParams{IfMatch: met(host)}, client.MeetingAcceptance{})
	refused(t, full, err, http.StatusConflict, "no_room")
	host = hu.accepts(host, client.MeetingAcceptance{WithoutRoom: ptr(true)})
	if !host.WaitsForRoom || host.RoomID != "" || !slices.Equal(desk.queue(), []string{host.ID}) {
		t.Errorf("it waits as %+v in %v", host, desk.queue())
	}

	evict := func(loser client.Meeting, winner string) *client.EvictMeetingResponse {
		t.Helper()
		res, err := desk.EvictMeetingWithResponse(t.Context(), "seoul-2013", loser.ID, &client.EvictMeetingParams{IfMatch: met(loser)}, client.Eviction{For: winner, Reason: ptr("The\u202e host\nneeds it")})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	refused(t, evict(low, sessionID(4)), nil, http.StatusUnprocessableEntity, "meeting_unknown")
	refused(t, evict(low, other.ID), nil, http.StatusConflict, "wants_no_room")
	done := evict(low, host.ID)
	if done.JSON200 == nil || done.JSON200.For.RoomID != bilateral(1) || done.JSON200.Evicted.Status != "agreed" || done.JSON200.Evicted.Proposal == nil ||
		done.JSON200.Evicted.Proposal.Kind != "displacement" || len(done.JSON200.Evicted.Proposal.Slots) == 0 || len(done.JSON200.Evicted.Proposal.Awaits) != 2 {
		t.Fatalf("evicted as %s", done.Body)
	}
	history, err := hu.GetMeetingHistoryWithResponse(t.Context(), "seoul-2013", low.ID, &client.GetMeetingHistoryParams{})
	if err != nil || history.JSON200 == nil || history.JSON200.Items[0].Reason != "The host needs it" || history.JSON200.Items[0].Verb != "evicted" {
		t.Errorf("%v %s", err, history.GetBody())
	}
	if got := desk.queue(); !slices.Equal(got, []string{low.ID}) {
		t.Errorf("what waits for the desk is %v", got)
	}
}

func TestBlockedCellsAreInNobodysReach(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	desk := theDesk(t, s, a)
	nine := s.clock.day(0, 0)
	m := desk.booked(hungary, poland, nine)
	block := func(b client.NewBlock) *client.BlockCellsResponse {
		t.Helper()
		res, err := desk.BlockCellsWithResponse(t.Context(), "seoul-2013", nil, b)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	wanted := client.NewBlock{RoomID: bilateral(0), StartsAt: nine, EndsAt: nine.Add(time.Hour), Reason: "Committee of the whole"}
	back := wanted
	back.EndsAt = nine
	refused(t, block(back), nil, http.StatusUnprocessableEntity, "span_unclear")
	nowhere := wanted
	nowhere.RoomID = "nowhere"
	refused(t, block(nowhere), nil, http.StatusUnprocessableEntity, "room_unknown")
	refused(t, block(wanted), nil, http.StatusConflict, "room_in_use")
	wanted.Displace = ptr(true)
	made := block(wanted)
	if made.JSON201 == nil || made.JSON201.Reason != wanted.Reason || made.JSON201.Actor != "desk-9" {
		t.Fatalf("blocked as %s", made.Body)
	}
	if gone := desk.reads(m.ID); gone.Status != "agreed" || gone.StartsAt != nil {
		t.Errorf("what stood there is %+v", gone)
	}
	full, err := desk.BookMeetingWithResponse(t.Context(), "seoul-2013", nil, client.MeetingBooking{Asking: korea, Asked: hungary, Level: client.MeetingLevelMinister, StartsAt: nine})
	refused(t, full, err, http.StatusConflict, "no_room")
	all, err := desk.ListBlocksWithResponse(t.Context(), "seoul-2013")
	if err != nil || all.JSON200 == nil || len(all.JSON200.Items) != 1 || all.JSON200.Items[0].ID != made.JSON201.ID {
		t.Fatalf("%v %s", err, all.GetBody())
	}
	for want := http.StatusNoContent; ; want = http.StatusNotFound {
		res, err := desk.UnblockCellsWithResponse(t.Context(), "seoul-2013", made.JSON201.ID)
		if err != nil || res.StatusCode() != want {
			t.Fatalf("opened again: %v %d, want %d", err, res.StatusCode(), want)
		}
		if want == http.StatusNotFound {
			break
		}
	}
	if again := desk.booked(korea, hungary, nine); again.RoomID != bilateral(0) {
		t.Errorf("then it is %+v", again)
	}
}

func TestTheGridShowsADayAndNoTopics(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 11)
	desk := theDesk(t, s, a)
	m := desk.booked(hungary, poland, s.clock.day(0, 30), func(b *client.MeetingBooking) { b.Minutes = ptr(55) })
	desk.booked(korea, poland, s.clock.day(3, 0), func(b *client.MeetingBooking) { b.Place = ptr("<b>The garden</b>") })
	if _, err := desk.BlockCellsWithResponse(t.Context(), "seoul-2013", nil, client.NewBlock{
		RoomID: bilateral(1), StartsAt: s.clock.day(1, 0), EndsAt: s.clock.day(2, 0), Reason: "Cleaning & airing",
	}); err != nil {
		t.Fatal(err)
	}
	read := func(format client.GetMeetingGridParamsFormat, day string) *client.GetMeetingGridResponse {
		t.Helper()
		res, err := desk.GetMeetingGridWithResponse(t.Context(), "seoul-2013", &client.GetMeetingGridParams{Day: day, Format: &format})
		if err != nil || res.StatusCode() != http.StatusOK || strings.Contains(string(res.Body), "Search and rescue") {
			t.Fatalf("%v %d %s", err, res.StatusCode(), res.Body)
		}
		return res
	}
	data := read(client.GetMeetingGridParamsFormatJSON, "2013-10-17").JSON200
	if len(data.Cells) != 24 || len(data.Rooms) != 11 || data.Rooms[1].Name != "Bilateral 2" || len(data.Unroomed) != 1 || data.Unroomed[0].Place != "<b>The garden</b>" {
		t.Fatalf("the day has %d cells, %d rooms and %+v", len(data.Cells), len(data.Rooms), data.Unroomed)
	}
	first, second := data.Rooms[0].Entries, data.Rooms[1].Entries
	if len(first) != 1 || first[0].MeetingID != m.ID || !first[0].UntilAt.Equal(s.clock.day(1, 30)) || first[0].Delegations[0].ID != hungary {
		t.Errorf("in the first room is %+v", first)
	}
	if len(second) != 1 || second[0].Kind != "block" || second[0].Title != "Cleaning & airing" {
		t.Errorf("in the second is %+v", second)
	}
	page := read(client.GetMeetingGridParamsFormatHTML, "2013-10-17")
	if policy := page.HTTPResponse.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("the page may have a style by %q", policy)
	}
	text := string(page.Body)
	for _, want := range []string{`<td class="meeting" rowspan="2">`, `<td class="block" rowspan="2">`, "Cleaning &amp; airing", "&lt;b&gt;The garden", "09:30–10:25 · minister", "Bilateral 11"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if n := strings.Count(text, "<table>"); n != 3 {
		t.Errorf("eleven rooms are on %d sheets", n)
	}
	if empty := read(client.GetMeetingGridParamsFormatJSON, "2013-10-18").JSON200; len(empty.Rooms[0].Entries) != 0 || len(empty.Cells) != 24 {
		t.Errorf("the other day is %+v", empty)
	}
	if none := read(client.GetMeetingGridParamsFormatJSON, "2014-01-01").JSON200; len(none.Unroomed) != 0 {
		t.Errorf("a day long after is %+v", none)
	}
}

func TestTheDeskReadsWhoSearchedForWhom(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	desk, kr := theDesk(t, s, a), liaisonOf(t, s, a, korea)
	for _, with := range []string{hungary, poland} {
		if res, err := kr.FindMeetingSlotsWithResponse(t.Context(), "seoul-2013", &client.FindMeetingSlotsParams{With: with, Level: client.MeetingLevelExpert}); err != nil || res.JSON200 == nil || len(res.JSON200.Items) == 0 {
			t.Fatalf("%v %s", err, res.GetBody())
		}
	}
	made, err := desk.ListMeetingSearchesWithResponse(t.Context(), "seoul-2013", &client.ListMeetingSearchesParams{Delegation: korea})
	if err != nil || made.JSON200 == nil || made.JSON200.Day != "2013-10-17" || len(made.JSON200.Items) != 2 {
		t.Fatalf("%v %s", err, made.GetBody())
	}
	if last := made.JSON200.Items[0]; last.With != poland || last.Actor != personOf(korea, theLiaison) || last.Level != "expert" {
		t.Errorf("the last was %+v", last)
	}
	none, err := desk.ListMeetingSearchesWithResponse(t.Context(), "seoul-2013", &client.ListMeetingSearchesParams{Delegation: hungary})
	if err != nil || none.JSON200 == nil || len(none.JSON200.Items) != 0 {
		t.Errorf("%v %s", err, none.GetBody())
	}
}
