package devices

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/store"
)

func open(t *testing.T, e *engines.Engines, now func() time.Time) *Devices {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "notifications"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	d, err := Open(t.Context(), st, now, func(Holder) {})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func phone(delegate, installation, token string) push.Device {
	return push.Device{Delegate: delegate, Conference: "seoul", Installation: installation, Token: push.Token(token), Platform: push.Android, Locale: "en"}
}

func register(t *testing.T, d *Devices, devs ...push.Device) {
	t.Helper()
	for _, x := range devs {
		if _, err := d.Register(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
}

func want(t *testing.T, d *Devices, delegate string, installations ...string) {
	t.Helper()
	got := []string{}
	for _, x := range d.Of(delegate) {
		got = append(got, x.Installation)
		if held, ok := d.Device(x.Installation); !ok || held.Delegate != delegate {
			t.Errorf("%s is listed for %s and held by %s", x.Installation, delegate, held.Delegate)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(installations) {
		t.Errorf("%s has %v, want %v", delegate, got, installations)
	}
}

func TestAPhoneGivenAwayAtTwoReplicasIsTheLaterHolders(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e, time.Now), open(t, e, func() time.Time { return time.Now().Add(time.Second) })
	register(t, a, phone("ada", "p1", "t1"))
	register(t, b, phone("bob", "p1", "t1")) // b has not heard of ada's
	for _, docs := range [][]Holder{{a.holders["ada"], b.holders["bob"]}, {b.holders["bob"], a.holders["ada"]}} {
		c := &Devices{holders: map[string]Holder{}, byPhone: map[string]string{}, byToken: map[push.Token]string{}}
		for _, h := range docs {
			c.keep(h)
		}
		if held, _ := c.Device("p1"); held.Delegate != "bob" {
			t.Errorf("the phone is %s's", held.Delegate)
		}
	}
}

func TestATokenThatMovedToAnotherInstallationAtASiblingBringsNothingToItsFormerHolder(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e, time.Now), open(t, e, func() time.Time { return time.Now().Add(time.Second) })
	register(t, a, phone("ada", "p1", "t1"))
	register(t, b, phone("bob", "p2", "t1")) // b has not heard of ada's
	for _, docs := range [][]Holder{{a.holders["ada"], b.holders["bob"]}, {b.holders["bob"], a.holders["ada"]}} {
		c := &Devices{holders: map[string]Holder{}, byPhone: map[string]string{}, byToken: map[push.Token]string{}}
		for _, h := range docs {
			c.keep(h)
		}
		if held, ok := c.Device("p1"); ok {
			t.Errorf("news of %s goes to a token that is bob's", held.Delegate)
		}
		if held, _ := c.Device("p2"); held.Delegate != "bob" {
			t.Errorf("the token is %q's", held.Delegate)
		}
	}
}

func TestAPhoneBelongsToWhoeverRegisteredItLast(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	d := open(t, e, time.Now)
	register(t, d, phone("ada", "p1", "t1"), phone("ada", "p2", "t2"), phone("bob", "p3", "t3"))
	register(t, d, phone("bob", "p1", "t1")) // the phone is handed on
	register(t, d, phone("bob", "p4", "t2")) // and its token turns up elsewhere
	for _, d := range []*Devices{d, open(t, e, time.Now)} {
		want(t, d, "ada")
		want(t, d, "bob", "p3", "p1", "p4")
		if _, there := d.Device("p2"); there {
			t.Error("p2 is still reached under the token it has lost")
		}
	}
}

func TestRegisteringAgainReplaces(t *testing.T) {
	t.Parallel()
	d := open(t, enginestest.Test(t), time.Now)
	register(t, d, phone("ada", "p1", "old"), phone("ada", "p1", "new"))
	want(t, d, "ada", "p1")
	if x, _ := d.Device("p1"); x.Token != "new" {
		t.Error("the old token is still used")
	}
	for n := range most + 3 {
		register(t, d, phone("eve", fmt.Sprint("e", n), fmt.Sprint("et", n)))
	}
	if got := len(d.Of("eve")); got != most {
		t.Errorf("eve has %d phones", got)
	}
	if _, there := d.Device("e0"); there {
		t.Error("the phone registered longest ago did not make way")
	}
}

func TestForgetSparesWhatRegisteredSince(t *testing.T) {
	t.Parallel()
	clock := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	e := enginestest.Test(t)
	d := open(t, e, func() time.Time { return clock })
	register(t, d, phone("ada", "p1", "t1"))
	sibling := open(t, e, time.Now)
	for _, tc := range []struct {
		token  string
		sentAt time.Time
		by     *Devices
		did    bool
		gone   bool
	}{
		{"t1", clock.Add(-time.Second), d, false, false}, // registered after the push was sent
		{"other", clock.Add(time.Second), d, false, false},
		{"t1", clock.Add(time.Second), d, true, true},
		{"t1", clock.Add(time.Second), d, false, true},       // twice is no error
		{"t1", clock.Add(time.Second), sibling, false, true}, // which has not heard of it
	} {
		did, err := tc.by.Forget(t.Context(), "p1", tc.token, tc.sentAt)
		if err != nil {
			t.Fatal(err)
		}
		if _, there := d.Device("p1"); there == tc.gone || did != tc.did {
			t.Errorf("forgetting %+v: did %v, there %v", tc, did, there)
		}
	}
}

func TestAReplicaThatIsBehindRemovesWhatItHasNotHeardOf(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e, time.Now), open(t, e, time.Now)
	register(t, a, phone("ada", "p1", "t1")) // b hears no hints here
	if err := b.Remove(t.Context(), "ada", "p1"); err != nil {
		t.Fatal(err)
	}
	want(t, open(t, e, time.Now), "ada")
}

func TestTwoReplicasRegisteringForOnePersonKeepAllPhones(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e, time.Now), open(t, e, time.Now)
	var wg sync.WaitGroup
	for n := range 10 {
		wg.Go(func() {
			if _, err := []*Devices{a, b}[n%2].Register(t.Context(), phone("ada", fmt.Sprint("p", n), fmt.Sprint("t", n))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(open(t, e, time.Now).Of("ada")); got != 10 {
		t.Errorf("ada has %d phones, want 10", got)
	}
}
