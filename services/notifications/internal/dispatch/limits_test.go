package dispatch

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/services/notifications/internal/push"
)

// However sends are spread, no minute and no hour of a device holds more than FCM
// takes, and who waits as long as was said finds room.
func TestNoMinuteAndNoHourOfADeviceHoldsMoreThanTheCarrierTakes(t *testing.T) {
	t.Parallel()
	l, rng := newLimits(), rand.New(rand.NewPCG(1, 6))
	now := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	var sent []time.Time
	for end := now.Add(3 * time.Hour); now.Before(end); {
		wait, ok := l.take("chatty", push.Urgent, now)
		if ok {
			sent = append(sent, now)
			now = now.Add(time.Duration(rng.IntN(300)) * time.Millisecond)
			continue
		}
		if _, early := l.take("chatty", push.Urgent, now.Add(wait-time.Millisecond)); early {
			t.Fatal("there was room before it was said")
		}
		now = now.Add(wait)
	}
	for _, bound := range []struct {
		span time.Duration
		most int
	}{{time.Minute, 240}, {time.Hour, 5000}} {
		first, fullest := 0, 0
		for i, at := range sent {
			for at.Sub(sent[first]) >= bound.span {
				first++
			}
			fullest = max(fullest, i-first+1)
		}
		if fullest > bound.most || fullest < bound.most*9/10 {
			t.Errorf("%d in %v, want nearly %d", fullest, bound.span, bound.most)
		}
	}
}

func TestTheReplicasShareWhatADeviceMayHave(t *testing.T) {
	t.Parallel()
	now, sent := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC), 0
	for range 3 {
		l := newLimits()
		l.share(3)
		for ; ; sent++ {
			if _, ok := l.take("p", push.Urgent, now); !ok {
				break
			}
		}
	}
	if sent != minuteMost {
		t.Errorf("three replicas together sent %d in a minute, want %d", sent, minuteMost)
	}
}

func TestALateClockAndAnIdleDeviceCountRight(t *testing.T) {
	t.Parallel()
	l, now := newLimits(), time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	fill := func() (n int) {
		for ; ; n++ {
			if _, ok := l.take("p", push.Urgent, now); !ok {
				return n
			}
		}
	}
	if n := fill(); n != minuteMost {
		t.Errorf("%d at once", n)
	}
	now = now.Add(-time.Hour) // put back
	if n := fill(); n != 0 {
		t.Errorf("%d more after the clock was put back", n)
	}
	now = now.Add(400 * 24 * time.Hour)
	if n := fill(); n != minuteMost {
		t.Errorf("%d after a quiet year", n)
	}
}

// A phone of which very much is news gets what is urgent first: the rest is put
// off, and nothing is lost.
func TestAChattyPhoneKeepsRoomForUrgentNews(t *testing.T) {
	r := setup(t)
	frozen := time.Now()
	r.now = func() time.Time { return frozen }
	d, _ := r.worker(r.js)
	who := r.desk.phones(1, push.Android)
	const much, room = 200, minuteMost - minuteMost/spare
	for i := range much {
		r.enqueue(d, r.desk.file(fmt.Sprint("session ", i), 1, push.Important, who), who)
	}
	r.until(received(room))
	tick, over := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for r.putOff() < much-room {
		select {
		case <-tick.C:
		case <-over:
			t.Fatalf("%d are put off", r.putOff())
		}
	}
	r.enqueue(d, r.desk.file("evacuation", 1, push.Urgent, who), who)
	r.until(received(room + 1))
	all := r.told()[who[0]]
	if last := all[len(all)-1]; len(all) != room+1 || last.Data["subjectId"] != "evacuation" {
		t.Errorf("%d pushes, the last about %s", len(all), last.Data["subjectId"])
	}
}

// putOff is how many jobs wait for their time.
func (r *rig) putOff() (jobs uint64) {
	r.Helper()
	st, err := r.js.Stream(r.Context(), stream)
	if err != nil {
		r.Fatal(err)
	}
	info, err := st.Info(r.Context(), jetstream.WithSubjectFilter(laterTo+">"))
	if err != nil {
		r.Fatal(err)
	}
	for _, n := range info.State.Subjects {
		jobs += n
	}
	return jobs
}
