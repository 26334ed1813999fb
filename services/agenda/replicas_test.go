package agenda_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"plenary.example/shared/client"
)

func TestTwoAgendasShareAProcess(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	b := s.open(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		for _, one := range []string{a.Addr(), b.Addr()} {
			res, err := http.Get("http://" + one + path)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s answers %d", path, res.StatusCode)
			}
		}
	}
	sides := []*client.ClientWithResponses{s.as(t, a, secretary("seoul-2013")), s.as(t, b, secretary("seoul-2013"))}

	// What one writes the other reads at once when told the revision, and
	// changes at once when shown the tag.
	tag := `"1-en"`
	for n := range 20 {
		here, there := sides[n%2], sides[1-n%2]
		moved, err := here.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", sessionID(0),
			&client.ChangeSessionParams{IfMatch: tag}, client.SessionPatch{RoomID: ptr([]string{free, roomID(0)}[n%2])})
		if err != nil || moved.JSON200 == nil {
			t.Fatalf("move %d: %v %s", n, err, moved.GetBody())
		}
		tag = moved.HTTPResponse.Header.Get("ETag")
		revision := moved.JSON200.Revision
		read, err := there.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.GetSessionParams{PlenaryRevision: &revision})
		if err != nil || read.JSON200 == nil || read.JSON200.RoomID != moved.JSON200.RoomID || read.HTTPResponse.Header.Get("ETag") != tag {
			t.Fatalf("after move %d the other reads %v %s", n, err, read.GetBody())
		}
		whole, err := here.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{PlenaryRevision: &revision})
		if err != nil || whole.JSON200 == nil || whole.JSON200.Revision != revision {
			t.Fatalf("the writer reads %v %s", err, whole.GetBody())
		}
	}
}

func TestATagIsEnoughForASiblingToCatchUp(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	b := s.open(t)
	sides := []*client.ClientWithResponses{s.as(t, a, secretary("seoul-2013")), s.as(t, b, secretary("seoul-2013"))}
	tag := `"1-en"`
	move := func(n int, at *client.ClientWithResponses) {
		t.Helper()
		moved, err := at.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", sessionID(0),
			&client.ChangeSessionParams{IfMatch: tag}, client.SessionPatch{RoomID: ptr([]string{free, roomID(0)}[n%2])})
		if err != nil || moved.JSON200 == nil {
			t.Fatalf("move %d: %v %s", n, err, moved.GetBody())
		}
		tag = moved.HTTPResponse.Header.Get("ETag")
	}
	there := sides[1]
	for n := range 20 {
		switch n % 4 {
		case 0: // the tag of a move is good for the next, wherever it is made
			move(n, sides[0])
		case 1:
			move(n, sides[1])
		case 2: // what has just been seen there is not sent again here
			move(n, sides[0])
			one, err := there.GetSessionWithResponse(t.Context(), "seoul-2013", sessionID(0), &client.GetSessionParams{IfNoneMatch: &tag})
			if err != nil || one.StatusCode() != http.StatusNotModified {
				t.Fatalf("the session of move %d: %v, %d", n, err, one.StatusCode())
			}
		case 3:
			move(n, sides[0])
			whole, err := there.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{IfNoneMatch: ptr(tagOf(int64(n+2), "en"))})
			if err != nil || whole.StatusCode() != http.StatusNotModified {
				t.Fatalf("the agenda of move %d: %v, %d", n, err, whole.StatusCode())
			}
		}
	}
	// A tag nobody gave out is not worth waiting for.
	whole, err := there.GetAgendaWithResponse(t.Context(), "seoul-2013", &client.GetAgendaParams{IfNoneMatch: ptr(`"999999-en", W/"7-ko", "x"`)})
	if err != nil || whole.JSON200 == nil || whole.JSON200.Revision != 21 {
		t.Errorf("with an odd tag: %v %d", err, whole.StatusCode())
	}
}

func TestOfManySecretariesWithOneTagOneWins(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	b := s.open(t)
	sides := []*client.ClientWithResponses{s.as(t, a, secretary("seoul-2013")), s.as(t, b, secretary("seoul-2013"))}
	tag := `"1-en"`
	for round := range 10 {
		var won, stale atomic.Int32
		var mu sync.Mutex
		next := tag
		var wg sync.WaitGroup
		for n := range 6 {
			wg.Go(func() {
				to := []string{free, roomID(0)}[round%2]
				moved, err := sides[n%2].ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", sessionID(0),
					&client.ChangeSessionParams{IfMatch: tag}, client.SessionPatch{RoomID: &to})
				switch {
				case err != nil:
					t.Error(err)
				case moved.StatusCode() == http.StatusOK:
					won.Add(1)
					mu.Lock()
					next = moved.HTTPResponse.Header.Get("ETag")
					mu.Unlock()
				case moved.StatusCode() == http.StatusPreconditionFailed:
					stale.Add(1)
				default:
					t.Errorf("answered %d %s", moved.StatusCode(), moved.Body)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || stale.Load() != 5 {
			t.Fatalf("round %d: %d won and %d were stale", round, won.Load(), stale.Load())
		}
		tag = next
	}
}
