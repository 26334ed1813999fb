package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/bus"
)

var quiet = slog.New(slog.DiscardHandler)

func clock(t *testing.T, e *engines.Engines) *Clock {
	t.Helper()
	b, err := bus.Connect(t.Context(), bus.Config{Options: e.Bus()}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	c := New(b.JS(), 1, quiet)
	if err := c.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func set(t *testing.T, c *Clock, key string, at time.Time, data string) {
	t.Helper()
	if err := c.Set(t.Context(), Alarm{Kind: "test", Key: key, At: at, Data: json.RawMessage(data)}); err != nil {
		t.Fatal(err)
	}
}

func TestAnAlarmRingsOnceNotBeforeItsTimeAndTheLastOneSetHolds(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := clock(t, e), clock(t, e) // two replicas
	begun := time.Now()
	due := begun.Add(1500 * time.Millisecond)
	set(t, a, "put forward", begun.Add(time.Hour), `1`)
	set(t, b, "put forward", due, `2`)
	set(t, a, "put off", begun.Add(time.Second), `1`)
	set(t, a, "put off", begun.Add(time.Hour), `2`)
	set(t, a, "cancelled", begun.Add(time.Second), `1`)
	set(t, a, "long past", begun.Add(-time.Hour), `1`)
	if err := b.Cancel(t.Context(), "test", "cancelled"); err != nil {
		t.Fatal(err)
	}
	if err := b.Cancel(t.Context(), "test", "never set"); err != nil {
		t.Fatal(err)
	}
	rang := make(chan Alarm, 10)
	for _, c := range []*Clock{a, b} {
		stop, err := c.Ring(t.Context(), "test", 2, func(_ context.Context, a Alarm) error { rang <- a; return nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
	}
	if got := <-rang; got.Key != "long past" {
		t.Errorf("first rings %q", got.Key)
	}
	got := <-rang
	if got.Key != "put forward" || string(got.Data) != `2` || time.Now().Before(due) {
		t.Errorf("then rings %q with %s, %s before its time", got.Key, got.Data, time.Until(due))
	}
	set(t, a, "last", time.Now(), `1`)
	if got := <-rang; got.Key != "last" {
		t.Errorf("%q rings", got.Key)
	}
}

func TestAnAlarmThatWasNotActedUponRingsAgain(t *testing.T) {
	t.Parallel()
	c := clock(t, enginestest.Test(t))
	set(t, c, "k", time.Now(), `1`)
	times := 0
	done := make(chan struct{})
	stop, err := c.Ring(t.Context(), "test", 1, func(context.Context, Alarm) error {
		switch times++; times {
		case 1:
			return errors.New("the store is away")
		case 2:
			panic("a fault of ours")
		}
		close(done)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	<-done
	stop()
}
