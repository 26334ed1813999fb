package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/services/notifications/internal/push"
)

// Figures is how the sending stands, for an operator. Queue is of all replicas,
// the rest of this one since it started.
type Figures struct {
	Carriers []CarrierFigures `json:"carriers"`
	Queue    []LaneFigures    `json:"queue"`
	Budget   Budget           `json:"budget"`
	// Dropped counts what was not sent, by why; Pruned the phones forgotten, by
	// why.
	Dropped map[string]int64 `json:"dropped"`
	Pruned  map[string]int64 `json:"pruned"`
	PutOff  int64            `json:"putOff"`
	// Replicas is among how many the limits of a device are shared out.
	Replicas int `json:"replicas"`
	// DeadTokenRatio is the part of the last thousand sends that met a dead or a
	// foreign token.
	DeadTokenRatio float64 `json:"deadTokenRatio"`
}

// CarrierFigures is how one carrier, or one gateway behind it, does.
type CarrierFigures struct {
	Name string `json:"name"`
	// Health is well; unwell while it cannot take one push after the other, or does not
	// answer; or refused while it refuses us.
	Health string `json:"health"`
	// Pushes counts what became of pushes, by outcome and by reason.
	Pushes []Tally `json:"pushes"`
	// AcceptedAt and FailedAt are when the last push was taken, and when one was
	// not; zero for never.
	AcceptedAt time.Time `json:"acceptedAt,omitzero"`
	FailedAt   time.Time `json:"failedAt,omitzero"`
}

// A Tally is how many pushes ended in one way.
type Tally struct {
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
	Count   int64  `json:"count"`
}

// LaneFigures is how much waits in a lane, and for how long; later is what waits
// for its time.
type LaneFigures struct {
	Lane          string  `json:"lane"`
	Jobs          uint64  `json:"jobs"`
	OldestSeconds float64 `json:"oldestSeconds"`
}

// Budget is what this replica allows itself of the carrier's quota, in sends a
// second: Most at best, Now after refusals, Left of that in the last second.
type Budget struct {
	Most float64 `json:"most"`
	Now  float64 `json:"now"`
	Left float64 `json:"left"`
}

// Figures looks at how the sending stands. It fails when the queue cannot be
// asked.
func (d *Dispatcher) Figures(ctx context.Context) (Figures, error) {
	f := d.tally.figures()
	for i := range f.Carriers {
		c := &f.Carriers[i]
		if c.Name == FCM && d.carrier.refused() || c.Name != FCM && d.platforms.refusing(push.Platform(c.Name)) {
			c.Health = "refused"
		}
	}
	f.Replicas = d.limits.shared()
	f.Budget = d.pace.budget(time.Now())
	f.DeadTokenRatio = d.ratios.deadPart()
	st, err := d.cfg.JS.Stream(ctx, stream)
	if err != nil {
		return Figures{}, fmt.Errorf("push figures: %w", err)
	}
	for _, lane := range push.Lanes() {
		if err := addLane(ctx, &f, st, string(lane), sendTo+string(lane)); err != nil {
			return Figures{}, err
		}
	}
	return f, addLane(ctx, &f, st, "later", laterTo+">")
}

func addLane(ctx context.Context, f *Figures, st jetstream.Stream, name, subject string) error {
	jobs, age, err := depth(ctx, st, name, subject)
	if err != nil {
		return fmt.Errorf("push figures: %w", err)
	}
	f.Queue = append(f.Queue, LaneFigures{Lane: name, Jobs: jobs, OldestSeconds: age})
	return nil
}

// unwell is how many pushes in a row fail before a carrier is said to be so.
const unwell = 10

// mostReasons is how many reasons of a platform are told apart.
const mostReasons = 50

// tally counts what becomes of pushes, as an operator asks for it.
type tally struct {
	mu      sync.Mutex
	by      map[string]map[Tally]int64 // by carrier; Count is zero in the keys
	taken   map[string]time.Time
	failed  map[string]time.Time
	failing map[string]int // in a row
	dropped map[string]int64
	pruned  map[string]int64
	putOff  int64
}

func newTally() *tally {
	return &tally{
		by: map[string]map[Tally]int64{}, taken: map[string]time.Time{}, failed: map[string]time.Time{}, failing: map[string]int{},
		dropped: map[string]int64{}, pruned: map[string]int64{},
	}
}

func (t *tally) result(p push.Platform, r push.Result, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range []string{FCM, string(p)} {
		if r.Outcome == push.Accepted {
			t.taken[name] = at
		} else {
			t.failed[name] = at
		}
		switch o := r.Outcome; {
		case o == push.Unwell, o == push.Ambiguous:
			t.failing[name]++
		case o == push.Accepted, o.Forget(): // it answers
			t.failing[name] = 0
		}
		if t.by[name] == nil {
			t.by[name] = map[Tally]int64{}
		}
		k := Tally{Outcome: r.Outcome.String(), Reason: r.Reason}
		if _, known := t.by[name][k]; !known && len(t.by[name]) >= mostReasons {
			k.Reason = "other"
		}
		t.by[name][k]++
	}
}

func (t *tally) drop(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dropped[why]++
}

func (t *tally) prune(why string, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pruned[why] += n
}

func (t *tally) delay(n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.putOff += n
}

func (t *tally) figures() Figures {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := Figures{Dropped: maps.Clone(t.dropped), Pruned: maps.Clone(t.pruned), PutOff: t.putOff}
	for _, name := range Carriers() {
		c := CarrierFigures{Name: name, Health: "well", Pushes: []Tally{}, AcceptedAt: t.taken[name], FailedAt: t.failed[name]}
		if t.failing[name] >= unwell {
			c.Health = "unwell"
		}
		for k, n := range t.by[name] {
			k.Count = n
			c.Pushes = append(c.Pushes, k)
		}
		slices.SortFunc(c.Pushes, func(a, b Tally) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
		})
		f.Carriers = append(f.Carriers, c)
	}
	return f
}
