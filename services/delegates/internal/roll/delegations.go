package roll

import (
	"maps"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/event"
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
		if row.Faults = faults; len(faults) > 0 {
			return
		}
		next := set(was)
		if len(next.Designation) == 0 {
			row.Faults = append(row.Faults, required(designationHeader(t)))
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

func designationHeader(t *sheet.Table) string {
	for _, f := range t.Fields() {
		if _, ok := sheet.LanguageOf(f); ok {
			return t.Header(f)
		}
	}
	return ""
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
	return list(tooLong(row.ExternalID, maxExternal))
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
		set, fault := by.delegationCell(f, cell)
		sets = append(sets, set)
		return fault
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
		}, tooLong(cell, maxText)
	}
	switch f {
	case sheet.Kind:
		kind, bad := word(cell, delegate.Kinds())
		if bad == nil {
			bad = needed(kind, maxText)
		}
		return func(d *delegate.Delegation) { d.Kind = kind }, bad
	case sheet.Code:
		code, bad := country(cell)
		return func(d *delegate.Delegation) { d.Code = code }, bad
	case sheet.Precedence:
		n, bad := place(cell)
		return func(d *delegate.Delegation) { d.Precedence = n }, bad
	case sheet.Officer:
		id, bad := by.officer(cell)
		return func(d *delegate.Delegation) { d.Officer = id }, bad
	}
	return func(*delegate.Delegation) {}, nil
}

func (by *index) officer(number string) (string, *sheet.Fault) {
	if number == "" {
		return "", nil
	}
	id := by.numbers[delegate.Number(number)]
	if id == "" || !by.people[id].Accredited() {
		return "", fault("unknown_officer", "Nobody has this accreditation number.")
	}
	return id, nil
}
