package engines_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// The tests of shared/bus stand here, where there is a broker to hold it to.

var silent = slog.New(slog.DiscardHandler)

func connect(t *testing.T) *bus.Bus {
	t.Helper()
	e := enginestest.Test(t)
	b, err := bus.Connect(t.Context(), bus.Config{Options: e.Bus()}, silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func released(t *testing.T, id string, revision int64) event.Envelope {
	t.Helper()
	e, err := event.New(id, "seoul", "seoul", revision, "", time.Now(), event.AgendaReleased{Revision: revision})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAnOlderStateNeverReplacesANewer(t *testing.T) {
	t.Parallel()
	b := connect(t)
	subject := event.AgendaHeadSubject("seoul")
	var wg sync.WaitGroup
	for rev := range int64(30) {
		wg.Go(func() {
			if err := b.PutState(t.Context(), subject, rev+1, fmt.Append(nil, rev+1)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := b.PutState(t.Context(), subject, 7, []byte("late")); err != nil {
		t.Fatal(err)
	}
	var last bus.Seen
	w, err := b.WatchState(t.Context(), func(_ context.Context, m bus.Seen) error { last = m; return nil })
	if err != nil {
		t.Fatal(err)
	}
	w.Stop()
	if last.Revision != 30 || string(last.Data) != "30" {
		t.Errorf("state is %s at revision %d", last.Data, last.Revision)
	}
}

func TestManyStatesArePutAndNoneOverANewerOne(t *testing.T) {
	t.Parallel()
	b := connect(t)
	var states []bus.State
	for i := range 1000 {
		states = append(states, bus.State{Subject: event.DelegateStateSubject("seoul", fmt.Sprint(i)), Revision: 2, Data: []byte("second")})
	}
	for subject, revision := range map[string]int64{states[3].Subject: 1, states[4].Subject: 5} {
		if err := b.PutState(t.Context(), subject, revision, fmt.Append(nil, revision)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := b.PutStates(t.Context(), states); err != nil {
			t.Fatal(err)
		}
	}
	revisions := map[int64]int{}
	w, err := b.WatchState(t.Context(), func(_ context.Context, m bus.Seen) error { revisions[m.Revision]++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	w.Stop()
	if revisions[2] != 999 || revisions[5] != 1 || len(revisions) != 2 {
		t.Errorf("%v, want 999 at revision 2 and one at 5", revisions)
	}
	if n, err := b.LastSequence(t.Context(), bus.StreamState); err != nil || n > 1001 {
		t.Errorf("the second time put more: %d, %v", n, err)
	}
}

func TestSyncIsABarrier(t *testing.T) {
	t.Parallel()
	b := connect(t)
	var seen atomic.Int64
	w, err := b.WatchState(t.Context(), func(_ context.Context, m bus.Seen) error { seen.Store(m.Revision); return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for rev := range int64(50) {
		if err := b.PutState(t.Context(), event.AgendaHeadSubject("seoul"), rev+1, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seen.Load() != rev+1 {
			t.Fatalf("after Sync %d was not seen", rev+1)
		}
	}
}

func TestHowADeliveryEnds(t *testing.T) {
	t.Parallel()
	b := connect(t)
	var mu sync.Mutex
	tries := map[string]int{}
	handle := func(_ context.Context, e event.Envelope) error {
		mu.Lock()
		defer mu.Unlock()
		tries[e.ID]++
		switch {
		case e.ID == "weather" && tries[e.ID] < 4:
			return errors.New("the store does not answer")
		case e.ID == "malformed":
			return problem.New(problem.Malformed, "bad", "cannot be read")
		case e.ID == "poison":
			panic("at the disco")
		}
		return nil
	}
	done := make(chan string, 20)
	stop, err := b.Consume(t.Context(), bus.Work{
		Stream: bus.StreamAgenda, Durable: "test",
		OnDone: func(e event.Envelope, _ error) { done <- e.ID },
	}, handle)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ids := []string{"weather", "malformed", "poison", "fine"}
	for _, id := range append(ids, ids...) { // the broker swallows the second of each
		if err := b.Publish(t.Context(), released(t, id, 1)); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range ids { // in order, bad weather included
		select {
		case got := <-done:
			if got != want {
				t.Fatalf("%s ended, want %s", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s never ended", want)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if fmt.Sprint(tries) != "map[fine:1 malformed:1 poison:3 weather:4]" {
		t.Errorf("tries: %v", tries)
	}
	dead, err := b.LastSequence(t.Context(), bus.StreamDead)
	if err != nil || dead != 2 {
		t.Errorf("%d dead letters, %v; want 2", dead, err)
	}
	if left, err := b.Pending(t.Context(), bus.StreamAgenda, "test"); err != nil || left != 0 {
		t.Errorf("%d events left, %v", left, err)
	}
}

func TestWhatIsInHandWhenAConsumerStopsIsNotLost(t *testing.T) {
	t.Parallel()
	b := connect(t)
	begun, work := make(chan struct{}), bus.Work{Stream: bus.StreamAgenda, Durable: "test"}
	stop, err := b.Consume(t.Context(), work, func(ctx context.Context, _ event.Envelope) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(t.Context(), released(t, "one", 1)); err != nil {
		t.Fatal(err)
	}
	<-begun
	stop()
	again := make(chan string, 1)
	stop, err = b.Consume(t.Context(), work, func(_ context.Context, e event.Envelope) error {
		again <- e.ID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	select {
	case <-again:
	case <-time.After(10 * time.Second):
		t.Fatal("the event in hand was lost")
	}
}

func TestTheNextConsumerGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	b := connect(t)
	const rounds, each = 20, 10
	for n := range rounds * each {
		if err := b.Publish(t.Context(), released(t, fmt.Sprint(n), int64(n))); err != nil {
			t.Fatal(err)
		}
	}
	for round := range rounds {
		begun := make(chan struct{}, rounds*each)
		stop, err := b.Consume(t.Context(), bus.Work{Stream: bus.StreamAgenda, Durable: "test"}, func(context.Context, event.Envelope) error {
			begun <- struct{}{}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range each / 2 {
			select {
			case <-begun:
			case <-time.After(10 * time.Second):
				t.Fatalf("round %d waits for what the one before had in its hands", round)
			}
		}
		stop()
	}
}

func TestAConsumerThatTheBrokerDroppedIsMadeAgain(t *testing.T) {
	t.Parallel()
	b := connect(t)
	seen := make(chan string, 10)
	stop, err := b.Consume(t.Context(), bus.Work{Stream: bus.StreamAgenda, Durable: "test"}, func(_ context.Context, e event.Envelope) error {
		seen <- e.ID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err := b.JS().DeleteConsumer(t.Context(), bus.StreamAgenda, "test"); err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(t.Context(), released(t, "one", 1)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-seen:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody works through the events any more")
	}
}

func TestAWatchTriesAgainAndStopWaitsForIt(t *testing.T) {
	t.Parallel()
	b := connect(t)
	var tries atomic.Int64
	begun, stopped := make(chan struct{}), false
	w, err := b.WatchState(t.Context(), func(ctx context.Context, m bus.Seen) error {
		switch {
		case m.Revision == 1 && tries.Add(1) < 3:
			return errors.New("the store does not answer")
		case m.Revision == 2:
			close(begun)
			<-ctx.Done()
			_ = b.Ready(context.Background()) // it takes a while to give up
			stopped = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for rev := range int64(2) {
		if err := b.PutState(t.Context(), event.AgendaHeadSubject("seoul"), rev+1, nil); err != nil {
			t.Fatal(err)
		}
		if rev == 0 {
			if err := w.Sync(t.Context()); err != nil || tries.Load() != 3 {
				t.Errorf("%v after %d tries", err, tries.Load())
			}
		}
	}
	<-begun
	w.Stop()
	if !stopped {
		t.Error("Stop did not wait for the call")
	}
}

func TestAMessageTheBusCannotTakeIsRefusedForGood(t *testing.T) {
	t.Parallel()
	b := connect(t)
	e := released(t, "big", 1)
	e.Data = append(append([]byte{'"'}, make([]byte, 2<<20)...), '"')
	for i := range e.Data[1 : len(e.Data)-1] {
		e.Data[i+1] = 'x'
	}
	if err := b.Publish(t.Context(), e); !errors.Is(err, bus.ErrRefused) {
		t.Errorf("publishing 2 MB: %v", err)
	}
}

func TestWorkedSaysHowFarAConsumerIs(t *testing.T) {
	t.Parallel()
	b := connect(t)
	for rev := range int64(3) {
		if err := b.Publish(t.Context(), released(t, fmt.Sprint("release-", rev), rev)); err != nil {
			t.Fatal(err)
		}
	}
	if at, err := b.Worked(t.Context(), bus.StreamAgenda, "worked"); err != nil || at != 0 {
		t.Errorf("before there is such a consumer: %d, %v", at, err)
	}
	done, hold := make(chan struct{}, 3), make(chan struct{})
	stop, err := b.Consume(t.Context(), bus.Work{
		Stream: bus.StreamAgenda, Durable: "worked", OnDone: func(event.Envelope, error) { done <- struct{}{} },
	}, func(ctx context.Context, e event.Envelope) error {
		if e.ID == "release-2" {
			select {
			case <-hold:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	<-done
	<-done
	if at, err := b.Worked(t.Context(), bus.StreamAgenda, "worked"); err != nil || at != 2 {
		t.Errorf("with the third in hand: %d, %v", at, err)
	}
	close(hold)
	<-done
	if at, err := b.Worked(t.Context(), bus.StreamAgenda, "worked"); err != nil || at != 3 {
		t.Errorf("when all is done: %d, %v", at, err)
	}
}

func TestWhoeverHasGoneFollowsNoMore(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	var all []*bus.Bus
	for range 3 {
		b, err := bus.Connect(t.Context(), bus.Config{Options: e.Bus()}, silent)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		w, err := b.Tail(t.Context(), bus.StreamNotice, 1, func(context.Context, bus.Seen) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Stop)
		all = append(all, b)
	}
	for left := 3; left > 0; left-- {
		for tick, over := time.NewTicker(5*time.Millisecond), time.After(20*time.Second); ; {
			n, err := all[0].Followers(t.Context(), bus.StreamNotice)
			if err != nil {
				t.Fatal(err)
			}
			if n == left {
				tick.Stop()
				break
			}
			select {
			case <-tick.C:
			case <-over:
				t.Fatalf("%d follow, and %d are left", n, left)
			}
		}
		all[left-1].Close() // as a process that is killed: nothing is taken back
	}
}
