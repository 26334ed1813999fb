package receipts

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// stored is what somebody has read, as it lies in the store: some bytes for each
// notice they opened.
type stored struct {
	ID           string `bson:"_id"` // <conference>/<delegate>
	Conference   string `bson:"conference"`
	Delegate     string `bson:"delegate"`
	Revision     int64  `bson:"revision"`
	ReadUpTo     int64  `bson:"readUpTo"`
	Opened       []byte `bson:"opened"`
	Acknowledged []byte `bson:"acknowledged"`
}

// person is what somebody has read. Sets hold the numbers of notices.
type person struct {
	revision     int64 // of what the store holds; 0 when it holds nothing
	readUpTo     int64
	opened       numbers
	acknowledged numbers
	changes      int // since the start; saved is how many of these are in the store
	saved        int
}

// A State is how far somebody got with their inbox, by the numbers of its
// notices. Whatever is acknowledged is opened too.
type State struct {
	ReadUpTo     int64
	Opened       []int64
	Acknowledged []int64
}

// HasOpened says whether they opened, or acknowledged, the notice of a number.
func (s State) HasOpened(seq int64) bool {
	return numbers(s.Opened).has(seq) || s.HasAcknowledged(seq)
}

// HasAcknowledged says whether they acknowledged it.
func (s State) HasAcknowledged(seq int64) bool { return numbers(s.Acknowledged).has(seq) }

// HasRead says whether it is no news to them any more.
func (s State) HasRead(seq int64) bool { return seq <= s.ReadUpTo || s.HasOpened(seq) }

// ReadAbove counts the notices above a number that are opened.
func (s State) ReadAbove(seq int64) int { return numbers(s.AllOpened()).above(seq) }

// AllOpened are those that are opened or acknowledged; never nil.
func (s State) AllOpened() []int64 {
	return append([]int64{}, numbers(s.Opened).union(s.Acknowledged)...)
}

// Of is what somebody has read, as this replica knows it.
func (r *Receipts) Of(conference, delegate string) State {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, ok := r.of[who{conference, delegate}]
	if !ok {
		return State{}
	}
	return State{p.readUpTo, p.opened, p.acknowledged}
}

// Read notes that somebody has read their inbox up to a number. It is in the
// store when Read returns nil.
func (r *Receipts) Read(ctx context.Context, conference, delegate string, upTo int64) error {
	return r.write(ctx, who{conference, delegate}, func(p *person) bool {
		higher := upTo > p.readUpTo
		p.readUpTo = max(p.readUpTo, upTo)
		return higher
	})
}

// Acknowledge notes that somebody acknowledged notices. It is in the store when
// Acknowledge returns nil.
func (r *Receipts) Acknowledge(ctx context.Context, conference, delegate string, seqs ...int64) error {
	return r.write(ctx, who{conference, delegate}, func(p *person) bool {
		before := len(p.acknowledged)
		p.acknowledged = p.acknowledged.union(sorted(seqs))
		return len(p.acknowledged) > before
	})
}

// Open notes that somebody opened notices. It is in the store within a second.
func (r *Receipts) Open(conference, delegate string, seqs ...int64) {
	r.alter(who{conference, delegate}, func(p *person) bool {
		before := len(p.opened)
		p.opened = p.opened.union(sorted(seqs))
		return len(p.opened) > before
	})
}

func sorted(seqs []int64) numbers {
	var s numbers
	for _, n := range seqs {
		s = s.with(n)
	}
	return s
}

// alter changes what is known of somebody in memory. Of somebody erased nothing
// is kept.
func (r *Receipts) alter(of who, f func(*person) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.erased[of] {
		return
	}
	p, ok := r.of[of]
	if !ok {
		p = &person{}
		r.of[of] = p
	}
	if f(p) {
		p.changes++
		r.changed(of)
	}
}

// changed says that somebody's read state is another; the lock is held.
func (r *Receipts) changed(of who) {
	if r.OnChange != nil {
		r.OnChange(of.conference, of.delegate)
	}
}

