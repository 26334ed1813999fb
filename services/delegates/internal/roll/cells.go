package roll

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/problem"
)

func fault(code, detail string, params ...string) *sheet.Fault {
	f := &sheet.Fault{Code: code, Detail: detail}
	for i := 0; i+1 < len(params); i += 2 {
		if f.Params == nil {
			f.Params = make(map[string]string)
		}
		f.Params[params[i]] = params[i+1]
	}
	return f
}

func required(column string) sheet.Fault {
	return sheet.Fault{Column: column, Code: "required", Detail: "This must not be empty."}
}

func repeated(column string, row int) sheet.Fault {
	f := fault("duplicate_row", fmt.Sprintf("Row %d has the same external id.", row), "row", strconv.Itoa(row))
	f.Column = column
	return *f
}

// word is one of a closed set, however it is written: "Head of State" is
// head_of_state.
func word(cell string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(" _-\u00a0", r) }), "_"))
}

// words are several of a closed set.
func words(cell string) []string {
	var found []string
	for _, part := range parts(cell) {
		found = append(found, word(part))
	}
	return found
}

// parts are those of a list in a cell.
func parts(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";|,/ \t\n\r\u00a0", r) })
}

// yes reads a cell that says yes or no; nothing is no.
func yes(cell string) (bool, *sheet.Fault) {
	switch strings.ToLower(cell) {
	case "yes", "y", "true", "1", "x", "✓":
		return true, nil
	case "no", "n", "false", "0", "-", "":
		return false, nil
	}
	return false, fault("not_yes_or_no", "This says neither yes nor no.", "allowed", "yes no true false 1 0 x")
}

// place is one in the order of precedence; nothing is 0, none.
func place(cell string) (int, *sheet.Fault) {
	if cell == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(cell)
	if err != nil {
		return 0, fault("not_a_number", "This is not a number.")
	}
	return n, nil
}

// standing says why a record that is there cannot be changed by a table.
func standing(status string) *sheet.Fault {
	switch status {
	case statusAccredited:
		return nil
	case statusRemoved:
		return fault("removed", "This record has been removed. Reinstate it first.")
	case statusSubstituted:
		return fault("substituted", "A deputy has this person's seat.")
	}
	return fault("erased", "This person has been erased and stays so.")
}

// broken are the rules that a record breaks as the table would have it, without
// those that it breaks already: it may be older than a rule.
func broken(t *sheet.Table, now, before []problem.Field) (faults []sheet.Fault) {
	for _, f := range now {
		if !slices.ContainsFunc(before, func(b problem.Field) bool { return b.Pointer == f.Pointer && b.Code == f.Code }) {
			faults = append(faults, sheet.Fault{Column: column(t, f.Pointer), Code: f.Code, Detail: f.Detail, Params: f.Params})
		}
	}
	return faults
}

// column is the header of the column that a pointer into a record is about.
func column(t *sheet.Table, pointer string) string {
	name, rest, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if name != string(sheet.Designation) {
		return t.Header(sheet.Field(name))
	}
	if rest != "" {
		return t.Header(sheet.DesignationIn(rest))
	}
	for _, f := range t.Fields() {
		if _, ok := sheet.LanguageOf(f); ok {
			return t.Header(f)
		}
	}
	return name
}
