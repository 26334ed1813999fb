package agenda_test

import (
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

func (d desk) delay(session int, tag string, body client.Delay, key string) (*client.DelaySessionResponse, error) {
	d.t.Helper()
	params := &client.DelaySessionParams{IfMatch: tag}
	if key != "" {
		params.IdempotencyKey = &key
	}
	return d.DelaySessionWithResponse(d.t.Context(), "seoul-2013", sessionID(session), params, body)
}

func (d desk) swap(session int, tag string, body client.Swap) (*client.SwapSessionsResponse, error) {
	d.t.Helper()
	return d.SwapSessionsWithResponse(d.t.Context(), "seoul-2013", sessionID(session), &client.SwapSessionsParams{IfMatch: tag}, body)
}

// pick lets a delegate pick sessions.
func pick(t testing.TB, s *stage, a *agenda.Service, who string, sessions ...int) {
	t.Helper()
	c := s.as(t, a, delegate("seoul-2013", who))
	for _, n := range sessions {
		if got, err := c.PickSessionWithResponse(t.Context(), sessionID(n), nil); err != nil || got.StatusCode() != http.StatusNoContent {
			t.Fatalf("pick: %v %s", err, got.GetBody())
		}
	}
}

func TestManyAreDelayedInOneStepOnceAPersonHasTypedTheNumberOfNotices(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 40))
	d := deskOf(t, s, a)
	pick(t, s, a, "d1", 10, 20, 11)
	pick(t, s, a, "d2", 20)

	late := client.Delay{Minutes: 20, Scope: client.DelayScopeRoom, Reason: ptr("The ceremony runs late.")}
	asked, err := d.delay(10, `"1-en"`, late, "")
	p := refused(t, asked, err, http.StatusPreconditionRequired, "confirmation_required")
	spoken(t, p)
	want := map[string]string{"sessions": "3", "notices": "3", "people": "2"}
	if len(p.Errors) != 1 || p.Errors[0].Pointer != "/confirm" || !maps.Equal(*p.Errors[0].Params, want) {
		t.Fatalf("asks with %+v", p.Errors)
	}
	late.Confirm = &client.Confirmation{Count: 4}
	wrong, err := d.delay(10, `"1-en"`, late, "")
	p = refused(t, wrong, err, http.StatusConflict, "count_changed")
	spoken(t, p)
	if len(p.Errors) != 1 || !maps.Equal(*p.Errors[0].Params, want) || d.revision() != 1 {
		t.Fatalf("asks with %+v", p.Errors)
	}
	late.Confirm.Count, late.Confirm.Sessions = 3, ptr(4)
	wrong, err = d.delay(10, `"1-en"`, late, "")
	refused(t, wrong, err, http.StatusConflict, "count_changed")
	late.Confirm.Sessions = ptr(3)
	moved, err := d.delay(10, `"1-en"`, late, "")
	if err != nil || moved.JSON200 == nil || moved.JSON200.Revision != 2 || len(moved.JSON200.Sessions) != 3 || moved.HTTPResponse.Header.Get("Plenary-Revision") != "2" {
		t.Fatalf("%v %s", err, moved.GetBody())
	}
	for i, x := range moved.JSON200.Sessions {
		if !x.StartsAt.Equal(s.clock.day(i+1, 20)) || x.RoomID != roomID(0) || x.Revision != 2 {
			t.Errorf("moved to %+v", x)
		}
	}
	if d.revision() != 2 {
		t.Errorf("the agenda is at %d", d.revision())
	}
}

