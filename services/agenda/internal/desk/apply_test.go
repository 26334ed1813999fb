package desk

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/allocation"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

func (r *replica) apply(t testing.TB, id string) (meeting.Allocation, map[string]meeting.Line) {
	t.Helper()
	if _, err := r.ApplyAllocation(t.Context(), "seoul", id, "desk-2"); err != nil {
		t.Fatal(err)
	}
	return r.lines(t, id)
}

// asApplied wants every line that came true to be so, once, and answers what all
// of them are worth.
func (r *replica) asApplied(t testing.TB, a meeting.Allocation, lines map[string]meeting.Line) (worth int) {
	t.Helper()
	applied, refused := 0, 0
	for id, l := range lines {
		m, err := r.fetch(t.Context(), r.adopt("seoul"), id)
		if err != nil {
			t.Fatal(err)
		}
		switch l.Code {
		case meeting.Done:
			applied++
			if m.Status != meeting.Confirmed || !m.Slot.Same(l.Slot) || m.Room != l.Room || m.Revision != l.Revision+1 {
				t.Errorf("%s was to be in %s at %v, it is %s in %s at %v, revision %d", id, l.Room, l.Slot.Start, m.Status, m.Room, m.Slot.Start, m.Revision)
			}
			worth += allocation.Worth(Weight(m.Level), max(l.Rank-1, 0))
		case meeting.NotMet:
			if len(l.Missing) == 0 || m.Revision != l.Revision {
				t.Errorf("%s is not met for %v, at revision %d", id, l.Missing, m.Revision)
			}
		case "":
			t.Errorf("nobody knows what became of %s", id)
		default:
			refused++
		}
	}
	if a.State != meeting.Applied || a.Applied != applied || a.Refused != refused || applied+refused != a.Met {
		t.Errorf("it is %s with %d and %d of %d, the lines say %d and %d", a.State, a.Applied, a.Refused, a.Met, applied, refused)
	}
	return worth
}

func TestWhatHasChangedSinceItWasPlannedIsRefusedOneByOne(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginestest.Test(t))
	r.wish(t, "stands", "a", "b", meeting.Minister, at(0))
	r.wish(t, "withdrawn", "c", "d", meeting.Minister, at(1))
	r.wish(t, "answered", "e", "f", meeting.Minister, at(2))
	r.wish(t, "booked-over", "g", "h", meeting.Minister, at(3))
	r.wish(t, "its-people-met", "i", "j", meeting.Minister, at(4))
	r.wish(t, "left-to-the-desk", "k", "l", meeting.Expert)
	a, lines := r.plan(t, "a", 1)
	if a.Met != 6 {
		t.Fatalf("%d are met: %+v", a.Met, lines)
	}
	_, planned := r.lines(t, "a")
	do := func(id string, decide meeting.Decision) {
		t.Helper()
		if _, err := r.Do(t.Context(), "seoul", id, 0, meeting.By{Desk: true}, decide); err != nil {
			t.Fatal(err)
		}
	}
	by := meeting.By{Delegation: "c"}
	do("withdrawn", func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Withdraw(m, by, "") })
	do("answered", into(at(6), "b2"))
	if _, err := r.Add(t.Context(), "seoul", "other", meeting.By{Desk: true}, booked("x", "y", at(3), planned["booked-over"].Room)); err != nil {
		t.Fatal(err)
	}
	elsewhere := map[string]string{"b1": "b2", "b2": "b1"}[planned["its-people-met"].Room]
	if _, err := r.Add(t.Context(), "seoul", "another", meeting.By{Desk: true}, booked("i", "y", at(4), elsewhere)); err != nil {
		t.Fatal(err)
	}
	done, what := r.apply(t, "a")
	for id, want := range map[string]string{
		"stands": meeting.Done, "withdrawn": meeting.Changed, "answered": meeting.Changed, "booked-over": "room_taken", "its-people-met": "slot_taken", "left-to-the-desk": meeting.Done,
	} {
		if what[id].Code != want {
			t.Errorf("%s: %q, want %q", id, what[id].Code, want)
		}
	}
	r.asApplied(t, done, what)
	r.quieted(t)
	r.sound(t)
	m, _ := r.Meeting(t.Context(), "seoul", "stands", 0)
	if e := m.History[len(m.History)-1]; e.Verb != meeting.WasConfirmed || e.Actor != "desk-2" || e.Delegation != "" {
		t.Errorf("it is told as %+v", e)
	}
	if _, err := r.ApplyAllocation(t.Context(), "seoul", "nothing", "desk-2"); !problem.Is(err, problem.NotFound) {
		t.Errorf("what is not there answers %v", err)
	}
}

func TestWhoeverBooksWhileItIsAppliedHasACellAloneOrNotAtAll(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	r, _ := open(t, e)
	other, _ := open(t, e)
	r.crowd(t, 9, 60)
	r.quieted(t)
	a, _ := r.plan(t, "a", 1)
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			_, err := other.Add(t.Context(), "seoul", fmt.Sprint("booked", n), meeting.By{Desk: true}, booked(fmt.Sprint("x", n), fmt.Sprint("y", n), at(n%8), fmt.Sprint("b", n/8+1)))
			if err != nil && !problem.Is(err, problem.Conflict) {
				t.Error(err)
			}
		})
	}
	done, what := r.apply(t, "a")
	wg.Wait()
	r.asApplied(t, done, what)
	r.quieted(t)
	other.quieted(t)
	r.sound(t)
	t.Logf("%d of %d came true, %d were refused", done.Applied, a.Met, done.Refused)
}

// TestAfterACrashAnAllocationIsAppliedToTheEndAndNothingTwice kills whoever
// applies it before its writes; a sibling goes on with it.
func TestAfterACrashAnAllocationIsAppliedToTheEndAndNothingTwice(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		step string
		n    int
	}{
		{stepAttempt, 3}, {stepClaimHalf, 4}, {stepConfirm, 2}, {stepTell, 2}, {stepApplied, 1}, {stepProgress, 2}, {stepProgress, 1},
	} {
		t.Run(fmt.Sprint(one.step, " ", one.n), func(t *testing.T) {
			t.Parallel()
			e := enginestest.Test(t)
			r, arm, died, stop := dying(t, e, one.step, one.n)
			r.crowd(t, 5, 24)
			r.quieted(t)
			a, _ := r.plan(t, "a", 1)
			sibling, _ := open(t, e)
			arm()
			_, err := r.ApplyAllocation(t.Context(), "seoul", "a", "desk-2")
			until(t, died)
			if one.step != stepTell && !errors.Is(err, errDead) {
				t.Fatalf("it answers %v", err)
			}
			stop()
			sibling.clock.advance(tenure)
			if one.step == stepProgress && one.n == 1 { // it never began
				sibling.apply(t, "a")
			}
			sibling.recover(t)
			done, what := sibling.lines(t, "a")
			if sibling.asApplied(t, done, what); done.Applied != a.Met {
				t.Errorf("%d of %d came true: %+v", done.Applied, a.Met, what)
			}
			sibling.sound(t)
		})
	}
}
