package delegate

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// AddMany writes many new records of one conference, and leaves those whose id
// is taken: an import, or a seed. Nobody is told of each: only how they stand is
// left for the other services, a little later. It returns the ids of those it
// could not add because their id or accreditation number is taken. It is not
// atomic: after an error some are written, and adding the same again goes on.
func (b *Book) AddMany(ctx context.Context, conference string, delegations []Delegation, delegates []Delegate) (taken []string, err error) {
	numbers := make(map[string]string, len(delegates))
	delegates = slices.Clone(delegates)
	for i := range delegates {
		delegates[i] = newDelegate(delegates[i])
		if delegates[i].Accreditation != "" {
			numbers[delegates[i].ID] = Number(delegates[i].Accreditation)
		}
	}
	refused, err := b.number.ClaimAll(ctx, conference, numbers, b.now())
	if err != nil {
		return nil, fmt.Errorf("add to %s: %w", conference, err)
	}
	taken, err = b.AddBadged(ctx, conference, delegations, without(delegates, refused))
	return append(taken, refused...), err
}

// AddBadged is AddMany for people whose accreditation numbers have been claimed.
func (b *Book) AddBadged(ctx context.Context, conference string, delegations []Delegation, delegates []Delegate) (taken []string, err error) {
	groups := make([]Delegation, 0, len(delegations))
	for _, g := range delegations {
		groups = append(groups, newDelegation(g))
	}
	more, err := addAll(ctx, b, b.groups, groups)
	if err != nil {
		return nil, fmt.Errorf("add to %s: %w", conference, err)
	}
	taken = append(taken, more...)
	people := make([]Delegate, 0, len(delegates))
	for _, d := range delegates {
		people = append(people, newDelegate(d))
	}
	more, err = addAll(ctx, b, b.people, people)
	if err != nil {
		return nil, fmt.Errorf("add to %s: %w", conference, err)
	}
	return append(taken, more...), nil
}

func without(people []Delegate, ids []string) []Delegate {
	if len(ids) == 0 {
		return people
	}
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	kept := make([]Delegate, 0, len(people))
	for _, d := range people {
		if !out[d.ID] {
			kept = append(kept, d)
		}
	}
	return kept
}

// addAll inserts, keeps and owes the states of what is new.
func addAll[T record[T]](ctx context.Context, b *Book, s shelf[T], docs []T) (taken []string, err error) {
	fresh := make([]T, 0, len(docs))
	for _, doc := range docs {
		if _, there := s.read(doc.key().id); there {
			taken = append(taken, doc.key().id)
			continue
		}
		fresh = append(fresh, doc)
	}
	if len(fresh) == 0 {
		return taken, nil
	}
	err = s.kept.InsertAll(ctx, fresh)
	switch {
	case err == nil:
		for _, doc := range fresh {
			s.keep(doc)
		}
	case errors.Is(err, ErrExists): // a sibling's: what the store holds counts
		for i, doc := range fresh {
			if fresh[i], err = s.fetch(ctx, doc.key().id); err != nil {
				return nil, err
			}
			if fresh[i].key().revision != 1 || len(doc.differing(fresh[i])) > 0 {
				taken = append(taken, doc.key().id)
			}
		}
	default:
		return nil, err
	}
	oweStates(b, s.name, fresh)
	return taken, nil
}
