package rest

import (
	"context"
	"slices"
	"testing"

	"plenary.example/services/agenda/internal/programme"
)

// A crashed desk has been told to do something once before, and died after the
// release. Whoever asks it to release again finds out.
type crashedDesk struct {
	desk
	t       *testing.T
	release programme.Release
}

func (d crashedDesk) Once(_ context.Context, _, _ string, _ []byte, do func(int64, bool) ([]byte, error)) ([]byte, bool, error) {
	answer, err := do(d.release.Revision-1, true)
	return answer, true, err
}

func (d crashedDesk) ByCommand(_ context.Context, _, _ string, after int64) (programme.Release, bool, error) {
	return d.release, after < d.release.Revision, nil
}

func (d crashedDesk) Release(context.Context, string, string, string, func(programme.Conference, programme.Agenda) (programme.Proposal, error)) (programme.Agenda, bool, error) {
	d.t.Error("released a second time")
	return programme.Agenda{}, false, nil
}

func TestAnOrderThatWasCarriedOutBeforeACrashIsNotCarriedOutAgain(t *testing.T) {
	t.Parallel()
	made := programme.Release{Revision: 7, After: []programme.Session{{ID: "one"}, {ID: "two"}}}
	h := &handler{desk: crashedDesk{t: t, release: made}}
	key := "delay-by-ten-minutes"
	did, err := h.releaseOnce(t.Context(), order{name: "delaySession", conference: "c", session: "one", key: &key}, "desk-1",
		func(programme.Conference, programme.Agenda) ([]programme.Session, error) {
			t.Error("decided a second time")
			return nil, nil
		})
	if err != nil || did.Revision != 7 || !slices.Equal(did.Sessions, []string{"one", "two"}) || !did.replayed {
		t.Errorf("came to %+v, %v", did, err)
	}
}
