package dispatch

import (
	"context"
	"strconv"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"plenary.example/services/notifications/internal/push"
)

// turn is what may have one send in flight: what one device is told of one
// subject.
type turn struct {
	installation string
	conference   string
	subject      push.Subject
}

// turns lets one send of a turn through at a time: a newer revision waits for
// the older one's outcome.
type turns struct {
	mu sync.Mutex
	of map[turn]*gate
}

type gate struct {
	pass  chan struct{} // holds one when a send is in flight
	users int           // waiting or passing; the gate goes when none is left
}

func newTurns() *turns { return &turns{of: map[turn]*gate{}} }

// enter waits for the turn; false when ctx ended first.
func (t *turns) enter(ctx context.Context, k turn) (leave func(), ok bool) {
	t.mu.Lock()
	g := t.of[k]
	if g == nil {
		g = &gate{pass: make(chan struct{}, 1)}
		t.of[k] = g
	}
	g.users++
	t.mu.Unlock()
	select {
	case g.pass <- struct{}{}:
		return func() { <-g.pass; t.left(k, g) }, true
	case <-ctx.Done():
		t.left(k, g)
		return nil, false
	}
}

func (t *turns) left(k turn, g *gate) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if g.users--; g.users == 0 {
		delete(t.of, k)
	}
}

// told remembers the newest revision this process told each turn. It is a hint
// that spares repeats: forgetting one costs a silent push.
type told struct{ last *lru.Cache[turn, int64] }

const remembered = 32_768

func newTold() *told {
	c, _ := lru.New[turn, int64](remembered) // fails for a size below one only
	return &told{c}
}

func (t *told) set(installation string, n push.Notice) {
	k := turn{installation, n.Conference, n.Subject}
	if last, ok := t.last.Peek(k); !ok || last < n.To {
		t.last.Add(k, n.To)
	}
}

func (t *told) revision(installation string, n push.Notice) int64 {
	r, _ := t.last.Get(turn{installation, n.Conference, n.Subject})
	return r
}

// wrong remembers the notices whose message the carrier called wrong, so that
// one page finds it out for all.
type wrong struct{ keys *lru.Cache[string, string] }

// mark is what a notice is remembered as: one that is sent again is another.
func mark(key string, j push.Job) string {
	if j.Replay == 0 {
		return key
	}
	return key + "+" + strconv.FormatInt(j.Replay, 10)
}

func newWrong() *wrong {
	c, _ := lru.New[string, string](1024) // as above
	return &wrong{c}
}

func (w *wrong) add(key, reason string) { w.keys.Add(key, "wrong payload: "+reason) }

func (w *wrong) reason(key string) string {
	r, _ := w.keys.Get(key)
	return r
}
