package agenda_test

import (
	"net/http"
	"testing"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// streamed is a seed whose session 0 is streamed.
func streamed() agenda.Seed {
	s := seed("seoul-2013", 12)
	s.Sessions[0].Stream = &agenda.Stream{URL: "https://stream.example/0"}
	return s
}

func TestASessionIsOpenedAndClosedByHand(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, streamed())
	b := s.open(t)
	here, there := deskOf(t, s, a), deskOf(t, s, b)
	begin := func(d desk, n int) (*client.StartSessionResponse, error) {
		return d.StartSessionWithResponse(t.Context(), "seoul-2013", sessionID(n), nil)
	}
	early, err := begin(here, 11)
	spoken(t, refused(t, early, err, http.StatusConflict, "too_early"))
	begun, err := begin(here, 0)
	if err != nil || begun.JSON200 == nil || begun.JSON200.Status != "running" || begun.HTTPResponse.Header.Get("ETag") != sessionTag(2, "en", begun.JSON200.RoomName) {
		t.Fatalf("%v %s", err, begun.GetBody())
	}
	// It has begun before its time, so it stays put; and a replica that may not
	// have heard of it can close it at once.
	moved, err := here.move(0, `"2-en"`, client.SessionPatch{RoomID: &free})
	refused(t, moved, err, http.StatusConflict, "session_begun")
	_, tag := here.drafted()
	struck, err := here.RemoveDraftSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.RemoveDraftSessionParams{IfMatch: tag})
	refused(t, struck, err, http.StatusConflict, "session_begun")
	ended, err := there.EndSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), nil)
	if err != nil || ended.JSON200 == nil || ended.JSON200.Status != "ended" || !ended.JSON200.EndsAt.Equal(s.clock.day(1, 0)) {
		t.Fatalf("%v %s", err, ended.GetBody())
	}
	twice, err := here.EndSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), nil)
	if err != nil || twice.JSON200 == nil || twice.JSON200.Revision != 3 || here.revision() != 3 {
		t.Errorf("%v %s", err, twice.GetBody())
	}
	soon, err := here.EndSessionWithResponse(t.Context(), "seoul-2013", sessionID(1), nil)
	spoken(t, refused(t, soon, err, http.StatusConflict, "session_not_begun"))
}

func TestAStreamIsStartedByHand(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, streamed())
	d := deskOf(t, s, a)
	live, err := d.StartStreamWithResponse(t.Context(), "seoul-2013", sessionID(0), nil)
	if err != nil || live.JSON200 == nil || live.JSON200.Revision != 2 {
		t.Fatalf("%v %s", err, live.GetBody())
	}
	none, err := d.StartStreamWithResponse(t.Context(), "seoul-2013", sessionID(1), nil)
	spoken(t, refused(t, none, err, http.StatusConflict, "no_stream"))
}

func TestASessionIsReinstatedIntoItsOldPlace(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	d := deskOf(t, s, a)
	back := func(n int, tag string) (*client.ReinstateSessionResponse, error) {
		return d.ReinstateSessionWithResponse(t.Context(), "seoul-2013", sessionID(n), &client.ReinstateSessionParams{IfMatch: tag}, client.Reinstatement{Reason: ptr("The speaker has arrived.")})
	}
	for _, n := range []int{0, 1} {
		if gone, err := d.cancel(n, `"1-en"`, "The speaker is ill."); err != nil || gone.JSON200 == nil {
			t.Fatalf("%v %s", err, gone.GetBody())
		}
	}
	on, err := back(0, `"2-en"`)
	if err != nil || on.JSON200 == nil || on.JSON200.Status != "confirmed" || on.JSON200.RoomID != roomID(0) || on.JSON200.CancellationReason != "" {
		t.Fatalf("%v %s", err, on.GetBody())
	}
	if moved, err := d.move(2, `"1-en"`, client.SessionPatch{RoomID: ptr(roomID(1))}); err != nil || moved.JSON200 == nil {
		t.Fatalf("%v %s", err, moved.GetBody())
	}
	taken, err := back(1, `"3-en"`)
	p := refused(t, taken, err, http.StatusConflict, "room_occupied")
	spoken(t, p)
	if len(p.Errors) != 1 || (*p.Errors[0].Params)["session"] != sessionID(2) {
		t.Errorf("names %+v", p.Errors)
	}
}

func TestASpeakerIsReplaced(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	d := deskOf(t, s, a)
	replace := func(tag string, body client.Replacement) (*client.ReplaceSpeakerResponse, error) {
		return d.ReplaceSpeakerWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.ReplaceSpeakerParams{IfMatch: tag}, body)
	}
	read, err := d.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), nil)
	if err != nil || read.JSON200 == nil || len(read.JSON200.Speakers) == 0 {
		t.Fatalf("%v %s", err, read.GetBody())
	}
	was := read.JSON200.Speakers[0]
	done, err := replace(`"1-en"`, client.Replacement{Out: client.SomebodyOut{Name: &was}, In: client.SomebodyIn{Name: ptr("Grace Hopper"), Affiliation: ptr("Navy")}})
	if err != nil || done.JSON200 == nil || done.JSON200.Speakers[0] != "Grace Hopper" || done.JSON200.Revision != 2 {
		t.Fatalf("%v %s", err, done.GetBody())
	}
	for code, body := range map[string]client.Replacement{
		"person_unknown": {Out: client.SomebodyOut{Name: &was}, In: client.SomebodyIn{Name: ptr("Ada Okafor")}},
		"person_unclear": {Out: client.SomebodyOut{}, In: client.SomebodyIn{Name: ptr("Ada Okafor")}},
	} {
		got, err := replace(`"2-en"`, body)
		p := refused(t, got, err, http.StatusUnprocessableEntity, code)
		spoken(t, p)
		if len(p.Errors) != 1 || p.Errors[0].Pointer != "/out" {
			t.Errorf("%s points at %+v", code, p.Errors)
		}
	}
}

