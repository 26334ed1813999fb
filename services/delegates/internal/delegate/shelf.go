package delegate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary.example/shared/problem"
)

// patience is how long a write may take that a request no longer waits for.
const patience = 5 * time.Second

// A shelf is one sort of record: where it is kept, and how memory reads it.
type shelf[T record[T]] struct {
	name string
	kept Records[T]
	read func(id string) (T, bool)
	keep func(T)
}

// fetch reads a record anew and keeps it in memory.
func (s shelf[T]) fetch(ctx context.Context, id string) (T, error) {
	doc, err := s.kept.Get(ctx, id)
	if err != nil {
		return doc, fmt.Errorf("read %s %s: %w", s.name, id, err)
	}
	doc = doc.grown()
	s.keep(doc)
	return doc, nil
}

var errPassed = problem.New(problem.Stale, "stale", "It has been changed meanwhile. Read it again and decide anew.")

// change is what a change of one record is given besides the record.
type change[T record[T]] struct {
	conference, id string
	expect         int64 // the revision that is to be changed; 0 = any
	acts           func(fields []string, doc T) ([]Act, error)
	to             func(T) (T, error)
	before         func(was, now T) (undo func(), err error) // claims what the change needs
}

// write applies c in one guarded write, again when somebody was faster and any
// revision will do. A change that changes nothing writes nothing. written is
// false then.
func (s shelf[T]) write(ctx context.Context, c change[T]) (was, now T, written bool, err error) {
	doc, err := find(ctx, s, c.conference, c.id)
	if err != nil {
		return was, now, false, err
	}
	// That there is nothing to do, or that it cannot be done, is only believed of
	// what the store holds: a sibling may have changed the record a moment ago.
	for fresh := false; ; fresh = true {
		if c.expect != 0 && c.expect < doc.key().revision || fresh && c.expect > doc.key().revision {
			return was, now, false, errPassed
		}
		if c.expect <= doc.key().revision {
			next, written, err := s.attempt(ctx, c, doc)
			if written || fresh && !errors.Is(err, ErrStale) {
				return doc, next, written, err
			}
		}
		if doc, err = s.fetch(ctx, c.id); err != nil {
			return was, now, false, err
		}
	}
}

func (s shelf[T]) attempt(ctx context.Context, c change[T], was T) (next T, written bool, err error) {
	if next, err = c.to(was); err != nil {
		return next, false, err
	}
	next = next.after(was)
	fields := was.differing(next)
	if len(fields) == 0 {
		return was, false, nil
	}
	k := was.key()
	next = next.revised(k.revision+1, nil)
	acts, err := c.acts(fields, next)
	if err != nil {
		return next, false, err
	}
	next = next.revised(k.revision+1, append(append([]Act{}, k.owed...), acts...))
	undo := func() {}
	if c.before != nil {
		if undo, err = c.before(was, next); err != nil {
			return next, false, err
		}
	}
	err = s.kept.Replace(ctx, k.id, k.revision, next)
	switch {
	case err == nil:
		s.keep(next)
		return next, true, nil
	case errors.Is(err, ErrStale):
		undo()
		return next, false, err
	}
	// It may have been written: what the store holds decides.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if there, getErr := s.fetch(after, k.id); getErr == nil && owes(there.key(), acts) {
		return there, true, nil
	}
	return next, false, fmt.Errorf("save %s %s: %w", s.name, k.id, err)
}

// owes says whether a record has acts among what it owes.
func owes(k key, acts []Act) bool {
	for _, owed := range k.owed {
		if len(acts) > 0 && owed.ID == acts[0].ID {
			return true
		}
	}
	return false
}
