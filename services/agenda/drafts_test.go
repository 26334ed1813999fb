package agenda_test

import (
	"fmt"
	"strings"
	"testing"

	"plenary.example/shared/client"
)

// drafted is the draft as the desk reads it, with its tag.
func (d desk) drafted() (client.Draft, string) {
	d.t.Helper()
	got, err := d.GetDraftWithResponse(d.t.Context(), "seoul-2013")
	if err != nil || got.JSON200 == nil {
		d.t.Fatalf("%v %s", err, got.GetBody())
	}
	return *got.JSON200, got.HTTPResponse.Header.Get("ETag")
}

// body is session n of the seed in a room, as an edit has it.
func (s *stage) body(n int, room string) client.SessionDraft {
	start := s.clock.day(n/rooms, 0)
	return client.SessionDraft{
		Kind: "plenary", Title: client.Titles{"en": "Opening", "ko": "개회식"}, Theme: ptr("security"), RoomID: room, StartsAt: start, EndsAt: start.Add(3600e9),
		Language: ptr("en"), Interpretation: &[]string{"ko"}, Public: ptr(true),
		People:    &[]client.PartDraft{{Role: "speaker", Name: ptr("Ada Okafor"), Affiliation: ptr("Example University")}, {Role: "chair", DelegateID: ptr(sessionID(900))}},
		Access:    &client.AccessDraft{Kind: "seats", Seats: ptr(2), Delegations: &[]string{sessionID(901)}},
		Stream:    &client.StreamDraft{URL: "https://live.example/hall"},
		Documents: &[]client.DocumentDraft{{Title: client.Titles{"en": "Concept note"}, URL: "https://files.example/concept.pdf", EmbargoUntil: &start}},
	}
}

func (d desk) put(n int, tag string, body client.SessionDraft) *client.PutDraftSessionResponse {
	d.t.Helper()
	got, err := d.PutDraftSessionWithResponse(d.t.Context(), "seoul-2013", sessionID(n), &client.PutDraftSessionParams{IfMatch: tag}, body)
	if err != nil {
		d.t.Fatal(err)
	}
	return got
}

func (d desk) release(tag string, body client.ReleaseRequest) *client.ReleaseDraftResponse {
	d.t.Helper()
	got, err := d.ReleaseDraftWithResponse(d.t.Context(), "seoul-2013", &client.ReleaseDraftParams{IfMatch: tag}, body)
	if err != nil {
		d.t.Fatal(err)
	}
	return got
}

