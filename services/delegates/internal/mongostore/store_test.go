package mongostore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

var opening = time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)

func open(t *testing.T) *store.Store {
	t.Helper()
	e := enginestest.Test(t)
	s, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	return s
}

func TestASignInIsReplacedByOneOnly(t *testing.T) {
	t.Parallel()
	s := mongostore.NewSignIns(open(t))
	f := token.Family{ID: "f", Delegate: "d1", Conference: "seoul-2013", Generation: 1, Hash: []byte{1, 2}, RotatedAt: opening, ExpiresAt: opening.Add(time.Hour)}
	if err := s.Insert(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	next := f
	next.Generation, next.Hash = 2, []byte{3, 4}
	if err := s.Replace(t.Context(), next, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Replace(t.Context(), next, 1); !errors.Is(err, token.ErrRaced) {
		t.Errorf("a second rotation of generation 1: %v", err)
	}
	got, err := s.Family(t.Context(), "f")
	if err != nil || got.Generation != 2 || string(got.Hash) != "\x03\x04" || !got.RotatedAt.Equal(opening) {
		t.Errorf("family %+v, %v", got, err)
	}
	ended := got
	ended.Ended = event.EndedReuse
	if err := s.Replace(t.Context(), ended, 2); err != nil {
		t.Fatal(err)
	}
	if err := s.Replace(t.Context(), next, 2); !errors.Is(err, token.ErrRaced) {
		t.Errorf("an ended family came back: %v", err)
	}
	if _, err := s.Family(t.Context(), "nobody"); !problem.Is(err, problem.NotFound) {
		t.Errorf("nobody's family: %v", err)
	}
}

func TestACodeIsUsedUpOnce(t *testing.T) {
	t.Parallel()
	s := mongostore.NewBadges(open(t), []byte{1})
	badge := accreditation.Accreditation{ID: accreditation.ID("seoul-2013", "SEO-1"), Conference: "seoul-2013", Delegate: "d1", Code: []byte{1}, Issue: "i1"}
	if err := s.Add(t.Context(), []accreditation.Accreditation{badge}); err != nil {
		t.Fatal(err)
	}
	if err := s.Use(t.Context(), badge.ID, "i0", "f1", opening); !errors.Is(err, accreditation.ErrUsed) {
		t.Errorf("a use of the code before: %v", err)
	}
	if err := s.Use(t.Context(), badge.ID, "i1", "f1", opening); err != nil {
		t.Fatal(err)
	}
	if err := s.Use(t.Context(), badge.ID, "i1", "f2", opening); !errors.Is(err, accreditation.ErrUsed) {
		t.Errorf("a second use: %v", err)
	}
	if err := s.Add(t.Context(), []accreditation.Accreditation{badge}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Accreditation(t.Context(), badge.ID); err != nil || got.Used != "f1" {
		t.Errorf("after adding it again: %+v, %v", got, err)
	}
	if got, err := s.Accreditation(t.Context(), "seoul-2013/SEO-2"); err != nil || got.ID != "" {
		t.Errorf("a badge that is not there: %+v, %v", got, err)
	}
}

func TestGuessesAreCountedFromAllSides(t *testing.T) {
	t.Parallel()
	s := mongostore.NewBadges(open(t), []byte{1})
	count := func(fresh bool) {
		t.Helper()
		if err := s.CountGuess(t.Context(), "seoul-2013/X", opening, fresh); err != nil {
			t.Error(err)
		}
	}
	done := make(chan struct{})
	for range 10 {
		go func() {
			count(false)
			done <- struct{}{}
		}()
	}
	for range 10 {
		<-done
	}
	if g, err := s.Guesses(t.Context(), "seoul-2013/X"); err != nil || g.Failed != 10 || !g.Last.Equal(opening) {
		t.Errorf("guesses %+v, %v", g, err)
	}
	count(true)
	if g, err := s.Guesses(t.Context(), "seoul-2013/X"); err != nil || g.Failed != 1 {
		t.Errorf("begun again: %+v, %v", g, err)
	}
}

func TestOnlyWhatIsOverIsSwept(t *testing.T) {
	t.Parallel()
	base := open(t)
	s, badges := mongostore.NewSignIns(base), mongostore.NewBadges(base, []byte{1})
	for id, expires := range map[string]time.Time{"over": opening.Add(-time.Second), "good": opening.Add(time.Second)} {
		if err := s.Insert(t.Context(), token.Family{ID: id, Generation: 1, ExpiresAt: expires}); err != nil {
			t.Fatal(err)
		}
	}
	for id, last := range map[string]time.Time{"old": opening.Add(-time.Hour), "new": opening} {
		if err := badges.CountGuess(t.Context(), id, last, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, sweep := range []func(context.Context, time.Time) (int, error){s.Sweep, badges.Sweep} {
		if n, err := sweep(t.Context(), opening); err != nil || n != 1 {
			t.Errorf("swept %d, %v, want 1", n, err)
		}
	}
	if _, err := s.Family(t.Context(), "over"); !problem.Is(err, problem.NotFound) {
		t.Errorf("the expired sign-in: %v", err)
	}
	if _, err := s.Family(t.Context(), "good"); err != nil {
		t.Errorf("the good sign-in: %v", err)
	}
	for id, want := range map[string]int{"old": 0, "new": 1} {
		if g, err := badges.Guesses(t.Context(), id); err != nil || g.Failed != want {
			t.Errorf("guesses %s: %+v, %v", id, g, err)
		}
	}
}
