package live

import (
	"testing"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// without removes a session from the agenda.
func without(session string) func(programme.Conference, programme.Agenda) (programme.Proposal, error) {
	return func(programme.Conference, programme.Agenda) (programme.Proposal, error) {
		return programme.Proposal{Removed: []string{session}}, nil
	}
}

func TestWhatLeftTheAgendaIsRememberedUntilItComesBack(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	at := minutely(a)
	add(t, a, panel("one"), panel("two"))
	then := *a.byID["seoul"].agenda.Load()
	before, _ := then.Session("one")
	release(t, a, "again") // 2
	if _, _, err := a.Release(t.Context(), "seoul", "desk", "", without("one")); err != nil {
		t.Fatal(err)
	}
	now := at()
	b, _ := open(t, e) // which has seen none of it happen
	for _, r := range []*replica{a, b} {
		left, err := r.Left(t.Context(), "seoul", "ada")
		if err != nil {
			t.Fatal(err)
		}
		gone := left.Gone
		one := gone["one"]
		if len(gone) != 1 || one.Session.Title["en"] != "again" || one.Room.ID != before.Room || one.Room.Name == "" || !one.At.Before(now) || one.At.IsZero() {
			t.Errorf("gone: %+v", gone)
		}
	}
	if _, _, err := a.Release(t.Context(), "seoul", "desk", "", func(_ programme.Conference, now programme.Agenda) (programme.Proposal, error) {
		return now.RollBack(then, before.Start.AddDate(0, 0, -1))
	}); err != nil {
		t.Fatal(err)
	}
	back, _ := a.byID["seoul"].agenda.Load().Session("one")
	if left, err := a.Left(t.Context(), "seoul", "ada"); err != nil || len(left.Gone) != 0 {
		t.Errorf("still gone: %+v (%v)", left, err)
	}
	// The tombstone said before.Sequence+1; calendars drop what is not above it.
	if back.Sequence <= before.Sequence+1 {
		t.Errorf("came back with SEQUENCE %d after %d", back.Sequence, before.Sequence+1)
	}
}

func TestWhoHadAPartAndLostItIsRemembered(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	at := minutely(a)
	chair := func(who ...string) func(*programme.Session) {
		return func(s *programme.Session) {
			s.People = nil
			for _, w := range who {
				s.People = append(s.People, programme.Part{Role: programme.Chair, Delegate: w})
			}
		}
	}
	one := panel("one")
	chair("ada", "bob")(&one)
	add(t, a, one)
	step := func(make func(programme.Conference, programme.Agenda) (programme.Proposal, error)) {
		t.Helper()
		if _, _, err := a.Release(t.Context(), "seoul", "desk", "", make); err != nil {
			t.Fatal(err)
		}
	}
	to := func(who ...string) {
		t.Helper()
		step(func(_ programme.Conference, g programme.Agenda) (programme.Proposal, error) {
			s, there := g.Session("one")
			if !there {
				s = one
			}
			chair(who...)(&s)
			return programme.Proposal{Sessions: []programme.Session{s}}, nil
		})
	}
	want := func(step, who string, steps int64, lost bool) {
		t.Helper()
		b, _ := open(t, e) // which has seen none of it happen
		for _, r := range []*replica{a, b} {
			left, err := r.Left(t.Context(), "seoul", who)
			if err != nil {
				t.Fatal(err)
			}
			l, known := left.Lost["one"]
			if l.Steps != steps || (known && !l.Back) != lost || lost && (len(l.Session.People) == 0 || l.Room.Name == "" || l.At.IsZero() || !l.At.Before(at())) {
				t.Errorf("%s: %s lost %+v", step, who, l)
			}
		}
	}
	to("bob")
	want("taken away", "ada", 1, true)
	want("taken away", "bob", 0, false)
	to("ada", "bob")
	want("given back", "ada", 2, false)
	step(without("one"))
	want("no more", "ada", 2, false) // it left the agenda with its people
	to("ada")
	want("back", "ada", 2, false)
	want("back without him", "bob", 1, true)
}

func TestATokenIsNowhereAndOpensOneFeed(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, panel("one"))
	pick(t, a, "ada", "one")
	f, token, err := a.AddFeed(t.Context(), "seoul", "ada", "ko")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := open(t, e)
	b.watch.Stop() // b hears nothing from its sibling
	second, other, err := a.AddFeed(t.Context(), "seoul", "ada", "en")
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Follow(t.Context(), other)
	if err != nil || got.Conference != "seoul" || got.Delegate != "ada" || got.Language != "en" || len(got.Picks) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := a.EndFeed(t.Context(), "seoul", "ada", f.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Follow(t.Context(), token); !problem.Is(err, problem.NotFound) {
		t.Errorf("an ended feed still opens %+v, %v", got, err)
	}
	if feeds, err := b.FeedsOf(t.Context(), "seoul", "ada"); err != nil || len(feeds) != 1 || feeds[0].ID != second.ID {
		t.Errorf("%+v, %v", feeds, err)
	}
	stands(t, a, "ada", 9, event.Substituted) // before any event about it
	if got, err := a.Follow(t.Context(), other); !problem.Is(err, problem.NotFound) {
		t.Errorf("the feed of somebody who left opens %+v, %v", got, err)
	}
}
