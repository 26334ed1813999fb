package delegate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// ChangeDelegate makes of a person what f makes of them, in one guarded write
// that also owes DelegateChanged and then the extra events. f may be called
// several times, with what the record is by then. expect is the revision that is
// to be changed, 0 any: when another stands there, the error is Stale. When f
// changes nothing, nothing is written and nothing told, extra events neither.
//
// Whatever f says, the id, the conference and an external id stay, rights and
// revision are counted here, and an accreditation number that somebody else has
// is a Conflict. by and principal are Caller.Actor and for whom it was done.
func (b *Book) ChangeDelegate(ctx context.Context, conference, id string, expect int64, by, principal string, f func(Delegate) (Delegate, error), extra ...event.Payload) (Delegate, error) {
	was, now, written, err := b.people.write(ctx, change[Delegate]{
		conference: conference, id: id, expect: expect, to: f, acts: acts[Delegate](by, principal, b.now, extra),
		before: func(was, now Delegate) (func(), error) { return b.claim(ctx, was, now) },
	})
	if err != nil || !written {
		return now, err
	}
	if Number(was.Accreditation) != Number(now.Accreditation) {
		b.release(ctx, was)
	}
	b.oweDelegateIn(b.laneOf(now, now.Rights != was.Rights), now)
	b.vacate(ctx, was, now, by)
	return now, nil
}

// vacate takes whoever left a delegation, or the conference, out of the offices
// they held: head, which goes to the deputy of somebody substituted, and liaison
// officer of others. It is a consequence, made after the fact; until then, and
// should it fail, readers ask whether whoever is
// named still takes part.
func (b *Book) vacate(ctx context.Context, was, now Delegate, by string) {
	if now.Accredited() && now.Delegation == was.Delegation {
		return
	}
	heir, principal := "", ""
	if now.Status == event.Substituted {
		heir, principal = now.Deputy, was.ID
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for _, g := range b.DelegationsOf(was.Conference) {
		head, officer := g.Head == was.ID && g.ID == was.Delegation, g.Officer == was.ID && !now.Accredited()
		if !head && !officer {
			continue
		}
		_, _ = b.ChangeDelegation(ctx, g.Conference, g.ID, 0, by, principal, func(g Delegation) (Delegation, error) {
			if g.Head == was.ID && head {
				g.Head = heir
			}
			if g.Officer == was.ID && officer {
				g.Officer = ""
			}
			return g, nil
		})
	}
}

// ChangeDelegation is ChangeDelegate for a delegation.
func (b *Book) ChangeDelegation(ctx context.Context, conference, id string, expect int64, by, principal string, f func(Delegation) (Delegation, error), extra ...event.Payload) (Delegation, error) {
	_, now, written, err := b.groups.write(ctx, change[Delegation]{
		conference: conference, id: id, expect: expect, to: f, acts: acts[Delegation](by, principal, b.now, extra),
	})
	if err != nil || !written {
		return now, err
	}
	b.oweDelegation(now)
	return now, nil
}

// acts makes what a change owes.
func acts[T record[T]](by, principal string, now func() time.Time, extra []event.Payload) func([]string, T) ([]Act, error) {
	return func(fields []string, doc T) ([]Act, error) {
		k, at := doc.key(), now()
		owed := make([]Act, 0, 1+len(extra))
		for _, p := range append([]event.Payload{doc.news(fields)}, extra...) {
			a, err := NewAct(k.id, k.revision, by, principal, at, p)
			if err != nil {
				return nil, err
			}
			owed = append(owed, a)
		}
		return owed, nil
	}
}

var created = []string{"created"}

// AddDelegate writes somebody new at revision 1 and tells of it. Without an id
// they get one, from their external id where there is one. It is a Conflict when
// the id or the accreditation number is taken.
func (b *Book) AddDelegate(ctx context.Context, d Delegate, by string) (Delegate, error) {
	d = newDelegate(d)
	owed, err := acts[Delegate](by, "", b.now, nil)(created, d)
	if err != nil {
		return Delegate{}, err
	}
	d = d.revised(1, owed)
	undo, err := b.claim(ctx, Delegate{ID: d.ID, Conference: d.Conference}, d)
	if err != nil {
		return Delegate{}, err
	}
	if err := b.people.add(ctx, d); err != nil {
		// Two replicas that add one person share its number: it stays.
		there, ok := b.people.read(d.ID)
		if shared := ok && Number(there.Accreditation) == Number(d.Accreditation); !shared && !errors.Is(err, errUnsure) {
			undo()
		}
		return Delegate{}, err
	}
	b.oweDelegate(d)
	return d, nil
}

// AddDelegation is AddDelegate for a delegation.
func (b *Book) AddDelegation(ctx context.Context, g Delegation, by string) (Delegation, error) {
	g = newDelegation(g)
	owed, err := acts[Delegation](by, "", b.now, nil)(created, g)
	if err != nil {
		return Delegation{}, err
	}
	g = g.revised(1, owed)
	if err := b.groups.add(ctx, g); err != nil {
		return Delegation{}, err
	}
	b.oweDelegation(g)
	return g, nil
}

func newDelegate(d Delegate) Delegate {
	if d.ID == "" {
		d.ID = newID(d.Conference, KindDelegate, d.ExternalID)
	}
	d.Rights = max(1, d.Rights)
	return d.grown().revised(1, nil)
}

func newDelegation(g Delegation) Delegation {
	if g.ID == "" {
		g.ID = newID(g.Conference, KindDelegation, g.ExternalID)
	}
	return g.grown().revised(1, nil)
}

func newID(conference, kind, externalID string) string {
	if externalID == "" {
		return NewID()
	}
	return IDFor(conference, kind, externalID)
}

var (
	errThere  = problem.New(problem.Conflict, "already_there", "There is a record of that id already.")
	errUnsure = errors.New("whether it was written is not known")
)

// add inserts a new record.
func (s shelf[T]) add(ctx context.Context, doc T) error {
	k := doc.key()
	err := s.kept.Insert(ctx, doc)
	switch {
	case err == nil:
		s.keep(doc)
		return nil
	case errors.Is(err, ErrExists):
		_, err := s.fetch(ctx, k.id)
		return errors.Join(errThere, err)
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if there, getErr := s.fetch(after, k.id); getErr == nil && owes(there.key(), k.owed) {
		return nil
	}
	return fmt.Errorf("add %s %s: %w", s.name, k.id, errors.Join(err, errUnsure))
}
