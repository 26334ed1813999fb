package notifications

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/operator"
	"plenary.example/shared/bus"
	"plenary.example/shared/store"
)

// started is a service that was started up to its planning, with what else there is
// to start still to come.
func started(t *testing.T) *Service {
	t.Helper()
	e, carrier := enginestest.Test(t), fcmsandbox.New(fcmsandbox.Config{Seed: 1})
	if err := carrier.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = carrier.Stop(context.Background()) })
	s := New(Config{
		FCM: FCM{Endpoint: carrier.Endpoint()}, Bus: bus.Config{Options: e.Bus()},
		Store: store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "plenary_notifications"},
	}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = s.Stop(ctx)
	})
	for _, step := range []func(context.Context) error{
		s.openEngines, s.openWords, s.load, s.startReceipts, s.readySender, s.loadSwitches, s.follow, s.startSending, s.startPeople,
		s.startWindows, s.startPlanning,
	} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestAStartThatTakesLongIsCheckedOnLikeAnyOther(t *testing.T) {
	t.Parallel()
	if err := started(t).check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestASiblingHearsWhatTheBusDidNotTakeAtFirst(t *testing.T) {
	t.Parallel()
	var o owed
	o.add(bus.State{Subject: "carrier", Revision: 2})
	o.add(bus.State{Subject: "carrier", Revision: 1}) // heard of later, and older
	away := errors.New("no leader")
	if err := o.pay(func(bus.State) error { return away }); !errors.Is(err, away) {
		t.Errorf("a bus that is away answers %v", err)
	}
	var told []bus.State
	take := func(x bus.State) error { told = append(told, x); return nil }
	if err := errors.Join(o.pay(take), o.pay(take)); err != nil || len(told) != 1 || told[0].Revision != 2 {
		t.Errorf("told %+v, %v", told, err)
	}
	err := o.pay(func(bus.State) error { t.Error("told twice"); return nil })
	o.add(bus.State{Subject: "phones", Revision: 1})
	err = errors.Join(err, o.pay(func(x bus.State) error {
		o.add(bus.State{Subject: x.Subject, Revision: 2}) // it changes again meanwhile
		return nil
	}), o.pay(take))
	if last := told[len(told)-1]; err != nil || last.Subject != "phones" || last.Revision != 2 {
		t.Errorf("told %+v last, %v", last, err)
	}
}

func TestACarrierIsTurnedAsTheStoreHasItAndItsHintIsRepeated(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "carriers"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	hints := 0
	open := func() *operator.Switches {
		s, err := operator.Open(t.Context(), st, []string{"fcm"}, func(string, bool) {}, func(operator.Switch) { hints++ }, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a, b := open(), open() // neither hears of the other
	for range 2 {
		if _, err := a.Turn(t.Context(), "fcm", true, "wrong text"); err != nil {
			t.Fatal(err)
		}
	}
	if hints != 2 {
		t.Errorf("stopped twice, and told %d times", hints)
	}
	if x, err := b.Turn(t.Context(), "fcm", false, ""); err != nil || x.Revision != 2 {
		t.Errorf("a sibling lets it go on at revision %d, %v", x.Revision, err)
	}
	if err := a.Refresh(t.Context(), "fcm", 2); err != nil || a.Of("fcm").Paused {
		t.Errorf("it is stopped still: %v", err)
	}
}
