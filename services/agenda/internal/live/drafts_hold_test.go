package live

import (
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// hold brings a release that the breaker holds, wanted by x.
func hold(t *testing.T, r *replica) draft.Outcome {
	t.Helper()
	d := put(t, r, func(s *programme.Session) { s.Start, s.End = s.Start.Add(-time.Hour), s.End.Add(-time.Hour) },
		"s00", "s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09")
	out, err := r.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x", Note: "an hour early"})
	if err != nil || out.Held == nil || len(out.Held.Trips) != 2 || out.Draft.Revision != d.Revision+1 {
		t.Fatalf("released %+v, %v", out, err)
	}
	return out
}

func TestWhatTheBreakerHoldsWaitsForAPerson(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	sessions := later(12)
	add(t, a, sessions...) // d0 has picked the first
	b, _ := open(t, e)
	synced(t, b)
	out := hold(t, a)
	if out.Held.Toll.Notices != 1 {
		t.Fatalf("it sends %d notices", out.Held.Toll.Notices)
	}
	one, two, at := 1, 2, out.Draft.Revision
	refused := func(err error, code string) {
		t.Helper()
		if err == nil || problem.From(err).Code != code {
			t.Errorf("answered %v, want %s", err, code)
		}
	}
	_, err := b.EditDraft(t.Context(), "seoul", "y", 0, func(d draft.Draft, _ programme.Conference, _ programme.Agenda) (draft.Draft, error) {
		return d.Discarded(), nil
	})
	refused(err, "release_waits")
	_, err = b.ReleaseDraft(t.Context(), "seoul", at, draft.Order{Actor: "y"})
	refused(err, "release_waits")
	_, err = b.ConfirmRelease(t.Context(), "seoul", at-1, draft.Order{Actor: "y"})
	refused(err, "stale")
	_, err = b.ConfirmRelease(t.Context(), "seoul", at, draft.Order{Actor: "x"})
	refused(err, "count_required")
	_, err = b.ConfirmRelease(t.Context(), "seoul", at, draft.Order{Actor: "key:1", Machine: true, Count: &one})
	refused(err, "person_required")
	_, err = b.ConfirmRelease(t.Context(), "seoul", at, draft.Order{Actor: "x", Count: &two})
	refused(err, "wrong_count")
	_, err = b.ConfirmRelease(t.Context(), "seoul", at, draft.Order{Actor: "y", Count: &two})
	refused(err, "wrong_count")
	if g := mustAgenda(t, b); g.Revision != 1 {
		t.Fatalf("released by a wrong count: %d", g.Revision)
	}
	done, err := b.ConfirmRelease(t.Context(), "seoul", at, draft.Order{Actor: "y"})
	if err != nil || done.Release.Revision != 2 || done.Release.Actor != "x" || done.Release.Confirmed != "y" || done.Release.Note != "an hour early" {
		t.Fatalf("confirmed %+v, %v", done.Release, err)
	}
	again, err := b.ConfirmRelease(t.Context(), "seoul", at, draft.Order{Actor: "y"})
	if err != nil || again.Release.Revision != 2 {
		t.Errorf("whoever lost the answer gets %d, %v", again.Release.Revision, err)
	}
	if err := a.Reach(t.Context(), "seoul", 2); err != nil {
		t.Fatal(err)
	}
	if made, err := a.HeldOf(t.Context(), "seoul", "y"); err != nil || len(made.Releases) != 1 {
		t.Errorf("what is held of who confirmed: %+v, %v", made, err)
	}
	put(t, a, func(s *programme.Session) { s.Start, s.End = s.Start.Add(time.Hour), s.End.Add(time.Hour) },
		"s00", "s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09")
	d, _ := a.Draft(t.Context(), "seoul")
	_, err = a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x", Count: &two})
	refused(err, "wrong_count")
	if typed, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x", Count: &one}); err != nil || typed.Release.Confirmed != "x" {
		t.Errorf("typed at once: %+v, %v", typed, err)
	}
}

