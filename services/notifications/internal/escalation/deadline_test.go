package escalation

import (
	"testing"
	"time"
)

func TestADeadlineThatPassedWhileNobodyWasThereIsSetAnewOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	seen, unseen := r.file("seen after all", 2, "minister"), r.file("unseen", 2, "minister")
	r.now = r.now.Add(20 * time.Minute) // an outage
	r.ring()
	r.wantTold()
	if due := r.due[unseen.Key]; !due.Equal(r.now.Add(3 * time.Minute)) {
		t.Errorf("at %v, the deadline is %v", r.now, due)
	}
	r.acknowledge(r.b, "minister", seen)
	r.now = r.now.Add(20 * time.Minute) // late again, and there is but one second chance
	r.ring()
	r.wantTold("escalation.asked 1 liaison")
}

// TestACaseIsNeitherLostNorEndedByAStoreThatIsAway: an alarm that cannot be acted
// upon fails, so that it rings again.
func TestThereIsTimeLeftWhenADeadlinePasses(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	for lead, want := range map[time.Duration]time.Duration{
		30 * time.Minute: 5 * time.Minute, 8 * time.Minute: 4 * time.Minute, 0: 30 * time.Second, -time.Hour: 30 * time.Second,
	} {
		if got := AckBy(now, lead).Sub(now); got != want {
			t.Errorf("%s ahead, it is %s", lead, got)
		}
	}
}
