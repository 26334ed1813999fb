package delegate

import (
	"context"
	"maps"
	"slices"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// CreateDelegation adds a delegation, at the id given.
func (o *Office) CreateDelegation(ctx context.Context, by caller.Caller, g Delegation) (Delegation, error) {
	g, faults := g.Canonical(o.languages(g.Conference))
	faults = append(faults, o.officerFault(g)...)
	if err := refused(faults); err != nil {
		return Delegation{}, err
	}
	if g.ExternalID != "" && o.book.ByExternal(g.Conference, KindDelegation, g.ExternalID) != "" {
		return Delegation{}, errExternalTaken
	}
	g.Status, g.Head = event.Accredited, ""
	made, err := o.book.AddDelegation(ctx, g, by.Actor())
	if p := problem.From(err); p != nil && p.Code == errThere.Code && g.ExternalID != "" {
		return Delegation{}, errExternalTaken
	}
	return made, err
}

// EditDelegation is EditDelegate for a delegation.
func (o *Office) EditDelegation(ctx context.Context, by caller.Caller, conference, id string, revision int64, edit func(*Delegation)) (Delegation, error) {
	return o.book.ChangeDelegation(ctx, conference, id, revision, by.Actor(), "", func(was Delegation) (Delegation, error) {
		now := was
		now.Designation = maps.Clone(was.Designation)
		edit(&now)
		now, faults := now.Canonical(o.languages(conference))
		_, before := was.Canonical(o.languages(conference))
		faults = slices.DeleteFunc(faults, func(f problem.Field) bool {
			return slices.ContainsFunc(before, func(b problem.Field) bool { return b.Pointer == f.Pointer && b.Code == f.Code })
		})
		if now.Head != was.Head && now.Head != "" && !o.memberOf(now.Head, id) {
			faults = append(faults, *fault("/head", "head_unknown", "The head has to be an accredited person of the delegation."))
		}
		if now.Officer != was.Officer {
			faults = append(faults, o.officerFault(now)...)
		}
		return now, refused(faults)
	})
}

// RemoveDelegation takes a delegation out of the conference, which has to be
// empty: its people are removed or moved one by one, each with an act of their own.
func (o *Office) RemoveDelegation(ctx context.Context, by caller.Caller, conference, id string, revision int64) error {
	_, err := o.book.ChangeDelegation(ctx, conference, id, revision, by.Actor(), "", func(g Delegation) (Delegation, error) {
		if slices.ContainsFunc(o.book.Members(conference, id), Delegate.Accredited) {
			return g, errNotEmpty
		}
		g.Status, g.Head = event.Removed, ""
		return g, nil
	})
	return err
}

// languages are those of a conference the agenda has told about.
func (o *Office) languages(conference string) []string {
	facts := o.book.Conferences.Of(conference)
	if !facts.Known {
		return nil
	}
	canonical, _ := canonicalLanguages(facts.Languages)
	return canonical
}

func (o *Office) memberOf(id, delegation string) bool {
	d, ok := o.book.memory.delegate(id)
	return ok && d.Accredited() && d.Delegation == delegation
}

// officerFault finds a liaison officer who is not the host's. While no
// delegation is the host's, anybody accredited may be one.
func (o *Office) officerFault(g Delegation) []problem.Field {
	if g.Officer == "" {
		return nil
	}
	d, ok := o.book.memory.delegate(g.Officer)
	if ok && d.Conference == g.Conference && d.Accredited() {
		host, _ := o.book.memory.delegation(d.Delegation)
		hosts := slices.ContainsFunc(o.book.DelegationsOf(g.Conference), func(x Delegation) bool { return x.Kind == Host && x.Accredited() })
		if host.Kind == Host || !hosts {
			return nil
		}
	}
	return []problem.Field{*fault("/officer", "officer_unknown", "The liaison officer has to be an accredited person of the host.")}
}
