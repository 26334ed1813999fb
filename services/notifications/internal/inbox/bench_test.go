package inbox

import (
	"fmt"
	"testing"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// BenchmarkMassRelease prints how long it takes to plan a release that moves
// sessions, each with all the people who picked it and a phone for each: until all
// of it is in the inboxes and handed to the senders. Ten times the people, or ten
// times the sessions, may take ten times as long and no more. One iteration is
// enough:
//
//	go test -run - -bench MassRelease -benchtime 1x ./internal/inbox
func BenchmarkMassRelease(b *testing.B) {
	for _, x := range []struct{ people, sessions int }{{1600, 50}, {16000, 50}, {1600, 500}} {
		b.Run(fmt.Sprintf("people=%d/sessions=%d", x.people, x.sessions), func(b *testing.B) { massRelease(b, x.people, x.sessions) })
	}
}

func massRelease(b *testing.B, people, sessions int) {
	r := setup(b, 0)
	r.start()
	var states []event.SessionState
	var picks []event.Pick
	for i := range sessions {
		s := soon()
		s.Session = name("session", i)
		states, picks = append(states, s), append(picks, event.Pick{Session: s.Session, AgendaRevision: 1})
	}
	r.conference(states...)
	r.handled(1)
	phones := make([]push.Device, people)
	for i := range people {
		who := name("delegate", i)
		phones[i] = push.Device{Installation: "phone of " + who, Token: push.Token(who), Delegate: who, Conference: "seoul"}
		r.pick(who, 1, picks...)
	}
	if err := r.plan.Devices.Add(b.Context(), "seoul", phones); err != nil {
		b.Fatal(err)
	}
	if err := r.plan.Sync(b.Context()); err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		changes := make([]event.SessionChange, sessions)
		for i, before := range states {
			states[i] = roomed(before, name("room", n), r.rev+1)
			changes[i] = step(before, states[i])
		}
		e := r.stated(changes...)
		b.StartTimer()
		if err := r.plan.Handle(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
	if got := len(r.inbox(name("delegate", people-1))); got == 0 || got > b.N*sessions {
		b.Errorf("%d notices in an inbox", got)
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/release")
}

func name(kind string, n int) string { return fmt.Sprintf("%s-%04d", kind, n) }
