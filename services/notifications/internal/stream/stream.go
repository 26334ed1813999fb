// Package stream knows who has their app open, and wakes it when there is news.
//
// A listener is told that it should look, and nothing else: what there is stands
// in the inbox, in an order that misses nothing, so whoever follows reads from the
// last number they have sent on. A wake-up that is lost among others costs
// nothing, and a phone that was away for a minute resumes as if it had not been.
package stream

import (
	"slices"
	"sync"

	"plenary.example/shared/problem"
)

// mostPerReader is how many apps of one delegate are followed at once; the one
// that began longest ago makes way.
const mostPerReader = 10

// A Hub is everybody who listens to one replica. Its methods may be called side by
// side.
type Hub struct {
	mu     sync.Mutex
	open   map[reader][]*Listener // in the order they came
	count  int
	closed bool
}

type reader struct{ conference, delegate string }

// New is a hub nobody listens to.
func New() *Hub { return &Hub{open: map[reader][]*Listener{}} }

// A Listener is one open app.
type Listener struct {
	hub   *Hub
	of    reader
	wake  chan struct{} // holds one
	ended chan struct{} // closed when it is to leave
}

// Wake has a signal when there may be something new.
func (l *Listener) Wake() <-chan struct{} { return l.wake }

// Ended is closed when the listener is to leave: it made way, or the hub closes.
func (l *Listener) Ended() <-chan struct{} { return l.ended }

// Listen begins to follow what a delegate is told. Whoever listens calls Leave. It
// is Unavailable once the hub is closed.
func (h *Hub) Listen(conference, delegate string) (*Listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, problem.New(problem.Unavailable, "closing", "This service is about to stop. Try again in a moment.")
	}
	l := &Listener{hub: h, of: reader{conference, delegate}, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	if there := h.open[l.of]; len(there) >= mostPerReader {
		h.drop(there[0])
	}
	h.open[l.of] = append(h.open[l.of], l)
	h.count++
	return l, nil
}

// Leave ends the listening. A second call does nothing.
func (l *Listener) Leave() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.hub.drop(l)
}

// drop takes l out; the lock is held.
func (h *Hub) drop(l *Listener) {
	there := h.open[l.of]
	at := slices.Index(there, l)
	if at < 0 {
		return
	}
	close(l.ended)
	h.count--
	if there = slices.Delete(there, at, at+1); len(there) == 0 {
		delete(h.open, l.of)
	} else {
		h.open[l.of] = there
	}
}

// Wake has those of the delegates who listen look.
func (h *Hub) Wake(conference string, delegates ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count == 0 {
		return
	}
	for _, delegate := range delegates {
		for _, l := range h.open[reader{conference, delegate}] {
			select {
			case l.wake <- struct{}{}:
			default: // it has yet to look
			}
		}
	}
}

// Open is how many listen.
func (h *Hub) Open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

// Close has all leave, and nobody come any more.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, there := range h.open {
		for _, l := range slices.Clone(there) {
			h.drop(l)
		}
	}
}
