package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

func TestACommandIsForgottenAfterADayWithoutARestart(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	add(t, a, panel("one"))
	begun := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	at := begun
	a.now = func() time.Time { return at }
	once := func(id string, err error) {
		t.Helper()
		_, _, got := a.Once(t.Context(), "seoul", id, nil, func(int64, bool) ([]byte, error) { return []byte("x"), err })
		if !errors.Is(got, err) {
			t.Fatal(got)
		}
	}
	weather := errors.New("store away")
	once("done", nil)
	once("open", weather)
	once("taken over", weather)
	once("refused", problem.New(problem.Conflict, "no", "No."))
	at = begun.Add(time.Hour)
	once("taken over", nil)
	left := func() []string {
		t.Helper()
		if err := a.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := store.All[Command](t.Context(), a.commands, nil)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, c := range all {
			ids = append(ids, c.ID)
		}
		slices.Sort(ids)
		return ids
	}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{
		{23 * time.Hour, "[done open taken over]"},
		{24*time.Hour + time.Minute, "[taken over]"},
		{25*time.Hour + time.Minute, "[]"},
	} {
		at = begun.Add(step.after)
		if got := fmt.Sprint(left()); got != step.want {
			t.Errorf("after %s there are %s, want %s", step.after, got, step.want)
		}
	}
	once("done", nil) // a new one under an old key
	over, cancel := context.WithCancel(t.Context())
	cancel()
	at = at.Add(25 * time.Hour)
	if err := a.forgetSpent(over); err == nil {
		t.Error("a store that is away forgot")
	}
	if got := left(); len(got) > 0 {
		t.Errorf("what could not be forgotten then is still there: %v", got)
	}
}

func TestWhatLiesBehindASnapshotIsLookedAtOnce(t *testing.T) {
	t.Parallel()
	var d drafted
	of := func(revision int64, kind string) programme.Release {
		return programme.Release{Revision: revision, Kind: kind}
	}
	maybe, known := d.after(95, 100)
	if fmt.Sprint(maybe) != "[96 97 98 99 100]" || known != 100 {
		t.Fatalf("looks at %v up to %d", maybe, known)
	}
	d.note(of(101, programme.Live)) // meanwhile
	d.note(of(102, programme.Drafted))
	d.learn(95, known, []programme.Release{of(97, programme.Drafted)})
	d.learn(95, known, []programme.Release{of(97, programme.Drafted)}) // and by somebody else
	for revision, want := range map[int64]string{90: "[91 92 93 94 95 97 102]", 95: "[97 102]", 97: "[102]", 102: "[]"} {
		if got, _ := d.after(revision, 102); fmt.Sprint(got) != want {
			t.Errorf("after %d it looks at %v, want %s", revision, got, want)
		}
	}
}
