package desk

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

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
