package dispatch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/push"
)

type fault = fcmsandbox.Fault

func (r *rig) enqueue(d *Dispatcher, n push.Notice, who []string) {
	r.Helper()
	if err := d.Enqueue(r.Context(), n, who); err != nil {
		r.Fatal(err)
	}
}

func TestEveryPhoneIsToldOnceHoweverOftenItIsEnqueued(t *testing.T) {
	r := setup(t)
	d, reg := r.worker(r.js)
	who := append(append(r.desk.phones(1000, push.Android), r.desk.phones(1000, push.IOS)...), r.desk.phones(100, push.Web)...)
	n := r.desk.file("opening", 1, push.Urgent, who)
	r.enqueue(d, n, who)
	r.enqueue(d, n, who)
	r.until(received(2100))
	r.drained()
	r.enqueue(d, n, who)
	r.drained()
	got := r.told()
	if len(got) != 2100 {
		t.Errorf("%d phones were told, want 2100", len(got))
	}
	for phone, all := range got {
		if len(all) != 1 || all[0].NoticeID != n.ID || all[0].Body != "Now in Hall 1" {
			t.Fatalf("%s got %+v", phone, all)
		}
	}
	r.inOrder()
	if c := counted(t, reg, "accepted"); c != 2100 {
		t.Errorf("%v accepted counted", c)
	}
}

func TestDeadTokensAreForgottenUnlessRegisteredSince(t *testing.T) {
	r := setup(t)
	who := r.desk.phones(4, push.Android)
	r.sandbox.SetFaults(fault{Token: "tok:" + who[0], Status: 404}, fault{Token: "tok:" + who[1], Status: 403}, fault{Token: "tok:" + who[3], Status: 404})
	r.desk.change(who[2], func(d *push.Device) { d.Token = "tok not a token" })
	// The last one registers again while its push is on the way.
	release := r.sandbox.Hold()
	d, _ := r.worker(r.js)
	r.enqueue(d, r.desk.file("opening", 1, push.Urgent, who), who)
	r.until("the sends", func(s fcmsandbox.Stats) bool { return s.InFlight == 4+4 }) // and the warm-up
	r.desk.change(who[3], func(d *push.Device) { d.RegisteredAt = time.Now().Add(time.Second) })
	release()
	r.drained()
	slices.Sort(r.desk.forgotten)
	if want := who[:3]; !slices.Equal(r.desk.forgotten, want) {
		t.Errorf("forgotten %v, want %v", r.desk.forgotten, want)
	}
}

func TestThrottledPhonesAreToldWhenTheCarrierSays(t *testing.T) {
	r := setup(t)
	d, reg := r.worker(r.js)
	who := r.desk.phones(300, push.Android)
	r.sandbox.SetFaults(fault{Status: 429, RetryAfter: time.Second, First: 1})
	begun := time.Now()
	r.enqueue(d, r.desk.file("opening", 1, push.Urgent, who), who)
	r.drained()
	if took := time.Since(begun); took < time.Second {
		t.Errorf("told again after %v, the carrier asked for 1 s", took)
	}
	if got := r.told(); len(got) != 300 {
		t.Errorf("%d told, want 300", len(got))
	}
	if c := counted(t, reg, "throttled"); c != 300 {
		t.Errorf("%v throttled counted", c)
	}
	if d.pace.current() >= d.pace.most {
		t.Error("the rate did not fall")
	}
}

