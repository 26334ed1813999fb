package roll

import (
	"maps"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

const (
	statusAccredited  = event.Accredited
	statusRemoved     = event.Removed
	statusSubstituted = event.Substituted
)

// PlanDelegations says what a table of delegations would do.
func PlanDelegations(t *sheet.Table, present Present) *Plan {
	p, by := &Plan{Kind: KindDelegations}, indexed(present)
	readers := by.delegationReaders(t)
	p.walk(t, func(from sheet.Row, at int, row *Row) {
		was, there := by.groups[row.ExternalID]
		if !there {
			was = by.newDelegation(row)
		}
		if row.Faults = by.refusedDelegation(was, there, row); len(row.Faults) > 0 {
			return
		}
		set, faults := read(t, from, readers)
		next := was
		set(&next)
		next, wrong := next.Canonical(present.Languages)
		var before []problem.Field
		if there {
			_, before = was.Canonical(present.Languages)
		}
		if row.Faults = append(faults, broken(t, wrong, before)...); len(row.Faults) > 0 {
			return
		}
		row.Fields = delegate.DelegationDiffers(was, next)
		if row.Outcome = outcome(there, row.Fields); row.Outcome != Left {
			p.groups = append(p.groups, step[delegate.Delegation]{at, next, set})
		}
	})
	return p
}

func outcome(there bool, fields []string) Outcome {
	switch {
	case !there:
		return Created
	case len(fields) > 0:
		return Changed
	}
	return Left
}

func (by *index) newDelegation(row *Row) delegate.Delegation {
	return delegate.Delegation{
		ID:         delegate.IDFor(by.conference, delegate.KindDelegation, row.ExternalID),
		Conference: by.conference, ExternalID: row.ExternalID, Status: statusAccredited,
	}
}

func (by *index) refusedDelegation(was delegate.Delegation, there bool, row *Row) (faults []sheet.Fault) {
	if there {
		row.ID = was.ID
		return list(standing(was.Status))
	}
	if _, taken := by.groupIDs[was.ID]; taken { // its external id is another now
		return list(fault("already_there", "This record is there already and has lost its external id."))
	}
	row.ID = was.ID
	return nil
}

func list(f *sheet.Fault) []sheet.Fault {
	if f == nil {
		return nil
	}
	return []sheet.Fault{*f}
}

// delegationReaders read the columns that a table has.
func (by *index) delegationReaders(t *sheet.Table) map[sheet.Field]reader[delegate.Delegation] {
	readers := map[sheet.Field]reader[delegate.Delegation]{
		sheet.Kind: always(func(g *delegate.Delegation, cell string) { g.Kind = word(cell) }),
		sheet.Code: always(func(g *delegate.Delegation, cell string) { g.Code = cell }),
		sheet.Precedence: func(cell string) (func(*delegate.Delegation), *sheet.Fault) {
			n, bad := place(cell)
			return func(g *delegate.Delegation) { g.Precedence = n }, bad
		},
		sheet.Officer: func(cell string) (func(*delegate.Delegation), *sheet.Fault) {
			id, bad := by.officer(cell)
			return func(g *delegate.Delegation) { g.Officer = id }, bad
		},
	}
	for _, f := range t.Fields() {
		if tag, ok := sheet.LanguageOf(f); ok {
			readers[f] = always(func(g *delegate.Delegation, cell string) { call(g, tag, cell) })
		}
	}
	return readers
}

// call gives a delegation its designation in a language, or takes it away. What
// it has is shared with everybody who reads, and is not written to.
func call(g *delegate.Delegation, tag, designation string) {
	called := make(map[string]string, len(g.Designation)+1)
	maps.Copy(called, g.Designation)
	if called[tag] = designation; designation == "" {
		delete(called, tag)
	}
	g.Designation = called
}

// officer is an accredited person of the host; of anybody while there is none.
func (by *index) officer(number string) (string, *sheet.Fault) {
	if number == "" {
		return "", nil
	}
	d, there := by.people[by.numbers[delegate.Number(number)]]
	if !there || !d.Accredited() || by.hosts && by.groupIDs[d.Delegation].Kind != delegate.Host {
		return "", fault("officer_unknown", "The liaison officer has to be an accredited person of the host.")
	}
	return d.ID, nil
}
