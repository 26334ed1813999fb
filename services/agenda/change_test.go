package agenda_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

// A desk is the secretariat at work on one conference.
type desk struct {
	*client.ClientWithResponses
	t testing.TB
}

func deskOf(t testing.TB, s *stage, a *agenda.Service, options ...client.CheckOption) desk {
	t.Helper()
	return desk{s.as(t, a, secretary("seoul-2013"), options...), t}
}

func (d desk) move(session int, tag string, patch client.SessionPatch, edit ...client.RequestEditorFn) (*client.ChangeSessionResponse, error) {
	d.t.Helper()
	return d.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(d.t.Context(), "seoul-2013", sessionID(session), &client.ChangeSessionParams{IfMatch: tag}, patch, edit...)
}

// send is move with a body of any kind.
func (d desk) send(session int, media, body string, edit ...client.RequestEditorFn) (*client.ChangeSessionResponse, error) {
	d.t.Helper()
	return d.ChangeSessionWithBodyWithResponse(d.t.Context(), "seoul-2013", sessionID(session), &client.ChangeSessionParams{IfMatch: `"1-en"`}, media, strings.NewReader(body), edit...)
}

func (d desk) cancel(session int, tag, reason string, edit ...client.RequestEditorFn) (*client.CancelSessionResponse, error) {
	d.t.Helper()
	return d.CancelSessionWithResponse(d.t.Context(), "seoul-2013", sessionID(session), &client.CancelSessionParams{IfMatch: tag}, client.Cancellation{Reason: reason}, edit...)
}

func (d desk) revision() int64 {
	d.t.Helper()
	got, err := d.GetConferenceWithResponse(d.t.Context(), "seoul-2013", nil)
	if err != nil || got.JSON200 == nil {
		d.t.Fatalf("%v %s", err, got.GetBody())
	}
	return got.JSON200.Revision
}

func TestASessionIsMoved(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	at := func(h, m int) *time.Time { return ptr(s.clock.day(h, m)) }
	for n, x := range []struct {
		name       string
		patch      client.SessionPatch
		start, end time.Time
		room       string
	}{
		{"to another time, keeping its length", client.SessionPatch{StartsAt: at(6, 0)}, *at(6, 0), *at(7, 0), roomID(0)},
		{"to another room", client.SessionPatch{RoomID: &free, Reason: ptr("The projector is broken.")}, *at(0, 0), *at(1, 0), free},
		{"to another time and room", client.SessionPatch{StartsAt: at(7, 0), EndsAt: at(7, 45), RoomID: &free}, *at(7, 0), *at(7, 45), free},
		{"to another end", client.SessionPatch{EndsAt: at(0, 30)}, *at(0, 0), *at(0, 30), roomID(3)},
		{"with an offset of its own", client.SessionPatch{StartsAt: ptr(at(8, 0).In(time.FixedZone("", 9*3600)))}, *at(8, 0), *at(9, 0), roomID(4)},
	} {
		t.Run(x.name, func(t *testing.T) {
			before := d.revision()
			moved, err := d.move(n, `"1-ko"`, x.patch, with("Accept-Language", "ko"))
			if err != nil || moved.JSON200 == nil {
				t.Fatalf("%v %s", err, moved.GetBody())
			}
			got, h := moved.JSON200, moved.HTTPResponse.Header
			if !got.StartsAt.Equal(x.start) || !got.EndsAt.Equal(x.end) || got.RoomID != x.room || got.Revision != before+1 {
				t.Errorf("moved to %+v", got)
			}
			if !strings.HasPrefix(got.Title, "사이버") || h.Get("Content-Language") != "ko" || h.Get("ETag") != sessionTag(before+1, "ko", got.RoomName) || h.Get("Plenary-Revision") != number(before+1) {
				t.Errorf("%s with %v", got.Title, h)
			}
			if !strings.Contains(string(moved.Body), x.start.Format(time.RFC3339)) {
				t.Errorf("the start is not told in UTC: %s", moved.Body)
			}
			read, err := d.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(n), nil)
			if err != nil || read.JSON200 == nil || !read.JSON200.StartsAt.Equal(x.start) || read.JSON200.RoomID != x.room {
				t.Errorf("read %v %s", err, read.GetBody())
			}
		})
	}
	t.Run("to where it is, which changes nothing", func(t *testing.T) {
		before := d.revision()
		moved, err := d.move(5, `"1-en"`, client.SessionPatch{RoomID: ptr(roomID(5)), StartsAt: at(0, 0), Reason: ptr("Just because.")})
		if err != nil || moved.JSON200 == nil || moved.JSON200.Revision != 1 || moved.HTTPResponse.Header.Get("ETag") != sessionTag(1, "en", "Hall F") ||
			moved.HTTPResponse.Header.Get("Plenary-Revision") != number(before) || d.revision() != before {
			t.Errorf("%v %s %v", err, moved.GetBody(), moved.HTTPResponse.Header)
		}
	})
}

