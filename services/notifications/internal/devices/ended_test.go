package devices

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/problem"
)

func signedIn(delegate, installation, signIn string) push.Device {
	d := phone(delegate, installation, "t-"+installation)
	d.SignIn = signIn
	return d
}

func end(t *testing.T, d *Devices, delegate, signIn string, at time.Time) {
	t.Helper()
	if err := d.End(t.Context(), "seoul", delegate, signIn, at); err != nil {
		t.Fatal(err)
	}
}

func TestTheEndOfASignInTakesItsPhonesOnly(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	d := open(t, e, time.Now)
	register(t, d, signedIn("ada", "p1", "one"), signedIn("ada", "p2", "two"), phone("ada", "p3", "t3"), signedIn("bob", "p4", "three"))
	for range 2 {
		end(t, d, "ada", "one", time.Now())
		end(t, d, "nobody", "four", time.Now())
	}
	if h := d.holders["ada"]; h.Revision != 4 {
		t.Errorf("written %d times", h.Revision)
	}
	register(t, d, signedIn("ada", "p1", "two")) // the same phone, signed in anew
	end(t, d, "ada", "one", time.Now())
	for _, d := range []*Devices{d, open(t, e, time.Now)} {
		want(t, d, "ada", "p2", "p3", "p1")
		want(t, d, "bob", "p4")
	}
}

func TestNoPhoneRegistersWithASignInThatHasEnded(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e, time.Now), open(t, e, time.Now)
	register(t, b, signedIn("ada", "p0", "other")) // so that b has a document, and an old one after this:
	end(t, a, "ada", "gone", time.Now())
	end(t, a, "bob", "gone too", time.Now())
	for _, dev := range []push.Device{signedIn("ada", "p1", "gone"), signedIn("bob", "p2", "gone too")} {
		if _, err := b.Register(t.Context(), dev); !problem.Is(err, problem.Unauthenticated) { // b heard no hint
			t.Errorf("registered with a sign-in that has ended: %v", err)
		}
	}
	fresh := open(t, e, time.Now)
	want(t, fresh, "ada", "p0")
	want(t, fresh, "bob")
	// What this replica alone has heard counts as well.
	fresh.Silence("heard")
	if _, err := fresh.Register(t.Context(), signedIn("ada", "p3", "heard")); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("registered with a sign-in that is known to have ended: %v", err)
	}
}

func TestARegistrationThatCrossesTheEndOfItsSignInIsRefusedOrUndone(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e, time.Now), open(t, e, time.Now)
	for n := range 20 {
		var both sync.WaitGroup
		signIn := fmt.Sprint("s", n)
		both.Go(func() { _, _ = a.Register(t.Context(), signedIn("ada", fmt.Sprint("p", n), signIn)) })
		both.Go(func() {
			if err := b.End(t.Context(), "seoul", "ada", signIn, time.Now()); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
	}
	want(t, open(t, e, time.Now), "ada")
}

func TestAPhoneIsPassedOverFromTheMomentItsSignInIsKnownToHaveEnded(t *testing.T) {
	t.Parallel()
	d := open(t, enginestest.Test(t), time.Now)
	register(t, d, signedIn("ada", "p1", "one"), phone("ada", "p2", "t2"))
	d.Silence("one")
	if _, there := d.Device("p1"); there {
		t.Error("a phone is still reached after its sign-in")
	}
	if _, there := d.Device("p2"); !there {
		t.Error("a phone of which no sign-in is known is not reached")
	}
	register(t, d, signedIn("ada", "p1", "two"))
	if _, there := d.Device("p1"); !there {
		t.Error("a phone that signed in anew is not reached")
	}
}

func TestWhatIsRememberedOfSignInsIsForgottenInTime(t *testing.T) {
	t.Parallel()
	clock := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	d := open(t, enginestest.Test(t), func() time.Time { return clock })
	end(t, d, "ada", "one", clock)
	end(t, d, "ada", "long ago", clock.Add(-endedFor)) // no token of it is left: nothing to remember
	d.Silence("one")
	if h := d.holders["ada"]; len(h.Ended) != 1 {
		t.Errorf("remembered %v", h.Ended)
	}
	clock = clock.Add(endedFor)
	end(t, d, "ada", "two", clock)
	if h := d.holders["ada"]; len(h.Ended) != 1 || h.Ended[0].SignIn != "two" {
		t.Errorf("remembered %v", h.Ended)
	}
	clock = clock.Add(silentFor)
	d.Silence("three")
	if len(d.silent) != 1 {
		t.Errorf("passed over %v", d.silent)
	}
}

func TestOfPeopleWhoAreGoneTheIdStays(t *testing.T) {
	t.Parallel()
	clock := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	e := enginestest.Test(t)
	d := open(t, e, func() time.Time { return clock })
	register(t, d, signedIn("ada", "p1", "one"), signedIn("bob", "p2", "two"), signedIn("eve", "p3", "three"))
	if err := d.Clear(t.Context(), "eve"); err != nil {
		t.Fatal(err)
	}
	end(t, d, "ada", "zero", clock)
	for range 2 {
		if _, err := d.Tidy(t.Context(), func(_, delegate string) bool { return delegate == "bob" }); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(endedFor)
	}
	again := open(t, e, time.Now)
	want(t, again, "bob", "p2")
	for _, gone := range []string{"ada", "eve"} {
		want(t, again, gone)
		if h := again.holders[gone]; len(h.Ended) != 0 || h.Revision == 0 {
			t.Errorf("of %s there is %+v", gone, h)
		}
	}
}

func TestAPhoneThatHasNotRegisteredFor270DaysIsForgotten(t *testing.T) {
	t.Parallel()
	clock := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	e := enginestest.Test(t)
	d := open(t, e, func() time.Time { return clock })
	register(t, d, signedIn("ada", "p1", "one"), signedIn("ada", "p2", "one"))
	everybody := func(string, string) bool { return true }
	clock = clock.Add(269 * 24 * time.Hour)
	register(t, d, signedIn("ada", "p2", "one"))
	if n, err := d.Tidy(t.Context(), everybody); err != nil || n != 0 {
		t.Errorf("%d forgotten too soon, %v", n, err)
	}
	clock = clock.Add(24 * time.Hour)
	if n, err := d.Tidy(t.Context(), everybody); err != nil || n != 1 {
		t.Errorf("%d forgotten, want 1, %v", n, err)
	}
	if n, err := d.Tidy(t.Context(), everybody); err != nil || n != 0 {
		t.Errorf("%d forgotten again, %v", n, err)
	}
	want(t, open(t, e, time.Now), "ada", "p2")
}
