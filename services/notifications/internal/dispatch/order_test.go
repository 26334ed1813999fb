package dispatch

import (
	"testing"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/push"
)

// TestWhatWaitedForTheCarrierIsAcceptedMostUrgentFirst lets news of every lane wait
// for a carrier that is away, the least urgent longest. Once it is back, no job of a
// lane is begun while a more urgent one waits; what was in hand before goes on.
func TestWhatWaitedForTheCarrierIsAcceptedMostUrgentFirst(t *testing.T) {
	r := setup(t)
	r.conns = 2 // 160 slots, and so many jobs in hand at once:
	inHand := budgets(160)
	d, _ := r.worker(r.js)
	who := r.desk.phones(800, push.Android)
	r.until("the warm-up", func(s fcmsandbox.Stats) bool { return s.DryRuns == 2 })
	r.sandbox.SetFaults(fault{Status: 401})
	lanes := push.Lanes()
	for i := len(lanes) - 1; i >= 0; i-- {
		r.enqueue(d, r.desk.file(string(lanes[i]), 1, lanes[i], who), who)
	}
	r.logged("sending stops")
	r.sandbox.SetFaults()
	r.drained()

	accepted := map[push.Lane]int{}
	for _, m := range r.sandbox.All() {
		of := push.Lane(m.Data["subjectId"])
		accepted[of]++
		for _, first := range lanes {
			if first == of {
				break
			}
			// Of the last of a lane, all are in hand, and nothing waits any more.
			if waits := len(who) - accepted[first] - inHand[first]*push.PageSize; waits > 0 && accepted[of] > inHand[of]*push.PageSize {
				t.Fatalf("%d pushes of lane %s were accepted while at least %d of lane %s waited", accepted[of], of, waits, first)
			}
		}
	}
}
