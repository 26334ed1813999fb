package delegate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// left is how long what a sibling owes is left to the sibling.
const left = 5 * time.Second

// aCrowd is how many strangers are read one by one before all are read at once.
const aCrowd = 50

// Load reads every record into memory. It comes first.
func (b *Book) Load(ctx context.Context) error {
	if err := b.groups.load(ctx); err != nil {
		return err
	}
	return b.people.load(ctx)
}

func (s shelf[T]) load(ctx context.Context) error {
	all, err := s.kept.All(ctx)
	if err != nil {
		return fmt.Errorf("load every %s: %w", s.name, err)
	}
	for _, doc := range all {
		s.keep(doc.grown())
	}
	return nil
}

// Hear takes a state message, of any subject: what a sibling wrote is read from
// the store when it is newer than what is known here.
func (b *Book) Hear(ctx context.Context, subject string, revision int64, data []byte) error {
	_, kind, id := event.SplitState(subject)
	switch kind {
	case "agenda.conference":
		return b.Conferences.hear(data)
	case "delegates.delegate":
		b.noteTold(subject, revision)
		b.noteRank(id, revision, data)
		return heard(ctx, b, b.people, id, revision)
	case "delegates.delegation":
		b.noteTold(subject, revision)
		return heard(ctx, b, b.groups, id, revision)
	}
	return nil
}

func heard[T record[T]](ctx context.Context, b *Book, s shelf[T], id string, revision int64) error {
	known, ok := s.read(id)
	if ok && known.key().revision >= revision {
		return nil
	}
	if !ok && b.crowded() {
		if err := s.load(ctx); err != nil {
			return err
		}
	}
	doc, err := s.fetch(ctx, id)
	if problem.Is(err, problem.NotFound) {
		return nil // a message that outlived its store
	}
	if err == nil && doc.key().pending {
		b.mu.Lock()
		b.watch[s.name+"/"+id] = b.now()
		b.mu.Unlock()
	}
	return err
}

// crowded says, of a stranger, whether so many came lately that a sibling must
// have taken in a table of them: then all are read at once, because one by one
// the last hints would come many seconds late.
func (b *Book) crowded() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := b.now(); now.Sub(b.strangersSince) > left {
		b.strangers, b.strangersSince = 0, now
	}
	b.strangers++
	if b.strangers < aCrowd {
		return false
	}
	b.strangers = 0
	return true
}

func (b *Book) noteTold(subject string, revision int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.told != nil {
		b.told[subject] = max(revision, b.told[subject])
	}
}

// Begin tells what was found untold: by replicas that are gone, or because the
// bus lost it or is new. It comes when Hear has had what stood on the bus.
func (b *Book) Begin() {
	b.mu.Lock()
	told, rankless := b.told, b.rankless
	b.told, b.rankless, b.begun = nil, nil, true
	b.mu.Unlock()
	b.memory.mu.RLock()
	groups, people := untold(b.memory.delegations, told), untold(b.memory.delegates, told)
	b.memory.mu.RUnlock()
	oweUntold(b, b.groups.name, groups, b.oweDelegation)
	oweUntold(b, b.people.name, people, b.oweDelegate)
	b.tellRanks(rankless)
}

func untold[T record[T]](known map[string]*T, told map[string]int64) []T {
	var docs []T
	for _, doc := range known {
		subject, _ := (*doc).standing()
		if k := (*doc).key(); k.pending || told[subject] < k.revision {
			docs = append(docs, *doc)
		}
	}
	return docs
}

func oweUntold[T record[T]](b *Book, name string, docs []T, one func(T)) {
	var states []T
	for _, doc := range docs {
		if doc.key().pending {
			one(doc)
		} else {
			states = append(states, doc)
		}
	}
	oweStates(b, name, states)
}

// Look tells what a sibling wrote and has not told for a while; it must be gone.
// It is called every few seconds.
func (b *Book) Look(ctx context.Context) error {
	var errs []error
	for name, since := range b.watched() {
		if b.now().Sub(since) < left {
			continue
		}
		kind, id, _ := strings.Cut(name, "/")
		var err error
		if kind == b.people.name {
			err = look(ctx, b.people, id, b.oweDelegate)
		} else {
			err = look(ctx, b.groups, id, b.oweDelegation)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		b.mu.Lock()
		delete(b.watch, name)
		b.mu.Unlock()
	}
	return errors.Join(errs...)
}

func (b *Book) watched() map[string]time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	copied := make(map[string]time.Time, len(b.watch))
	for name, since := range b.watch {
		copied[name] = since
	}
	return copied
}

func look[T record[T]](ctx context.Context, s shelf[T], id string, owe func(T)) error {
	doc, err := s.fetch(ctx, id)
	if err == nil && doc.key().pending {
		owe(doc)
	}
	return err
}

// A lane is given what is to be told, and tells it in that order.
type lane = func(name string, tell func(context.Context) error)

func (b *Book) oweDelegate(d Delegate) { b.oweDelegateIn(b.laneOf(d, false), d) }

// laneOf is where a person is owed. What overtakes an older revision tells of
// that too, in their order: a record owes all that is not settled.
func (b *Book) laneOf(d Delegate, rights bool) lane {
	if rights || !d.Accredited() {
		return b.first
	}
	return b.owe
}

func (b *Book) oweDelegateIn(owe lane, d Delegate) {
	oweOne(b, owe, b.people, d, func(ctx context.Context) error {
		if end := b.ended.Load(); end != nil && !d.Accredited() {
			return (*end)(ctx, d)
		}
		return nil
	})
}

func (b *Book) oweDelegation(g Delegation) {
	oweOne(b, b.owe, b.groups, g, func(context.Context) error { return nil })
}

// oweOne tells how a record stands, then what happened to it, in this order, so
// that whoever acts upon an event reads a state at least as new.
func oweOne[T record[T]](b *Book, owe lane, s shelf[T], doc T, first func(context.Context) error) {
	k := doc.key()
	owe(s.name+" "+k.id, func(ctx context.Context) error {
		if err := first(ctx); err != nil {
			return err
		}
		state, err := message(doc)
		if err != nil {
			return err
		}
		if err := b.herald.PutState(ctx, state.Subject, state.Revision, state.Data); err != nil {
			return err
		}
		for _, a := range k.owed {
			if err := b.herald.Publish(ctx, a.Envelope(k.conference)); err != nil {
				return err
			}
		}
		err = s.kept.Settle(ctx, k.id, k.revision, k.owed)
		if errors.Is(err, ErrStale) {
			return nil // the newer revision owes the same, and settles it
		}
		if err == nil {
			s.keep(doc.revised(k.revision, nil))
		}
		return err
	})
}

// oweStates tells how many records stand.
func oweStates[T record[T]](b *Book, name string, docs []T) {
	if len(docs) == 0 {
		return
	}
	b.owe(fmt.Sprintf("%d of %s", len(docs), name), func(ctx context.Context) error {
		states := make([]StateMessage, 0, len(docs))
		for _, doc := range docs {
			state, err := message(doc)
			if err != nil {
				return err
			}
			states = append(states, state)
		}
		return b.herald.PutStates(ctx, states)
	})
}

func message[T record[T]](doc T) (StateMessage, error) {
	subject, state := doc.standing()
	data, err := json.Marshal(state)
	if err != nil {
		return StateMessage{}, fmt.Errorf("state of %s: %w", doc.key().id, err)
	}
	return StateMessage{Subject: subject, Revision: doc.key().revision, Data: data}, nil
}
