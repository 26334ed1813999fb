package delegates_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

func TestWhatARestartFindsUntoldIsToldOnceAndNothingElse(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, everybody())
	b, err := bus.Connect(t.Context(), bus.Config{URL: r.engines.NATSURL(), Options: r.engines.Bus()}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	told := func() (events, people int) {
		for stream, count := range map[string]func(bus.Seen){
			bus.StreamDelegates: func(m bus.Seen) {
				if strings.HasSuffix(m.Subject, "delegates.delegate.changed.v1") {
					events++
				}
			},
			bus.StreamState: func(m bus.Seen) {
				if _, kind, _ := event.SplitState(m.Subject); strings.HasPrefix(kind, "delegates.deleg") {
					people++
				}
			},
		} {
			w, err := b.Tail(t.Context(), stream, 1, func(_ context.Context, m bus.Seen) error { count(m); return nil })
			if err != nil {
				t.Fatal(err)
			}
			w.Stop()
		}
		return events, people
	}
	within(t, 10*time.Second, "the seed is told", func() bool { _, people := told(); return people == 8 })
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := b.LastSequence(t.Context(), bus.StreamState)
	if err != nil {
		t.Fatal(err)
	}
	// As if it had been killed between writing and telling.
	r.forge(t, "delegates", kim, map[string]any{"revision": int64(2), "pending": true, "function": "Minister", "owed": []map[string]any{{
		"id": "0190a3c2-7b1e-7c4d-9a51-0000000000aa", "type": "delegates.delegate.changed.v1", "schema": "/asyncapi.yaml#/components/schemas/DelegateChanged",
		"subject": kim, "revision": int64(2), "at": r.clock.Now(), "actor": ahn, "principal": "", "data": `{"delegate":"` + kim + `","fields":["function"]}`,
	}}})
	for range 2 {
		s := r.start(t, nil)
		within(t, 10*time.Second, "what was left is told", func() bool { events, _ := told(); return events == 1 })
		if got := ask(t, s, signedIn(t, s, "SEO-00001", sampleCode).AccessToken, "GET", "/v1/me", "").json(t)["function"]; got != "Minister" {
			t.Errorf("function %v", got)
		}
		if err := s.Stop(t.Context()); err != nil { // what is owed is told before
			t.Fatal(err)
		}
	}
	events, people := told()
	after, err := b.LastSequence(t.Context(), bus.StreamState)
	if err != nil || events != 1 || people != 8 {
		t.Errorf("%d events, %d people, %v, want 1 and 8", events, people, err)
	}
	if others := int(after - before); others > 1+2*3 { // the person's, and what each start and stop says of keys and sign-ins
		t.Errorf("the starts put %d states", others)
	}
}
