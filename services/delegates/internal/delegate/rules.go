package delegate

import (
	"maps"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

const (
	longestNumber   = 64
	longestExternal = 128
	longestEmail    = 254
)

// Canonical is d as it is kept, with text trimmed, languages and roles written
// the one way, and what is wrong with it. Whether its delegation is there, and
// its number free, is not looked at.
func (d Delegate) Canonical() (Delegate, []problem.Field) {
	var faults []problem.Field
	note := func(f *problem.Field) {
		if f != nil {
			faults = append(faults, *f)
		}
	}
	d.Name, d.SortName, d.Function = strings.TrimSpace(d.Name), strings.TrimSpace(d.SortName), strings.TrimSpace(d.Function)
	d.Accreditation, d.ExternalID = strings.TrimSpace(d.Accreditation), strings.TrimSpace(d.ExternalID)
	d.Email, d.Telephone = strings.TrimSpace(d.Email), strings.TrimSpace(d.Telephone)
	if empty(d.Name) {
		note(fault("/name", "required", "A person needs a name."))
	}
	note(CheckText("/name", d.Name, longestText))
	note(CheckText("/sortName", d.SortName, longestText))
	note(CheckText("/function", d.Function, longestText))
	note(CheckText("/accreditation", d.Accreditation, longestNumber))
	note(CheckText("/externalId", d.ExternalID, longestExternal))
	note(checkEmail(d.Email))
	note(checkTelephone(d.Telephone))
	if d.Rank != "" {
		note(oneOf("/rank", d.Rank, Ranks()))
	}
	for i, role := range d.Roles {
		note(oneOf("/roles/"+strconv.Itoa(i), role, Roles()))
	}
	d.Roles = RoleSet(d.Roles)
	var wrong []problem.Field
	d.Languages, wrong = canonicalLanguages(d.Languages)
	return d, append(faults, wrong...)
}

// RoleSet is roles in their order, each once; without any, those of a delegate.
func RoleSet(roles []string) []string {
	if len(roles) == 0 {
		return []string{caller.Delegate}
	}
	roles = slices.Clone(roles)
	slices.SortFunc(roles, roleOrder)
	return slices.Compact(roles)
}

// Canonical is as Delegate's. languages are those of the conference; a
// designation in another is wrong. Without any, every language is taken.
func (g Delegation) Canonical(languages []string) (Delegation, []problem.Field) {
	var faults []problem.Field
	note := func(f *problem.Field) {
		if f != nil {
			faults = append(faults, *f)
		}
	}
	g.ExternalID, g.Code = strings.TrimSpace(g.ExternalID), strings.ToUpper(strings.TrimSpace(g.Code))
	note(CheckText("/externalId", g.ExternalID, longestExternal))
	if g.Code != "" && (len(g.Code) < 2 || len(g.Code) > 3 || strings.Trim(g.Code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		note(fault("/code", "wrong_format", "This is not an ISO 3166 code: two or three letters."))
	}
	note(oneOf("/kind", g.Kind, Kinds()))
	if g.Precedence < 0 || g.Precedence > 9999 {
		note(fault("/precedence", "out_of_range", "This must be from 0 to 9999."))
	}
	designations := make(map[string]string, len(g.Designation))
	for _, tag := range slices.Sorted(maps.Keys(g.Designation)) {
		at, text := "/designation/"+tag, strings.TrimSpace(g.Designation[tag])
		canonical, ok := Language(tag)
		switch {
		case !ok:
			note(fault(at, "wrong_format", "This is not a language tag."))
			continue
		case len(languages) > 0 && !slices.Contains(languages, canonical):
			note(fault(at, "language_unknown", "The conference does not have this language."))
		case empty(text):
			note(fault(at, "required", "A designation needs letters."))
		}
		note(CheckText(at, text, longestText))
		designations[canonical] = text
	}
	if len(designations) == 0 {
		note(fault("/designation", "designation_missing", "A delegation is called something in one language at least."))
	}
	g.Designation = designations
	return g, faults
}

// Language is a BCP 47 tag as it is kept; false when it is none.
func Language(tag string) (string, bool) {
	t, err := language.Parse(strings.TrimSpace(tag))
	if err != nil || t == language.Und {
		return "", false
	}
	return t.String(), true
}

func canonicalLanguages(tags []string) ([]string, []problem.Field) {
	var faults []problem.Field
	kept := make([]string, 0, len(tags))
	for i, tag := range tags {
		canonical, ok := Language(tag)
		if !ok {
			faults = append(faults, *fault("/languages/"+strconv.Itoa(i), "bcp47_language_tag", "This does not have the format it should."))
		} else if !slices.Contains(kept, canonical) {
			kept = append(kept, canonical)
		}
	}
	return kept, faults
}

func oneOf(pointer, word string, words []string) *problem.Field {
	if slices.Contains(words, word) {
		return nil
	}
	f := fault(pointer, "oneof", "This must be one of: "+strings.Join(words, ", ")+".")
	f.Params = map[string]string{"oneof": strings.Join(words, " ")}
	return f
}

func checkEmail(text string) *problem.Field {
	if text == "" {
		return nil
	}
	if utf8.RuneCountInString(text) > longestEmail {
		return CheckText("/email", text, longestEmail)
	}
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || a.Name != "" || strings.ContainsFunc(text, deceives) {
		return fault("/email", "email", "This does not have the format it should.")
	}
	return nil
}

// A number is written in many ways and dialled in one; only what cannot be one
// is refused.
func checkTelephone(text string) *problem.Field {
	if text == "" {
		return nil
	}
	digits := 0
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case !strings.ContainsRune("+()./-#*,;: ext", r):
			return fault("/telephone", "wrong_format", "This is not a telephone number.")
		}
	}
	if digits < 3 || len(text) > 32 {
		return fault("/telephone", "wrong_format", "This is not a telephone number.")
	}
	return nil
}
