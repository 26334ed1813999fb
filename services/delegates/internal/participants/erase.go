package participants

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// Erase forgets people on every list of a conference: what is left of each is an
// id, a delegation and that they were on it, so that the counts stay true. Doing
// it again does no harm. Whoever erases marks the record of the person first, so
// that a list being made at that moment forgets them itself.
func (l *Lists) Erase(ctx context.Context, conference string, delegates ...string) error {
	all, err := l.All(ctx, conference)
	if err != nil {
		return fmt.Errorf("erase from lists: %w", err)
	}
	for _, one := range all {
		if err := l.erase(ctx, one, delegates); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lists) erase(ctx context.Context, one List, delegates []string) error {
	on := make(map[int][]string)
	for _, id := range delegates {
		on[one.pageOf(id)] = append(on[one.pageOf(id)], id)
	}
	for page, ids := range on {
		for {
			err := l.erasePage(ctx, PageID(one.Set, page), ids)
			if errors.Is(err, ErrStale) {
				continue // somebody else is erasing too
			}
			if err != nil {
				return fmt.Errorf("erase from list %s: %w", one.ID, err)
			}
			break
		}
	}
	return nil
}

func (l *Lists) erasePage(ctx context.Context, id string, delegates []string) error {
	page, err := l.records.Page(ctx, id)
	if err != nil {
		return err
	}
	found := false
	for i, p := range page.People {
		if !p.Erased && slices.Contains(delegates, p.ID) {
			page.People[i], found = p.erased(), true
		}
	}
	if !found {
		return nil
	}
	page.Revision++
	return l.records.ReplacePage(ctx, page)
}

// Listed is somebody as a list has them.
type Listed struct {
	Number int `bson:"number"`
	Person `bson:",inline"`
}

// Of is all that the lists of a conference hold about somebody.
func (l *Lists) Of(ctx context.Context, conference, delegate string) ([]Listed, error) {
	all, err := l.All(ctx, conference)
	if err != nil {
		return nil, err
	}
	var out []Listed
	for _, one := range slices.Backward(all) {
		page, err := l.records.Page(ctx, PageID(one.Set, one.pageOf(delegate)))
		if err != nil {
			return nil, fmt.Errorf("lists of a delegate: %w", err)
		}
		for _, p := range page.People {
			if p.ID == delegate {
				out = append(out, Listed{one.Number, p})
			}
		}
	}
	return out, nil
}

// erased is what may be kept of somebody who is forgotten. Their consent is
// kept so that each audience's list has as many people as before.
func (p Person) erased() Person {
	return Person{ID: p.ID, Delegation: p.Delegation, Participants: p.Participants, Public: p.Public, Erased: true}
}

// forget blanks those of a list, here and in the store, who are erased by now:
// they were when it was made, and that was not known here.
func (l *Lists) forget(ctx context.Context, one List, people []Person) error {
	erased := make(map[string]bool)
	for _, d := range l.people.DelegatesOf(one.Conference) {
		if d.Status == event.Erased {
			erased[d.ID] = true
		}
	}
	var gone []string
	for i, p := range people {
		if !p.Erased && erased[p.ID] {
			people[i] = p.erased()
			gone = append(gone, p.ID)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return l.erase(ctx, one, gone)
}

// Begin tells of the lists whose teller is gone, and removes the pages of those
// that never got a number. It is called once, at start.
func (l *Lists) Begin(ctx context.Context) error {
	untold, err := l.records.UntoldLists(ctx)
	if err != nil {
		return fmt.Errorf("load the lists: %w", err)
	}
	for _, one := range untold {
		l.oweList(one)
	}
	attempts, err := l.records.Attempts(ctx)
	if err != nil {
		return fmt.Errorf("load the lists: %w", err)
	}
	for _, a := range attempts {
		if l.now().Sub(a.At) < abandoned {
			continue
		}
		if err := l.end(ctx, a); err != nil {
			return fmt.Errorf("load the lists: %w", err)
		}
	}
	return nil
}

// end ends an attempt that nobody is at any more.
func (l *Lists) end(ctx context.Context, a Attempt) error {
	one, err := l.records.List(ctx, a.List)
	switch {
	case err == nil && one.Set == a.ID:
		return l.records.DeleteAttempt(ctx, a.ID)
	case err == nil || problem.Is(err, problem.NotFound):
		return l.drop(ctx, a)
	}
	return err
}
