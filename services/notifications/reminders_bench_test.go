package notifications_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications"
	"plenary.example/shared/event"
)

// BenchmarkReminders prints how long after they are due the last of 1,740
// reminders, of twelve sessions that begin at the same minute, is with a carrier
// that takes 80 ms; and, when one more session is moved in that second, how long
// after its release the last of 145 urgent pushes is. Each is the median, and the
// worst, of seven rounds. One iteration is enough:
//
//	go test -run - -bench Reminders -benchtime 1x .
func BenchmarkReminders(b *testing.B) {
	const people, sessions, rounds = 1740, 12, 7
	p := &programme{newStage(b), map[string]event.SessionState{}}
	p.carrier = fcmsandbox.New(fcmsandbox.Config{Latency: 80 * time.Millisecond})
	if err := p.carrier.Start(b.Context(), "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	n := p.open()
	p.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul"})
	moved := func(round int) string { return fmt.Sprintf("round-%d-moved", round) }
	seed := notifications.Seed{Conference: seoul}
	for i := range people {
		who := fmt.Sprintf("delegate-%04d", i)
		seed.Devices = append(seed.Devices, notifications.Device{
			Installation: installation(fmt.Sprint(100_000 + i)), Token: notifications.Token(who), Delegate: who, Conference: seoul, Platform: "android", Locale: "en",
		})
		var picks []string
		for r := range rounds {
			picks = append(picks, fmt.Sprintf("round-%d-%02d", r, i%sessions))
			if i%sessions == 0 {
				picks = append(picks, moved(r))
			}
		}
		p.picks(who, picks...)
	}
	if err := n.Load(b.Context(), seed); err != nil {
		b.Fatal(err)
	}
	var reminded, told []time.Duration
	b.ResetTimer()
	for r := range rounds {
		other := beginning(moved(r), 28*time.Minute)
		p.release(other)
		for i := range sessions {
			p.release(beginning(fmt.Sprintf("round-%d-%02d", r, i), 15*time.Minute+4*time.Second))
		}
		due := p.now[fmt.Sprintf("round-%d-00", r)].Start.Add(-15 * time.Minute)
		<-time.After(time.Until(due))
		other.Room, other.RoomName = "elsewhere", "Elsewhere"
		begun := time.Now()
		p.release(other)
		last := p.lastOf(b, r, people+people/sessions)
		reminded, told = append(reminded, last["session.reminder"].Sub(due)), append(told, last["session.moved"].Sub(begun))
	}
	for what, took := range map[string][]time.Duration{"1740-reminders": reminded, "145-urgent": told} {
		slices.Sort(took)
		b.ReportMetric(float64(took[rounds/2].Milliseconds()), "ms/"+what+"-median")
		b.ReportMetric(float64(took[rounds-1].Milliseconds()), "ms/"+what+"-worst")
	}
}

// lastOf waits until the carrier took all pushes of a round and answers when it
// took the last of each category.
func (p *programme) lastOf(b *testing.B, round, pushes int) map[string]time.Time {
	b.Helper()
	want := int64((round + 1) * pushes)
	if err := p.carrier.Wait(b.Context(), func(s fcmsandbox.Stats) bool { return s.Received >= want }); err != nil {
		b.Fatal(err)
	}
	last, got := map[string]time.Time{}, 0
	for _, m := range p.carrier.All()[round*pushes:] {
		got++
		if m.At.After(last[m.Category]) {
			last[m.Category] = m.At
		}
	}
	if got != pushes {
		b.Fatalf("%d pushes in round %d, want %d", got, round, pushes)
	}
	return last
}
