package dispatch

import (
	"sync"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
)

func TestAWaitForItsReaderIsNoAttemptOfTheCarrier(t *testing.T) {
	t.Parallel()
	job := push.Job{Notice: "n", Installations: []string{"phone"}, Round: 2}
	seen := map[string]bool{id(job): true}
	for range 100 {
		job = remainder(job, debt{why: held, after: time.Minute}, job.Installations)
		if seen[id(job)] {
			t.Fatal("two waits have one id, and the bus takes the second for a repeat")
		}
		seen[id(job)] = true
	}
	if job.Round != 2 || job.Attempt != 0 {
		t.Errorf("after a night the job is %+v", job)
	}
	if job = remainder(job, debt{why: backoff, sent: true}, job.Installations); job.Round != 3 || job.Attempt != 1 || job.Held != 0 || seen[id(job)] {
		t.Errorf("after a refusal the job is %+v", job)
	}
}

func TestAPushThatWaitsForItsReaderIsAskedAboutAgain(t *testing.T) {
	r := setup(t)
	who := r.desk.phones(3, push.Android)
	var (
		mu    sync.Mutex
		asked = map[string]int{}
	)
	begun := time.Now()
	r.gate = func(_ push.Notice, d push.Device) push.Verdict {
		mu.Lock()
		defer mu.Unlock()
		asked[d.Installation]++
		switch {
		case d.Installation == who[2]:
			return push.Verdict{}
		case asked[d.Installation] == 1:
			return push.Verdict{Until: begun.Add(time.Second)}
		case d.Installation == who[0]:
			return push.Verdict{Drop: "muted"}
		}
		return push.Verdict{}
	}
	d, reg := r.worker(r.js)
	n := r.desk.file("opening", 1, push.Routine, who)
	r.enqueue(d, n, who)
	r.until(received(2))
	r.drained()
	got := r.told()
	if len(got[who[0]]) != 0 || len(got[who[1]]) != 1 || len(got[who[2]]) != 1 {
		t.Errorf("told %v", got)
	}
	if time.Since(begun) < time.Second {
		t.Error("nobody waited")
	}
	if c := counted(t, reg, "muted"); c != 1 {
		t.Errorf("%v counted as muted", c)
	}
}
