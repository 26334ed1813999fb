package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

// settles gives a meeting a slot by the desk, in a room or in the best there is.
func settles(slot meeting.Slot, room string) meeting.Decision {
	by := meeting.By{Actor: "d", Desk: true}
	return func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Settle(m, by, slot, room) }
}

// aloft says whether any attempt of this replica is on its way.
func (c *conference) aloft() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.flying) > 0
}

// everyWay is the slot and the room of at(0) and "b2" wanted, for a moment, on each
// of the ways to get them: for the meeting n, for a new one, and for n and another one.
func (r *replica) everyWay(t *testing.T, another string) map[string]error {
	t.Helper()
	by := meeting.By{Actor: "d", Desk: true}
	want, errs := settles(at(0), "b2"), map[string]error{}
	for name, way := range map[string]func(context.Context) error{
		"one meeting": func(ctx context.Context) error {
			_, err := r.Do(ctx, "seoul", "n", 0, by, want)
			return err
		},
		"a new one": func(ctx context.Context) error {
			_, err := r.Add(ctx, "seoul", "new", by, func(w meeting.World) (meeting.Plan, error) { return want(w, asked("kr", "us")) })
			return err
		},
		"two at once": func(ctx context.Context) error {
			_, err := r.DoAll(ctx, "seoul", by, []string{"n", another}, nil, func(w meeting.World, ms []meeting.Meeting) ([]meeting.Plan, error) {
				p, err := want(w, ms[0])
				return []meeting.Plan{p, {Next: ms[1], Holds: ms[1].Holds}}, err
			})
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		errs[name] = way(ctx)
		cancel()
	}
	return errs
}

func TestWhoIsStillBehindSomebodyElseAtTheEndHearsWhatElseIsFree(t *testing.T) {
	t.Parallel()
	r, arm, halted, goOn := halting(t, enginestest.Test(t), stepConfirm)
	t.Cleanup(goOn)
	r.request(t, "m", "kr", "gb")
	r.request(t, "n", "kr", "us")
	r.request(t, "o", "fr", "de")
	r.quieted(t)
	arm()
	done := make(chan error, 1)
	go func() {
		_, err := r.Do(t.Context(), "seoul", "m", 0, meeting.By{}, settles(at(0), "b1"))
		done <- err
	}()
	<-halted
	for name, err := range r.everyWay(t, "o") {
		if err == nil || problem.From(err).Code != "slot_taken" || len(problem.From(err).Fields) == 0 {
			t.Errorf("who wants it for %s is answered %v with %v", name, err, problem.From(err))
		}
	}
	// Who only wants a room does not wait for the one that somebody is about to get.
	if o, err := r.Do(t.Context(), "seoul", "o", 0, meeting.By{}, settles(at(0), "")); err != nil || o.Room != "b2" {
		t.Errorf("they get %q: %v", o.Room, err)
	}
	goOn()
	if err := <-done; err != nil {
		t.Error(err)
	}
	r.quieted(t)
	r.sound(t)
}

func TestWhoCannotHaveWhatIsFreeInTimeIsAskedToComeAgain(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginestest.Test(t))
	r.request(t, "n", "kr", "us")
	r.request(t, "o", "fr", "de")
	for range mostHands { // as many others as may be at it
		r.hands <- struct{}{}
	}
	for name, err := range r.everyWay(t, "o") {
		if !isBusy(err) {
			t.Errorf("who wants it for %s is answered %v", name, err)
		}
	}
	if acts, err := storeActs(t, r); err != nil || acts > 0 || mustFind(t, r).aloft() {
		t.Errorf("%d acts are begun, and somebody is about to have something: %v", acts, err)
	}
}

