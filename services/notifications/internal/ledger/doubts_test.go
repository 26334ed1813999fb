package ledger

import (
	"reflect"
	"testing"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/event"
)

func TestWhoIsInDoubtIsSaidOnceForEachStep(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e), open(t, e)
	state := func(revision int64) event.SessionState { return event.SessionState{Session: "s", Revision: revision} }
	begin := func(l *Ledger, from, to int64, found, want []Doubt, open bool) {
		t.Helper()
		got, is, err := l.Begin(t.Context(), "seoul", "s", from, to, found)
		if err != nil || is != open || !reflect.DeepEqual(got, want) {
			t.Errorf("%d>%d begins with %v, %v, %v; want %v, %v", from, to, got, is, err, want, open)
		}
	}
	first, second := []Doubt{{1, []string{"ada", "bob"}}, {3, []string{"eve"}}}, []Doubt{{2, []string{"kim"}}}
	begin(a, 4, 5, first, first, true) // nothing is noted of the session: there is nothing to guard
	if err := a.SetTold(t.Context(), "seoul", state(4)); err != nil {
		t.Fatal(err)
	}
	begin(a, 4, 5, first, first, true)
	begin(b, 4, 5, second, first, true)
	begin(b, 4, 5, nil, first, true)
	begin(b, 4, 6, nil, nil, true) // another step, and nobody is in doubt
	begin(a, 4, 6, first, nil, true)
	if err := b.Advance(t.Context(), "seoul", nil, state(6)); err != nil {
		t.Fatal(err)
	}
	begin(a, 4, 6, first, nil, false)
	begin(a, 4, 7, first, nil, false)
	begin(a, 6, 7, second, second, true)
}
