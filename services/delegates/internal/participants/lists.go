package participants

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// Errors of whoever keeps the lists.
var (
	ErrTaken = errors.New("a list has that number")
	ErrStale = errors.New("the page is at another revision")
)

// records keep lists. What is not there is a problem of kind NotFound.
type records interface {
	List(ctx context.Context, id string) (List, error)
	// InsertList fails with ErrTaken when the number is given.
	InsertList(ctx context.Context, l List) error
	SettleList(ctx context.Context, id string) error
	UntoldLists(ctx context.Context) ([]List, error)
	Page(ctx context.Context, id string) (Page, error)
	InsertPages(ctx context.Context, pages []Page) error
	// ReplacePage writes p over the revision before its own; else ErrStale.
	ReplacePage(ctx context.Context, p Page) error
	DeletePages(ctx context.Context, ids []string) error
	InsertAttempt(ctx context.Context, a Attempt) error
	DeleteAttempt(ctx context.Context, id string) error
	Attempts(ctx context.Context) ([]Attempt, error)
}

// An Attempt notes that the pages of a list are being written. It is gone when
// the list has its number, or has failed to get it.
type Attempt struct {
	ID    string    `bson:"_id"`  // of the set of pages
	List  string    `bson:"list"` // the id it hopes for
	Pages int       `bson:"pages"`
	At    time.Time `bson:"at"` // by the wall clock
}

// abandoned is how old an attempt is that nobody is at any more.
const abandoned = 5 * time.Minute

// ID is that of the list of a conference with a number.
func ID(conference string, number int) string { return fmt.Sprintf("%s/%d", conference, number) }

// PageID is that of a page, counted from 0, of a set.
func PageID(set string, page int) string { return fmt.Sprintf("%s/%d", set, page) }

// people is the Book, as far as lists need it.
type people interface {
	DelegatesOf(conference string) []delegate.Delegate
	DelegationsOf(conference string) []delegate.Delegation
}

// facts are what conferences are like, and what time it is there.
type facts interface {
	Of(conference string) delegate.Facts
	Now(conference string) time.Time
}

// Lists are the numbered lists of all conferences. Its methods may be called
// side by side.
type Lists struct {
	records records
	people  people
	facts   facts
	publish func(context.Context, event.Envelope) error
	owe     func(name string, tell func(context.Context) error)
	now     func() time.Time
}

// New makes lists of the people in b. publish hands an event to the bus; owe is
// given what is to be told and calls it, in order, until it succeeds. now is the
// wall clock.
func New(r records, b people, f facts, publish func(context.Context, event.Envelope) error, owe func(string, func(context.Context) error), now func() time.Time) *Lists {
	return &Lists{records: r, people: b, facts: f, publish: publish, owe: owe, now: now}
}

// Number freezes everybody who takes part under the next number. command is the
// id of the request, a UUID: the same one again answers the list it made, and
// that it did before. by is Caller.Actor.
func (l *Lists) Number(ctx context.Context, conference, command, by string) (made List, again bool, err error) {
	for {
		all, err := l.All(ctx, conference)
		if err != nil {
			return List{}, false, err
		}
		if i := slices.IndexFunc(all, func(x List) bool { return x.Command == command }); i >= 0 {
			return all[i], true, nil
		}
		before := Contents{}
		if len(all) > 0 {
			if before, err = l.contents(ctx, all[0]); err != nil {
				return List{}, false, err
			}
		}
		made, err := l.number(ctx, conference, command, by, before)
		if !errors.Is(err, ErrTaken) {
			return made, false, err
		}
	}
}

