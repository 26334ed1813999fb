package inbox

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
)

// BenchmarkMeetingsConfirmed plans what a day's meetings tell that are settled at
// one stroke, at a conference of sixteen thousand: 500 of 130 delegations.
func BenchmarkMeetingsConfirmed(b *testing.B) {
	const meetings, delegations, people = 500, 130, 16000
	r := setup(b, 0)
	r.start()
	r.put(event.ConferenceStateSubject("seoul"), 1, event.ConferenceState{Conference: "seoul", Revision: 1, Timezone: "Asia/Seoul"})
	for i := range people {
		roles := []string{caller.Delegate}
		if i < 3*delegations {
			roles = append(roles, caller.Liaison)
		}
		r.person(name("delegate", i), name("delegation", i%delegations), event.Accredited, roles...)
	}
	if err := r.plan.Sync(b.Context()); err != nil {
		b.Fatal(err)
	}
	start := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	revision := int64(0)
	for b.Loop() {
		revision++
		for i := range meetings {
			m := event.MeetingTold{
				Verb: "confirmed", Meeting: name("meeting", i), Revision: revision, Status: "confirmed",
				Slot: &event.MeetingSlot{Start: start, End: start.Add(time.Hour), RoomName: "Room 3"},
				Sides: []event.MeetingSide{
					{Delegation: name("delegation", i%delegations), People: []string{name("delegate", i%delegations+delegations*5)}},
					{Delegation: name("delegation", (i+7)%delegations), People: []string{name("delegate", (i+7)%delegations+delegations*5)}},
				},
			}
			e, err := event.New(fmt.Sprint(i, "/", revision), "seoul", m.Meeting, revision, "", start, m)
			if err == nil {
				err = r.plan.Handle(b.Context(), e)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/500")
}
