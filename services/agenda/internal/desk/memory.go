package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// A conference is what is known of the meetings of one.
type conference struct {
	id string
	// diary is what is taken and what somebody here is about to take; firm is what
	// would be taken if all of them failed.
	diary, firm *meeting.Diary

	mu       sync.RWMutex
	meetings map[string]*entry
	// of are the meetings of each delegation, over or not.
	of map[string]map[string]*entry
	// with are the meetings that a delegate has, or had, something to do with.
	with         map[string]map[string]*entry
	policy       meeting.Policy
	availability map[string]meeting.Availability // by delegation
	blocks       map[string]meeting.Block
	blockings    uint64 // how often one of blocks has changed; see keepRead
	allocations  map[string]meeting.Allocation
	flying       map[string]*flight // by attempt
	turns        map[string]*queue
	late         []late
	unsure       map[string]time.Time // see mayCome
	left         []act                // found in the store, to be ended
	lateActs     []lateAct
	live, done   walk // meetings to be read again, see turnTo

	// Of sessions in rooms where meetings take place:
	sessions map[string]bool // those in the diary
	shown    shown           // which agenda that is
	settled  shown           // and for which everything is claimed
	held     map[cell]bool   // known to be claimed
	open     map[cell]string // to be looked at again
	watched  int64           // revision up to which they were looked through, see clash
}

// An entry is a meeting as far as it is known. A meeting at revision 0 has an
// attempt to come into being and is shown to nobody.
type entry struct {
	m meeting.Meeting
	// extra is what an open act wants for it, and flying what a flight does.
	extra, flying []meeting.Hold
	// touched counts what this replica wrote of it: what was read before such a
	// write and has the same revision may be older.
	touched uint64
	// news is when it was read last, or written here.
	news time.Time
}

func newConference(id string) *conference {
	return &conference{
		id: id, diary: meeting.NewDiary(), firm: meeting.NewDiary(), meetings: map[string]*entry{}, of: map[string]map[string]*entry{}, with: map[string]map[string]*entry{},
		policy: meeting.Policy{Conference: id}, availability: map[string]meeting.Availability{},
		blocks: map[string]meeting.Block{}, allocations: map[string]meeting.Allocation{}, flying: map[string]*flight{}, turns: map[string]*queue{},
		held: map[cell]bool{}, open: map[cell]string{}, unsure: map[string]time.Time{},
	}
}

// entry is the place of a meeting in memory, made if need be; c.mu is held.
func (c *conference) entry(id string) *entry {
	e, ok := c.meetings[id]
	if !ok {
		e = &entry{m: meeting.Meeting{ID: id, Revision: -1}}
		c.meetings[id] = e
	}
	return e
}

// known is a meeting as memory has it; false when it has none.
func (c *conference) known(id string) (m meeting.Meeting, touched uint64, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.meetings[id]
	if !ok {
		return meeting.Meeting{}, 0, false
	}
	return e.m, e.touched, e.m.Revision >= 0
}

// wrote takes m, which this replica has just written.
func (c *conference) wrote(m meeting.Meeting) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entry(m.ID)
	e.touched++
	e.news = time.Now()
	if m.Revision >= e.m.Revision {
		c.take(e, m)
	}
}

// read takes m as it was read from the store from a moment on, when memory was at
// touched.
func (c *conference) read(m meeting.Meeting, touched uint64, from time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entry(m.ID)
	if from.After(e.news) {
		e.news = from
	}
	if m.Revision > e.m.Revision || m.Revision == e.m.Revision && e.touched == touched {
		c.take(e, m)
	}
}

func (c *conference) take(e *entry, m meeting.Meeting) {
	if e.m = m; m.Act == "" {
		e.extra = nil // the act is over, whoever ended it
	}
	for _, s := range m.Sides {
		if c.of[s.Delegation] == nil {
			c.of[s.Delegation] = map[string]*entry{}
		}
		c.of[s.Delegation][m.ID] = e
	}
	c.concern(e)
	c.write(e)
}

