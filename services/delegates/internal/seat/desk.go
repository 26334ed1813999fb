package seat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// Moments for which a substitution may be ordered.
const (
	late  = time.Minute         // a phone's clock, and the way here
	ahead = 60 * 24 * time.Hour // nobody plans further
)

// Errors of whoever keeps the substitutions.
var (
	ErrExists = errors.New("there is such a substitution")
	ErrStale  = errors.New("the substitution is in another state")
)

// keeper has the substitutions on disk.
type keeper interface {
	All(ctx context.Context) ([]Substitution, error)
	Get(ctx context.Context, key string) (Substitution, error)
	// Insert fails with ErrExists when the key is taken.
	Insert(ctx context.Context, s Substitution) error
	// Advance writes s over the same in state from; ErrStale when it is in another.
	Advance(ctx context.Context, s Substitution, from string) error
	Delete(ctx context.Context, key string) error
}

// book has the records; delegate.Book is one.
type book interface {
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
	DelegatesOf(conference string) []delegate.Delegate
	ChangeDelegate(ctx context.Context, conference, id string, expect int64, by, principal string, f func(delegate.Delegate) (delegate.Delegate, error), extra ...event.Payload) (delegate.Delegate, error)
	ChangeDelegation(ctx context.Context, conference, id string, expect int64, by, principal string, f func(delegate.Delegation) (delegate.Delegation, error), extra ...event.Payload) (delegate.Delegation, error)
}

// A Desk takes orders for substitutions and sees them through.
type Desk struct {
	kept keeper
	book book
	// clock is the conference clock, now the wall clock.
	clock func(conference string) time.Time
	now   func() time.Time
	log   *slog.Logger
	wake  chan struct{} // something was planned

	mu      sync.Mutex
	known   map[string]Substitution // by key
	written int                     // how often this replica has written one
}

// NewDesk opens a desk. Run must be running for what is planned to happen.
func NewDesk(k keeper, b book, clock func(conference string) time.Time, now func() time.Time, log *slog.Logger) *Desk {
	return &Desk{kept: k, book: b, clock: clock, now: now, log: log, wake: make(chan struct{}, 1), known: map[string]Substitution{}}
}

// An Order is what a liaison wants.
type Order struct {
	// ID of the substitution, chosen beforehand, or empty. When there is one of
	// that id already, the order is a repeat and that one the answer.
	ID       string
	Delegate string
	Deputy   string
	From     time.Time // zero = now
}

var (
	errAlready = problem.New(problem.Conflict, "already_substituted", "This person has handed over their seat, or is about to.")
	errLeaving = problem.New(problem.Conflict, "not_accredited", "This person does not take part any more.")
	errDeputy  = problem.New(problem.Conflict, "deputy_not_accredited", "The deputy does not take part any more, or has handed over their own seat.")
	errLast    = problem.New(problem.Conflict, "last_secretariat", "This is the last member of the secretariat. Appoint another first.")
	errSame    = problem.New(problem.Invalid, "same_person", "The deputy has to be somebody else.").
			With(problem.Field{Pointer: "/deputy", Code: "same_person", Detail: "Is the person whose seat it is."})
	errElsewhere = problem.New(problem.Invalid, "other_delegation", "The deputy has to be of the same delegation.").
			With(problem.Field{Pointer: "/deputy", Code: "other_delegation", Detail: "Is of another delegation."})
	errPast = problem.New(problem.Invalid, "in_the_past", "A seat cannot be handed over in the past.").
		With(problem.Field{Pointer: "/from", Code: "in_the_past", Detail: "Is over already on the conference clock."})
	errFar = problem.New(problem.Invalid, "too_far_ahead", "A seat can be handed over at most 60 days ahead.").
		With(problem.Field{Pointer: "/from", Code: "too_far_ahead", Detail: "Is more than 60 days ahead.", Params: map[string]string{"days": "60"}})
	errDone = problem.New(problem.Conflict, "substitution_done", "The deputy has the seat already.")
)