func TestAMoveIsRefused(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d, rude := deskOf(t, s, a), deskOf(t, s, a, client.AllowBadRequests)
	if _, err := d.cancel(9, `"1-en"`, ""); err != nil {
		t.Fatal(err)
	}
	before := d.revision()
	toFree := client.SessionPatch{RoomID: &free}
	at := func(h, m int) *time.Time { return ptr(s.clock.day(h, m)) }

	t.Run("and", func(t *testing.T) {
		for _, x := range []struct {
			name    string
			session int
			tag     string
			patch   client.SessionPatch
			status  int
			code    string
			pointer string
		}{
			{"of a revision that was never there", 0, `"7-en"`, toFree, 412, "stale", ""},
			{"of a revision that has passed", 9, `"1-en"`, toFree, 412, "stale", ""},
			{"of a cancelled session", 9, tagOf(before, "en"), toFree, 409, "session_cancelled", ""},
			{"of no session", 999, `"1-en"`, toFree, 404, "not_found", ""},
			{"into an occupied room", 0, `"1-en"`, client.SessionPatch{RoomID: ptr(roomID(1))}, 409, "room_occupied", "/roomId"},
			{"into a room there is not", 0, `"1-en"`, client.SessionPatch{RoomID: ptr(roomID(99))}, 422, "room_unknown", "/roomId"},
			{"to end before it starts", 0, `"1-en"`, client.SessionPatch{EndsAt: at(0, 0)}, 422, "end_before_start", "/endsAt"},
			{"to last two days", 0, `"1-en"`, client.SessionPatch{EndsAt: at(48, 0)}, 422, "too_long", "/endsAt"},
			{"into the past", 0, `"1-en"`, client.SessionPatch{StartsAt: at(-2, 0), RoomID: &free}, 422, "in_the_past", "/startsAt"},
			{"into another year", 0, `"1-en"`, client.SessionPatch{StartsAt: at(365*24, 0)}, 422, "outside_conference", "/startsAt"},
		} {
			t.Run(x.name, func(t *testing.T) {
				t.Parallel()
				got, err := d.move(x.session, x.tag, x.patch)
				p := refused(t, got, err, x.status, x.code)
				if x.pointer != "" && (len(p.Errors) != 1 || p.Errors[0].Pointer != x.pointer || p.Errors[0].Code != x.code) {
					t.Errorf("points at %+v", p.Errors)
				}
				spoken(t, p)
			})
		}
		for _, x := range []struct {
			name, header string
			status       int
			code         string
		}{
			{"without a tag", "", 428, "if_match_required"},
			{"of any revision", "*", 428, "if_match_required"},
			{"with a weak tag", `W/"1-en"`, 412, "stale"},
			{"with a number for a tag", "1", 400, "bad_parameter"},
			{"with words for a tag", `"opening"`, 400, "bad_parameter"},
			{"with two tags", `"1-en", "2-en"`, 400, "bad_parameter"},
			{"with a negative tag", `"-1-en"`, 400, "bad_parameter"},
			{"with a huge tag", `"99999999999999999999-en"`, 400, "bad_parameter"},
		} {
			t.Run(x.name, func(t *testing.T) {
				t.Parallel()
				got, err := rude.move(0, `"1-en"`, toFree, with("If-Match", x.header))
				spoken(t, refused(t, got, err, x.status, x.code))
				gone, err := rude.cancel(0, `"1-en"`, "", with("If-Match", x.header))
				refused(t, gone, err, x.status, x.code)
			})
		}
		for _, x := range []struct {
			name, media, body string
			status            int
			code, pointer     string
		}{
			{"that says nothing", "", `{}`, 422, "nothing_to_change", ""},
			{"that only gives a reason", "", `{"reason":"because"}`, 422, "nothing_to_change", ""},
			{"with an unknown member", "", `{"roomId":"x","title":"New"}`, 400, "malformed_body", "/title"},
			{"with a member in other letters", "", `{"RoomId":"x"}`, 400, "malformed_body", "/RoomId"},
			{"with null", "", `{"roomId":null}`, 400, "malformed_body", "/roomId"},
			{"with a number for a time", "", `{"startsAt":12}`, 400, "malformed_body", "/startsAt"},
			{"with a day for a time", "", `{"startsAt":"2013-10-17"}`, 400, "malformed_body", "/startsAt"},
			{"with a list", "", `[]`, 400, "malformed_body", ""},
			{"with half a body", "", `{"roomId":`, 400, "malformed_body", ""},
			{"with nothing", "", ``, 400, "malformed_body", ""},
			{"to no room", "", `{"roomId":""}`, 422, "validation_failed", "/roomId"},
			{"to a long room", "", `{"roomId":"` + strings.Repeat("x", 65) + `"}`, 422, "validation_failed", "/roomId"},
			{"with a long reason", "", `{"roomId":"x","reason":"` + strings.Repeat("ü", 501) + `"}`, 422, "validation_failed", "/reason"},
			{"in plain JSON", "application/json", `{"roomId":"x"}`, 415, "unsupported_media_type", ""},
			{"as a form", "application/x-www-form-urlencoded", `roomId=x`, 415, "unsupported_media_type", ""},
			{"of 300 KB", "", `{"reason":"` + strings.Repeat("x", 300<<10) + `"}`, 413, "too_large", ""},
		} {
			t.Run(x.name, func(t *testing.T) {
				t.Parallel()
				if x.media == "" {
					x.media = "application/merge-patch+json"
				}
				got, err := rude.send(0, x.media, x.body)
				p := refused(t, got, err, x.status, x.code)
				if x.pointer != "" && (len(p.Errors) != 1 || p.Errors[0].Pointer != x.pointer) {
					t.Errorf("points at %+v", p.Errors)
				}
				spoken(t, p)
			})
		}
	})
	if after := d.revision(); after != before {
		t.Errorf("the refusals brought the agenda from revision %d to %d", before, after)
	}
}

