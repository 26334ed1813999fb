package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
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

func TestAnEditThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	ids := make([]string, 12)
	sessions := later(len(ids))
	for i := range sessions {
		ids[i] = sessions[i].ID
	}
	add(t, a, sessions...)
	d := put(t, a, func(s *programme.Session) {
		s.Title = programme.Text{"en": "Opening", "ko": "개회식", "fr": "Ouverture"}
	}, ids...)
	for range 5 {
		same, err := a.EditDraft(t.Context(), "seoul", "x", 0, func(d draft.Draft, _ programme.Conference, _ programme.Agenda) (draft.Draft, error) {
			return d, nil
		})
		if err != nil || same.Revision != d.Revision {
			t.Fatalf("revision %d after %d: %v", same.Revision, d.Revision, err)
		}
	}
	swapped := put(t, a, func(s *programme.Session) {
		s.Title = programme.Text{"en": "개회식", "ko": "Opening", "fr": "Ouverture"}
	}, ids[0])
	if swapped.Revision != d.Revision+1 {
		t.Errorf("an edit of the same length is at revision %d after %d", swapped.Revision, d.Revision)
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
