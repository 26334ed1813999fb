package desk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/allocation"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// wish brings a request that can be answered for ten hours; with no slots, a
// meeting that is left to the desk.
func (r *replica) wish(t testing.TB, id, from, to string, l meeting.Level, slots ...meeting.Slot) meeting.Meeting {
	t.Helper()
	m, err := r.Add(t.Context(), "seoul", id, meeting.By{Actor: from + "-9", Delegation: from}, func(w meeting.World) (meeting.Plan, error) {
		m := asked(from, to)
		m.ID, m.Level = id, l
		if len(slots) == 0 {
			m.Status = meeting.Agreed
			return meeting.Plan{Next: m, Told: meeting.Entry{Verb: meeting.WasAgreed}}, nil
		}
		m.Proposal = &meeting.Proposal{Kind: meeting.Request, By: from, Slots: slots, Awaits: []string{to}, MadeAt: w.Now, ExpiresAt: w.Now.Add(10 * time.Hour)}
		return meeting.Plan{Next: m, Told: meeting.Entry{Verb: meeting.WasRequested, Slots: slots}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// crowd brings n requests of ten delegations for the slots of one morning; every
// fifth is left to the desk.
func (r *replica) crowd(t testing.TB, seed uint64, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		from := random.IntN(10)
		to := (from + 1 + random.IntN(9)) % 10
		var slots []meeting.Slot
		for _, at0 := range random.Perm(8)[:3] {
			slots = append(slots, at(at0))
		}
		if i%5 == 4 {
			slots = nil
		}
		r.wish(t, fmt.Sprintf("m%03d", i), fmt.Sprint("d", from), fmt.Sprint("d", to), meeting.Levels()[random.IntN(5)], slots...)
	}
}

func (r *replica) plan(t testing.TB, id string, seed int64) (meeting.Allocation, []meeting.Line) {
	t.Helper()
	_, err := r.PlanAllocation(t.Context(), "seoul", id, "desk-1", meeting.AllOpen, seed)
	if err != nil {
		t.Fatal(err)
	}
	a, all, err := r.Allocation(t.Context(), "seoul", id)
	if err != nil {
		t.Fatal(err)
	}
	return a, all
}

func (r *replica) apply(t testing.TB, id string) (meeting.Allocation, map[string]meeting.Line) {
	t.Helper()
	if _, err := r.ApplyAllocation(t.Context(), "seoul", id, "desk-2"); err != nil {
		t.Fatal(err)
	}
	return r.lines(t, id)
}

func (r *replica) lines(t testing.TB, id string) (meeting.Allocation, map[string]meeting.Line) {
	t.Helper()
	a, all, err := r.Allocation(t.Context(), "seoul", id)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]meeting.Line{}
	for _, l := range all {
		lines[l.Meeting] = l
	}
	return a, lines
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

// TestWhatIsAllocatedComesTrueOnceAndIsWorthNoLessThanFirstCome plans and applies
// a morning in which not all find a place, on two replicas at once, and has the
// same requests served as they came in another house.
func TestWhatIsAllocatedComesTrueOnceAndIsWorthNoLessThanFirstCome(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	one, _ := open(t, e)
	two, _ := open(t, e)
	one.crowd(t, 7, 60)
	one.quieted(t)
	a, lines := one.plan(t, "a", 3)
	b, again := one.plan(t, "b", 3)
	if !reflect.DeepEqual(lines, again) || a.Worth != b.Worth || a.Met == 0 || a.Met == a.Wishes {
		t.Fatalf("%d and %d of %d are met: is it not the same?", a.Met, b.Met, a.Wishes)
	}
	if a.Worth < a.FirstCome || a.Bound < a.Worth {
		t.Errorf("it is worth %d, first come %d, bound %d", a.Worth, a.FirstCome, a.Bound)
	}
	if c, err := one.PlanAllocation(t.Context(), "seoul", "a", "desk-9", meeting.OnlyAgreed, 4); err != nil || c.Include != meeting.AllOpen {
		t.Errorf("planned again under its id it is another: %v %+v", err, c)
	}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			got, err := []*replica{one, two}[i%2].ApplyAllocation(t.Context(), "seoul", "a", "desk-2")
			if err != nil || got.State != meeting.Applied || got.Applied != a.Met {
				t.Errorf("%v, %s with %d of %d", err, got.State, got.Applied, a.Met)
			}
		})
	}
	wg.Wait()
	done, what := two.lines(t, "a")
	worth := one.asApplied(t, done, what)
	one.quieted(t)
	two.quieted(t)
	one.sound(t)
	if worth != a.Worth {
		t.Errorf("what came true is worth %d, not %d", worth, a.Worth)
	}
	if first := firstCome(t, 7, 60); worth < first || first == 0 {
		t.Errorf("it is worth %d, and %d when they are served as they came", worth, first)
	}
	if after, lines := one.plan(t, "c", 3); after.Wishes != a.Wishes-a.Met || after.Met > 0 {
		t.Errorf("of %d that were left, %d are met now: %v", after.Wishes, after.Met, lines)
	}
}

