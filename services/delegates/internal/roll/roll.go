// Package roll takes tables of delegations and of delegates into the Book.
//
// It works in two steps. A Plan says of every row what it would do to whoever is
// there, and is a function of the table and of the people alone; a dry run shows
// it and stops. Taking the table in makes the same plan and then carries it out:
// rows that are right are applied, rows that are not are listed, and neither
// keeps the others waiting.
//
// Rows find people by their external id and by nothing else: two people of one
// name are two people. Whoever a table does not have is left alone, because an
// absence is no removal, and a column it does not have says nothing of its
// field. So the same table again changes nothing, and a request whose answer was
// lost is repeated without a key.
package roll

import (
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/sheet"
)

// An Outcome says what becomes of a row.
type Outcome string

// The outcomes.
const (
	Created Outcome = "created" // nobody had that external id
	Changed Outcome = "changed"
	Left    Outcome = "left"    // it says what is known already
	Refused Outcome = "refused" // see its faults
)

// A Row is what becomes of one row of a table.
type Row struct {
	Number     int // as a spreadsheet counts: the header is 1
	ExternalID string
	Outcome    Outcome
	ID         string   // of who is meant; empty when nobody is
	Fields     []string // that differ, as the API calls them; nothing else for somebody new
	Faults     []sheet.Fault
}

// Present is who is there when a table comes.
type Present struct {
	Conference  string
	Delegations []delegate.Delegation
	Delegates   []delegate.Delegate
	// Languages are those of the conference; empty while they are not known.
	Languages []string
	// ByKey says that another system asks. It touches nobody of the secretariat
	// or the desk, and makes nobody such.
	ByKey bool
}

// A Plan is what a table would do.
type Plan struct {
	Kind string // what the table is of: KindDelegations or KindDelegates
	Rows []Row

	table  *sheet.Table
	groups []step[delegate.Delegation]
	people []step[delegate.Delegate]
	heads  []head
}

// Kinds of table.
const (
	KindDelegations = "delegations"
	KindDelegates   = "delegates"
)

// step is a row that is to be created or changed.
type step[T any] struct {
	row int // in Plan.Rows
	doc T   // as it is to be, if nobody changes it meanwhile
	set func(*T)
}

// head is a delegation that is to have another head, or none.
type head struct {
	delegation, delegate, was string
	row                       int
}

// Count says how many rows have an outcome.
func Count(rows []Row, o Outcome) int {
	n := 0
	for _, r := range rows {
		if r.Outcome == o {
			n++
		}
	}
	return n
}

// writes says whether carrying the plan out writes anything.
func (p *Plan) writes() bool { return len(p.groups)+len(p.people)+len(p.heads) > 0 }

// walk makes a Row of each row of the table. decide is asked of those that can
// be read and whose external id is theirs alone; it adds faults, or says what
// is to be done.
func (p *Plan) walk(t *sheet.Table, decide func(from sheet.Row, at int, row *Row)) {
	p.table, p.Rows = t, make([]Row, 0, len(t.Rows))
	first := make(map[string]int, len(t.Rows))
	for _, from := range t.Rows {
		row := Row{Number: from.Number, ExternalID: t.Cell(from, sheet.ExternalID), Outcome: Refused, Faults: from.Faults}
		switch before, twice := first[row.ExternalID]; {
		case row.ExternalID == "":
			row.Faults = append(row.Faults, required(t.Header(sheet.ExternalID)))
		case twice:
			row.Faults = append(row.Faults, repeated(t.Header(sheet.ExternalID), before))
		default:
			first[row.ExternalID] = row.Number
		}
		if len(row.Faults) == 0 {
			decide(from, len(p.Rows), &row)
		}
		if len(row.Faults) > 0 {
			row.Outcome, row.Fields = Refused, nil
		}
		p.Rows = append(p.Rows, row)
	}
}

// A reader reads a cell into a function that puts it into a record; nil for one
// that says nothing.
type reader[T any] func(cell string) (set func(*T), bad *sheet.Fault)

// always is a reader of what cannot be misread; whether it keeps the rules is
// seen when it is in the record.
func always[T any](set func(to *T, cell string)) reader[T] {
	return func(cell string) (func(*T), *sheet.Fault) {
		return func(to *T) { set(to, cell) }, nil
	}
}

// read reads the cells of a row.
func read[T any](t *sheet.Table, from sheet.Row, readers map[sheet.Field]reader[T]) (set func(*T), faults []sheet.Fault) {
	var sets []func(*T)
	for _, f := range t.Fields() {
		reads, ok := readers[f]
		if !ok {
			continue // the external id, or what is not the record's
		}
		one, bad := reads(t.Cell(from, f))
		if bad != nil {
			bad.Column = t.Header(f)
			faults = append(faults, *bad)
		} else if one != nil {
			sets = append(sets, one)
		}
	}
	return func(to *T) {
		for _, one := range sets {
			one(to)
		}
	}, faults
}
