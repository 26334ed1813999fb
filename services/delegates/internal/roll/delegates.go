package roll

import (
	"slices"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// index finds those who are there.
type index struct {
	conference string
	byKey      bool
	groups     map[string]delegate.Delegation // by external id
	groupIDs   map[string]delegate.Delegation
	external   map[string]string            // external id to id, of delegates
	people     map[string]delegate.Delegate // by id
	numbers    map[string]string            // accreditation number to id
	office     map[string]bool              // who is of the secretariat, by id
	hosts      bool                         // there is a delegation of the host
}

func indexed(p Present) *index {
	by := &index{
		conference: p.Conference, byKey: p.ByKey,
		groups: make(map[string]delegate.Delegation, len(p.Delegations)), groupIDs: make(map[string]delegate.Delegation, len(p.Delegations)),
		external: make(map[string]string, len(p.Delegates)), people: make(map[string]delegate.Delegate, len(p.Delegates)), numbers: make(map[string]string, len(p.Delegates)),
		office: make(map[string]bool),
	}
	for _, g := range p.Delegations {
		by.groupIDs[g.ID] = g
		by.hosts = by.hosts || g.Kind == delegate.Host && g.Accredited()
		if g.ExternalID != "" {
			by.groups[g.ExternalID] = g
		}
	}
	for _, d := range p.Delegates {
		by.people[d.ID] = d
		if d.Accredited() && d.Is(caller.Secretariat) {
			by.office[d.ID] = true
		}
		if d.ExternalID != "" {
			by.external[d.ExternalID] = d.ID
		}
		if d.Accreditation != "" {
			by.numbers[delegate.Number(d.Accreditation)] = d.ID
		}
	}
	return by
}

// PlanDelegates says what a table of delegates would do.
func PlanDelegates(t *sheet.Table, present Present) *Plan {
	p, by := &Plan{Kind: KindDelegates}, indexed(present)
	readers, heads := by.delegateReaders(), &heads{by: by, said: make(map[string]int)}
	p.walk(t, func(from sheet.Row, at int, row *Row) {
		was, there := by.person(row)
		if row.Faults = by.refusedDelegate(was, there, row); len(row.Faults) > 0 {
			return
		}
		set, faults := read(t, from, readers)
		next := was
		set(&next)
		next, wrong := next.Canonical()
		var before []problem.Field
		if there {
			_, before = was.Canonical()
		}
		if row.Faults = append(faults, broken(t, wrong, before)...); len(row.Faults) > 0 {
			return
		}
		if row.Faults = by.clash(t, was, next); len(row.Faults) > 0 {
			return
		}
		leads, faults := heads.read(t, from, at, next)
		if row.Faults = faults; len(faults) > 0 {
			return
		}
		heads.leave(was, next, at)
		by.take(next)
		fields := delegate.Differs(was, next)
		row.Fields = fields
		if leads {
			row.Fields = append(slices.Clone(fields), string(sheet.Head))
		}
		row.Outcome = outcome(there, row.Fields)
		if !there || len(fields) > 0 {
			p.people = append(p.people, step[delegate.Delegate]{at, next, set})
		}
	})
	p.heads = heads.settle()
	return p
}

// person is whoever the row means: somebody who is there, or somebody new.
func (by *index) person(row *Row) (d delegate.Delegate, there bool) {
	if id, ok := by.external[row.ExternalID]; ok {
		return by.people[id], true
	}
	d = delegate.Delegate{
		ID:         delegate.IDFor(by.conference, delegate.KindDelegate, row.ExternalID),
		Conference: by.conference, ExternalID: row.ExternalID, Status: statusAccredited, Roles: []string{caller.Delegate},
	}
	if was, ok := by.people[d.ID]; ok { // erased: the external id was forgotten, the id stays
		return was, true
	}
	return d, false
}

func (by *index) refusedDelegate(was delegate.Delegate, there bool, row *Row) []sheet.Fault {
	row.ID = was.ID
	if there {
		return list(standing(was.Status))
	}
	return nil
}

// delegateReaders read the columns of a table. The head is the delegation's.
func (by *index) delegateReaders() map[sheet.Field]reader[delegate.Delegate] {
	return map[sheet.Field]reader[delegate.Delegate]{
		sheet.Delegation: func(cell string) (func(*delegate.Delegate), *sheet.Fault) {
			g, bad := by.delegation(cell)
			return func(d *delegate.Delegate) { d.Delegation = g }, bad
		},
		sheet.Accreditation: always(func(d *delegate.Delegate, cell string) {
			// The number is ours to give, so nothing is not "take it away".
			if cell != "" && delegate.Number(d.Accreditation) != delegate.Number(cell) {
				d.Accreditation = cell
			}
		}),
		sheet.Name:      always(func(d *delegate.Delegate, cell string) { d.Name = cell }),
		sheet.SortName:  always(func(d *delegate.Delegate, cell string) { d.SortName = cell }),
		sheet.Function:  always(func(d *delegate.Delegate, cell string) { d.Function = cell }),
		sheet.Email:     always(func(d *delegate.Delegate, cell string) { d.Email = cell }),
		sheet.Telephone: always(func(d *delegate.Delegate, cell string) { d.Telephone = cell }),
		sheet.Rank:      always(func(d *delegate.Delegate, cell string) { d.Rank = word(cell) }),
		sheet.Roles:     always(func(d *delegate.Delegate, cell string) { d.Roles = words(cell) }), // none are those of a delegate
		sheet.Languages: always(func(d *delegate.Delegate, cell string) { d.Languages = parts(cell) }),

		sheet.ConsentParticipants: consent(func(c *delegate.Consent) *bool { return &c.Participants }),
		sheet.ConsentPublic:       consent(func(c *delegate.Consent) *bool { return &c.Public }),
		sheet.ConsentTelephone:    consent(func(c *delegate.Consent) *bool { return &c.Telephone }),
	}
}

func consent(to func(*delegate.Consent) *bool) reader[delegate.Delegate] {
	return func(cell string) (func(*delegate.Delegate), *sheet.Fault) {
		said, bad := yes(cell)
		return func(d *delegate.Delegate) { *to(&d.Consent) = said }, bad
	}
}

func (by *index) delegation(external string) (string, *sheet.Fault) {
	if external == "" {
		return "", fault("required", "This must not be empty.")
	}
	g, ok := by.groups[external]
	switch {
	case !ok:
		return "", fault("delegation_unknown", "No delegation has this external id. Import the delegations first.")
	case !g.Accredited():
		return "", fault("delegation_removed", "This delegation has been removed. Reinstate it first.")
	}
	return g.ID, nil
}

// clash finds what the others who are there forbid.
func (by *index) clash(t *sheet.Table, was, next delegate.Delegate) []sheet.Fault {
	var faults []sheet.Fault
	if number := delegate.Number(next.Accreditation); number != "" && number != delegate.Number(was.Accreditation) {
		if holder, taken := by.numbers[number]; taken && holder != next.ID {
			f := fault("accreditation_taken", "Somebody else has this accreditation number.")
			f.Column = t.Header(sheet.Accreditation)
			faults = append(faults, *f)
		}
	}
	if by.byKey && (powerful(was) || powerful(next)) {
		f := fault("not_for_keys", "An API key cannot touch people of the secretariat or the desk.")
		f.Column = t.Header(sheet.Roles)
		faults = append(faults, *f)
	}
	if by.office[was.ID] && !next.Is(caller.Secretariat) && len(by.office) == 1 {
		f := fault("last_secretariat", "Nobody of the secretariat would be left.")
		f.Column = t.Header(sheet.Roles)
		faults = append(faults, *f)
	}
	return faults
}

// take makes the number of somebody the table has theirs, for the rows below.
// A number that is given up in the table is free when the table comes again.
func (by *index) take(d delegate.Delegate) {
	if d.Accreditation != "" {
		by.numbers[delegate.Number(d.Accreditation)] = d.ID
	}
	if !d.Is(caller.Secretariat) {
		delete(by.office, d.ID)
	}
}

// powerful people are made by people; see delegate.Office.
func powerful(d delegate.Delegate) bool { return d.Is(caller.Secretariat) || d.Is(caller.Desk) }

// heads gathers who leads which delegation.
type heads struct {
	by   *index
	said map[string]int // by delegation: the row in Plan.Rows that says yes
	list []head
}

// read says whether the row changes who leads a delegation.
func (h *heads) read(t *sheet.Table, from sheet.Row, at int, d delegate.Delegate) (changes bool, faults []sheet.Fault) {
	if !t.Has(sheet.Head) {
		return false, nil
	}
	leads, bad := yes(t.Cell(from, sheet.Head))
	if bad != nil {
		bad.Column = t.Header(sheet.Head)
		return false, []sheet.Fault{*bad}
	}
	now := h.by.groupIDs[d.Delegation].Head
	switch {
	case !leads && now == d.ID:
		h.list = append(h.list, head{d.Delegation, "", now, at})
		return true, nil
	case !leads:
		return false, nil
	}
	if _, twice := h.said[d.Delegation]; twice {
		f := fault("second_head", "Another row is the head of this delegation.")
		f.Column = t.Header(sheet.Head)
		return false, []sheet.Fault{*f}
	}
	h.said[d.Delegation] = at
	if now == d.ID {
		return false, nil
	}
	h.list = append(h.list, head{d.Delegation, d.ID, now, at})
	return true, nil
}

// leave ends the lead of whoever goes to another delegation.
func (h *heads) leave(was, next delegate.Delegate, at int) {
	if was.Delegation != next.Delegation && h.by.groupIDs[was.Delegation].Head == next.ID {
		h.list = append(h.list, head{was.Delegation, "", next.ID, at})
	}
}

// settle drops "no longer the head" of delegations whose new head is known, so
// that each delegation is changed once.
func (h *heads) settle() []head {
	return slices.DeleteFunc(h.list, func(x head) bool {
		_, another := h.said[x.delegation]
		return x.delegate == "" && another
	})
}
