// Package privacy is what a person may ask of us about themselves: to see
// everything that is held, and to be forgotten.
//
// To be forgotten is one guarded write first: the record keeps an id, the
// conference and the delegation, and the same write owes the event upon which
// the other services forget. From then on the person is nobody. What else this
// service holds lies in many documents, which no store of ours removes at once,
// so the erasure is itself a document: it is done when every room has forgotten,
// and until then any replica that finds it goes on. Forgetting is safe to
// repeat, which is all the order there is.
//
// The id stays, so that lists keep their counts and acts their actors; it leads
// to nobody. The price is honest: whoever kept a copy of who had that id before,
// on paper or in another system, still knows; and an id that was made from an
// external one can be made from it again by whoever has that.
package privacy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// An Erasure is one person being forgotten.
type Erasure struct {
	ID         string `bson:"_id"` // of the delegate
	Conference string `bson:"conference"`
	// Number is the accreditation number, which some rooms keep things under. It
	// is here until they have forgotten; empty then, and when it is not known.
	Number string    `bson:"number"`
	Actor  string    `bson:"actor"` // empty when the time of keeping was over
	At     time.Time `bson:"at"`
	DoneAt time.Time `bson:"doneAt"` // zero before
}

// Done says that nothing is left to forget.
func (e Erasure) Done() bool { return !e.DoneAt.IsZero() }

// A Person is who is to be forgotten. Number is the accreditation number, empty
// when they had none, or nobody knows it any more.
type Person struct{ ID, Number string }

// A Room forgets what it holds about people. It is called again until it has
// succeeded once, and may be called after that.
type Room struct {
	Name   string
	Forget func(ctx context.Context, conference string, people []Person) error
}

// keeper has the erasures on disk.
type keeper interface {
	// All reads every one there is, for starting.
	All(ctx context.Context) ([]Erasure, error)
	// Get fails with NotFound when there is none.
	Get(ctx context.Context, id string) (Erasure, error)
	// Insert keeps the one that is there, but gives it a number it lacks.
	Insert(ctx context.Context, e Erasure) error
	// Finish marks it as done and drops the number.
	Finish(ctx context.Context, id string, at time.Time) error
}

// book has the records; delegate.Book is one.
type book interface {
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
	DelegatesOf(conference string) []delegate.Delegate
	DelegationsOf(conference string) []delegate.Delegation
	ChangeDelegate(ctx context.Context, conference, id string, expect int64, by, principal string, f func(delegate.Delegate) (delegate.Delegate, error), extra ...event.Payload) (delegate.Delegate, error)
	ChangeDelegation(ctx context.Context, conference, id string, expect int64, by, principal string, f func(delegate.Delegation) (delegate.Delegation, error), extra ...event.Payload) (delegate.Delegation, error)
}

// An Office erases people and sees to it that all of it happens.
type Office struct {
	kept  keeper
	book  book
	rooms []Room
	now   func() time.Time // the wall clock
	log   *slog.Logger
	wake  chan struct{}

	mu    sync.Mutex
	heard map[string]unfinished // by delegate
}

// unfinished is an erasure this replica knows of, and since when.
type unfinished struct {
	conference string
	since      time.Time
}

// NewOffice opens an office. Run must be running for what was begun elsewhere
// to be finished.
func NewOffice(k keeper, b book, rooms []Room, now func() time.Time, log *slog.Logger) *Office {
	return &Office{kept: k, book: b, rooms: rooms, now: now, log: log, wake: make(chan struct{}, 1), heard: map[string]unfinished{}}
}

var errLast = problem.New(problem.Conflict, "last_secretariat", "This is the last member of the secretariat. Appoint another first.")

