package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

// exchange gives each of two meetings the slot and the room of the other.
func exchange(_ meeting.World, ms []meeting.Meeting) ([]meeting.Plan, error) {
	if ms[0].Status != meeting.Confirmed || ms[1].Status != meeting.Confirmed {
		return nil, problem.New(problem.Conflict, "not_confirmed", "One has no slot.")
	}
	return []meeting.Plan{placed(ms[0], ms[1].Slot, ms[1].Room), placed(ms[1], ms[0].Slot, ms[0].Room)}, nil
}

// placed is a plan for a meeting at a slot in a room, whoever has it.
func placed(m meeting.Meeting, s meeting.Slot, room string) meeting.Plan {
	m.Status, m.Slot, m.Room = meeting.Confirmed, s, room
	return meeting.Plan{Next: m, Holds: m.Needs(s, room, 5*time.Minute), Told: meeting.Entry{Verb: meeting.WasMoved}}
}

// evict gives the first the place of the second, which goes without.
func evict(_ meeting.World, ms []meeting.Meeting) ([]meeting.Plan, error) {
	if ms[1].Status != meeting.Confirmed {
		return nil, problem.New(problem.Conflict, "no_room_to_give", "That meeting has no room to give.")
	}
	loser := ms[1]
	loser.Status, loser.Slot, loser.Room = meeting.Agreed, meeting.Slot{}, ""
	return []meeting.Plan{
		placed(ms[0], ms[1].Slot, ms[1].Room),
		{Next: loser, Told: meeting.Entry{Verb: meeting.WasEvicted}},
	}, nil
}

func confirmed(t testing.TB, r *replica, id, from, to string, slot meeting.Slot, room string) {
	t.Helper()
	r.request(t, id, from, to)
	if _, err := r.Do(t.Context(), "seoul", id, 0, meeting.By{}, into(slot, room)); err != nil {
		t.Fatal(err)
	}
}

func TestTwoMeetingsExchangeTheirPlacesAtOneStroke(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	confirmed(t, a, "m", "kr", "gb", at(0), "b1")
	confirmed(t, a, "n", "kr", "us", at(1), "b2")
	done, err := b.DoAll(t.Context(), "seoul", meeting.By{Desk: true, Actor: "d"}, []string{"n", "m"}, []int64{2, 2}, exchange)
	if err != nil {
		t.Fatal(err)
	}
	if done[0].ID != "n" || !done[0].Slot.Same(at(0)) || done[0].Room != "b1" || !done[1].Slot.Same(at(1)) || done[1].Room != "b2" || done[1].Revision != 3 {
		t.Errorf("they stand at %v in %s and %v in %s", done[0].Slot, done[0].Room, done[1].Slot, done[1].Room)
	}
	if _, err := a.DoAll(t.Context(), "seoul", meeting.By{}, []string{"n", "m"}, []int64{2, 3}, exchange); !problem.Is(err, problem.Stale) {
		t.Errorf("who has not seen it: %v", err)
	}
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
}

func TestOfManyActsOnMeetingsInCommonEachIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	for i := range 4 {
		confirmed(t, a, fmt.Sprint("m", i), "kr", fmt.Sprint("p", i), at(i), "b1")
	}
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			r := []*replica{a, b}[i%2]
			ids := []string{fmt.Sprint("m", i%4), fmt.Sprint("m", (i+1)%4)}
			if _, err := r.DoAll(t.Context(), "seoul", meeting.By{}, ids, nil, exchange); err != nil && !problem.Is(err, problem.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
	all, err := b.All("seoul")
	slots := map[time.Time]bool{}
	for _, m := range all {
		slots[m.Slot.Start] = true
	}
	if err != nil || len(slots) != 4 {
		t.Errorf("four meetings have the slots %v: %v", slots, err)
	}
}

func TestOfAnEvictionAndAMoveThatWantOneSlotOneWins(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	for i := range 3 {
		loser, winner, other := fmt.Sprint("l", i), fmt.Sprint("w", i), fmt.Sprint("o", i)
		confirmed(t, a, loser, "kr", "gb", at(i), "b1")
		a.request(t, winner, "us", "fr")
		a.request(t, other, "us", "de")
		a.quieted(t)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, errs[0] = a.DoAll(t.Context(), "seoul", meeting.By{Desk: true}, []string{winner, loser}, nil, evict)
		})
		wg.Go(func() { _, errs[1] = b.Do(t.Context(), "seoul", other, 0, meeting.By{}, into(at(i), "b2")) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%d: one principal is in both or none: %v", i, errs)
		}
	}
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
}