// Substitute takes an order of a liaison, who acts for the own delegation and
// sees no other, or of the secretariat. One for now is done when Substitute
// returns, unless something was in the way; then it is driven on.
func (d *Desk) Substitute(ctx context.Context, by caller.Caller, o Order) (Substitution, error) {
	if o.ID != "" {
		if s, err := d.Find(ctx, by, o.ID); err == nil || !problem.Is(err, problem.NotFound) {
			return s, err
		}
	}
	leaving, err := d.check(ctx, by, o)
	if err != nil {
		return Substitution{}, err
	}
	now := d.clock(by.Conference)
	s := Substitution{
		ID: cmp.Or(o.ID, delegate.NewID()), Conference: by.Conference, Delegation: leaving.Delegation,
		Delegate: o.Delegate, Deputy: o.Deputy, From: o.From, State: Planned,
		Actor: by.Actor(), At: d.now().UTC().Truncate(time.Millisecond),
	}
	switch {
	case o.From.IsZero():
		s.From = now
	case o.From.Before(now.Add(-late)):
		return Substitution{}, errPast
	case o.From.After(now.Add(ahead)):
		return Substitution{}, errFar
	}
	s.From = s.From.UTC().Truncate(time.Millisecond)
	if !s.From.After(now) {
		s.State = Open
	}
	if s, err = d.insert(ctx, s); err != nil {
		return Substitution{}, err
	}
	if s.State == Planned {
		d.nudge()
		return s, nil
	}
	driven, err := d.drive(ctx, s)
	switch {
	case err != nil:
		d.nudge() // it is written down, so it will happen
		return s, nil
	case driven.State == Withdrawn: // somebody was faster than the order
		return driven, refusal(driven.Reason)
	}
	return driven, nil
}

// refusal is what an obstacle is called when it stands in the way of an order.
func refusal(reason string) error {
	switch reason {
	case DeputyGone:
		return errDeputy
	case LastOffice:
		return errLast
	}
	return errLeaving
}

// check holds an order to the rules, in words that tell a liaison nothing of
// other delegations.
func (d *Desk) check(ctx context.Context, by caller.Caller, o Order) (leaving delegate.Delegate, err error) {
	leaving, err = d.visible(ctx, by, o.Delegate)
	if err != nil {
		return leaving, err
	}
	if o.Deputy == o.Delegate {
		return leaving, errSame
	}
	deputy, err := d.visible(ctx, by, o.Deputy)
	switch {
	case err != nil:
		return leaving, err
	case deputy.Delegation != leaving.Delegation:
		return leaving, errElsewhere
	case leaving.Status == event.Substituted:
		return leaving, errAlready
	case !leaving.Accredited():
		return leaving, errLeaving
	case !deputy.Accredited():
		return leaving, errDeputy
	case d.last(leaving):
		return leaving, errLast
	}
	return leaving, nil
}

// visible finds a person for whom the caller may act.
func (d *Desk) visible(ctx context.Context, by caller.Caller, id string) (delegate.Delegate, error) {
	p, err := d.book.Delegate(ctx, by.Conference, id)
	if err != nil {
		return p, err
	}
	if p.Status == event.Erased || !by.Is(caller.Secretariat) && p.Delegation != by.Delegation {
		return p, problem.Hidden()
	}
	return p, nil
}

// last says whether nobody of the secretariat is left without p.
func (d *Desk) last(p delegate.Delegate) bool {
	return p.Is(caller.Secretariat) && !slices.ContainsFunc(d.book.DelegatesOf(p.Conference), func(q delegate.Delegate) bool {
		return q.ID != p.ID && q.Accredited() && q.Is(caller.Secretariat)
	})
}

