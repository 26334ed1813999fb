package live

import (
	"fmt"
	"testing"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

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