func TestAHeldReleaseIsTakenBackAndVoidedByALiveChange(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(12)...)
	b, _ := open(t, e)
	synced(t, b)
	out := hold(t, a)
	if err := b.WithdrawRelease(t.Context(), "seoul"); err != nil {
		t.Fatal(err)
	}
	d, err := a.Draft(t.Context(), "seoul")
	if err != nil || d.Hold != nil || len(d.Sessions) != 10 {
		t.Fatalf("after it was taken back: %+v, %v", d, err)
	}
	if _, err := a.ConfirmRelease(t.Context(), "seoul", d.Revision, draft.Order{Actor: "y"}); !problem.Is(err, problem.NotFound) {
		t.Errorf("nothing waits, and it answers %v", err)
	}
	if out, err = a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x"}); err != nil || out.Held == nil {
		t.Fatalf("%+v %v", out, err)
	}
	if _, _, err := b.Release(t.Context(), "seoul", "z", "", retitle("s11", "live")); err != nil {
		t.Fatal(err)
	}
	// The other replica has not heard of it yet, perhaps: the release decides.
	if _, err := a.ConfirmRelease(t.Context(), "seoul", out.Draft.Revision, draft.Order{Actor: "y"}); err == nil || problem.From(err).Code != "draft_conflicts" {
		t.Errorf("the agenda has changed, and it answers %v", err)
	}
	if g := mustAgenda(t, a); g.Revision != 2 {
		t.Errorf("the agenda is at %d", g.Revision)
	}
	if d := put(t, a, titled("more"), "s10"); d.Hold != nil || len(d.Sessions) != 11 {
		t.Errorf("a void hold still stands in the way: %+v", d)
	}
}

func TestAHeldRollBackIsConfirmedToo(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(12)...)
	hold(t, a)
	one := 1
	if err := a.WithdrawRelease(t.Context(), "seoul"); err != nil {
		t.Fatal(err)
	}
	d, _ := a.Draft(t.Context(), "seoul")
	if _, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x", Count: &one}); err != nil {
		t.Fatal(err)
	}
	out, err := a.RollBack(t.Context(), "seoul", 1, "c", 2, false, draft.Order{Actor: "x", Note: "back"})
	if err != nil || out.Held == nil || out.Held.Restores != 1 {
		t.Fatalf("%+v %v", out, err)
	}
	if again, err := a.RollBack(t.Context(), "seoul", 1, "c", 2, true, draft.Order{Actor: "x"}); err != nil || again.Held == nil {
		t.Errorf("the repeat answers %+v, %v", again, err)
	}
	for range 2 {
		done, err := a.ConfirmRelease(t.Context(), "seoul", out.Draft.Revision, draft.Order{Actor: "y"})
		if err != nil || done.Release.Revision != 3 || done.Release.Restores != 1 || done.Release.Note != "back" {
			t.Fatalf("confirmed %+v, %v", done.Release, err)
		}
	}
	if d, err := a.Draft(t.Context(), "seoul"); err != nil || d.Hold != nil {
		t.Errorf("it still waits: %+v, %v", d, err)
	}
}

func TestADraftIsReleasedAfterARollBackBesideItWasConfirmed(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(12)...)
	hold(t, a)
	if _, err := a.ConfirmRelease(t.Context(), "seoul", 2, draft.Order{Actor: "y"}); err != nil {
		t.Fatal(err)
	}
	prepared := put(t, a, titled("prepared"), "s11")
	out, err := a.RollBack(t.Context(), "seoul", 1, "c", 2, false, draft.Order{Actor: "x"})
	if err != nil || out.Held == nil || out.Draft.Revision != prepared.Revision+1 {
		t.Fatalf("%+v %v", out, err)
	}
	at := out.Draft.Revision
	back, err := a.ConfirmRelease(t.Context(), "seoul", at, draft.Order{Actor: "y"})
	if err != nil || back.Release.Restores != 1 {
		t.Fatalf("confirmed %+v, %v", back.Release, err)
	}
	// The same person now releases what they had prepared, at the same revision.
	made, err := a.ReleaseDraft(t.Context(), "seoul", at, draft.Order{Actor: "x"})
	if err != nil || made.Release.Kind != programme.Drafted || made.Release.Revision != back.Release.Revision+1 {
		t.Fatalf("released a %s at %d, %v", made.Release.Kind, made.Release.Revision, err)
	}
	if s, _ := mustAgenda(t, a).Session("s11"); s.Title.In() != "prepared" {
		t.Errorf("what was prepared is not released: %q", s.Title.In())
	}
	if again, err := a.ReleaseDraft(t.Context(), "seoul", at, draft.Order{Actor: "x"}); err != nil || again.Release.Revision != made.Release.Revision {
		t.Errorf("whoever lost the answer gets %d, %v", again.Release.Revision, err)
	}
}