func TestADraftIsEditedAndReleased(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	empty, tag := d.drafted()
	if empty.Revision != 0 || len(empty.Sessions)+len(empty.Conflicts) != 0 || tag != `"0-1"` {
		t.Fatalf("an empty draft is %+v with %s", empty, tag)
	}
	room, err := d.AddDraftRoomWithResponse(t.Context(), "seoul-2013", &client.AddDraftRoomParams{IfMatch: &tag}, client.RoomDraft{Name: "Hall Z", Kind: "hall", Capacity: ptr(900), Hours: &[]client.HoursDraft{{From: "08:00", To: "24:00"}}})
	if err != nil || room.JSON201 == nil {
		t.Fatalf("%v %s", err, room.GetBody())
	}
	put := d.put(20, room.HTTPResponse.Header.Get("ETag"), s.body(20, room.JSON201.Room.ID))
	if put.JSON200 == nil || put.JSON200.Session.Change != "changed" || put.JSON200.Session.RoomID != room.JSON201.Room.ID || len(put.JSON200.Conflicts) != 0 {
		t.Fatalf("edited: %s", put.GetBody())
	}
	key, seen := ptr(client.IdempotencyKey("add-a-session-01")), put.HTTPResponse.Header.Get("ETag")
	var added [2]*client.AddDraftSessionResponse
	for i := range added {
		if added[i], err = d.AddDraftSessionWithResponse(t.Context(), "seoul-2013", &client.AddDraftSessionParams{IdempotencyKey: key, IfMatch: &seen}, s.body(5, free)); err != nil || added[i].JSON201 == nil {
			t.Fatalf("%v %s", err, added[i].GetBody())
		}
	}
	if added[0].JSON201.Session.ID != added[1].JSON201.Session.ID || added[1].HTTPResponse.Header.Get("Idempotency-Replayed") != "true" {
		t.Error("a repeat adds another session")
	}
	gone, err := d.RemoveDraftSessionWithResponse(t.Context(), "seoul-2013", sessionID(21), &client.RemoveDraftSessionParams{IfMatch: added[1].HTTPResponse.Header.Get("ETag")})
	if err != nil || gone.StatusCode() != 204 {
		t.Fatalf("%v %s", err, gone.GetBody())
	}
	now, tag := d.drafted()
	if len(now.Sessions) != 2 || len(now.Rooms) != 1 || len(now.Removed) != 1 || now.Revision != 4 || tag != `"4-1"` {
		t.Errorf("the draft is %+v with %s", now, tag)
	}
	diff, err := d.GetDraftChangesWithResponse(t.Context(), "seoul-2013")
	if err != nil || diff.JSON200 == nil || len(diff.JSON200.Sessions) != 3 || len(diff.JSON200.Rooms) != 1 || diff.JSON200.Breaker.Tripped || diff.HTTPResponse.Header.Get("ETag") != tag {
		t.Fatalf("%v %s", err, diff.GetBody())
	}
	if d.revision() != 1 {
		t.Fatal("a draft is seen before it is released")
	}
	out := d.release(tag, client.ReleaseRequest{Note: ptr("Day two")})
	if out.JSON200 == nil || out.JSON200.Revision != 2 || out.JSON200.Note != "Day two" || out.JSON200.Counts != (client.ReleaseCounts{Created: 1, Changed: 1, Removed: 1, Rooms: 1}) {
		t.Fatalf("released: %s", out.GetBody())
	}
	if left, tag := d.drafted(); len(left.Sessions) != 0 || tag != `"5-2"` {
		t.Errorf("after the release the draft is %+v with %s", left, tag)
	}
	if out := d.release(tag, client.ReleaseRequest{}); out.JSON200 == nil || out.JSON200.Revision != 2 {
		t.Errorf("whoever lost the answer reads %s", out.GetBody())
	}
	read, err := d.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(20), nil)
	if err != nil || read.JSON200 == nil || read.JSON200.Title != "Opening" || read.JSON200.RoomName != "Hall Z" {
		t.Errorf("%v %s", err, read.GetBody())
	}
	lost, err := d.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(21), nil)
	refused(t, lost, err, 404, "not_found")
	_, tag = d.drafted()
	if back := d.put(21, tag, s.body(21, free)); back.JSON200 == nil || back.JSON200.Session.Change != "created" || back.JSON200.Session.Status != "confirmed" {
		t.Errorf("put back: %s", back.GetBody())
	}
}