// Erase forgets a person at the wish of the secretariat, if their record is at
// the revision expect. When it returns the person is nobody: signed out, in no
// list, found by no search. The last of the rooms may need a little longer.
func (o *Office) Erase(ctx context.Context, by caller.Caller, id string, expect int64) error {
	if err := o.erase(ctx, by.Conference, id, by.Actor(), expect, func(d delegate.Delegate) error {
		if o.last(d) {
			return errLast
		}
		return nil
	}); err != nil {
		return fmt.Errorf("erase %s: %w", id, err)
	}
	return nil
}

// erase writes that a person is erased and goes through the rooms. What of that
// fails after the write is taken up again by Run.
func (o *Office) erase(ctx context.Context, conference, id, actor string, expect int64, may func(delegate.Delegate) error) error {
	e, err := o.record(ctx, conference, id, actor, expect, may)
	if err != nil {
		return err
	}
	if err := o.finish(ctx, conference, []Erasure{e}); err != nil {
		o.log.Warn("erasure goes on in the background", "delegate", id, "err", err)
		o.note(conference, id, time.Time{})
	}
	return nil
}

// record makes the record that of nobody.
func (o *Office) record(ctx context.Context, conference, id, actor string, expect int64, may func(delegate.Delegate) error) (Erasure, error) {
	e := Erasure{ID: id, Conference: conference, Actor: actor, At: o.now().UTC().Truncate(time.Millisecond)}
	_, err := o.book.ChangeDelegate(ctx, conference, id, expect, actor, "", func(d delegate.Delegate) (delegate.Delegate, error) {
		if d.Status == event.Erased {
			return d, nil
		}
		if err := may(d); err != nil {
			return d, err
		}
		e.Number = d.Accreditation
		return delegate.Delegate{Delegation: d.Delegation, Status: event.Erased}, nil
	}, event.DelegateErased{Delegate: id})
	return e, err
}

// last says whether nobody of the secretariat is left without d.
func (o *Office) last(d delegate.Delegate) bool {
	return d.Accredited() && d.Is(caller.Secretariat) && !slices.ContainsFunc(o.book.DelegatesOf(d.Conference), func(q delegate.Delegate) bool {
		return q.ID != d.ID && q.Accredited() && q.Is(caller.Secretariat)
	})
}

// finish has every room forget people of one conference. It does nothing that it
// could not do twice.
func (o *Office) finish(ctx context.Context, conference string, begun []Erasure) error {
	var people []Person
	var errs []error
	for _, e := range begun {
		if err := o.kept.Insert(ctx, e); err != nil {
			return fmt.Errorf("note an erasure: %w", err)
		}
		e, err := o.kept.Get(ctx, e.ID)
		if err != nil {
			return fmt.Errorf("read an erasure: %w", err)
		}
		if e.Done() {
			continue
		}
		people = append(people, Person{e.ID, e.Number})
		errs = append(errs, o.vacate(ctx, e))
	}
	if len(people) == 0 {
		return nil
	}
	for _, r := range o.rooms { // one that fails keeps no other from forgetting
		if err := r.Forget(ctx, conference, people); err != nil {
			errs = append(errs, fmt.Errorf("forget in %s: %w", r.Name, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, p := range people {
		if err := o.kept.Finish(ctx, p.ID, o.now().UTC().Truncate(time.Millisecond)); err != nil {
			return fmt.Errorf("finish an erasure: %w", err)
		}
	}
	return nil
}

// vacate takes the person out of the delegations that name them.
func (o *Office) vacate(ctx context.Context, e Erasure) error {
	for _, g := range o.book.DelegationsOf(e.Conference) {
		if g.Head != e.ID && g.Officer != e.ID {
			continue
		}
		if _, err := o.book.ChangeDelegation(ctx, e.Conference, g.ID, 0, e.Actor, "", func(g delegate.Delegation) (delegate.Delegation, error) {
			if g.Head == e.ID {
				g.Head = ""
			}
			if g.Officer == e.ID {
				g.Officer = ""
			}
			return g, nil
		}); err != nil {
			return fmt.Errorf("vacate the places in %s: %w", g.ID, err)
		}
	}
	return nil
}