// write is alter, and it is in the store when it returns nil. What did not get
// there is kept and written later.
func (r *Receipts) write(ctx context.Context, of who, f func(*person) bool) error {
	r.alter(of, f)
	return r.save(ctx, of)
}

func (r *Receipts) flushPeople(ctx context.Context) error {
	var owed []who
	r.mu.RLock()
	for of, p := range r.of {
		if p.saved < p.changes {
			owed = append(owed, of)
		}
	}
	r.mu.RUnlock()
	work, each := errgroup.WithContext(ctx)
	work.SetLimit(sideBySide)
	for _, of := range owed {
		work.Go(func() error { return r.save(each, of) })
	}
	return work.Wait()
}

// save writes what is not written yet of somebody. Of those who wait for the same
// person, the first writes for all.
func (r *Receipts) save(ctx context.Context, of who) error {
	turn := r.turn(of)
	turn.Lock()
	defer turn.Unlock()
	for {
		doc, changes, owed := r.draft(of)
		if !owed {
			return nil
		}
		err := r.people.Put(ctx, doc.ID, doc.Revision-1, doc)
		switch {
		case err == nil:
			r.wrote(of, doc.Revision, changes)
			return nil
		case errors.Is(err, store.ErrStale): // a sibling wrote too
			err = r.refresh(ctx, of)
		}
		if err != nil {
			return fmt.Errorf("read state: %w", err)
		}
	}
}

// turn is whose it is to write about somebody: there are a few for all.
func (r *Receipts) turn(of who) *sync.Mutex {
	return &r.saving[shard(of.delegate, len(r.saving))]
}

// draft is the document that is to be written; false when the store has all of it.
func (r *Receipts) draft(of who) (doc stored, changes int, owed bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, ok := r.of[of]
	if !ok || p.saved >= p.changes {
		return stored{}, 0, false
	}
	return stored{
		ID: of.conference + "/" + of.delegate, Conference: of.conference, Delegate: of.delegate, Revision: p.revision + 1,
		ReadUpTo: p.readUpTo, Opened: p.opened.pack(), Acknowledged: p.acknowledged.pack(),
	}, p.changes, true
}

func (r *Receipts) wrote(of who, revision int64, changes int) {
	r.mu.Lock()
	if p, ok := r.of[of]; ok {
		p.revision, p.saved = max(p.revision, revision), max(p.saved, changes)
	}
	r.mu.Unlock()
	r.note(event.ReadStateSubject(of.conference, of.delegate), revision)
}

// refresh takes in what the store holds of somebody.
func (r *Receipts) refresh(ctx context.Context, of who) error {
	var doc stored
	err := r.people.Get(ctx, of.conference+"/"+of.delegate, &doc)
	if errors.Is(err, store.ErrMissing) { // erased meanwhile
		r.drop(of)
		return nil
	}
	if err != nil {
		return err
	}
	return r.take(doc)
}

// take puts what the store holds together with what is known here.
func (r *Receipts) take(doc stored) error {
	opened, err := unpack(doc.Opened)
	acknowledged, wrong := unpack(doc.Acknowledged)
	if err = errors.Join(err, wrong); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	of := who{doc.Conference, doc.Delegate}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.erased[of] {
		return nil
	}
	p, ok := r.of[of]
	if !ok {
		p = &person{}
		r.of[of] = p
	}
	if p.revision >= doc.Revision {
		return nil
	}
	p.revision = doc.Revision
	p.readUpTo = max(p.readUpTo, doc.ReadUpTo)
	p.opened, p.acknowledged = p.opened.union(opened), p.acknowledged.union(acknowledged)
	r.changed(of)
	return nil
}

// Acknowledged asks the store which notices somebody acknowledged: a sibling may
// have been told what memory does not know yet.
func (r *Receipts) Acknowledged(ctx context.Context, conference, delegate string) (State, error) {
	var doc stored
	err := r.people.Get(ctx, conference+"/"+delegate, &doc)
	if err == nil {
		err = r.take(doc)
	}
	if err != nil && !errors.Is(err, store.ErrMissing) {
		return State{}, fmt.Errorf("read state: %w", err)
	}
	return r.Of(conference, delegate), nil
}