func TestWhatHasBegunStaysPut(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	s.clock.set(s.clock.day(0, 0).Add(-time.Millisecond))
	if moved, err := d.move(0, `"1-en"`, client.SessionPatch{RoomID: &free}); err != nil || moved.JSON200 == nil {
		t.Fatalf("a moment before: %v %s", err, moved.GetBody())
	}
	s.clock.set(s.clock.day(0, 0))
	moved, err := d.move(1, `"1-en"`, client.SessionPatch{StartsAt: ptr(s.clock.day(6, 0))})
	spoken(t, refused(t, moved, err, http.StatusConflict, "session_begun"))
	if gone, err := d.cancel(1, `"1-en"`, "Fire alarm."); err != nil || gone.JSON200 == nil || gone.JSON200.Status != "cancelled" {
		t.Errorf("what has begun cannot be cancelled: %v %s", err, gone.GetBody())
	}
	s.clock.set(s.clock.day(1, 0))
	gone, err := d.cancel(2, `"1-en"`, "Too late.")
	spoken(t, refused(t, gone, err, http.StatusConflict, "session_over"))
}

func TestASessionIsCancelledOnce(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	gone, err := d.cancel(0, `"1-en"`, "The speaker is ill.")
	if err != nil || gone.JSON200 == nil || gone.JSON200.Status != "cancelled" || gone.JSON200.CancellationReason != "The speaker is ill." ||
		gone.HTTPResponse.Header.Get("ETag") != sessionTag(2, "en", "Hall A") || gone.HTTPResponse.Header.Get("Plenary-Revision") != "2" {
		t.Fatalf("%v %s", err, gone.GetBody())
	}
	again, err := d.cancel(0, `"2-en"`, "Another reason.")
	if err != nil || again.JSON200 == nil || again.JSON200.CancellationReason != "The speaker is ill." || again.JSON200.Revision != 2 || d.revision() != 2 {
		t.Errorf("again: %v %s", err, again.GetBody())
	}
	late, err := d.cancel(0, `"1-en"`, "A repeat.")
	refused(t, late, err, http.StatusPreconditionFailed, "stale")
	whole, err := d.GetAgendaWithResponse(t.Context(), "seoul-2013", nil)
	if err != nil || len(whole.JSON200.Sessions) != 24 {
		t.Errorf("the agenda has %d sessions, %v", len(whole.JSON200.Sessions), err)
	}
	// The room is free again.
	if moved, err := d.move(1, `"1-en"`, client.SessionPatch{RoomID: ptr(roomID(0))}); err != nil || moved.JSON200 == nil {
		t.Errorf("into the room of the cancelled: %v %s", err, moved.GetBody())
	}
	rude := deskOf(t, s, a, client.AllowBadRequests)
	for body, want := range map[string]struct {
		status int
		code   string
	}{
		`{"reason":null}`:                               {400, "malformed_body"},
		`{"reason":"x","notify":false}`:                 {400, "malformed_body"},
		`{"reason":"` + strings.Repeat("x", 501) + `"}`: {422, "validation_failed"},
		`{}`: {422, "validation_failed"},
		``:   {400, "malformed_body"},
	} {
		got, err := rude.CancelSessionWithBodyWithResponse(t.Context(), "seoul-2013", sessionID(2), &client.CancelSessionParams{IfMatch: `"1-en"`}, "application/json", strings.NewReader(body))
		refused(t, got, err, want.status, want.code)
	}
}
