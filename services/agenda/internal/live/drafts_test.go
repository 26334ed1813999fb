package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// later are sessions far enough from now for nothing to have begun.
func later(n int) []programme.Session {
	all := make([]programme.Session, n)
	for i := range all {
		all[i] = panel(fmt.Sprintf("s%02d", i))
		all[i].Kind = programme.Plenary
		all[i].Start = time.Now().Add(48*time.Hour + time.Duration(i)*time.Hour).UTC().Truncate(time.Hour)
		all[i].End = all[i].Start.Add(time.Hour)
	}
	return all
}

// put has the draft change sessions.
func put(t *testing.T, r *replica, change func(*programme.Session), ids ...string) draft.Draft {
	t.Helper()
	d, err := r.EditDraft(t.Context(), "seoul", "x", 0, func(d draft.Draft, _ programme.Conference, a programme.Agenda) (draft.Draft, error) {
		for _, id := range ids {
			s, ok := d.Merged(a).Session(id)
			if !ok {
				return d, problem.Hidden()
			}
			change(&s)
			d = d.Put(a, s)
		}
		return d, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func toAnnex(s *programme.Session) { s.Room = "annex" }

func titled(title string) func(*programme.Session) {
	return func(s *programme.Session) { s.Title = programme.Text{"en": title} }
}

func TestOfTwoWhoReleaseOneDraftOneDoesAndNothingIsLost(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(3)...)
	b, _ := open(t, e)
	for round := range 15 {
		d := put(t, a, titled(fmt.Sprint("round ", round)), "s00")
		if err := b.Reach(t.Context(), "seoul", mustAgenda(t, a).Revision); err != nil {
			t.Fatal(err)
		}
		var released atomic.Int32
		var wg sync.WaitGroup
		for i, r := range []*replica{a, b} {
			wg.Go(func() {
				_, err := r.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: fmt.Sprint("secretary ", i)})
				switch {
				case err == nil:
					released.Add(1)
				case !problem.Is(err, problem.Stale) && !problem.Is(err, problem.Conflict):
					t.Error(err)
				}
			})
			wg.Go(func() { // and somebody who edits on meanwhile
				_, err := r.EditDraft(t.Context(), "seoul", "y", 0, func(d draft.Draft, _ programme.Conference, a programme.Agenda) (draft.Draft, error) {
					s, _ := d.Merged(a).Session([]string{"s01", "s02"}[i])
					s.Title = programme.Text{"en": fmt.Sprint("by the way ", round)}
					return d.Put(a, s), nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := released.Load(); n > 1 {
			t.Fatalf("round %d: released %d times", round, n)
		}
		rest, err := a.Draft(t.Context(), "seoul")
		if err != nil {
			t.Fatal(err)
		}
		if !rest.Empty() {
			if _, err := a.ReleaseDraft(t.Context(), "seoul", rest.Revision, draft.Order{Actor: "x"}); err != nil {
				t.Fatalf("round %d: the rest: %v", round, err)
			}
		}
		g := mustAgenda(t, a)
		for id, want := range map[string]string{"s00": fmt.Sprint("round ", round), "s01": fmt.Sprint("by the way ", round), "s02": fmt.Sprint("by the way ", round)} {
			if s, _ := g.Session(id); s.Title.In() != want {
				t.Fatalf("round %d: %s is %q", round, id, s.Title.In())
			}
		}
	}
}

func TestAReleaseAndALiveChangeAtOnceBothHold(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(2)...)
	b, _ := open(t, e)
	for round := range 10 {
		title := fmt.Sprint("round ", round)
		d := put(t, a, titled(title), "s00")
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x"}); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			_, _, err := b.Release(t.Context(), "seoul", "y", "", func(_ programme.Conference, g programme.Agenda) (programme.Proposal, error) {
				s, _ := g.Session("s00")
				s.Language = title
				return programme.Proposal{Sessions: []programme.Session{s}}, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		if err := a.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, _ := mustAgenda(t, a).Session("s00"); s.Title.In() != title || s.Language != title {
			t.Fatalf("round %d: one of the two is lost: %+v", round, s)
		}
	}
}

func TestTenMovedInOneStepAreSeenHalfWayByNobody(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	sessions := later(60)
	add(t, a, sessions...)
	b, _ := open(t, e)
	ids := make([]string, 10)
	for i := range ids {
		ids[i] = sessions[i].ID
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, r := range []*replica{a, b} {
		wg.Go(func() {
			for {
				_, g, _ := r.Conference("seoul")
				moved := 0
				for _, id := range ids {
					if s, _ := g.Session(id); s.Room == "annex" {
						moved++
					}
				}
				if moved != 0 && moved != len(ids) {
					t.Errorf("%d of %d are moved", moved, len(ids))
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	d := put(t, a, toAnnex, ids...)
	out, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x"})
	if err != nil || len(out.Release.After) != 10 {
		t.Errorf("released %d: %v", len(out.Release.After), err)
	}
	if err := b.Reach(t.Context(), "seoul", 2); err != nil {
		t.Error(err)
	}
	close(done)
	wg.Wait()
}

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
	_, err = b.ConfirmRelease(t.Context(), "seoul", at, draft.Order{Actor: "key:1", Machine: true})
	refused(err, "count_required")
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

func TestACrashBetweenReleaseAndDraftReleasesOnce(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, stop := open(t, e)
	add(t, a, later(2)...)
	d := put(t, a, titled("released"), "s00")
	// The release is written, and the process dies before the draft is.
	p, _ := d.Proposal(mustAgenda(t, a))
	r, _ := mustAgenda(t, a).Next("x", time.Now(), p)
	r.Command = draftCommand("seoul", d.Revision)
	if err := a.releases.Insert(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	stop()
	b, _ := open(t, e)
	if left, err := b.Draft(t.Context(), "seoul"); err != nil || !left.Empty() {
		t.Errorf("the draft still has %+v, %v", left, err)
	}
	out, err := b.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x"})
	if err != nil || out.Release.Revision != 2 {
		t.Errorf("the repeat answers %+v, %v", out.Release, err)
	}
	if _, err := b.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "another"}); !problem.Is(err, problem.Stale) {
		t.Errorf("another person gets %v", err)
	}
	if out, err := b.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x"}); err != nil || out.Release.Revision != 2 {
		t.Errorf("the second repeat answers %+v, %v", out.Release, err)
	}
	if g := mustAgenda(t, b); g.Revision != 2 {
		t.Errorf("the agenda is at %d", g.Revision)
	}
}

func TestWhatBothChangedIsReleasedOnlyWhenAcknowledged(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(2)...)
	d := put(t, a, titled("mine"), "s00")
	if _, _, err := a.Release(t.Context(), "seoul", "z", "", retitle("s00", "theirs")); err != nil {
		t.Fatal(err)
	}
	_, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x"})
	p := problem.From(err)
	if err == nil || p.Code != "not_acknowledged" || len(p.Fields) != 1 {
		t.Fatalf("answered %v", err)
	}
	if _, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x", Acknowledged: []string{"another"}}); err == nil || problem.From(err).Code != "conflict_unknown" {
		t.Errorf("acknowledged something else: %v", err)
	}
	o := draft.Order{Actor: "x", Acknowledged: []string{p.Fields[0].Params["conflict"]}}
	if out, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, o); err != nil || out.Release.After[0].Title.In() != "mine" {
		t.Errorf("acknowledged: %+v, %v", out, err)
	}
}

func TestErrorsBlockAReleaseAndADraftHasABound(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(2)...)
	if _, err := a.ReleaseDraft(t.Context(), "seoul", 0, draft.Order{Actor: "x"}); err == nil || problem.From(err).Code != "draft_empty" {
		t.Errorf("an empty draft: %v", err)
	}
	d := put(t, a, func(s *programme.Session) { s.Room = "attic" }, "s00")
	if _, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x"}); err == nil || problem.From(err).Code != "draft_conflicts" {
		t.Errorf("a room there is none of: %v", err)
	}
	_, err := a.EditDraft(t.Context(), "seoul", "x", 0, func(d draft.Draft, _ programme.Conference, g programme.Agenda) (draft.Draft, error) {
		s, _ := g.Session("s01")
		s.Abstract = programme.Text{"en": strings.Repeat("x", maxRelease)}
		return d.Put(g, s), nil
	})
	if !problem.Is(err, problem.TooLarge) {
		t.Errorf("a draft of more than 8 MB: %v", err)
	}
	if now, err := a.Draft(t.Context(), "seoul"); err != nil || now.Revision != d.Revision {
		t.Errorf("what was there is gone: %+v, %v", now, err)
	}
	if _, err := a.EditDraft(t.Context(), "seoul", "x", d.Revision+1, nil); !problem.Is(err, problem.Stale) {
		t.Errorf("a draft that has changed: %v", err)
	}
}

func TestARollBackIsANewRelease(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(12)...)
	for i := range 3 {
		if _, _, err := a.Release(t.Context(), "seoul", "z", "", retitle("s00", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	out, err := a.RollBack(t.Context(), "seoul", 2, "c1", 4, false, draft.Order{Actor: "x", Note: "back"})
	if err != nil || out.Release.Revision != 5 || out.Release.Restores != 2 || out.Release.Kind != programme.RollBack {
		t.Fatalf("rolled back %+v, %v", out.Release, err)
	}
	if again, err := a.RollBack(t.Context(), "seoul", 2, "c1", 4, true, draft.Order{Actor: "x"}); err != nil || again.Release.Revision != 5 {
		t.Errorf("the repeat answers %+v, %v", again.Release, err)
	}
	if same, err := a.RollBack(t.Context(), "seoul", 2, "c2", 5, false, draft.Order{Actor: "x"}); err != nil || same.Release.Revision != 5 {
		t.Errorf("going where one is answers %+v, %v", same.Release, err)
	}
	old, err := a.At(t.Context(), "seoul", 2)
	if err != nil || len(programme.Changes(old, mustAgenda(t, a))) != 0 {
		t.Errorf("it is not as it was: %v, %v", programme.Changes(old, mustAgenda(t, a)), err)
	}
	if _, err := a.At(t.Context(), "seoul", 9); !problem.Is(err, problem.NotFound) {
		t.Errorf("a revision there is none of: %v", err)
	}
	d := put(t, a, titled("prepared"), "s11")
	gone, err := a.RollBack(t.Context(), "seoul", 1, "c3", 5, false, draft.Order{Actor: "x"})
	if err != nil || gone.Held != nil {
		t.Fatalf("%+v, %v", gone, err)
	}
	if left, err := a.Draft(t.Context(), "seoul"); err != nil || len(left.Sessions) != 1 || left.Revision != d.Revision {
		t.Errorf("the draft is touched: %+v, %v", left, err)
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

func TestPhonesAreCountedByWhoKnowsThem(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(1)...)
	s, _ := mustAgenda(t, a).Session("s00")
	moved := s
	moved.Room = "annex"
	changes := []programme.Change{{Session: "s00", Fields: []programme.Field{programme.InRoom}, Before: &s, After: &moved}}
	toll, err := a.Toll(t.Context(), "seoul", changes)
	if err != nil || toll.Notices != 1 || toll.ByUrgency[programme.Routine].Phones != nil {
		t.Errorf("nobody answers: %+v, %v", toll, err)
	}
	hush, err := a.bus.Answer(event.AskReach, func(_ context.Context, _ string, q []byte) (any, error) {
		var asked event.ReachQuestion
		if err := json.Unmarshal(q, &asked); err != nil || fmt.Sprint(asked.Delegates) != "[d0]" {
			return nil, errors.New("asked of others")
		}
		return event.ReachAnswer{Phones: 3}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer hush()
	toll, err = a.Toll(t.Context(), "seoul", changes)
	if phones := toll.ByUrgency[programme.Routine].Phones; err != nil || phones == nil || *phones != 3 {
		t.Errorf("counted %+v, %v", toll, err)
	}
}

func TestWhoReadTheDraftBeforeItWasReleasedDoesNotReleaseItAgain(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, later(1)...)
	b, _ := open(t, e)
	d := put(t, a, titled("once"), "s00") // and b has read it by now
	if _, err := a.ReleaseDraft(t.Context(), "seoul", d.Revision, draft.Order{Actor: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Release(t.Context(), "seoul", "z", "", retitle("s00", "s00")); err != nil {
		t.Fatal(err) // somebody takes it back at once
	}
	if err := b.Reach(t.Context(), "seoul", 3); err != nil {
		t.Fatal(err)
	}
	c, err := b.find("seoul")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := b.proposed(t.Context(), c, d, *c.facts.Load(), *c.agenda.Load(), nil); !problem.Is(err, problem.Stale) {
		t.Errorf("it would release %d sessions again: %v", len(p.Sessions), err)
	}
}