// firstCome is what a crowd gets when everybody is served in turn.
func firstCome(t *testing.T, seed uint64, n int) (worth int) {
	t.Helper()
	r, _ := open(t, enginestest.Test(t))
	r.crowd(t, seed, n)
	by := meeting.By{Actor: "desk-1", Desk: true}
	all, err := r.All("seoul")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		var slots []meeting.Slot
		if m.Proposal != nil {
			slots = m.Proposal.Slots
		} else {
			w, err := r.World("seoul")
			if err != nil {
				t.Fatal(err)
			}
			slots = w.Alternatives(m, "", at(0), 1)
		}
		for rank, s := range slots {
			_, err := r.Do(t.Context(), "seoul", m.ID, 0, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Settle(m, by, s, "") })
			if err == nil {
				worth += allocation.Worth(Weight(m.Level), rank)
				break
			}
			if !problem.Is(err, problem.Conflict) {
				t.Fatal(err)
			}
		}
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

func TestOnlyWhatBothLeftToTheDeskIsAllocatedUnlessMoreIsAskedFor(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginestest.Test(t))
	r.wish(t, "open", "a", "b", meeting.Minister, at(0))
	r.wish(t, "left", "c", "d", meeting.Minister)
	r.request(t, "over", "e", "f")
	if _, err := r.Do(t.Context(), "seoul", "over", 0, meeting.By{}, out); err != nil {
		t.Fatal(err)
	}
	if _, err := r.PlanAllocation(t.Context(), "seoul", "a", "desk-1", meeting.OnlyAgreed, 1); err != nil {
		t.Fatal(err)
	}
	a, lines := r.lines(t, "a")
	if l := lines["left"]; a.Wishes != 1 || a.Met != 1 || l.Rank != 0 || l.Room == "" {
		t.Errorf("%+v", lines)
	}
	if a, _ := r.plan(t, "b", 1); a.Wishes != 2 {
		t.Errorf("%d are looked at", a.Wishes)
	}
	all, err := r.Allocations("seoul")
	if err != nil || len(all) != 2 || all[0].ID != "b" {
		t.Errorf("%v %+v", err, all)
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

func TestAPlanThatWasNotFinishedIsNoPlan(t *testing.T) {
	t.Parallel()
	for _, step := range []string{stepPlanPages, stepPlan} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			e := enginestest.Test(t)
			r, arm, _, stop := dying(t, e, step, 1)
			r.crowd(t, 5, 24)
			r.quieted(t)
			arm()
			if _, err := r.PlanAllocation(context.Background(), "seoul", "a", "desk-1", meeting.AllOpen, 1); !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			stop()
			sibling, _ := open(t, e)
			if _, _, err := sibling.Allocation(t.Context(), "seoul", "a"); !problem.Is(err, problem.NotFound) {
				t.Errorf("%v", err)
			}
			if a, lines := sibling.plan(t, "a", 1); len(lines) != a.Wishes || a.Met == 0 {
				t.Errorf("%d lines of %d", len(lines), a.Wishes)
			}
		})
	}
}

func TestOfManyAllocationsTheNewestAreKept(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	r, arm, died, stop := dying(t, e, stepShed, 2)
	r.wish(t, "m", "kr", "gb", meeting.Minister, at(0))
	const more = 3
	for n := range allocationsKept + more {
		r.clock.advance(time.Second)
		r.plan(t, fmt.Sprint("a", n), 1)
	}
	r.quieted(t)
	sibling, _ := open(t, e)
	arm()
	if err := r.Sweep(t.Context()); !errors.Is(err, errDead) || !died() {
		t.Fatalf("it does not die: %v", err)
	}
	stop()
	for range 2 {
		if err := sibling.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := sibling.Allocations("seoul")
	if err != nil || len(kept) != allocationsKept || kept[0].ID != fmt.Sprint("a", allocationsKept+more-1) {
		t.Errorf("%d are kept: %v", len(kept), err)
	}
	all, err := store.All[sheet](t.Context(), sibling.sheets, nil)
	if err != nil || len(all) != allocationsKept {
		t.Errorf("%d pages are kept: %v", len(all), err)
	}
	if _, _, err := sibling.Allocation(t.Context(), "seoul", "a0"); !problem.Is(err, problem.NotFound) {
		t.Errorf("the oldest is there: %v", err)
	}
	if _, lines, err := sibling.Allocation(t.Context(), "seoul", kept[allocationsKept-1].ID); err != nil || len(lines) != 1 {
		t.Errorf("the last one kept has %d lines: %v", len(lines), err)
	}
}

func TestAnAllocationThatASiblingDeletedIsGone(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	r, _ := open(t, e)
	r.wish(t, "m", "kr", "gb", meeting.Minister, at(0))
	for n := range allocationsKept + 1 {
		r.clock.advance(time.Second)
		r.plan(t, fmt.Sprint("a", n), 1)
	}
	r.quieted(t)
	sibling, _ := open(t, e)
	sibling.deaf()
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := sibling.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept, err := sibling.Allocations("seoul"); err != nil || len(kept) != allocationsKept {
		t.Errorf("%d are kept: %v", len(kept), err)
	}
}
