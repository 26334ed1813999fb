package roll

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/problem"
)

// width is how many records are changed side by side. The embedded store writes
// one at a time; what goes on around that is what overlaps.
const width = 4

// taking carries a plan out. Rows that turn out to be impossible, because
// somebody was faster, become refused ones; what is no fault of a row ends it.
type taking struct {
	book   book
	office office
	asked  Asked
	plan   *Plan
}

func (k *taking) run(ctx context.Context) error {
	if err := k.add(ctx); err != nil {
		return err
	}
	if err := k.each(ctx, len(k.plan.groups), func(ctx context.Context, i int) error { return k.changeDelegation(ctx, k.plan.groups[i]) }); err != nil {
		return err
	}
	if err := k.each(ctx, len(k.plan.people), func(ctx context.Context, i int) error { return k.changeDelegate(ctx, k.plan.people[i]) }); err != nil {
		return err
	}
	for _, h := range k.plan.heads {
		if err := k.lead(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

// each does a thing n times, some side by side. No two of them are about one row.
func (k *taking) each(ctx context.Context, n int, do func(context.Context, int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(width)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error { return do(ctx, i) })
	}
	return g.Wait()
}

// add writes whoever is new at once. Whoever has come meanwhile is changed
// instead, like one who was there.
func (k *taking) add(ctx context.Context) error {
	var groups []delegate.Delegation
	for _, s := range k.plan.groups {
		if k.plan.Rows[s.row].Outcome == Created {
			groups = append(groups, s.doc)
		}
	}
	var people []delegate.Delegate
	for _, s := range k.plan.people {
		if k.plan.Rows[s.row].Outcome == Created {
			people = append(people, s.doc)
		}
	}
	if len(groups)+len(people) == 0 {
		return nil
	}
	k.number(people)
	taken, err := k.book.AddMany(ctx, k.asked.Conference, groups, people)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(taken))
	for _, id := range taken {
		there[id] = true
	}
	for _, s := range k.plan.groups {
		if there[s.doc.ID] && k.plan.Rows[s.row].Outcome == Created {
			k.plan.Rows[s.row].Outcome = Changed
		}
	}
	for _, s := range k.plan.people {
		if !there[s.doc.ID] || k.plan.Rows[s.row].Outcome != Created {
			continue
		}
		_, err := k.book.Delegate(ctx, k.asked.Conference, s.doc.ID)
		switch {
		case err == nil:
			k.plan.Rows[s.row].Outcome = Changed
		case problem.Is(err, problem.NotFound): // it was the number that is taken
			k.refuse(s.row, problem.New(problem.Conflict, "accreditation_taken", "Somebody else has this accreditation number."))
		default:
			return err
		}
	}
	return nil
}

// number gives those who are new and have no accreditation number the next ones.
func (k *taking) number(people []delegate.Delegate) {
	given, without := make(map[string]bool), 0
	for _, d := range people {
		if d.Accreditation == "" {
			without++
		} else {
			given[delegate.Number(d.Accreditation)] = true
		}
	}
	next := k.book.NextNumbers(k.asked.Conference, without, func(number string) bool { return given[delegate.Number(number)] })
	for i := range people {
		if people[i].Accreditation == "" {
			people[i].Accreditation, next = next[0], next[1:]
		}
	}
}

func (k *taking) changeDelegate(ctx context.Context, s step[delegate.Delegate]) error {
	if k.plan.Rows[s.row].Outcome != Changed {
		return nil
	}
	var was delegate.Delegate
	now, err := k.office.EditDelegate(ctx, k.asked.By, k.asked.Conference, s.doc.ID, 0, func(d *delegate.Delegate) {
		if was = *d; d.Accredited() {
			s.set(d)
		}
	})
	if f := standing(was.Status); err == nil && f != nil {
		err = problem.New(problem.Conflict, f.Code, "%s", f.Detail)
	}
	return k.changed(s.row, delegate.Differs(was, now), err)
}

func (k *taking) changeDelegation(ctx context.Context, s step[delegate.Delegation]) error {
	if k.plan.Rows[s.row].Outcome != Changed {
		return nil
	}
	var was delegate.Delegation
	now, err := k.office.EditDelegation(ctx, k.asked.By, k.asked.Conference, s.doc.ID, 0, func(g *delegate.Delegation) {
		if was = *g; g.Accredited() {
			s.set(g)
		}
	})
	if f := standing(was.Status); err == nil && f != nil {
		err = problem.New(problem.Conflict, f.Code, "%s", f.Detail)
	}
	return k.changed(s.row, delegate.DelegationDiffers(was, now), err)
}

// changed notes what a change came to.
func (k *taking) changed(row int, fields []string, err error) error {
	switch {
	case err == nil:
		r := &k.plan.Rows[row]
		if slices.Contains(r.Fields, string(sheet.Head)) { // that is still to come
			fields = append(slices.Clone(fields), string(sheet.Head))
		}
		r.Fields = fields
		if len(fields) == 0 {
			r.Outcome = Left
		}
		return nil
	case refusal(err):
		k.refuse(row, problem.From(err))
		return nil
	}
	return err
}

// refusal says whether an error is about the row, and not about us.
func refusal(err error) bool {
	return problem.Is(err, problem.Conflict) || problem.Is(err, problem.Invalid) || problem.Is(err, problem.NotFound) || problem.Is(err, problem.Forbidden)
}

func (k *taking) refuse(row int, why *problem.Error) {
	r := &k.plan.Rows[row]
	r.Outcome, r.Fields = Refused, nil
	r.Faults = append(r.Faults, k.faults(why)...)
}

// faults are those of a row that was refused when it was to be written.
func (k *taking) faults(why *problem.Error) []sheet.Fault {
	if len(why.Fields) == 0 {
		return []sheet.Fault{{Code: why.Code, Detail: why.Detail}}
	}
	return broken(k.plan.table, why.Fields, nil)
}

// lead makes somebody the head of their delegation, or nobody. Whoever is in
// the lead by another's decision since stays there when the table only says
// that somebody else is not.
func (k *taking) lead(ctx context.Context, h head) error {
	if k.plan.Rows[h.row].Outcome == Refused {
		return nil
	}
	_, err := k.office.EditDelegation(ctx, k.asked.By, k.asked.Conference, h.delegation, 0, func(g *delegate.Delegation) {
		if h.delegate != "" || g.Head == h.was {
			g.Head = h.delegate
		}
	})
	if err != nil && refusal(err) {
		r := &k.plan.Rows[h.row]
		r.Faults = append(r.Faults, k.faults(problem.From(err))...)
		return nil
	}
	return err
}
