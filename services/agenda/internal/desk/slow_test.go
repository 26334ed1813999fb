package desk

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

// halting is a replica that halts before the first step of a name once it is
// armed, says so, and goes on when told.
func halting(t *testing.T, e *engines.Engines, step string) (r *replica, arm func(), halted <-chan struct{}, goOn func()) {
	t.Helper()
	var armed, passed atomic.Bool
	here, on := make(chan struct{}), make(chan struct{})
	r, _ = open(t, e, func(o *Options) {
		o.Step = func(name string) error {
			if armed.Load() && name == step && passed.CompareAndSwap(false, true) {
				close(here)
				<-on
			}
			return nil
		}
	})
	return r, func() { armed.Store(true) }, here, sync.OnceFunc(func() { close(on) })
}

// slow is a meeting that is being accepted by a replica that halts.
type slow struct {
	r, sibling *replica
	err        chan error
	goOn       func()
}

func accepting(t *testing.T) slow {
	t.Helper()
	e := enginestest.Test(t)
	r, arm, halted, goOn := halting(t, e, stepConfirm)
	t.Cleanup(goOn)
	sibling, _ := open(t, e)
	r.request(t, "m", "kr", "gb")
	r.request(t, "n", "kr", "us")
	r.quieted(t)
	sibling.deaf()
	r.clock.stop()
	sibling.clock.stop()
	arm()
	err := make(chan error, 1)
	go func() {
		_, failed := r.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1"))
		err <- failed
	}()
	<-halted
	return slow{r, sibling, err, goOn}
}

func TestWhatAnAttemptHasClaimedNobodyElseCanHave(t *testing.T) {
	t.Parallel()
	s := accepting(t)
	if _, err := s.sibling.Do(t.Context(), "seoul", "n", 0, meeting.By{}, into(at(0), "b2")); !problem.Is(err, problem.Conflict) {
		t.Errorf("one principal in two meetings: %v", err)
	}
	if _, err := s.sibling.Do(t.Context(), "seoul", "m", 0, meeting.By{}, out); problem.From(err).Code != "meeting_busy" {
		t.Errorf("while it is being accepted: %v", err)
	}
	s.finish(t)
	s.r.sound(t)
}

// finish lets the replica go on, and says whether what it was about came true.
// On a machine so slow that its time had run out it did not, or nobody knows
// before a sweep.
func (s slow) finish(t *testing.T) bool {
	t.Helper()
	s.goOn()
	err := <-s.err
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && !problem.Is(err, problem.Conflict) {
		t.Error(err)
	}
	s.r.quieted(t)
	s.sibling.quieted(t)
	if err == nil {
		return true
	}
	t.Logf("its time had run out: %v", err)
	s.sibling.recover(t)
	loser, err := s.sibling.Meeting(t.Context(), "seoul", "loser", 0)
	return err == nil && loser.Status == meeting.Agreed
}

func TestAnAttemptThatWasEndedIsNeverConfirmed(t *testing.T) {
	t.Parallel()
	s := accepting(t)
	s.sibling.clock.advance(overdue + time.Second)
	if _, err := s.sibling.Do(t.Context(), "seoul", "n", 0, meeting.By{}, into(at(0), "b2")); err != nil {
		t.Errorf("after it is overdue: %v", err)
	}
	s.goOn()
	if err := <-s.err; !problem.Is(err, problem.Conflict) {
		t.Errorf("whoever was too slow gets %v", err)
	}
	s.r.quieted(t)
	s.sibling.recover(t)
	s.sibling.sound(t)
}

// acting is an eviction by a replica that halts at a step.
func acting(t *testing.T, step string) (s slow, done func() (winner, loser meeting.Meeting)) {
	t.Helper()
	e := enginestest.Test(t)
	r, arm, halted, goOn := halting(t, e, step)
	t.Cleanup(goOn)
	sibling, _ := open(t, e)
	confirmed(t, r, "loser", "kr", "gb", at(0), "b1")
	r.request(t, "winner", "us", "fr")
	r.request(t, "n", "us", "de")
	r.quieted(t)
	sibling.deaf()
	r.clock.stop()
	sibling.clock.stop()
	arm()
	err := make(chan error, 1)
	go func() {
		_, failed := r.DoAll(t.Context(), "seoul", meeting.By{Desk: true}, []string{"winner", "loser"}, nil, evict)
		err <- failed
	}()
	<-halted
	return slow{r, sibling, err, goOn}, func() (winner, loser meeting.Meeting) {
		for id, m := range map[string]*meeting.Meeting{"winner": &winner, "loser": &loser} {
			var failed error
			if *m, failed = sibling.fetch(t.Context(), mustFind(t, sibling), id); failed != nil {
				t.Fatal(failed)
			}
		}
		return winner, loser
	}
}

func TestWhileAnActIsUnderWayItsMeetingsAreBusyAndItsCellsTaken(t *testing.T) {
	t.Parallel()
	for _, step := range []string{stepActCommit, stepActMove, stepActNext} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s, after := acting(t, step)
			if _, err := s.sibling.Do(t.Context(), "seoul", "loser", 0, meeting.By{}, out); problem.From(err).Code != "meeting_busy" {
				t.Errorf("the loser can be acted upon: %v", err)
			}
			for _, room := range []string{"b1", "b2"} { // taken by the room, and by a principal
				if _, err := s.sibling.Do(t.Context(), "seoul", "n", 0, meeting.By{}, into(at(0), room)); !problem.Is(err, problem.Conflict) {
					t.Errorf("somebody gets into %s: %v", room, err)
				}
			}
			done := s.finish(t)
			if winner, loser := after(); (winner.Room == "b1") != done || (loser.Status == meeting.Agreed) != done {
				t.Errorf("the winner is in %q, the loser %s", winner.Room, loser.Status)
			}
			s.r.sound(t)
		})
	}
}

