package desk

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

func TestOfManyWhoWantOneRoomExactlyOneGetsIt(t *testing.T) {
	t.Parallel()
	for _, replicas := range []int{1, 3} {
		t.Run(fmt.Sprint(replicas, " replicas"), func(t *testing.T) {
			t.Parallel()
			e := enginestest.Test(t)
			var all []*replica
			for range replicas {
				r, _ := open(t, e)
				all = append(all, r.deaf())
			}
			const many = 24
			for i := range many {
				all[0].request(t, fmt.Sprint("m", i), fmt.Sprint("a", i), fmt.Sprint("b", i))
			}
			var won, lost sync.Map
			var wg sync.WaitGroup
			for i := range many {
				wg.Go(func() {
					id := fmt.Sprint("m", i)
					_, err := all[i%replicas].Do(t.Context(), "seoul", id, 1, meeting.By{}, into(at(0), "b1"))
					switch {
					case err == nil:
						won.Store(id, true)
					case problem.Is(err, problem.Conflict):
						lost.Store(id, err)
					default:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			n := 0
			won.Range(func(_, _ any) bool { n++; return true })
			if n != 1 {
				t.Errorf("%d meetings got the room", n)
			}
			lost.Range(func(id, err any) bool {
				if problem.From(err.(error)).Code != "slot_taken" {
					t.Errorf("%s was refused with %v", id, err)
				}
				return true
			})
			for _, r := range all {
				r.quieted(t)
			}
			all[0].sound(t)
		})
	}
}

func TestOfManyActsUponOneMeetingEachIsDecidedOnTheOneBefore(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	a.request(t, "m", "kr", "gb")
	const each = 3
	var wg sync.WaitGroup
	for i := range 2 * each {
		wg.Go(func() {
			r := []*replica{a, b}[i%2]
			if _, err := r.Do(t.Context(), "seoul", "m", 0, meeting.By{}, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
				p, err := into(at(int(m.Revision)), "b1")(w, m)
				return p, err
			}); err != nil && !problem.Is(err, problem.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	a.quieted(t)
	b.quieted(t)
	m, err := a.Meeting(t.Context(), "seoul", "m", 0)
	if err != nil {
		t.Fatal(err)
	}
	history, err := a.History(t.Context(), "seoul", "m")
	if err != nil || int64(len(history)) != m.Revision || m.Slot.Start != at(int(m.Revision)-1).Start {
		t.Errorf("revision %d at %v with a history of %d: %v", m.Revision, m.Slot, len(history), err)
	}
	a.sound(t)
}

func TestARevisionThatHasPassedIsStale(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	a.request(t, "m", "kr", "gb")
	b.deaf()
	if _, err := b.Do(t.Context(), "seoul", "m", 1, meeting.By{}, into(at(0), "b1")); err != nil {
		t.Fatal(err)
	}
	_, err := a.deaf().Do(t.Context(), "seoul", "m", 1, meeting.By{}, into(at(1), "b1"))
	if !problem.Is(err, problem.Stale) {
		t.Errorf("moved by who has not seen it: %v", err)
	}
	if m, err := a.Do(t.Context(), "seoul", "m", 2, meeting.By{}, into(at(1), "b1")); err != nil || m.Revision != 3 {
		t.Errorf("moved by who has seen it: %v", err)
	}
	_, err = a.Do(t.Context(), "seoul", "nothing", 0, meeting.By{}, out)
	_, other := a.Do(t.Context(), "busan", "m", 0, meeting.By{}, out)
	if !problem.Is(err, problem.NotFound) || !problem.Is(other, problem.NotFound) {
		t.Errorf("what is not there: %v, %v", err, other)
	}
}

func TestARefusalIsDecidedOnWhatIsStored(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	a.request(t, "m", "kr", "gb")
	b.quietedAfter(t, a)
	b.deaf()
	if _, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1")); err != nil {
		t.Fatal(err)
	}
	no := problem.New(problem.Conflict, "proposal_open", "Not now.")
	var seen []meeting.Status
	_, err := b.Do(t.Context(), "seoul", "m", 0, meeting.By{}, func(_ meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		seen = append(seen, m.Status)
		return meeting.Plan{}, no
	})
	if !errors.Is(err, no) || fmt.Sprint(seen) != "[requested confirmed]" {
		t.Errorf("refused on %v: %v", seen, err)
	}
}

func TestWhatIsGivenUpCanBeHadAtOnceAnywhere(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	a.deaf()
	b.deaf()
	a.request(t, "m", "kr", "gb")
	a.request(t, "n", "kr", "us")
	for i := range 2 {
		if _, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1")); err != nil {
			t.Fatal(i, err)
		}
		if _, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, out); err != nil {
			t.Fatal(i, err)
		}
		if _, err := b.Do(t.Context(), "seoul", "n", 0, meeting.By{}, into(at(0), "b1")); err != nil {
			t.Fatal(i, err)
		}
		if _, err := b.Do(t.Context(), "seoul", "n", 0, meeting.By{}, out); err != nil {
			t.Fatal(i, err)
		}
	}
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
}

func TestWhatASiblingGaveUpIsInNobodysWay(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	confirmed(t, a, "m", "kr", "gb", at(0), "b1")
	b.quietedAfter(t, a)
	b.deaf()
	if _, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, out); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Add(t.Context(), "seoul", "n", meeting.By{Desk: true}, booked("kr", "us", at(0), "b1")); err != nil {
		t.Errorf("what was given up is in the way: %v", err)
	}
	if _, err := b.Add(t.Context(), "seoul", "o", meeting.By{Desk: true}, booked("kr", "fr", at(0), "b2")); !errors.Is(err, errNotFree) {
		t.Errorf("what is taken is not in the way: %v", err)
	}
	a.quieted(t)
	b.quieted(t)
	a.sound(t)
}

func TestAMeetingThatMovesKeepsTheCellsItHas(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	a.request(t, "m", "kr", "gb")
	first, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(0), "b1"))
	if err != nil {
		t.Fatal(err)
	}
	longer := at(0)
	longer.End = longer.End.Add(30 * time.Minute)
	second, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(longer, "b1"))
	if err != nil {
		t.Fatal(err)
	}
	was, is := cells(first.Holds), cells(second.Holds)
	if len(is) != 2*len(was) || len(second.Freed) != 0 {
		t.Errorf("it had %d cells and has %d, %v freed", len(was), len(is), second.Freed)
	}
	for k, attempt := range was {
		if is[k] != attempt {
			t.Errorf("%v was claimed again", k)
		}
	}
	if _, err := a.Do(t.Context(), "seoul", "m", 0, meeting.By{}, into(at(1), "b1")); err != nil {
		t.Fatal(err)
	}
	a.quieted(t)
	a.sound(t)
}