func TestReleasesAreListedComparedAndTakenBack(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	_, tag := d.drafted()
	tag = d.put(20, tag, s.body(20, free)).HTTPResponse.Header.Get("ETag")
	if out := d.release(tag, client.ReleaseRequest{}); out.JSON200 == nil {
		t.Fatalf("%s", out.GetBody())
	}
	if moved, err := d.move(15, tagOf(1, "en"), client.SessionPatch{RoomID: ptr(free)}); err != nil || moved.JSON200 == nil {
		t.Fatalf("%v %s", err, moved.GetBody())
	}
	first, err := d.ListReleasesWithResponse(t.Context(), "seoul-2013", &client.ListReleasesParams{Limit: ptr(2)})
	if err != nil || first.JSON200 == nil || len(first.JSON200.Items) != 2 || first.JSON200.Items[0].Kind != "live" || first.JSON200.Items[1].Kind != "draft" || !first.JSON200.Page.HasMore {
		t.Fatalf("%v %s", err, first.GetBody())
	}
	next := first.JSON200.Page.NextCursor.MustGet()
	rest, err := d.ListReleasesWithResponse(t.Context(), "seoul-2013", &client.ListReleasesParams{Limit: ptr(2), Cursor: &next})
	if err != nil || rest.JSON200 == nil || len(rest.JSON200.Items) != 1 || rest.JSON200.Page.HasMore || !strings.Contains(first.HTTPResponse.Header.Get("Link"), next) {
		t.Fatalf("%v %s", err, rest.GetBody())
	}
	wrong, err := d.ListReleasesWithResponse(t.Context(), "seoul-2013", &client.ListReleasesParams{Cursor: ptr("AAAA")})
	refused(t, wrong, err, 400, "bad_cursor")
	changed, err := d.GetReleaseChangesWithResponse(t.Context(), "seoul-2013", 3)
	if err != nil || changed.JSON200 == nil || len(changed.JSON200.Sessions) != 1 || fmt.Sprint(changed.JSON200.Sessions[0].Details) != "[{Hall K Hall F room}]" {
		t.Errorf("%v %s", err, changed.GetBody())
	}
	both, err := d.CompareRevisionsWithResponse(t.Context(), "seoul-2013", &client.CompareRevisionsParams{From: 3, To: 1})
	if err != nil || both.JSON200 == nil || len(both.JSON200.Sessions) != 2 {
		t.Errorf("%v %s", err, both.GetBody())
	}
	none, err := d.CompareRevisionsWithResponse(t.Context(), "seoul-2013", &client.CompareRevisionsParams{From: 1, To: 9})
	refused(t, none, err, 404, "not_found")
	for range 2 {
		back, err := d.RollBackWithResponse(t.Context(), "seoul-2013", 1, &client.RollBackParams{IdempotencyKey: ptr("roll-back-to-one")}, client.RollBackRequest{Note: ptr("It does not hold.")})
		if err != nil || back.JSON200 == nil || back.JSON200.Revision != 4 || back.JSON200.Restores != 1 || back.JSON200.Kind != "roll_back" {
			t.Fatalf("%v %s", err, back.GetBody())
		}
	}
	same, err := d.CompareRevisionsWithResponse(t.Context(), "seoul-2013", &client.CompareRevisionsParams{From: 1, To: 4})
	if err != nil || same.JSON200 == nil || len(same.JSON200.Sessions)+len(same.JSON200.Rooms) != 0 {
		t.Errorf("it is not as it was: %s", same.GetBody())
	}
}

func TestAnEditOfWhatWasNotSeenIsRefused(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a, client.AllowBadRequests)
	_, tag := d.drafted()
	if moved, err := d.move(15, tagOf(1, "en"), client.SessionPatch{RoomID: ptr(free)}); err != nil || moved.JSON200 == nil {
		t.Fatalf("%v %s", err, moved.GetBody())
	}
	refused(t, d.put(15, tag, s.body(15, roomID(5))), nil, 412, "stale") // would undo the move
	put := d.put(16, tag, s.body(16, roomID(6)))
	if put.JSON200 == nil {
		t.Fatalf("another session: %s", put.GetBody())
	}
	refused(t, d.put(15, put.HTTPResponse.Header.Get("ETag"), s.body(15, roomID(5))), nil, 412, "stale")
	refused(t, d.put(17, tag, s.body(17, roomID(7))), nil, 412, "stale") // of the draft
	refused(t, d.put(17, "*", s.body(17, roomID(7))), nil, 428, "if_match_required")
	refused(t, d.put(99, `"1-2"`, s.body(17, roomID(7))), nil, 404, "not_found")
}