func TestAnActThatWasUndoneIsNeverCommittedAndOneThatIsTrueIsDrivenOn(t *testing.T) {
	t.Parallel()
	for step, isTrue := range map[string]bool{stepActMark: false, stepClaim: false, stepActCommit: false, stepActMove: true, stepActNext: true} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s, after := acting(t, step)
			s.sibling.clock.advance(overdue + time.Second)
			acts, err := storeActs(t, s.sibling)
			if err != nil || acts != 1 {
				t.Fatalf("%d acts: %v", acts, err)
			}
			if err := s.sibling.lookForActs(t.Context(), s.sibling.wall()); err != nil { // as one that starts now
				t.Fatal(err)
			}
			s.sibling.recover(t)
			s.goOn()
			if err := <-s.err; isTrue && err != nil || !isTrue && err != nil && !problem.Is(err, problem.Conflict) {
				t.Errorf("whoever was too slow gets %v", err)
			} else if _, loser := after(); (loser.Status == meeting.Agreed) != (err == nil) {
				t.Errorf("it answers %v and the loser is %s", err, loser.Status)
			}
			s.r.quieted(t)
			s.sibling.recover(t)
			s.sibling.sound(t)
		})
	}
}

func TestAnAttemptThatWasEndedIsNotConfirmedByTheNextOne(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	slow, arm, halted, goOn := halting(t, e, stepConfirm)
	t.Cleanup(goOn)
	next, armNext, nextHalted, nextGoOn := halting(t, e, stepConfirm)
	t.Cleanup(nextGoOn)
	slow.request(t, "m", "kr", "gb")
	next.quietedAfter(t, slow)
	next.deaf()
	attempt := func(r *replica, arm func(), halted <-chan struct{}, slot meeting.Slot) <-chan error {
		arm()
		done := make(chan error, 1)
		go func() {
			_, err := r.Do(t.Context(), "seoul", "m", 1, meeting.By{}, into(slot, "b1"))
			done <- err
		}()
		<-halted
		return done
	}
	first := attempt(slow, arm, halted, at(0))
	next.clock.advance(overdue + time.Second)
	second := attempt(next, armNext, nextHalted, at(1)) // of the same meeting, at the same revision
	goOn()
	if err := <-first; !problem.Is(err, problem.Conflict) {
		t.Errorf("whoever was too slow gets %v", err)
	}
	nextGoOn()
	if err := <-second; err != nil {
		t.Errorf("whose attempt is there gets %v", err)
	}
	slow.quieted(t)
	next.recover(t)
	next.sound(t)
}

func TestABlockWaitsForWhoIsAboutToGetTheRoom(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		displace, fails bool
		want            error
	}{
		"and has them make way":       {displace: true},
		"and is refused for them":     {want: errRoomInUse},
		"and stands when they do not": {fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := enginestest.Test(t)
			slow, arm, halted, goOn := halting(t, e, stepConfirm)
			t.Cleanup(goOn)
			tried := make(chan struct{}, 100)
			r, _ := open(t, e, func(o *Options) {
				o.Step = func(name string) error {
					if name == stepClaim {
						tried <- struct{}{}
					}
					return nil
				}
			})
			r.deaf()
			slow.clock.stop()
			r.clock.stop()
			arm()
			booking, blocking := make(chan error, 1), make(chan error, 1)
			go func() {
				_, err := slow.Add(t.Context(), "seoul", "new", meeting.By{Desk: true}, booked("kr", "gb", at(0), "b1"))
				booking <- err
			}()
			<-halted
			go func() {
				_, err := r.Block(t.Context(), blockOf("x", "b1", 0, 2), meeting.By{Desk: true}, test.displace)
				blocking <- err
			}()
			for range 2 { // so it has waited once
				select {
				case <-tried:
				case err := <-blocking:
					t.Fatalf("it does not wait: %v", err)
				}
			}
			if test.fails {
				slow.clock.advance(overdue + time.Second)
				if _, err := slow.settled(t.Context(), mustFind(t, slow), "new"); err != nil {
					t.Fatal(err)
				}
				err := <-blocking
				blocking <- err
			}
			goOn()
			if err := <-booking; (err == nil) == test.fails {
				t.Errorf("the booking is answered %v", err)
			}
			if err := <-blocking; !errors.Is(err, test.want) {
				t.Errorf("the block is answered %v", err)
			}
			r.quieted(t)
			if m, err := r.Meeting(t.Context(), "seoul", "new", 0); err == nil && (m.Room == "b1") != (test.want != nil) {
				t.Errorf("the meeting is in %q", m.Room)
			}
		})
	}
}

func TestABlockNeedNotWaitForWhoHasClaimedNothingYet(t *testing.T) {
	t.Parallel()
	r, arm, halted, goOn := halting(t, enginestest.Test(t), stepInsert)
	t.Cleanup(goOn)
	arm()
	booking := make(chan error, 1)
	go func() {
		_, err := r.Add(t.Context(), "seoul", "new", meeting.By{Desk: true}, booked("kr", "gb", at(0), "b1"))
		booking <- err
	}()
	<-halted
	if _, err := r.Block(t.Context(), blockOf("x", "b1", 0, 2), meeting.By{Desk: true}, false); err != nil {
		t.Errorf("the block is answered %v", err)
	}
	goOn()
	if err := <-booking; !errors.Is(err, errNotFree) {
		t.Errorf("the booking is answered %v", err)
	}
}
