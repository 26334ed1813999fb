package dispatch

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plenary.example/services/notifications/internal/push"
)

func TestUrgentNewsFindsAQuarterOfTheSlotsHoweverMuchElseIsInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlight(8)
		var mu sync.Mutex
		begun := map[push.Lane]int{}
		for _, lane := range []push.Lane{push.Important, push.Routine, push.Urgent} {
			for range 10 {
				go func() {
					if f.begin(t.Context(), lane) {
						mu.Lock()
						defer mu.Unlock()
						begun[lane]++
					}
				}()
				synctest.Wait()
			}
		}
		if begun[push.Important] != 4 || begun[push.Routine] != 2 || begun[push.Urgent] != 2 {
			t.Errorf("of eight slots are taken: %v", begun)
		}
		f.end(push.Routine)
		f.end(push.Urgent)
		synctest.Wait()
		if begun[push.Important] != 4 || begun[push.Routine]+begun[push.Urgent] != 6 || len(f.all) != 8 {
			t.Errorf("two were given back, and %d are taken: %v", len(f.all), begun)
		}
	})
}

// The jobs are with the bus before it is time: whoever makes them may be killed.
func TestWhatMayNotBeToldBeforeATimeWaitsForItInTheQueue(t *testing.T) {
	r := setup(t)
	d, _ := r.worker(r.js)
	who := r.desk.phones(3, push.Android)
	n := r.desk.file("opening", 1, push.Important, who)
	n.NotBefore = time.Now().Add(300 * time.Millisecond)
	r.desk.notices[n.Key] = n
	r.enqueue(d, n, who)
	r.enqueue(d, n, who) // somebody rang again
	r.until(received(3))
	r.drained()
	for _, m := range r.sandbox.All() {
		if m.At.Before(n.NotBefore) {
			t.Errorf("%s buzzed %s too early", m.Token, n.NotBefore.Sub(m.At))
		}
	}
	if got := r.sandbox.Stats().Received; got != 3 {
		t.Errorf("%d pushes for three phones", got)
	}
}