func TestAnActThatCannotHaveEverythingChangesNothing(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	confirmed(t, a, "m", "kr", "gb", at(0), "b1")
	a.request(t, "n", "us", "fr")
	a.quieted(t)
	a.deaf()
	confirmed(t, b, "x", "us", "de", at(0), "b2") // of which a knows nothing
	before, _ := a.Meeting(t.Context(), "seoul", "m", 0)
	_, err := a.DoAll(t.Context(), "seoul", meeting.By{Desk: true}, []string{"n", "m"}, nil, func(w meeting.World, ms []meeting.Meeting) ([]meeting.Plan, error) {
		plans, err := evict(w, ms)
		for _, h := range plans[0].Holds {
			if !w.Diary.Free(h, "n", "m") {
				return nil, errNotFree
			}
		}
		return plans, err
	})
	if !errors.Is(err, errNotFree) {
		t.Errorf("it answers %v", err)
	}
	after, err := a.fetch(t.Context(), mustFind(t, a), "m")
	if err != nil || after.Revision != before.Revision || after.Act != "" {
		t.Errorf("m is at %d, %q: %v", after.Revision, after.Act, err)
	}
	a.quieted(t)
	b.quieted(t)
	b.sound(t)
}

func mustFind(t testing.TB, r *replica) *conference {
	t.Helper()
	c, err := r.find("seoul")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAfterACrashAtAnyStepAnActIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		step string
		n    int
		done bool
	}{
		"before it is there":           {stepActInsert, 1, false},
		"before the first mark":        {stepActMark, 1, false},
		"between the marks":            {stepActMark, 2, false},
		"before the claims":            {stepClaim, 1, false},
		"half the claims":              {stepClaimHalf, 1, false},
		"before it is committed":       {stepActCommit, 1, false},
		"before claims change hands":   {stepActMove, 1, true},
		"before the first is so":       {stepActNext, 1, true},
		"before the second is so":      {stepActNext, 2, true},
		"before it is forgotten":       {stepActDone, 1, true},
		"before it is told":            {stepTell, 1, true},
		"before what is left is freed": {stepRelease, 1, true},
		"before the freeing is noted":  {stepClear, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := enginestest.Test(t)
			r, arm, died, stop := dying(t, e, one.step, one.n)
			confirmed(t, r, "m", "kr", "gb", at(0), "b1")
			r.request(t, "n", "us", "fr")
			r.request(t, "other", "kr", "us")
			r.quieted(t)
			sibling, _ := open(t, e)
			sibling.deaf()
			arm()
			_, err := r.DoAll(context.Background(), "seoul", meeting.By{Desk: true}, []string{"n", "m"}, nil, evict)
			until(t, died)
			if !one.done && !errors.Is(err, errDead) {
				t.Fatalf("it answers %v", err)
			}
			stop()
			sibling.recover(t)
			sibling.sound(t)
			m, err := sibling.Meeting(t.Context(), "seoul", "m", 0)
			n, other := sibling.Meeting(t.Context(), "seoul", "n", 0)
			if err := errors.Join(err, other); err != nil {
				t.Fatal(err)
			}
			if (m.Status == meeting.Agreed) != one.done || (n.Status == meeting.Confirmed) != one.done {
				t.Errorf("the loser is %s and the winner %s", m.Status, n.Status)
			}
			later, _ := open(t, e)
			later.recover(t)
			later.sound(t)
			free(t, later)
			if left, err := storeActs(t, later); err != nil || left > 0 {
				t.Errorf("%d acts are left over: %v", left, err)
			}
		})
	}
}

// TestAnActThatASiblingUndidIsInNobodysWay cuts a replica off from the store before
// it can commit an act, until a sibling has undone that.
func TestAnActThatASiblingUndidIsInNobodysWay(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	var armed, cut atomic.Bool
	r, _ := open(t, e, func(o *Options) {
		o.Step = func(name string) error {
			if armed.Load() && name == stepActCommit {
				cut.Store(true)
			}
			if cut.Load() {
				return errDead
			}
			return nil
		}
	})
	confirmed(t, r, "m", "kr", "gb", at(0), "b1")
	confirmed(t, r, "n", "kr", "us", at(1), "b2")
	r.request(t, "o", "fr", "de")
	r.quieted(t)
	sibling, _ := open(t, e)
	armed.Store(true)
	if _, err := r.DoAll(t.Context(), "seoul", meeting.By{}, []string{"m", "n"}, nil, func(_ meeting.World, ms []meeting.Meeting) ([]meeting.Plan, error) {
		return []meeting.Plan{placed(ms[0], at(5), "b1"), placed(ms[1], at(6), "b1")}, nil
	}); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	sibling.clock.advance(overdue + time.Second)
	for _, id := range []string{"m", "n"} {
		if m, err := sibling.settled(t.Context(), mustFind(t, sibling), id); err != nil || m.Act != "" {
			t.Fatal(err)
		}
	}
	armed.Store(false)
	cut.Store(false)
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Do(t.Context(), "seoul", "o", 0, meeting.By{}, into(at(5), "b1")); err != nil {
		t.Errorf("what it wanted is in the way: %v", err)
	}
	r.quieted(t)
	sibling.recover(t)
	sibling.sound(t)
}
