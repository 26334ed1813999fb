package dispatch

import (
	"context"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/push"
)

func TestAGracefulStopRepeatsNothing(t *testing.T) {
	r := setup(t)
	d, _ := r.worker(r.js)
	who := r.desk.phones(1200, push.Android)
	r.until("the warm-up", func(s fcmsandbox.Stats) bool { return s.DryRuns == 4 })
	release := r.sandbox.Hold()
	r.enqueue(d, r.desk.file("opening", 1, push.Urgent, who), who)
	r.until("full slots", func(s fcmsandbox.Stats) bool { return s.InFlight == 320 })
	stopped := make(chan error)
	go func() { stopped <- d.Stop(context.Background()) }()
	<-d.stopping.Done()
	release()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if n := len(r.sandbox.All()); n == 0 || n == 1200 {
		t.Fatalf("%d were sent before the stop: the test proves nothing", n)
	}
	r.worker(r.js)
	r.drained()
	if phones, pushes := len(r.told()), len(r.sandbox.All()); phones != 1200 || pushes != 1200 {
		t.Errorf("%d phones got %d pushes, want 1200 and no repeat", phones, pushes)
	}
}

// TestAKilledWorkerLosesNothing cuts a worker off in the middle: its bus
// connection and its sends end, as a killed process's do, and it settles nothing.
func TestAKilledWorkerLosesNothing(t *testing.T) {
	r := setup(t)
	r.waits.Ack = 600 * time.Millisecond
	js, nc := r.connect()
	d, _ := r.worker(js)
	who := r.desk.phones(1200, push.Android)
	n := r.desk.file("opening", 1, push.Urgent, who)
	r.sandbox.SetFaults(fault{Status: 503, Share: 0.1})
	r.enqueue(d, n, who)
	r.until(received(400))
	nc.Close()
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_ = d.Stop(gone)
	r.worker(r.js)
	r.drained()
	got := r.told()
	if len(got) != 1200 {
		t.Errorf("%d told, want 1200", len(got))
	}
	for phone, all := range got {
		for _, m := range all {
			if m.NoticeID != n.ID || m.Tag != all[0].Tag {
				t.Errorf("%s: a repeat looks different: %+v", phone, m)
			}
		}
	}
	r.inOrder()
}