func TestTheTimeOfAnAttemptBeginsWhenItIsItsTurn(t *testing.T) {
	t.Parallel()
	deadlines := make(chan time.Time, 1)
	var r *replica
	r, _ = open(t, enginestest.Test(t), func(o *Options) {
		o.Step = func(name string) error {
			if name == stepClaim {
				m, _, _ := mustFind(t, r).known("m")
				deadlines <- m.Attempt.Deadline
			}
			return nil
		}
	})
	r.request(t, "m", "kr", "gb")
	for range mostHands {
		r.hands <- struct{}{}
	}
	done := make(chan error, 1)
	go func() {
		_, err := r.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1"))
		done <- err
	}()
	until(t, mustFind(t, r).aloft)
	r.clock.advance(overdue + time.Second)
	waited := r.wall()
	<-r.hands
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if deadline := <-deadlines; deadline.Before(waited.Add(overdue)) {
		t.Errorf("anybody could end it %v after its turn had come", deadline.Sub(waited))
	}
}

func TestFewAttemptsAreUnderWayAtATimeAndEachHasAllItsTimeThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &Desk{options: Options{Patience: patience}, hands: make(chan struct{}, mostHands)}
		c := newConference("seoul")
		var mu sync.Mutex
		var wg sync.WaitGroup
		now, most := 0, 0
		count := func(by int) {
			mu.Lock()
			defer mu.Unlock()
			now += by
			most = max(most, now)
		}
		for n := range 3 * mostHands {
			wg.Go(func() {
				id := fmt.Sprint("m", n)
				begun, done, err := d.aboard(t.Context(), c, id, map[string][]meeting.Hold{id: {{Resource: id, To: 1}}})
				if err != nil {
					t.Error(err)
					return
				}
				defer done()
				count(1)
				time.Sleep(patience - time.Second)
				if begun.Err() != nil {
					t.Errorf("%s has no time left", id)
				}
				count(-1)
			})
		}
		wg.Wait()
		if most != mostHands || c.aloft() || len(c.meetings) > 0 {
			t.Errorf("%d were under way at a time, and %d are left", most, len(c.meetings))
		}
	})
}

func TestAnAttemptThatTookTooLongIsInNobodysWay(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	dead, arm, _, stop := dying(t, e, stepConfirm, 1)
	dead.request(t, "m", "kr", "gb")
	dead.request(t, "n", "kr", "us")
	dead.quieted(t)
	sibling, _ := open(t, e)
	arm()
	if _, err := dead.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1")); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	stop()
	if _, err := sibling.fetch(t.Context(), mustFind(t, sibling), "m"); err != nil { // so it knows of the attempt
		t.Fatal(err)
	}
	if _, err := sibling.Do(t.Context(), "seoul", "n", 0, meeting.By{}, into(at(0), "b2")); !errors.Is(err, errNotFree) {
		t.Errorf("while it has time, it is not in the way: %v", err)
	}
	sibling.clock.advance(overdue + time.Second)
	if _, err := sibling.Do(t.Context(), "seoul", "n", 0, meeting.By{}, into(at(0), "b2")); err != nil {
		t.Errorf("it is in the way: %v", err)
	}
	sibling.recover(t)
	sibling.sound(t)
}

func TestAnAttemptOfASiblingThatFailedIsInNobodysWay(t *testing.T) {
	t.Parallel()
	s := accepting(t)
	if m, err := s.sibling.fetch(t.Context(), mustFind(t, s.sibling), "m"); err != nil || m.Attempt == nil { // so it knows of the attempt
		t.Fatal(err)
	}
	s.r.clock.advance(overdue + time.Second)
	if _, err := s.r.settled(t.Context(), mustFind(t, s.r), "m"); err != nil { // which nobody tells it of
		t.Fatal(err)
	}
	s.r.quieted(t)
	if _, err := s.sibling.Do(t.Context(), "seoul", "n", 0, meeting.By{}, into(at(0), "b2")); err != nil {
		t.Errorf("it is in the way: %v", err)
	}
	s.goOn()
	if err := <-s.err; !errors.Is(err, errNotFree) {
		t.Errorf("who was too slow is answered %v", err)
	}
	s.sibling.quieted(t)
	s.r.recover(t)
	s.r.sound(t)
}
