// Package sheet reads the tables that ministries and secretariats send, and
// writes the ones they are given: comma-separated text, which every spreadsheet
// exports and each exports differently. Bytes go in, one Table comes out; the
// package knows field names and nothing of what a field means.
//
// A file is refused as a whole when what it says cannot be known: another
// character encoding, a quotation mark that is never closed, a column that must
// be there and is not, one that is there twice. What is odd in one row is a
// Fault of that row, and the others are read. Nothing is lost silently: columns
// that nobody knows are listed with the others, without a field.
//
// A spreadsheet takes a cell that begins with one of = + - @ for a formula and
// runs it. Here a formula is text like any other. Write puts an apostrophe
// before such a cell, which spreadsheets read as "this is text", and Read takes
// it off again, so that a table that is written and read is the same table.
package sheet

import (
	"strconv"
	"strings"

	"plenary.example/shared/problem"
)

// The limits of what is read.
const (
	MaxBytes   = 16 << 20 // of the whole file
	MaxRows    = 20_000   // that are not empty; the header is not counted
	MaxColumns = 200
	MaxCell    = 4_000 // characters of one cell
)

// A Field is what a column is about, as the API names it: "externalId",
// "designation:ko".
type Field string

// A Column is one column of a file.
type Column struct {
	Header string // as it stands in the file
	Field  Field  // empty when no field goes by that header: the column is not read
}

// A Table is a file that has been read. It is not changed afterwards.
type Table struct {
	Delimiter rune // comma, semicolon or tab
	// Columns in the order of the file. Those that have neither a header nor a
	// single value are left out.
	Columns []Column
	Rows    []Row

	at map[Field]int
}

// A Row is one row of a table that is not empty.
type Row struct {
	// Number counts as a spreadsheet does: the header is 1, empty rows count,
	// and a cell of several lines is still in one row.
	Number int
	// Faults are what keeps the row from being understood; mostly none.
	Faults []Fault
	cells  []string
}

// A Fault says what is wrong with one row, at the column with that header or,
// when it is empty, with the row as a whole. Code and Params are enough to word
// it in another language; Detail never repeats what is in a cell.
type Fault struct {
	Column string
	Code   string // stable, snake_case
	Detail string // a sentence
	Params map[string]string
}

// Has says whether a column of the file is about f.
func (t *Table) Has(f Field) bool {
	_, ok := t.at[f]
	return ok
}

// Fields are those that have a column, in the order of the file.
func (t *Table) Fields() []Field {
	var out []Field
	for _, c := range t.Columns {
		if c.Field != "" {
			out = append(out, c.Field)
		}
	}
	return out
}

// Header is what the column of f is called in the file, or the field's own name
// when it has none.
func (t *Table) Header(f Field) string {
	for _, c := range t.Columns {
		if c.Field == f {
			return c.Header
		}
	}
	return string(f)
}

// Cell is what the row says about f, without white space around it. It is empty
// when the row ends before that column, and when there is no such column; see Has.
func (t *Table) Cell(r Row, f Field) string {
	if i, ok := t.at[f]; ok && i < len(r.cells) {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// refuse is why a whole file is not read. Row and column name the place as far
// as there is one: 0 and empty otherwise.
func refuse(code string, row int, column, detail string) error {
	field := problem.Field{Code: code, Detail: detail, Params: map[string]string{}}
	if row > 0 {
		field.Pointer = "/rows/" + strconv.Itoa(row)
		field.Params["row"] = strconv.Itoa(row)
	}
	if column != "" {
		field.Params["column"] = column
	}
	return problem.New(problem.Invalid, "file_refused", "The file was not read. %s", detail).With(field)
}
