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
	p.walk(t, func(from sheet.Row, at int, row *Row) {
		was, there := by.groups[row.ExternalID]
		if !there {
			was = by.newDelegation(row)
		}
		if row.Faults = by.refusedDelegation(was, there, row); len(row.Faults) > 0 {
			return
		}
		set, faults := by.delegationCells(t, from)
		next, wrong := set(was).Canonical(present.Languages)
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

// delegationCells reads the cells of a row into a function that puts them into
// a record.
func (by *index) delegationCells(t *sheet.Table, from sheet.Row) (func(delegate.Delegation) delegate.Delegation, []sheet.Fault) {
	var sets []func(*delegate.Delegation)
	faults := filled(t, from, func(f sheet.Field, cell string) *sheet.Fault {
		set, bad := by.delegationCell(f, cell)
		if set != nil {
			sets = append(sets, set)
		}
		return bad
	})
	return func(d delegate.Delegation) delegate.Delegation {
		d.Designation = maps.Clone(d.Designation) // shared with everybody who reads
		if d.Designation == nil {
			d.Designation = make(map[string]string)
		}
		for _, set := range sets {
			set(&d)
		}
		return d
	}, faults
}

func (by *index) delegationCell(f sheet.Field, cell string) (func(*delegate.Delegation), *sheet.Fault) {
	if tag, ok := sheet.LanguageOf(f); ok {
		return func(d *delegate.Delegation) {
			if cell == "" {
				delete(d.Designation, tag)
				return
			}
			d.Designation[tag] = cell
		}, nil
	}
	switch f {
	case sheet.Kind:
		return func(d *delegate.Delegation) { d.Kind = word(cell) }, nil
	case sheet.Code:
		return func(d *delegate.Delegation) { d.Code = cell }, nil
	case sheet.Precedence:
		n, bad := place(cell)
		return func(d *delegate.Delegation) { d.Precedence = n }, bad
	case sheet.Officer:
		id, bad := by.officer(cell)
		return func(d *delegate.Delegation) { d.Officer = id }, bad
	}
	return nil, nil
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
