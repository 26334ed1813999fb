package dispatch

import (
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/engines/phone"
	"plenary.example/services/notifications/internal/push"
)

// An outage is a way in which the carrier is not there.
type outage struct {
	fault   fault
	latency time.Duration
	quota   float64 // sends a second that it takes; 0 = all
	dead    bool    // every second phone is gone for good
	// tried is how many requests for each phone go by before the carrier is well
	// again, and most how many there may be in all for each push that is wanted.
	tried, most float64
}

// outages are what an operator may meet. The waits of the rig are short, so that
// what takes minutes elsewhere takes a second here.
var outages = map[string]outage{
	"503":                           {fault: fault{Status: 503}, tried: 4, most: 12},
	"503, and half arrive":          {fault: fault{Status: 503, Deliver: true, Share: 0.5}, tried: 2, most: 12},
	"429 with Retry-After":          {fault: fault{Status: 429, RetryAfter: time.Second}, tried: 2, most: 2.5},
	"429 that names no time":        {fault: fault{Status: 429, First: 1}, tried: 1, most: 2.5},
	"429 above a quota":             {quota: 150, tried: 1, most: 2.5},
	"no answer":                     {fault: fault{Stall: true}, tried: 2, most: 6},
	"connections reset":             {fault: fault{Drop: true}, tried: 4, most: 12},
	"reset, and all arrive":         {fault: fault{Drop: true, Deliver: true}, tried: 4, most: 12},
	"an error page":                 {fault: fault{Status: 502}, tried: 4, most: 12},
	"slow answers":                  {latency: 80 * time.Millisecond, tried: 1, most: 1.5},
	"half the tokens dead":          {dead: true, tried: 1, most: 2.5},
	"half the tokens dead, and 503": {fault: fault{Status: 503, First: 2}, dead: true, tried: 2, most: 12},
	"credentials that are not ours": {fault: fault{Status: 401}, tried: 0.6, most: 6},
	"a project that is not ours":    {fault: fault{Status: 404, Code: "none"}, tried: 0.6, most: 6},
}

func TestWhatIsStillWantedArrivesWhenTheCarrierIsBack(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	for name, o := range outages {
		t.Run(name, func(t *testing.T) {
			r := setupOn(t, e)
			r.conns = 2
			if o.fault.Stall {
				r.hasty = 500 * time.Millisecond
			}
			o.happens(r, name)
		})
	}
}

// happens lets the carrier go away while news of a lunch and of an opening are on
// their way, moves the opening once more, and has the carrier come back. Whoever is
// still there sees the lunch and the last move, once; dead tokens are let go, once.
func (o outage) happens(r *rig, name string) {
	d, reg := r.worker(r.js)
	r.Cleanup(func() { _ = d.Stop(r.Context()) })
	who := r.desk.phones(120, push.Android)
	r.until("the warm-up", func(s fcmsandbox.Stats) bool { return s.DryRuns == int64(r.conns) })
	before := r.sandbox.Stats().Requests
	var gone []string
	var dead []fault
	for i, installation := range who {
		if o.dead && i%2 == 1 {
			gone, dead = append(gone, installation), append(dead, fault{Token: "tok:" + installation, Status: 404})
		}
	}
	if o.fault != (fault{}) {
		r.sandbox.SetFaults(append([]fault{o.fault}, dead...)...)
	} else {
		r.sandbox.SetFaults(dead...)
	}
	r.sandbox.SetLatency(o.latency)
	r.sandbox.SetQuota(o.quota)
	r.enqueue(d, r.desk.file("lunch"+name, 1, push.Routine, who), who)
	r.enqueue(d, r.desk.file("opening"+name, 1, push.Urgent, who), who)
	r.until("the outage is felt", func(s fcmsandbox.Stats) bool { return float64(s.Requests-before) >= o.tried*float64(len(who)) })
	r.enqueue(d, r.desk.file("opening"+name, 2, push.Urgent, who), who)
	r.sandbox.SetFaults(dead...)
	r.drained()
	r.asked(name, who, gone)
	// The lunch and the last move; the first one too, where it arrived before.
	wanted := float64(max(int64(2*len(who)), r.sandbox.Stats().Received))
	if asked := float64(r.sandbox.Stats().Requests - before); asked > o.most*wanted {
		r.Errorf("%v requests for %v pushes, %v times as many are enough", asked, wanted, o.most)
	} else {
		r.Logf("%.2f requests for each push", asked/wanted)
	}
	if c := counted(r, reg, "unregistered"); c < float64(len(gone)) {
		r.Errorf("%v refusals of dead tokens counted, of %d", c, len(gone))
	}
}

// asked asks those who have a phone what they saw.
func (r *rig) asked(name string, who, gone []string) {
	told := r.told()
	for _, installation := range who {
		if slices.Contains(gone, installation) {
			if len(told[installation]) > 0 {
				r.Errorf("%s is gone and got %d pushes", installation, len(told[installation]))
			}
			continue
		}
		var p phone.Phone
		for _, m := range told[installation] {
			if err := p.Receive(m.Message, m.At); err != nil {
				r.Error(err)
			}
		}
		lunch, _ := p.Newest("session/lunch" + name)
		opening, _ := p.Newest("session/opening" + name)
		if lunch.Revision != 1 || opening.Revision != 2 || len(p.Relapses()) > 0 {
			r.Errorf("%s saw lunch %d and opening %d, and went back %d times", installation, lunch.Revision, opening.Revision, len(p.Relapses()))
		}
		for id, n := range p.Appeared() {
			if n != 1 {
				r.Errorf("%s saw %s %d times", installation, id, n)
			}
		}
	}
	slices.Sort(r.desk.forgotten)
	if !slices.Equal(r.desk.forgotten, gone) {
		r.Errorf("%d phones were let go, want the %d that are gone", len(r.desk.forgotten), len(gone))
	}
}
