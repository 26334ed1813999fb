package sheet

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"plenary.example/shared/problem"
)

// folded is a header as it is compared: case, accents, spaces and punctuation
// make no difference, nor does full width.
func folded(header string) string {
	return cases.Fold().String(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(header)))
}

// chosen is what the request says about columns: by field, the header that
// holds it; an empty header means that no column does.
func (f Form) chosen(columns []string, inLanguage string) (map[Field]string, error) {
	out := make(map[Field]string, len(columns))
	for _, c := range columns {
		name, header, ok := strings.Cut(c, "=")
		name, header = strings.TrimSpace(name), strings.TrimSpace(header)
		field, known := f.named(name, inLanguage)
		_, twice := out[field]
		switch {
		case !ok:
			return nil, badColumns("bad_mapping", "Say which field is in which column, as in name=Full name.")
		case !known:
			return nil, badColumns("unknown_field", fmt.Sprintf("There is no field %q.", name))
		case twice:
			return nil, badColumns("duplicate_field", fmt.Sprintf("The field %s is said twice.", field))
		}
		out[field] = header
	}
	return out, nil
}

func badColumns(code, detail string) error {
	return problem.New(problem.Malformed, "bad_parameter", "%s", detail).
		With(problem.Field{Parameter: "columns", Code: code, Detail: detail})
}

// mapped gives each header its field, or refuses the file.
func (f Form) mapped(headers []string, row int, said map[Field]string, inLanguage string) ([]Column, error) {
	columns := make([]Column, len(headers))
	seen := make(map[string]int)
	for i, h := range headers {
		columns[i].Header = strings.TrimSpace(h)
		name := folded(h)
		if name == "" {
			continue
		}
		if first, ok := seen[name]; ok {
			return nil, refuse("duplicate_column", row, columns[i].Header,
				fmt.Sprintf("Columns %d and %d have the same header, %q.", first+1, i+1, columns[i].Header))
		}
		seen[name] = i
	}
	taken := make(map[Field]int)
	for field, header := range said {
		if header == "" {
			continue
		}
		i, ok := seen[folded(header)]
		if !ok || columns[i].Field != "" {
			detail := fmt.Sprintf("The file has no column %q.", header)
			if ok {
				detail = fmt.Sprintf("The column %q is asked to be two fields.", header)
			}
			return nil, problem.New(problem.Invalid, "file_refused", "The file was not read. %s", detail).
				With(problem.Field{Parameter: "columns", Code: "unknown_column", Detail: detail, Params: map[string]string{"column": header}})
		}
		columns[i].Field, taken[field] = field, i
	}
	for i, h := range headers {
		field := f.find(h, inLanguage)
		if _, ok := said[field]; ok || field == "" || columns[i].Field != "" {
			continue
		}
		if first, ok := taken[field]; ok {
			return nil, refuse("duplicate_column", row, columns[i].Header, fmt.Sprintf(
				"The columns %q and %q are both taken for %s. Say in columns which one is meant.", columns[first].Header, columns[i].Header, field))
		}
		columns[i].Field, taken[field] = field, i
	}
	return columns, f.complete(taken, row)
}

// complete refuses a file that lacks a column it must have.
func (f Form) complete(taken map[Field]int, row int) error {
	for _, need := range f.required {
		if _, ok := taken[need]; ok {
			continue
		}
		if need == Designation && anyDesignation(taken) {
			continue
		}
		return refuse("missing_column", row, string(need), fmt.Sprintf(
			"No column is known to hold %s. Call a column that, or say in columns which one holds it.", need))
	}
	return nil
}

func anyDesignation(taken map[Field]int) bool {
	for field := range taken {
		if _, ok := LanguageOf(field); ok {
			return true
		}
	}
	return false
}