func TestWhatADraftCannotTakeIsRefused(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a, client.AllowBadRequests)
	_, tag := d.drafted()
	for code, spoil := range map[string]func(*client.SessionDraft){
		"language_unknown":    func(b *client.SessionDraft) { b.Title["fr"] = "Ouverture" },
		"forbidden_character": func(b *client.SessionDraft) { b.Title["en"] = "Open\u202eing" },
		"person_unclear":      func(b *client.SessionDraft) { (*b.People)[0].DelegateID = ptr(sessionID(1)) },
		"wrong_format":        func(b *client.SessionDraft) { (*b.Documents)[0].URL = "http://files.example/x" },
	} {
		body := s.body(20, free)
		spoil(&body)
		spoken(t, refused(t, d.put(20, tag, body), nil, 422, code))
	}
	for code, body := range map[string]client.RoomDraft{
		"venue_unknown":       {Name: "Hall", Kind: "hall", Venue: ptr("moon")},
		"hours_unclear":       {Name: "Hall", Kind: "hall", Hours: &[]client.HoursDraft{{From: "19:00", To: "08:00"}}},
		"forbidden_character": {Name: "Ha\nll", Kind: "hall"},
	} {
		got, err := d.AddDraftRoomWithResponse(t.Context(), "seoul-2013", &client.AddDraftRoomParams{}, body)
		spoken(t, refused(t, got, err, 422, code))
	}
	if d, _ := d.drafted(); d.Revision != 0 {
		t.Errorf("something was taken: %+v", d)
	}
	taken := d.put(20, tag, s.body(20, roomID(1))) // session 21 is there
	if taken.JSON200 == nil || len(taken.JSON200.Conflicts) != 1 || taken.JSON200.Conflicts[0].Code != "room_occupied" {
		t.Fatalf("%s", taken.GetBody())
	}
	spoken(t, refused(t, d.release(taken.HTTPResponse.Header.Get("ETag"), client.ReleaseRequest{}), nil, 409, "draft_conflicts"))
	thrown, err := d.DiscardDraftWithResponse(t.Context(), "seoul-2013", &client.DiscardDraftParams{IfMatch: taken.HTTPResponse.Header.Get("ETag")})
	if err != nil || thrown.StatusCode() != 204 {
		t.Fatalf("%v %s", err, thrown.GetBody())
	}
	refused(t, d.release(thrown.HTTPResponse.Header.Get("ETag"), client.ReleaseRequest{}), nil, 409, "draft_empty")
}

