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