func TestADelayThatIsRepeatedDelaysOnce(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	b := s.open(t)
	d, other := deskOf(t, s, a), deskOf(t, s, b)
	const key = "delay-by-ten-minutes"
	body := client.Delay{Minutes: 10, Scope: client.DelayScopeSession}
	first, err := d.delay(2, `"1-en"`, body, key)
	if err != nil || first.JSON200 == nil || first.HTTPResponse.Header.Get("Idempotency-Replayed") != "false" {
		t.Fatalf("%v %s", err, first.GetBody())
	}
	again, err := other.delay(2, `"1-en"`, body, key)
	if err != nil || again.JSON200 == nil || again.HTTPResponse.Header.Get("Idempotency-Replayed") != "true" || again.JSON200.Revision != 2 ||
		len(again.JSON200.Sessions) != 1 || !again.JSON200.Sessions[0].StartsAt.Equal(s.clock.day(0, 10)) {
		t.Errorf("again: %v %s", err, again.GetBody())
	}
	body.Minutes = 20
	reused, err := d.delay(2, `"2-en"`, body, key)
	spoken(t, refused(t, reused, err, http.StatusUnprocessableEntity, "key_reused"))
	late, err := d.delay(2, `"1-en"`, body, "")
	refused(t, late, err, http.StatusPreconditionFailed, "stale")
}

func TestTwoSwapAndNobodyElseMoves(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	d := deskOf(t, s, a)
	swapped, err := d.swap(1, `"1-en"`, client.Swap{With: sessionID(12), What: client.SwapWhatTimeAndRoom, Reason: ptr("More people came.")})
	if err != nil || swapped.JSON200 == nil || swapped.JSON200.Revision != 2 || len(swapped.JSON200.Sessions) != 2 {
		t.Fatalf("%v %s", err, swapped.GetBody())
	}
	x, y := swapped.JSON200.Sessions[0], swapped.JSON200.Sessions[1]
	if x.RoomID != roomID(2) || !x.StartsAt.Equal(s.clock.day(1, 0)) || y.RoomID != roomID(1) || !y.StartsAt.Equal(s.clock.day(0, 0)) {
		t.Errorf("swapped to %+v and %+v", x, y)
	}
	itself, err := d.swap(3, `"1-en"`, client.Swap{With: sessionID(3), What: client.SwapWhatRoom})
	spoken(t, refused(t, itself, err, http.StatusUnprocessableEntity, "same_session"))
	none, err := d.swap(3, `"1-en"`, client.Swap{With: sessionID(999), What: client.SwapWhatRoom})
	spoken(t, refused(t, none, err, http.StatusUnprocessableEntity, "session_unknown"))
}

// A reader that asks all the time sees everything before a shift or everything
// after it, at the replica that makes it and at the other.
func TestNobodySeesHalfOfAShift(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 30))
	b := s.open(t)
	d := deskOf(t, s, a)
	var over atomic.Bool
	var reads atomic.Int32
	var wg sync.WaitGroup
	for n := range 4 {
		reader := s.as(t, []*agenda.Service{a, b}[n%2], delegate("seoul-2013", "d1"))
		wg.Go(func() {
			for last := int64(0); !over.Load(); reads.Add(1) {
				insists := &client.GetAgendaParams{PlenaryRevision: &last}
				if n < 2 {
					insists = nil
				}
				got, err := reader.GetAgendaWithResponse(t.Context(), "seoul-2013", insists)
				if err != nil {
					t.Error(err)
					return
				}
				if got.JSON200 == nil {
					t.Errorf("%s", got.Body)
					return
				}
				last = got.JSON200.Revision
				want := time.Duration(last-1) * time.Minute
				for _, x := range got.JSON200.Sessions {
					if by := x.StartsAt.Sub(startOf(s, x.ID)); by != want {
						t.Errorf("at revision %d a session is %v late", last, by)
						return
					}
				}
			}
		})
	}
	for revision := int64(1); revision <= 6; revision++ {
		moved, err := d.delay(0, tagOf(revision, "en"), client.Delay{Minutes: 1, Scope: client.DelayScopeDay, Confirm: &client.Confirmation{Count: 0}}, "")
		if err != nil {
			t.Error(err)
			break
		}
		if moved.JSON200 == nil || len(moved.JSON200.Sessions) != 30 || moved.JSON200.Revision != revision+1 {
			t.Errorf("shift %d: %s", revision, moved.Body)
			break
		}
	}
	over.Store(true)
	wg.Wait()
	if reads.Load() == 0 {
		t.Error("nobody read")
	}
}

// startOf is when the seed has the session.
func startOf(s *stage, id string) time.Time {
	for n := range 30 {
		if sessionID(n) == id {
			return s.clock.day(n/rooms, 0)
		}
	}
	return time.Time{}
}