func (l *Lists) number(ctx context.Context, conference, command, by string, before Contents) (List, error) {
	known := l.facts.Of(conference)
	groups, people := frozen(l.people.DelegationsOf(conference), l.people.DelegatesOf(conference))
	set := delegate.NewID()
	pages := paged(set, groups, people)
	changes := compare(before, Contents{Groups: groups, People: people})
	made := List{
		ID: ID(conference, before.Number+1), Conference: conference, Number: before.Number + 1, Actor: by, Command: command, Set: set, First: firsts(pages),
		At: l.facts.Now(conference).UTC().Truncate(time.Millisecond), MadeAt: l.now().UTC().Truncate(time.Millisecond), Participants: len(people),
		Added: len(changes.Added), Removed: len(changes.Removed), Changed: len(changes.Changed),
		Name: known.Name, Languages: known.Languages, Zone: known.Zone.String(), Pending: true,
	}
	attempt := Attempt{ID: set, List: made.ID, Pages: len(pages), At: l.now().UTC()}
	if err := l.records.InsertAttempt(ctx, attempt); err != nil {
		return List{}, fmt.Errorf("number a list: %w", err)
	}
	if err := l.records.InsertPages(ctx, pages); err != nil {
		return List{}, fmt.Errorf("number a list: %w", err)
	}
	err := l.records.InsertList(ctx, made)
	if errors.Is(err, ErrTaken) {
		return List{}, errors.Join(err, l.drop(ctx, attempt))
	}
	if err != nil {
		return List{}, fmt.Errorf("number a list: %w", err)
	}
	l.oweList(made)
	if err := l.records.DeleteAttempt(ctx, set); err != nil {
		return made, nil // the next start removes it
	}
	return made, l.forget(ctx, made, people)
}

// drop removes the pages of an attempt, and then the attempt.
func (l *Lists) drop(ctx context.Context, a Attempt) error {
	ids := make([]string, a.Pages)
	for i := range ids {
		ids[i] = PageID(a.ID, i)
	}
	if err := l.records.DeletePages(ctx, ids); err != nil {
		return fmt.Errorf("drop a list: %w", err)
	}
	return l.records.DeleteAttempt(ctx, a.ID)
}

// All are the lists of a conference, the latest first.
func (l *Lists) All(ctx context.Context, conference string) ([]List, error) {
	var all []List
	for n := 1; ; n++ {
		one, err := l.records.List(ctx, ID(conference, n))
		if problem.Is(err, problem.NotFound) {
			slices.Reverse(all)
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("lists of %s: %w", conference, err)
		}
		all = append(all, one)
	}
}

// Read is a list with its people. One that is not there is Hidden.
func (l *Lists) Read(ctx context.Context, conference string, number int) (Contents, error) {
	one, err := l.records.List(ctx, ID(conference, number))
	if problem.Is(err, problem.NotFound) {
		return Contents{}, problem.Hidden()
	}
	if err != nil {
		return Contents{}, fmt.Errorf("list %d of %s: %w", number, conference, err)
	}
	return l.contents(ctx, one)
}

func (l *Lists) contents(ctx context.Context, one List) (Contents, error) {
	c := Contents{List: one}
	for i := range one.First {
		p, err := l.records.Page(ctx, PageID(one.Set, i))
		if err != nil {
			return Contents{}, fmt.Errorf("page %d of list %s: %w", i, one.ID, err)
		}
		c.Groups, c.People = append(c.Groups, p.Groups...), append(c.People, p.People...)
	}
	return c, l.forget(ctx, one, c.People)
}

// Changes is what a list changed since the one before it, and the number of
// that one; 0 for the first.
func (l *Lists) Changes(ctx context.Context, conference string, number int) (Changes, int, error) {
	now, err := l.Read(ctx, conference, number)
	if err != nil {
		return Changes{}, 0, err
	}
	before := Contents{}
	if number > 1 {
		if before, err = l.Read(ctx, conference, number-1); err != nil {
			return Changes{}, 0, err
		}
	}
	return compare(before, now), before.Number, nil
}

func (l *Lists) oweList(one List) {
	l.owe("list "+one.ID, func(ctx context.Context) error {
		e, err := event.New(one.Command, one.Conference, one.ID, int64(one.Number), one.Actor, one.MadeAt, event.ListNumbered{
			Number: one.Number, Participants: one.Participants,
		})
		if err != nil {
			return err
		}
		if err := l.publish(ctx, e); err != nil {
			return err
		}
		return l.records.SettleList(ctx, one.ID)
	})
}