func TestANewMeetingIsThereWithItsClaimsOrNotAtAll(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 12 {
		wg.Go(func() {
			id := fmt.Sprint("m", i)
			_, err := []*replica{a, b}[i%2].Add(t.Context(), "seoul", id, meeting.By{Desk: true}, booked(fmt.Sprint("a", i), fmt.Sprint("b", i), at(0), "b1"))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !problem.Is(err, problem.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	a.quieted(t)
	b.quieted(t)
	if all, _ := a.All("seoul"); won != 1 || len(all) != 1 {
		t.Errorf("%d won, %d meetings are there", won, len(all))
	}
	a.sound(t)
}

func TestAddingAgainAnswersWhatIsThere(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	for i, r := range []*replica{a, b, a} {
		m, err := r.Add(t.Context(), "seoul", "m", meeting.By{}, booked("kr", "gb", at(i), "b1"))
		if err != nil || !m.Slot.Same(at(0)) || m.Revision != 1 {
			t.Errorf("%d: %v at %d: %v", i, m.Slot, m.Revision, err)
		}
	}
}

// booked brings a meeting with a slot and a room.
func booked(from, to string, slot meeting.Slot, room string) func(meeting.World) (meeting.Plan, error) {
	return func(w meeting.World) (meeting.Plan, error) {
		m := asked(from, to)
		m.ID = "new"
		return into(slot, room)(w, m)
	}
}

// quietedAfter waits until the replica has heard all that another tells.
func (r *replica) quietedAfter(t testing.TB, other *replica) {
	t.Helper()
	other.quieted(t)
	if err := r.watch.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWhoWaitsForOthersOfTheSameReplicaIsNotSentAwayForTheirNumber(t *testing.T) {
	t.Parallel()
	landings, landed := 0, &flight{over: make(chan struct{})}
	close(landed.over)
	got, err := again(t.Context(), func() (int, error) {
		if landings++; landings < 1000 {
			return 0, behind{landed, landings%2 == 0}
		}
		return landings, nil
	})
	if got != 1000 || err != nil {
		t.Errorf("after %d others: %v", got, err)
	}
	if _, err := again(t.Context(), func() (int, error) { return 0, errAgain }); !errors.Is(err, busy) {
		t.Errorf("a world that never holds still: %v", err)
	}
}

func TestWhoLosesEveryRaceHearsWhatElseIsFree(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	confirmed(t, a, "n", "us", "fr", at(0), "b1")
	a.request(t, "m", "kr", "gb")
	a.request(t, "p", "hu", "se")
	desk := meeting.By{Actor: "d", Desk: true}
	times := 0
	_, moved := a.Do(t.Context(), "seoul", "m", 0, desk, func(_ meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		times++
		return placed(m, at(0), "b1"), nil // whoever has it
	})
	_, added := a.Add(t.Context(), "seoul", "o", desk, func(meeting.World) (meeting.Plan, error) {
		return placed(asked("kr", "gb"), at(0), "b1"), nil
	})
	_, both := a.DoAll(t.Context(), "seoul", desk, []string{"p", "m"}, nil, func(_ meeting.World, ms []meeting.Meeting) ([]meeting.Plan, error) {
		return []meeting.Plan{{Next: ms[0], Told: meeting.Entry{Verb: meeting.WasEvicted}}, placed(ms[1], at(0), "b1")}, nil
	})
	for name, err := range map[string]error{"moved": moved, "added": added, "moved with another": both} {
		if err == nil || problem.From(err).Code != "slot_taken" || len(problem.From(err).Fields) == 0 {
			t.Errorf("who would be %s is answered %v with %v", name, err, problem.From(err))
		}
	}
	if times != tries {
		t.Errorf("it was tried %d times", times)
	}
	a.quieted(t)
	a.sound(t)
}