// write puts into the diaries what a meeting has and wants.
func (c *conference) write(e *entry) {
	c.firm.Put(e.m.ID, e.m.Holds)
	has := slices.Concat(e.m.Holds, e.extra, e.flying)
	if e.m.Attempt != nil {
		has = append(has, e.m.Attempt.Wants...)
	}
	c.diary.Put(e.m.ID, has)
}

// occupies makes holds all that a holder who is no meeting has.
func (c *conference) occupies(holder string, holds []meeting.Hold) {
	c.firm.Put(holder, holds)
	c.diary.Put(holder, holds)
}

// wants notes what an open act wants for a meeting; nil when it is over.
func (c *conference) wants(id string, holds []meeting.Hold) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.meetings[id]; ok {
		e.extra = holds
		c.write(e)
	}
}

// forget drops a meeting that did not come into being, as was found when memory
// was at touched.
func (c *conference) forget(id string, touched uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.meetings[id]
	if !ok || e.m.Revision > 0 || e.touched != touched {
		return
	}
	for _, s := range e.m.Sides {
		delete(c.of[s.Delegation], id)
	}
	e.m = meeting.Meeting{ID: id, Revision: -1}
	c.write(e)
	if e.flying == nil {
		delete(c.meetings, id)
	}
}

// turn waits until nobody else of this replica acts upon the meeting.
func (c *conference) turn(ctx context.Context, id string) (done func(), err error) {
	c.mu.Lock()
	turn := c.turns[id]
	if turn == nil {
		turn = &queue{one: make(chan struct{}, 1)}
		c.turns[id] = turn
	}
	turn.length++
	c.mu.Unlock()
	leave := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if turn.length--; turn.length == 0 {
			delete(c.turns, id)
		}
	}
	select {
	case turn.one <- struct{}{}:
		return func() { <-turn.one; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, busy.Because(ctx.Err())
	}
}

// A queue are those of this replica who want to act upon a meeting.
type queue struct {
	one    chan struct{} // holds one while somebody does
	length int
}

// list is a copy of what of some entries is shown, by creation.
func list(entries map[string]*entry, keep func(meeting.Meeting) bool) []meeting.Meeting {
	out := make([]meeting.Meeting, 0, len(entries))
	for _, e := range entries {
		if e.m.Revision > 0 && (keep == nil || keep(e.m)) {
			out = append(out, e.m)
		}
	}
	slices.SortFunc(out, func(a, b meeting.Meeting) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// standing are the meetings that have a slot.
func (c *conference) standing() []meeting.Meeting {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return list(c.meetings, func(m meeting.Meeting) bool { return m.Status == meeting.Confirmed })
}

// fetch reads a meeting from the store into memory, and tells what is owed of it if
// whoever wrote it is gone; one that is not there, or is of another conference, is
// hidden.
func (d *Desk) fetch(ctx context.Context, c *conference, id string) (meeting.Meeting, error) {
	m, isNews, err := d.look(ctx, c, id)
	if err == nil && isNews && m.Pending && m.Revision > 0 {
		d.owe(c, m)
	}
	return m, err
}

// look is fetch, and tells nothing; isNews says that memory did not know as much.
func (d *Desk) look(ctx context.Context, c *conference, id string) (m meeting.Meeting, isNews bool, err error) {
	_, touched, _ := c.known(id)
	from := time.Now()
	switch err := d.meetings.Get(ctx, id, &m); {
	case errors.Is(err, store.ErrMissing):
		c.forget(id, touched)
		return m, false, problem.Hidden()
	case err != nil:
		return m, false, fmt.Errorf("meeting %s: %w", id, err)
	case m.Conference != c.id:
		return m, false, problem.Hidden()
	}
	was, _, known := c.known(id)
	c.read(m, touched, from)
	return m, !known || was.Revision < m.Revision, nil
}
