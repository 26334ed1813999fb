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
	left := at()
	b, _ := open(t, e) // which has seen none of it happen
	for _, r := range []*replica{a, b} {
		gone, err := r.Gone(t.Context(), "seoul")
		if err != nil {
			t.Fatal(err)
		}
		one := gone["one"]
		if len(gone) != 1 || one.Session.Title["en"] != "again" || one.Room.ID != before.Room || one.Room.Name == "" || !one.At.Before(left) || one.At.IsZero() {
			t.Errorf("gone: %+v", gone)
		}
	}
	if _, _, err := a.Release(t.Context(), "seoul", "desk", "", func(_ programme.Conference, now programme.Agenda) (programme.Proposal, error) {
		return now.RollBack(then, before.Start.AddDate(0, 0, -1))
	}); err != nil {
		t.Fatal(err)
	}
	back, _ := a.byID["seoul"].agenda.Load().Session("one")
	if gone, err := a.Gone(t.Context(), "seoul"); err != nil || len(gone) != 0 {
		t.Errorf("still gone: %+v (%v)", gone, err)
	}
	// The tombstone said before.Sequence+1; calendars drop what is not above it.
	if back.Sequence <= before.Sequence+1 {
		t.Errorf("came back with SEQUENCE %d after %d", back.Sequence, before.Sequence+1)
	}
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