func TestAHeldReleaseIsShownAndConfirmed(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	_, tag := d.drafted()
	for n := 10; n < 20; n++ {
		body := s.body(n, roomID(n%rooms))
		body.StartsAt, body.EndsAt = body.StartsAt.Add(10*3600e9), body.EndsAt.Add(10*3600e9)
		body.People = nil
		put := d.put(n, tag, body)
		if put.JSON200 == nil {
			t.Fatalf("%s", put.GetBody())
		}
		tag = put.HTTPResponse.Header.Get("ETag")
	}
	out := d.release(tag, client.ReleaseRequest{Note: ptr("later")})
	if out.JSON202 == nil || len(out.JSON202.Rules) != 2 || out.JSON202.Kind != "draft" {
		t.Fatalf("not held: %s", out.GetBody())
	}
	tag = out.HTTPResponse.Header.Get("ETag")
	if now, seen := d.drafted(); now.Held == nil || seen != tag {
		t.Errorf("the draft shows %+v with %s, not %s", now.Held, seen, tag)
	}
	confirm := func(c desk, body client.ReleaseConfirmation) *client.ConfirmReleaseResponse {
		got, err := c.ConfirmReleaseWithResponse(t.Context(), "seoul-2013", &client.ConfirmReleaseParams{IfMatch: tag}, body)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	refused(t, confirm(d, client.ReleaseConfirmation{}), nil, 422, "count_required")
	refused(t, confirm(d, client.ReleaseConfirmation{Count: ptr(77)}), nil, 422, "wrong_count")
	other := secretary("seoul-2013")
	other["sub"] = "desk-2"
	second := desk{s.as(t, a, other), t}
	done := confirm(second, client.ReleaseConfirmation{})
	if done.JSON200 == nil || done.JSON200.Revision != 2 || done.JSON200.Actor != "desk-1" {
		t.Fatalf("confirmed: %s", done.GetBody())
	}
	if none, err := d.WithdrawReleaseWithResponse(t.Context(), "seoul-2013"); err != nil || none.StatusCode() != 204 {
		t.Errorf("%v %s", err, none.GetBody())
	}
}

func TestAConferenceIsCreatedAndChanged(t *testing.T) {
	t.Parallel()
	s, a := loaded(t)
	d := deskOf(t, s, a)
	body := client.NewConference{
		ID: "seoul-2013", Name: client.Titles{"en": "Seoul Conference"}, Timezone: "Asia/Seoul", Days: []string{"2013-10-17", "2013-10-18"}, Languages: []string{"en", "ko"},
		Venues: &client.NewVenues{{ID: "coex", Name: client.Titles{"en": "COEX"}}}, Walking: &client.NewWalks{{From: "north", To: "south", Minutes: 7}},
	}
	create := func(key string, b client.NewConference) *client.CreateConferenceResponse {
		t.Helper()
		got, err := d.CreateConferenceWithResponse(t.Context(), &client.CreateConferenceParams{IdempotencyKey: &key}, b)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	nowhere, elsewhere, disordered := body, body, body
	nowhere.Timezone, elsewhere.ID, disordered.Days = "Asia/Atlantis", "london-2011", []string{"2013-10-18", "2013-10-17"}
	refused(t, create("create-0123456789", nowhere), nil, 422, "timezone_unknown")
	refused(t, create("create-0123456789", elsewhere), nil, 404, "not_found")
	refused(t, create("create-0123456789", disordered), nil, 422, "days_unordered")
	for range 2 {
		if got := create("create-0123456789", body); got.JSON201 == nil || got.JSON201.Revision != 0 || len(got.JSON201.Venues) != 1 {
			t.Fatalf("created: %s", got.GetBody())
		}
	}
	refused(t, create("another-0123456789", body), nil, 409, "conference_exists")
	change := func(tag string, p client.ConferencePatch) *client.UpdateConferenceResponse {
		t.Helper()
		got, err := d.UpdateConferenceWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", &client.UpdateConferenceParams{IfMatch: tag}, p)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	read, err := d.GetConferenceWithResponse(t.Context(), "seoul-2013", nil)
	if err != nil || read.JSON200 == nil {
		t.Fatalf("%v %s", err, read.GetBody())
	}
	tag := read.HTTPResponse.Header.Get("ETag")
	changed := change(tag, client.ConferencePatch{Venue: ptr("COEX"), Name: &client.TitlesPatch{"ko": ptr("서울 회의")}})
	if changed.JSON200 == nil || changed.JSON200.Venue != "COEX" || changed.JSON200.Name != "Seoul Conference" {
		t.Fatalf("changed: %s", changed.GetBody())
	}
	refused(t, change(tag, client.ConferencePatch{Venue: ptr("x")}), nil, 412, "stale")
	tag = changed.HTTPResponse.Header.Get("ETag")
	refused(t, change(tag, client.ConferencePatch{Name: &client.TitlesPatch{"ko": nil, "en": nil}}), nil, 422, "name_missing")
	room, err := d.AddDraftRoomWithResponse(t.Context(), "seoul-2013", &client.AddDraftRoomParams{}, client.RoomDraft{Name: "Hall", Kind: "hall", Venue: ptr("coex")})
	if err != nil || room.JSON201 == nil {
		t.Fatalf("%v %s", err, room.GetBody())
	}
	_, draft := d.drafted()
	if out := d.release(draft, client.ReleaseRequest{}); out.JSON200 == nil || out.JSON200.Revision != 1 {
		t.Fatalf("the first release: %s", out.GetBody())
	}
	refused(t, change(tag, client.ConferencePatch{Venues: &client.NewVenues{}}), nil, 422, "venue_in_use")
	// It is there after a restart, and for a sibling.
	b := s.open(t)
	if !b.Has("seoul-2013") {
		t.Error("a sibling does not have it")
	}
}