// TestNothingIsLostAndNothingGoesBack moves sessions again and again while the
// carrier fails in every way that may still have delivered.
func TestNothingIsLostAndNothingGoesBack(t *testing.T) {
	for name, faults := range map[string][]fault{
		"503":                          {{Status: 503, Share: 0.25}},
		"503 after delivery":           {{Status: 503, Share: 0.25, Deliver: true}},
		"cut after delivery":           {{Drop: true, Share: 0.25, Deliver: true}},
		"502, 500 and 429 in one hour": {{Status: 502, Share: 0.1}, {Status: 500, Share: 0.1}, {Status: 429, Share: 0.05}},
	} {
		t.Run(name, func(t *testing.T) {
			r := setup(t)
			r.sandbox.SetFaults(faults...)
			a, _ := r.worker(r.js)
			b, _ := r.worker(r.js) // two replicas of one service
			who := append(r.desk.phones(30, push.Android), r.desk.phones(30, push.IOS)...)
			const moves = 8
			for rev := range int64(moves) {
				for s := range 3 {
					d := []*Dispatcher{a, b}[rand.IntN(2)]
					r.enqueue(d, r.desk.file(fmt.Sprint("session-", s), rev+1, push.Lanes()[rev%3], who), who)
				}
			}
			r.drained()
			for phone, all := range r.told() {
				last := map[string]int64{}
				for _, m := range all {
					last[m.Data["subjectId"]] = m.Revision
				}
				for s := range 3 {
					if got := last[fmt.Sprint("session-", s)]; got != moves {
						t.Errorf("%s shows revision %d of session-%d, want %d", phone, got, s, moves)
					}
				}
			}
			if n := len(r.told()); n != len(who) {
				t.Errorf("%d phones told, want %d", n, len(who))
			}
		})
	}
}

// TestAPhoneNeverGoesBack is the same within one replica, where the order is
// kept and not only repaired.
func TestAPhoneNeverGoesBack(t *testing.T) {
	r := setup(t)
	r.sandbox.SetFaults(fault{Status: 503, Share: 0.2}, fault{Status: 429, Share: 0.1}, fault{Status: 503, Share: 0.2, Deliver: true})
	d, reg := r.worker(r.js)
	who := r.desk.phones(100, push.Android)
	for rev := range int64(10) {
		r.enqueue(d, r.desk.file("opening", rev+1, push.Lanes()[rev%3], who), who)
	}
	r.drained()
	r.inOrder()
	for phone, all := range r.told() {
		if last := all[len(all)-1]; last.Revision != 10 {
			t.Errorf("%s shows revision %d", phone, last.Revision)
		}
	}
	if c := counted(t, reg, "superseded"); c == 0 {
		t.Error("no revision was superseded: the test proves nothing")
	}
}

