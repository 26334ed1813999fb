package dispatch

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"plenary.example/services/notifications/internal/push"
)

// What FCM takes for one device, in any minute and in any hour.
const (
	minuteMost = 240
	hourMost   = 5000
	// spare is the part of it that is kept for urgent news.
	spare = 5 // one in five
)

// watched is how many devices are counted at once; the one that was sent to
// longest ago makes way.
const watched = 32_768

// limits count what this replica sends to each device, so that a chatty day ends
// in waiting here and not in refusals there. What other replicas send is not
// counted: each keeps to its share. While they do not know of each other yet, the
// carrier's own refusal puts the device off.
type limits struct {
	mu    sync.Mutex
	of    *lru.Cache[string, *usage]
	among int // replicas
}

type usage struct{ minute, hour window }

func newLimits() *limits {
	c, _ := lru.New[string, *usage](watched) // fails for a size below one only
	return &limits{of: c, among: 1}
}

// share says among how many replicas what a device may have is shared out.
func (l *limits) share(among int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.among = max(1, among)
}

func (l *limits) shared() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.among
}

// take counts a push to a device, or says after how long there is room for one of
// that urgency. News that is not urgent leaves a fifth of the room alone.
func (l *limits) take(installation string, lane push.Lane, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u, known := l.of.Get(installation)
	if !known {
		u = &usage{window{slot: time.Second}, window{slot: time.Minute}}
		l.of.Add(installation, u)
	}
	perMinute, perHour := max(1, minuteMost/l.among), max(1, hourMost/l.among)
	if lane != push.Urgent {
		perMinute, perHour = perMinute-perMinute/spare, perHour-perHour/spare
	}
	if wait = max(u.minute.wait(now, perMinute), u.hour.wait(now, perHour)); wait > 0 {
		return wait, false
	}
	u.minute.add()
	u.hour.add()
	return 0, true
}

// slots are what a window is counted in. The one that is running counts whole, so
// that no sixty slots' time ever holds more than is counted.
const slots = 61

// A window counts what happened in the last sixty slots and in the one running.
type window struct {
	slot   time.Duration
	last   int64 // number of the running slot, from the epoch
	counts [slots]uint16
	sum    int
}

// wait is how long until fewer than most are counted; 0 when they are now.
func (w *window) wait(now time.Time, most int) time.Duration {
	w.turn(now.UnixNano() / int64(w.slot))
	left := w.sum - most
	if left < 0 {
		return 0
	}
	for n := w.last - slots + 1; n <= w.last; n++ {
		if left -= int(w.counts[n%slots]); left < 0 {
			return time.Unix(0, (n+slots)*int64(w.slot)).Sub(now)
		}
	}
	return w.slot
}

// turn forgets the slots that are too old by the time of slot number now. A clock
// that was put back counts on in the slot it had reached.
func (w *window) turn(now int64) {
	for n := max(w.last+1, now-slots+1); n <= now; n++ {
		w.sum -= int(w.counts[n%slots])
		w.counts[n%slots] = 0
	}
	w.last = max(w.last, now)
}

func (w *window) add() {
	w.counts[w.last%slots]++
	w.sum++
}
