package audit

import (
	"slices"
	"sync"

	"plenary.example/shared/event"
)

var erased = event.DelegateErased{}.Type()

// A Log has the acts of every conference in the memory of one replica. It is
// filled from the store and then by the events themselves, in any order and
// any number of times.
type Log struct {
	mu          sync.RWMutex
	conferences map[string]*acts
}

// acts are those of one conference.
type acts struct {
	inOrder []Act // oldest first
	known   map[string]bool
	// forgotten has the ids of the acts about whoever was erased, for the store.
	forgotten map[string][]string
}

// NewLog makes an empty log.
func NewLog() *Log { return &Log{conferences: make(map[string]*acts)} }

// Load adds acts that were kept.
func (l *Log) Load(kept []Act) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.SortFunc(kept, Act.before)
	for _, a := range kept { // who was erased comes first, so that nothing about them is shown
		if a.Type == erased {
			l.of(a.Conference).forget(a.Subject)
		}
	}
	for _, a := range kept {
		l.of(a.Conference).add(a)
	}
}

// Hear takes one event in: its act is there when Hear returns, and after an
// erasure nothing is left that was done to the person or for them. What they
// did themselves stays under an id that leads to nobody: others have to live
// with it.
func (l *Log) Hear(e event.Envelope) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Type == erased {
		l.of(e.Conference).forget(e.Subject)
	}
	if a, ok := From(e); ok {
		l.of(e.Conference).add(a)
	}
}

// Forgotten are the acts about somebody that were in the log before the
// erasure, and whether it has heard of one.
func (l *Log) Forgotten(conference, delegate string) ([]string, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	c, ok := l.conferences[conference]
	if !ok {
		return nil, false
	}
	ids, ok := c.forgotten[delegate]
	return slices.Clone(ids), ok
}

// of is the conference's acts; l.mu is held.
func (l *Log) of(conference string) *acts {
	c, ok := l.conferences[conference]
	if !ok {
		c = &acts{known: make(map[string]bool), forgotten: make(map[string][]string)}
		l.conferences[conference] = c
	}
	return c
}

func (c *acts) add(a Act) {
	if c.known[a.ID] {
		return
	}
	c.known[a.ID] = true
	if who, ok := c.gone(a); ok {
		c.forgotten[who] = append(c.forgotten[who], a.ID)
		return
	}
	at := len(c.inOrder)
	for at > 0 && a.before(c.inOrder[at-1]) < 0 { // nearly always the newest
		at--
	}
	c.inOrder = slices.Insert(c.inOrder, at, a)
}

// gone says which erased person the act is about. The erasure itself is kept:
// it is the proof that somebody was asked to forget.
func (c *acts) gone(a Act) (string, bool) {
	if a.Type == erased {
		return "", false
	}
	for _, who := range []string{a.Subject, a.Principal} {
		if _, ok := c.forgotten[who]; ok {
			return who, true
		}
	}
	return "", false
}

func (c *acts) forget(delegate string) {
	if _, ok := c.forgotten[delegate]; ok {
		return
	}
	c.forgotten[delegate] = nil
	c.inOrder = slices.DeleteFunc(c.inOrder, func(a Act) bool {
		if a.Type == erased || !a.about(delegate) {
			return false
		}
		c.forgotten[delegate] = append(c.forgotten[delegate], a.ID)
		return true
	})
}