func TestAfterADoubtfulAnswerTheNewestIsSentOnceMoreSilently(t *testing.T) {
	r := setup(t)
	d, _ := r.worker(r.js)
	who := r.desk.phones(1, push.IOS)
	r.sandbox.SetFaults(fault{Token: "tok:", Status: 503, RetryAfter: time.Second, First: 1, Deliver: true})
	r.enqueue(d, r.desk.file("opening", 1, push.Urgent, who), who)
	r.until("the doubtful answer", func(s fcmsandbox.Stats) bool { return s.Status[503] == 1 })
	r.enqueue(d, r.desk.file("opening", 2, push.Urgent, who), who)
	r.drained()
	var got []string
	for _, m := range r.told()[who[0]] {
		got = append(got, fmt.Sprint(m.Revision, m.Silent))
	}
	if want := []string{"1 false", "2 false", "2 true"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUrgentNewsThatComesInPlaceOfADoubtfulOlderOneSounds(t *testing.T) {
	r := setup(t)
	d, _ := r.worker(r.js)
	who := r.desk.phones(1, push.Android)
	r.sandbox.SetFaults(fault{Token: "tok:", Status: 503, RetryAfter: time.Second, First: 1, Deliver: true})
	r.enqueue(d, r.desk.file("opening", 1, push.Urgent, who), who)
	r.until("the doubtful answer", func(s fcmsandbox.Stats) bool { return s.Status[503] == 1 })
	r.sandbox.SetFaults(fault{Token: "tok:", Status: 429, RetryAfter: 3 * time.Second, First: 1})
	r.enqueue(d, r.desk.file("opening", 2, push.Urgent, who), who) // its own push comes after the older one's repeat
	r.drained()
	for _, m := range r.told()[who[0]] {
		if m.Revision == 2 {
			if m.Silent {
				t.Error("the phone takes its sound for a repeat: it came without one first")
			}
			return
		}
	}
	t.Error("it did not come at all")
}

func TestACarrierThatRefusesUsStopsSendingAndLosesNothing(t *testing.T) {
	for name, f := range map[string]fault{"401": {Status: 401}, "404 without FcmError": {Status: 404, Code: "none"}} {
		t.Run(name, func(t *testing.T) {
			r := setup(t)
			d, reg := r.worker(r.js)
			who := r.desk.phones(900, push.Android)
			r.until("the warm-up", func(s fcmsandbox.Stats) bool { return s.DryRuns == 4 })
			r.sandbox.SetFaults(f)
			r.enqueue(d, r.desk.file("opening", 1, push.Urgent, who), who)
			r.logged("the push carrier still refuses us")
			r.until("the answers", func(s fcmsandbox.Stats) bool { return s.InFlight == 0 })
			if n := r.sandbox.Stats().Requests; n > 320+4+50 {
				t.Errorf("%d requests: sending did not stop", n)
			}
			if st, err := r.js.Stream(t.Context(), stream); err != nil || st.CachedInfo().State.Msgs != 9 {
				t.Errorf("jobs were not kept: %v, %v", st, err)
			}
			for _, want := range []string{"level=ERROR", "alarm=push_carrier"} {
				if !strings.Contains(r.log.String(), want) {
					t.Errorf("the log lacks %s: %s", want, r.log)
				}
			}
			if g := gauge(t, reg, "plenary_push_paused", "carrier"); g != 1 {
				t.Errorf("paused gauge %v", g)
			}
			if n, age := gauge(t, reg, "plenary_push_queue_jobs", "urgent"), gauge(t, reg, "plenary_push_queue_age_seconds", "urgent"); n != 9 || age <= 0 {
				t.Errorf("%v jobs queued for %v s, want 9", n, age)
			}
			r.sandbox.SetFaults()
			r.drained()
			if got := r.told(); len(got) != 900 {
				t.Errorf("%d told after the credentials returned, want 900", len(got))
			}
			if g := gauge(t, reg, "plenary_push_paused", "carrier"); g != 0 || len(r.desk.forgotten) != 0 {
				t.Errorf("paused gauge %v, %d devices forgotten", g, len(r.desk.forgotten))
			}
		})
	}
}

func gauge(t *testing.T, g *prometheus.Registry, name, label string) float64 {
	t.Helper()
	all, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == label {
				return m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no metric %s of %s", name, label)
	return 0
}

func TestOnePlatformPausesAlone(t *testing.T) {
	r := setup(t)
	d, _ := r.worker(r.js)
	ios, android := r.desk.phones(150, push.IOS), r.desk.phones(150, push.Android)
	r.sandbox.SetFaults(fault{Token: "tok:ios", Status: 401, Code: "THIRD_PARTY_AUTH_ERROR"})
	who := append(ios, android...)
	r.enqueue(d, r.desk.file("opening", 1, push.Important, who), who)
	r.until(received(150))
	if strings.Contains(r.log.String(), "push_carrier") || !strings.Contains(r.log.String(), "push_platform") {
		t.Errorf("log: %s", r.log)
	}
	r.sandbox.SetFaults()
	r.drained()
	if got := r.told(); len(got) != 300 {
		t.Errorf("%d told, want 300", len(got))
	}
}

func TestAWrongPayloadIsPutAsideOnceAndTouchesNoDevice(t *testing.T) {
	r := setup(t)
	d, _ := r.worker(r.js)
	who := r.desk.phones(350, push.Android)
	r.sandbox.SetFaults(fault{Status: 400})
	n := r.desk.file("opening", 1, push.Urgent, who)
	r.enqueue(d, n, who)
	r.drained()
	for range len(r.dead) {
		letter := <-r.dead
		if want := "push " + n.Key + ": wrong payload: INVALID_ARGUMENT message.data"; letter != want {
			t.Errorf("dead letter %q, want %q", letter, want)
		}
	}
	if len(r.desk.forgotten) != 0 || !strings.Contains(r.log.String(), "alarm=push_dead_letter") {
		t.Errorf("forgotten %v, log %s", r.desk.forgotten, r.log)
	}
}

func TestWhatNeedNotBeToldIsDroppedAndCounted(t *testing.T) {
	r := setup(t)
	who := r.desk.phones(6, push.Android)
	stale := r.desk.file("stale", 1, push.Urgent, who[:1])
	stale.ExpiresAt = time.Now().Add(-time.Second)
	r.desk.notices[stale.Key] = stale
	old := r.desk.file("moved-twice", 1, push.Urgent, who[1:2])
	r.desk.file("moved-twice", 2, push.Urgent, nil)
	left := r.desk.file("left", 1, push.Urgent, who[2:4])
	delete(r.desk.devices, who[2])
	r.desk.change(who[3], func(d *push.Device) { d.Delegate, d.RegisteredAt = "somebody-else", time.Now().Add(time.Hour) })
	anew := r.desk.file("anew", 1, push.Urgent, who[4:5])
	r.desk.change(who[4], func(d *push.Device) { d.RegisteredAt = time.Now().Add(time.Hour) })
	elsewhere := r.desk.file("elsewhere", 1, push.Urgent, who[5:])
	r.desk.change(who[5], func(d *push.Device) { d.Conference = "london-2011" })
	d, reg := r.worker(r.js)
	r.enqueue(d, stale, who[:1])
	r.enqueue(d, old, who[1:2])
	r.enqueue(d, left, who[2:4])
	r.enqueue(d, anew, who[4:5])
	r.enqueue(d, elsewhere, who[5:])
	r.drained()
	if got := r.told(); len(got) != 1 || len(got[who[4]]) != 1 {
		t.Errorf("told: %v", got)
	}
	for outcome, want := range map[string]float64{"expired": 1, "superseded": 1, "gone": 1, "not_theirs": 2, "accepted": 1} {
		if c := counted(t, reg, outcome); c != want {
			t.Errorf("%s counted %v times, want %v", outcome, c, want)
		}
	}
}

func TestRoutineNewsLeavesRoomForUrgent(t *testing.T) {
	r := setup(t)
	r.conns = 5 // 400 slots: half of them for important news, a quarter for routine
	d, _ := r.worker(r.js)
	many, few := r.desk.phones(1500, push.Android), r.desk.phones(30, push.IOS)
	r.until("the warm-up", func(s fcmsandbox.Stats) bool { return s.DryRuns == 5 })
	release := r.sandbox.Hold()
	r.enqueue(d, r.desk.file("routine", 1, push.Routine, many), many)
	r.enqueue(d, r.desk.file("important", 1, push.Important, many), many)
	r.until("what may be on its way", func(s fcmsandbox.Stats) bool { return s.InFlight == 300 })
	r.enqueue(d, r.desk.file("urgent", 1, push.Urgent, few), few)
	r.until("the urgent ones beside them", func(s fcmsandbox.Stats) bool { return s.InFlight == 330 })
	release()
	r.drained()
}

func TestUnreadableJobsAreDeadLetters(t *testing.T) {
	r := setup(t)
	d, _ := r.worker(r.js)
	if _, err := r.js.Publish(t.Context(), sendTo+"urgent", []byte("{")); err != nil {
		t.Fatal(err)
	}
	if got := <-r.dead; got != "push 1: unreadable job" {
		t.Errorf("dead letter %q", got)
	}
	if err := d.Enqueue(t.Context(), push.Notice{Key: "k", Urgency: "loud"}, []string{"i"}); err == nil {
		t.Error("a lane nobody serves was taken")
	}
}
