package roll

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/sheet"
)

// The most characters of each sort of text, as the API takes them.
const (
	maxExternal  = 128
	maxNumber    = 64
	maxText      = 200
	maxEmail     = 254
	maxTelephone = 32
	maxLanguages = 10
	maxOrder     = 9999
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

func tooLong(cell string, most int) *sheet.Fault {
	if utf8.RuneCountInString(cell) <= most {
		return nil
	}
	return fault("too_long", fmt.Sprintf("This has more than %d characters.", most), "max", strconv.Itoa(most))
}

// needed is a text that must not be empty.
func needed(cell string, most int) *sheet.Fault {
	if cell == "" {
		return fault("required", "This must not be empty.")
	}
	return tooLong(cell, most)
}

// word reads one of a closed set, however it is written: "Head of State" is
// head_of_state.
func word(cell string, known []string) (string, *sheet.Fault) {
	w := strings.ToLower(strings.Join(strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(" _-\u00a0", r) }), "_"))
	if w == "" || slices.Contains(known, w) {
		return w, nil
	}
	return "", fault("unknown_word", "This is not one of the words it may be.", "allowed", strings.Join(known, " "))
}

// words reads several of a closed set, in the order of that set.
func words(cell string, known []string) ([]string, *sheet.Fault) {
	var found []string
	for _, part := range parts(cell) {
		w, fault := word(part, known)
		if fault != nil {
			return nil, fault
		}
		if !slices.Contains(found, w) {
			found = append(found, w)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return slices.Index(known, a) - slices.Index(known, b) })
	return found, nil
}

// parts are those of a list in a cell.
func parts(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";|,/ \t\n\r\u00a0", r) })
}

// tongues reads BCP 47 languages, in the order given.
func tongues(cell string) ([]string, *sheet.Fault) {
	var found []string
	for _, part := range parts(cell) {
		tag, err := language.Parse(part)
		if err != nil {
			return nil, fault("unknown_language", "This is not a list of languages like: ko, en.")
		}
		if !slices.Contains(found, tag.String()) {
			found = append(found, tag.String())
		}
	}
	if len(found) > maxLanguages {
		return nil, fault("too_many", fmt.Sprintf("There are more than %d languages.", maxLanguages), "max", strconv.Itoa(maxLanguages))
	}
	return found, nil
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

func address(cell string) *sheet.Fault {
	if cell == "" {
		return nil
	}
	if a, err := mail.ParseAddress(cell); err != nil || a.Address != cell {
		return fault("not_an_email", "This is not an e-mail address.")
	}
	return tooLong(cell, maxEmail)
}

func telephone(cell string) *sheet.Fault {
	if cell != "" && utf8.RuneCountInString(cell) < 3 {
		return fault("too_short", "This is too short for a telephone number.", "min", "3")
	}
	return tooLong(cell, maxTelephone)
}

// country is an ISO code as we keep it.
func country(cell string) (string, *sheet.Fault) {
	for _, r := range cell {
		if (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return "", fault("not_a_code", "This is not a country code of two or three letters.")
		}
	}
	if cell != "" && (len(cell) < 2 || len(cell) > 3) {
		return "", fault("not_a_code", "This is not a country code of two or three letters.")
	}
	return strings.ToUpper(cell), nil
}

// place is one in the order of precedence; nothing is 0, none.
func place(cell string) (int, *sheet.Fault) {
	if cell == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(cell)
	if err != nil || n < 0 || n > maxOrder {
		return 0, fault("not_a_place", fmt.Sprintf("This is not a number from 0 to %d.", maxOrder), "max", strconv.Itoa(maxOrder))
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

func knownRoles() []string { return delegate.Roles() }
