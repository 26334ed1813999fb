package live

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

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
