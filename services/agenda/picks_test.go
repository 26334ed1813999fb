package agenda_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"plenary.example/shared/client"
)

func picked(t testing.TB, c *client.ClientWithResponses) []string {
	t.Helper()
	got, err := c.ListPicksWithResponse(t.Context())
	if err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	ids := make([]string, 0, len(got.JSON200.Items))
	for _, p := range got.JSON200.Items {
		ids = append(ids, p.SessionID)
	}
	return ids
}

func TestPickingTwiceIsPickingOnce(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	mine, theirs := s.as(t, a, delegate("seoul-2013", "d1")), s.as(t, a, delegate("seoul-2013", "d2"))
	if got := picked(t, mine); len(got) != 0 {
		t.Fatalf("picked %v", got)
	}
	for _, n := range []int{3, 1, 3} {
		if got, err := mine.PickSessionWithResponse(t.Context(), sessionID(n), nil); err != nil || got.StatusCode() != http.StatusNoContent || len(got.Body) > 0 {
			t.Fatalf("pick %d: %v %s", n, err, got.GetBody())
		}
	}
	if got, want := fmt.Sprint(picked(t, mine)), fmt.Sprint([]string{sessionID(3), sessionID(1)}); got != want {
		t.Errorf("picked %s, want %s", got, want)
	}
	first, _ := mine.ListPicksWithResponse(t.Context())
	if at := first.JSON200.Items[0].PickedAt; !at.Equal(s.clock.now()) {
		t.Errorf("picked at %s", at)
	}
	for range 2 {
		if got, err := mine.UnpickSessionWithResponse(t.Context(), sessionID(3)); err != nil || got.StatusCode() != http.StatusNoContent {
			t.Fatalf("unpick: %v %s", err, got.GetBody())
		}
	}
	if got := picked(t, mine); len(got) != 1 || got[0] != sessionID(1) {
		t.Errorf("left %v", got)
	}
	if got := picked(t, theirs); len(got) != 0 {
		t.Errorf("somebody else picked %v", got)
	}
	none, err := mine.PickSessionWithResponse(t.Context(), sessionID(999), nil)
	refused(t, none, err, http.StatusNotFound, "not_found")
	if got, err := mine.UnpickSessionWithResponse(t.Context(), sessionID(999)); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Errorf("unpicking what is not there: %v %s", err, got.GetBody())
	}
	rude := s.as(t, a, delegate("seoul-2013", "d1"), client.AllowBadRequests)
	odd, err := rude.PickSessionWithResponse(t.Context(), "opening", nil)
	refused(t, odd, err, http.StatusBadRequest, "bad_parameter")
	odd2, err := rude.UnpickSessionWithResponse(t.Context(), "opening")
	refused(t, odd2, err, http.StatusBadRequest, "bad_parameter")
}

func TestFiveHundredPicksAreEnough(t *testing.T) {
	t.Parallel()
	large := seed("seoul-2013", 501)
	large.Picks = map[string][]string{}
	for _, x := range large.Sessions[:500] {
		large.Picks["d1"] = append(large.Picks["d1"], x.ID)
	}
	s, a := loaded(t, large)
	c := s.as(t, a, delegate("seoul-2013", "d1"))
	more, err := c.PickSessionWithResponse(t.Context(), sessionID(500), nil)
	spoken(t, refused(t, more, err, http.StatusConflict, "picks_full"))
	if got, err := c.PickSessionWithResponse(t.Context(), sessionID(7), nil); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Errorf("again, when full: %v %s", err, got.GetBody())
	}
	if got := picked(t, c); len(got) != 500 {
		t.Errorf("picked %d", len(got))
	}
	if got, err := c.UnpickSessionWithResponse(t.Context(), sessionID(7)); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatalf("unpick: %v %s", err, got.GetBody())
	}
	if got, err := c.PickSessionWithResponse(t.Context(), sessionID(500), nil); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Errorf("into the gap: %v %s", err, got.GetBody())
	}
}

func TestPicksOfTwoPhonesAtTwoAgendasAreAllKept(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	b := s.open(t)
	phones := []*client.ClientWithResponses{s.as(t, a, delegate("seoul-2013", "d1")), s.as(t, b, delegate("seoul-2013", "d1"))}
	var wg sync.WaitGroup
	for n := range 12 {
		wg.Go(func() {
			if got, err := phones[n%2].PickSessionWithResponse(t.Context(), sessionID(n), nil); err != nil || got.StatusCode() != http.StatusNoContent {
				t.Errorf("pick %d: %v %s", n, err, got.GetBody())
			}
		})
	}
	wg.Wait()
	// Whoever wrote last has read all that went before.
	for n, phone := range phones {
		if got, err := phone.UnpickSessionWithResponse(t.Context(), sessionID(n)); err != nil || got.StatusCode() != http.StatusNoContent {
			t.Fatalf("unpick: %v %s", err, got.GetBody())
		}
	}
	if got := picked(t, phones[1]); len(got) != 10 {
		t.Errorf("the last to write has %v", got)
	}
}