func TestOnlyADelegateOfTheConferenceTakesAPart(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	d, people := deskOf(t, s, a), s.delegates(t)
	ada, gone := sessionID(901), sessionID(902)
	people.tell("e1", ada, event.Accredited, 1, s.clock.now(), event.DelegateChanged{Delegate: ada, Status: event.Accredited})
	people.tell("e2", gone, event.Removed, 2, s.clock.now(), event.DelegateChanged{Delegate: gone, Status: event.Removed})
	people.worked()
	replace := func(tag string, in client.SomebodyIn, reason string) (*client.ReplaceSpeakerResponse, error) {
		body := client.Replacement{Out: client.SomebodyOut{Name: ptr("Jade Malachite 0")}, In: in, Reason: &reason}
		return d.ReplaceSpeakerWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.ReplaceSpeakerParams{IfMatch: tag}, body)
	}
	for _, who := range []string{gone, sessionID(903)} {
		got, err := replace(`"1-en"`, client.SomebodyIn{DelegateID: &who}, "")
		if p := refused(t, got, err, http.StatusUnprocessableEntity, "person_unknown"); len(p.Errors) != 1 || p.Errors[0].Pointer != "/in/delegateId" {
			t.Errorf("points at %+v", p.Errors)
		}
	}
	for pointer, in := range map[string]client.SomebodyIn{
		"/in/name": {Name: ptr("Ada\u202e")}, "/in/affiliation": {Name: ptr("Ada"), Affiliation: ptr("A\nB")}, "/reason": {DelegateID: &ada},
	} {
		got, err := replace(`"1-en"`, in, map[bool]string{true: "\x07"}[pointer == "/reason"])
		if p := refused(t, got, err, http.StatusUnprocessableEntity, "forbidden_character"); len(p.Errors) != 1 || p.Errors[0].Pointer != pointer {
			t.Errorf("points at %+v, not %s", p.Errors, pointer)
		}
	}
	done, err := replace(`"1-en"`, client.SomebodyIn{DelegateID: &ada}, "First line.\nSecond line.")
	if err != nil || done.JSON200 == nil || done.JSON200.Revision != 2 {
		t.Fatalf("%v %s", err, done.GetBody())
	}
}

// A reason is shown on phones, whatever command it came with.
func TestNoReasonDeceivesWhoeverReadsIt(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	d := deskOf(t, s, a)
	const conference, tag, bad = "seoul-2013", `"1-en"`, "to Hall\u202e B"
	for name, got := range map[string]func() (reply, error){
		"move":   func() (reply, error) { return d.move(0, tag, client.SessionPatch{RoomID: &free, Reason: ptr(bad)}) },
		"cancel": func() (reply, error) { return d.cancel(0, tag, bad) },
		"delay": func() (reply, error) {
			return d.delay(0, tag, client.Delay{Minutes: 5, Scope: "session", Reason: ptr(bad)}, "")
		},
		"swap": func() (reply, error) {
			return d.SwapSessionsWithResponse(t.Context(), conference, sessionID(0), &client.SwapSessionsParams{IfMatch: tag}, client.Swap{With: sessionID(1), What: "room", Reason: ptr(bad)})
		},
		"reinstate": func() (reply, error) {
			return d.ReinstateSessionWithResponse(t.Context(), conference, sessionID(0), &client.ReinstateSessionParams{IfMatch: tag}, client.Reinstatement{Reason: ptr(bad)})
		},
	} {
		x, err := got()
		if p := refused(t, x, err, http.StatusUnprocessableEntity, "forbidden_character"); len(p.Errors) != 1 || p.Errors[0].Pointer != "/reason" {
			t.Errorf("%s points at %+v", name, p.Errors)
		}
	}
}

func TestAPickSaysWhichAgendaWasOnTheScreen(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	d := deskOf(t, s, a)
	if moved, err := d.move(0, `"1-en"`, client.SessionPatch{RoomID: &free}); err != nil || moved.JSON200 == nil {
		t.Fatalf("%v %s", err, moved.GetBody())
	}
	c := s.as(t, a, delegate("seoul-2013", "d1"))
	for n, seen := range []int64{1, 2} {
		got, err := c.PickSessionWithResponse(t.Context(), sessionID(n), &client.PickSessionParams{PlenaryRevision: &seen})
		if err != nil || got.StatusCode() != http.StatusNoContent {
			t.Fatalf("%v %s", err, got.GetBody())
		}
	}
	ahead := int64(7)
	got, err := c.PickSessionWithResponse(t.Context(), sessionID(3), &client.PickSessionParams{PlenaryRevision: &ahead})
	refused(t, got, err, http.StatusServiceUnavailable, "behind")
}
