package desk

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/store"
)

var errDead = errors.New("this process has died")

// dying is a replica that dies before the n-th step of a name, counted from when
// it is armed, and writes nothing after.
func dying(t *testing.T, e *engines.Engines, step string, n int) (r *replica, arm func(), died func() bool, stop func()) {
	t.Helper()
	var armed, dead atomic.Bool
	var seen atomic.Int32
	r, stop = open(t, e, func(o *Options) {
		o.Step = func(name string) error {
			if armed.Load() && name == step && int(seen.Add(1)) == n {
				dead.Store(true)
			}
			if dead.Load() {
				return errDead
			}
			return nil
		}
	})
	return r, func() { armed.Store(true) }, dead.Load, stop
}

// recover lets time pass for a replica and sweeps until nothing is left to do.
func (r *replica) recover(t testing.TB) {
	t.Helper()
	for range 3 {
		r.clock.advance(overdue + time.Second)
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.quieted(t)
		r.clock.advance(lateness)
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.quieted(t)
	}
}

// TestAfterACrashAtAnyStepNothingIsLeftAndNothingIsHalf kills a replica before
// each of its writes; a sibling that heard nothing of it, and one that starts
// later, find what it left.
func TestAfterACrashAtAnyStepNothingIsLeftAndNothingIsHalf(t *testing.T) {
	t.Parallel()
	book := func(r *replica) error {
		_, err := r.Add(context.Background(), "seoul", "new", meeting.By{Desk: true}, booked("fr", "de", at(3), "b2"))
		return err
	}
	accept := func(r *replica) error {
		_, err := r.Do(context.Background(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1"))
		return err
	}
	cancel := func(r *replica) error {
		_, err := r.Do(context.Background(), "seoul", "held", 0, meeting.By{}, out)
		return err
	}
	move := func(r *replica) error {
		_, err := r.Do(context.Background(), "seoul", "held", 0, meeting.By{}, into(at(0), "b1"))
		return err
	}
	for name, one := range map[string]struct {
		step string
		n    int
		do   func(*replica) error
	}{
		"accept, before the attempt":            {stepAttempt, 1, accept},
		"accept, before the claims":             {stepClaim, 1, accept},
		"accept, half the claims":               {stepClaimHalf, 1, accept},
		"accept, before it is confirmed":        {stepConfirm, 1, accept},
		"accept, before it is told":             {stepTell, 1, accept},
		"book, before it is there":              {stepInsert, 1, book},
		"book, before the claims":               {stepClaim, 1, book},
		"book, half the claims":                 {stepClaimHalf, 1, book},
		"book, before it is confirmed":          {stepConfirm, 1, book},
		"cancel, before it is written":          {stepWrite, 1, cancel},
		"cancel, before the claims are deleted": {stepRelease, 1, cancel},
		"cancel, before that is noted":          {stepClear, 1, cancel},
		"move, half the claims":                 {stepClaimHalf, 1, move},
		"move, before it is confirmed":          {stepConfirm, 1, move},
		"move, before the claims are deleted":   {stepRelease, 1, move},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := enginestest.Test(t)
			r, arm, died, stop := dying(t, e, one.step, one.n)
			r.request(t, "m", "kr", "gb")
			r.request(t, "held", "jp", "us")
			r.request(t, "other", "kr", "us")
			if _, err := r.Do(t.Context(), "seoul", "held", 0, meeting.By{}, into(at(5), "b2")); err != nil {
				t.Fatal(err)
			}
			r.quieted(t)
			sibling, _ := open(t, e)
			sibling.deaf()
			arm()
			err := one.do(r)
			until(t, died)
			if one.step != stepTell && one.step != stepRelease && one.step != stepClear && !errors.Is(err, errDead) {
				t.Fatalf("it answers %v", err)
			}
			stop()
			sibling.recover(t)
			if !strings.HasPrefix(name, "book") { // of which it cannot know
				sibling.sound(t)
			}
			later, _ := open(t, e)
			later.recover(t)
			if err := later.LookForOrphans(t.Context()); err != nil {
				t.Fatal(err)
			}
			later.sound(t)
			free(t, later)
		})
	}
}

