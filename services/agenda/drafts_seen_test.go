package agenda_test

import (
	"net/http"
	"testing"

	"plenary.example/shared/client"
)

func TestATagIsGivenForWhatWasSeenOnly(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	_, seen := d.drafted()
	tag := d.put(20, seen, s.body(20, free)).HTTPResponse.Header.Get("ETag") // by somebody else
	addSession := func(key string, ifMatch *string) *client.AddDraftSessionResponse {
		t.Helper()
		params := &client.AddDraftSessionParams{IfMatch: ifMatch}
		if key != "" {
			params.IdempotencyKey = &key
		}
		got, err := d.AddDraftSessionWithResponse(t.Context(), "seoul-2013", params, s.body(5, free))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	addRoom := func(ifMatch *string) *client.AddDraftRoomResponse {
		t.Helper()
		got, err := d.AddDraftRoomWithResponse(t.Context(), "seoul-2013", &client.AddDraftRoomParams{IfMatch: ifMatch}, client.RoomDraft{Name: "Hall Z", Kind: "hall"})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	refused(t, addSession("", &seen), nil, http.StatusPreconditionFailed, "stale")
	refused(t, addRoom(&seen), nil, http.StatusPreconditionFailed, "stale")
	for range 2 {
		got := addSession("the-session-that-was-seen", &tag)
		if got.JSON201 == nil || got.HTTPResponse.Header.Get("ETag") != `"2-1"` {
			t.Fatalf("%s, tag %q", got.GetBody(), got.HTTPResponse.Header.Get("ETag"))
		}
	}
	tag = `"2-1"`
	room := addRoom(&tag)
	if room.JSON201 == nil || room.HTTPResponse.Header.Get("ETag") != `"3-1"` {
		t.Fatalf("%s, tag %q", room.GetBody(), room.HTTPResponse.Header.Get("ETag"))
	}
	if put := d.put(21, `"3-1"`, s.body(21, room.JSON201.Room.ID)); put.JSON200 == nil {
		t.Errorf("what was seen is not edited on: %s", put.GetBody())
	}
	if got := addSession("", nil); got.JSON201 == nil || len(got.HTTPResponse.Header.Values("ETag")) != 0 {
		t.Errorf("a tag of what nobody says to have seen: %s, %v", got.GetBody(), got.HTTPResponse.Header)
	}
	if got := addRoom(nil); got.JSON201 == nil || len(got.HTTPResponse.Header.Values("ETag")) != 0 {
		t.Errorf("a tag of what nobody says to have seen: %s, %v", got.GetBody(), got.HTTPResponse.Header)
	}
}

func TestAnEditOfARoomThatWasNotSeenIsRefused(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	_, tag := d.drafted()
	put := func(room, tag string, capacity int) *client.PutDraftRoomResponse {
		t.Helper()
		got, err := d.PutDraftRoomWithResponse(t.Context(), "seoul-2013", room, &client.PutDraftRoomParams{IfMatch: tag}, client.RoomDraft{Name: "Hall A", Kind: "hall", Capacity: &capacity})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	tag = put(roomID(0), tag, 900).HTTPResponse.Header.Get("ETag")
	if out := d.release(tag, client.ReleaseRequest{}); out.JSON200 == nil {
		t.Fatalf("%s", out.GetBody())
	}
	_, seen := d.drafted()
	if back, err := d.RollBackWithResponse(t.Context(), "seoul-2013", 1, &client.RollBackParams{}, client.RollBackRequest{}); err != nil || back.JSON200 == nil {
		t.Fatalf("%v %s", err, back.GetBody())
	}
	refused(t, put(roomID(0), seen, 1000), nil, http.StatusPreconditionFailed, "stale")
	gone, err := d.RemoveDraftRoomWithResponse(t.Context(), "seoul-2013", roomID(0), &client.RemoveDraftRoomParams{IfMatch: seen})
	refused(t, gone, err, http.StatusPreconditionFailed, "stale")
	if other := put(roomID(1), seen, 1000); other.JSON200 == nil {
		t.Errorf("another room: %s", other.GetBody())
	}
	_, now := d.drafted()
	if again := put(roomID(0), now, 1000); again.JSON200 == nil {
		t.Errorf("once it is seen: %s", again.GetBody())
	}
}
