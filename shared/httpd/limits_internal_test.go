package httpd

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

func TestCallersAreCountedByDeviceAccountAndKey(t *testing.T) {
	t.Parallel()
	l := newLimiter(Limits{Device: Rate{1, 4}, Account: Rate{2, 6}, Key: Rate{1, 2}})
	now := time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)
	let := func(who caller.Caller, n int) (through int) {
		for range n {
			if l.let(&who, now) == nil {
				through++
			}
		}
		return through
	}
	phone, tablet := caller.Caller{Delegate: "d1", SignIn: "phone"}, caller.Caller{Delegate: "d1", SignIn: "tablet"}
	other, key := caller.Caller{Delegate: "d2", SignIn: "other"}, caller.Caller{Key: "phone", SignIn: "key:phone"}
	for _, step := range []struct {
		name  string
		who   caller.Caller
		wait  time.Duration
		want  int
		tries int
	}{
		{"a device after a rest", phone, 0, 4, 10},
		{"a second device of the same person", tablet, 0, 2, 10},
		{"another person", other, 0, 4, 10},
		{"a key that is named like a device", key, 0, 2, 10},
		{"the device a second later", phone, time.Second, 1, 10},
		{"the device after a long rest", phone, time.Hour, 4, 10},
	} {
		now = now.Add(step.wait)
		if got := let(step.who, step.tries); got != step.want {
			t.Errorf("%s: %d of %d calls, want %d", step.name, got, step.tries, step.want)
		}
	}
	if err := l.let(&phone, now); problem.From(err).Code != "too_many_requests" || problem.From(err).RetryAfter != time.Second {
		t.Errorf("the refusal is %v, again after %v; want a second", err, problem.From(err).RetryAfter)
	}
	now = now.Add(time.Second)
	if got := let(phone, 1); got != 1 {
		t.Error("refusals have used up what comes after them")
	}
	none := newLimiter(Limits{})
	for range 1000 {
		if err := none.let(&phone, now); err != nil {
			t.Fatalf("without limits: %v", err)
		}
	}
}

func TestCountersForgetWhoCameLongAgo(t *testing.T) {
	t.Parallel()
	c, now := newCounters(Rate{1, 1}), time.Now()
	for i := range manyCallers + 10 {
		if err := c.let(fmt.Sprint(i), now); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.of.Len(); n > manyCallers {
		t.Errorf("%d callers are remembered, want at most %d", n, manyCallers)
	}
	if c.let(fmt.Sprint(manyCallers+9), now) == nil {
		t.Error("the latest is forgotten")
	}
}

func TestReadingLimits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Limits{
		"":                     defaultLimits,
		" off ":                {},
		"5/20":                 {Device: Rate{5, 20}, Account: Rate{10, 40}, Key: defaultLimits.Key},
		"0.5/1, 1/2 , 100/500": {Device: Rate{0.5, 1}, Account: Rate{1, 2}, Key: Rate{100, 500}},
	} {
		if got, err := parseLimits(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"on", "5", "5/", "/5", "0/5", "5/0", "-1/5", "5/1.5", "NaN/5", "Inf/5", "1e9/5", "5/20,1/2", "5/20/3", "5/20,,5/20"} {
		if got, err := parseLimits(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}