// insert writes s as the person's next substitution. Each has a key of its own,
// counted on from those that are over, so that a person has one at a time.
func (d *Desk) insert(ctx context.Context, s Substitution) (Substitution, error) {
	for n := 1; ; n++ {
		s.Key = s.Conference + "/" + s.Delegate + "/" + strconv.Itoa(n)
		err := d.kept.Insert(ctx, s)
		if err == nil {
			d.keep(s)
			return s, nil
		}
		if !errors.Is(err, ErrExists) {
			return s, fmt.Errorf("substitute %s: %w", s.Delegate, err)
		}
		before, err := d.kept.Get(ctx, s.Key)
		if err != nil {
			return s, fmt.Errorf("substitute %s: %w", s.Delegate, err)
		}
		if before.ID == s.ID {
			return before, nil // ours, from an attempt whose answer was lost
		}
		if !before.over() {
			return s, errAlready
		}
		if before.State == Done { // and reinstated, or we would not be here; a sibling may know better
			if p, err := d.fresh(ctx, s.Conference, s.Delegate); err != nil {
				return s, err
			} else if !p.Accredited() {
				return s, errAlready
			}
		}
	}
}

// fresh reads a person from the store, past what this replica has heard.
func (d *Desk) fresh(ctx context.Context, conference, id string) (delegate.Delegate, error) {
	same := func(p delegate.Delegate) (delegate.Delegate, error) { return p, nil }
	return d.book.ChangeDelegate(ctx, conference, id, 0, "", "", same) // nothing to change is only believed of the store
}

// Withdraw takes a planned substitution back; one that is withdrawn already
// stays so. The caller sees those that List lists.
func (d *Desk) Withdraw(ctx context.Context, by caller.Caller, id string) error {
	s, err := d.Find(ctx, by, id)
	switch {
	case err != nil:
		return err
	case s.State == Withdrawn:
		return nil
	case s.State != Planned:
		return errDone
	}
	s.State, s.WithdrawnBy = Withdrawn, by.Actor()
	err = d.kept.Advance(ctx, s, Planned)
	if errors.Is(err, ErrStale) { // its moment came, or somebody else withdrew it
		if s, err = d.kept.Get(ctx, s.Key); err == nil && s.State != Withdrawn {
			return errDone
		}
	}
	if err != nil {
		return fmt.Errorf("withdraw substitution %s: %w", id, err)
	}
	d.keep(s)
	return nil
}

// Find reads one substitution that the caller may see.
func (d *Desk) Find(ctx context.Context, by caller.Caller, id string) (Substitution, error) {
	all, err := d.List(ctx, by)
	if err != nil {
		return Substitution{}, err
	}
	if i := slices.IndexFunc(all, func(s Substitution) bool { return s.ID == id }); i >= 0 {
		return all[i], nil
	}
	return Substitution{}, problem.Hidden()
}

// List is every substitution of the caller's delegation, and for the
// secretariat of all, the latest order first. It reads the store: they are few
// and asked for rarely, and whoever ordered one on another replica sees it.
func (d *Desk) List(ctx context.Context, by caller.Caller) ([]Substitution, error) {
	if err := d.look(ctx); err != nil {
		return nil, err
	}
	all := d.of(func(s Substitution) bool {
		return s.Conference == by.Conference && (by.Is(caller.Secretariat) || s.Delegation == by.Delegation)
	})
	slices.SortFunc(all, func(a, b Substitution) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	return all, nil
}

// Of is every substitution in which a person leaves a seat or takes one.
func (d *Desk) Of(ctx context.Context, conference, person string) ([]Substitution, error) {
	if err := d.look(ctx); err != nil {
		return nil, err
	}
	return d.of(func(s Substitution) bool {
		return s.Conference == conference && (s.Delegate == person || s.Deputy == person)
	}), nil
}

// of is what this replica knows of and fits.
func (d *Desk) of(fits func(Substitution) bool) (all []Substitution) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.known {
		if fits(s) {
			all = append(all, s)
		}
	}
	return all
}

func (d *Desk) keep(s Substitution) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.written++
	d.known[s.Key] = s
}

// nudge has Run look at what there is to do now.
func (d *Desk) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}