// free checks that nothing is in the way of anybody: a meeting can have every
// slot and room that no meeting has.
func free(t *testing.T, r *replica) {
	t.Helper()
	for i, slot := range []meeting.Slot{at(0), at(3), at(5)} {
		for _, room := range []string{"b1", "b2"} {
			w, err := r.World("seoul")
			if err != nil {
				t.Fatal(err)
			}
			m, err := r.Meeting(t.Context(), "seoul", "other", 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := into(slot, room)(w, m); err != nil {
				continue // somebody has it, as the audit has seen
			}
			if _, err := r.Do(t.Context(), "seoul", "other", 0, meeting.By{}, into(slot, room)); err != nil {
				t.Errorf("slot %d in %s is free and cannot be had: %v", i, room, err)
			}
		}
	}
}

// until waits for something that comes by itself.
func until(t testing.TB, come func() bool) {
	t.Helper()
	for !come() {
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("it does not come")
		}
	}
}

func TestWhoWantsWhatADeadReplicaClaimedNeedNotWaitForASweep(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	r, arm, _, stop := dying(t, e, stepConfirm, 1)
	r.request(t, "m", "kr", "gb")
	r.request(t, "n", "kr", "us")
	r.quieted(t)
	sibling, _ := open(t, e)
	arm()
	if _, err := r.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1")); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	stop()
	sibling.clock.advance(overdue + time.Second)
	for _, id := range []string{"n", "m"} {
		if _, err := sibling.Do(t.Context(), "seoul", id, 0, meeting.By{}, into(at(0), "b1")); (err == nil) != (id == "n") {
			t.Errorf("%s: %v", id, err)
		}
	}
	sibling.recover(t)
	sibling.sound(t)
}

func TestWhatWasWrittenIsToldAfterACrash(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	r, arm, died, stop := dying(t, e, stepTell, 1)
	arm()
	r.request(t, "m", "kr", "gb")
	until(t, died)
	stop()
	told := make(chan string, 10)
	later, _ := open(t, e)
	later.hears(t, told)
	for <-told != "agenda.meeting.requested.v1" { // whatever else is told
	}
	later.quieted(t)
	m, err := later.Meeting(t.Context(), "seoul", "m", 0)
	if err != nil || m.Pending || len(m.Owed) > 0 {
		t.Errorf("still owed: %v, %v", m.Owed, err)
	}
}

func TestAllThatWasWrittenAndNotToldIsToldAfterACrash(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	r, stop := open(t, e, func(o *Options) {
		o.Step = func(name string) error {
			if name == stepTell {
				return errDead // of all it does, nothing is ever told
			}
			return nil
		}
	})
	confirmed(t, r, "m", "kr", "gb", at(0), "b1")
	if _, err := r.Do(t.Context(), "seoul", "m", 2, meeting.By{}, out); err != nil {
		t.Fatal(err)
	}
	stop()
	told := make(chan string, 10)
	later, _ := open(t, e)
	later.hears(t, told)
	later.quieted(t)
	for _, want := range []string{"requested", "confirmed", "cancelled"} {
		for got := ""; got != "agenda.meeting."+want+".v1"; {
			select {
			case got = <-told: // whatever else is told
			case <-time.After(10 * time.Second):
				t.Fatalf("%s is not told", want)
			}
		}
	}
}

func TestAnActThatWasLeftBeforeItsFirstMarkIsFound(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	whole, err := bson.Marshal(parts{})
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{actOpen, actCommitted, actUndone} { // by somebody who began after a had looked
		left := act{ID: state, Conference: "seoul", State: state, Deadline: a.wall().Add(overdue), Whole: whole}
		if err := a.acts.Insert(t.Context(), left); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		a.clock.advance(overdue + lateness + time.Second)
		if err := a.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := store.All[act](t.Context(), a.acts, nil); err != nil || len(all) > 0 {
		t.Errorf("%d are left: %v", len(all), err)
	}
}
