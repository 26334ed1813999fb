package delegate

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"plenary.example/shared/problem"
)

// longestText is how many characters a name, a function or a designation has
// at most.
const longestText = 200

// CheckText says what is wrong with a line of text that is shown to people, or
// returns nil. Marks and isolates that set the direction of a word belong to it
// and stay; an override, which makes a text read other than it is, is refused,
// and so is whatever breaks a line.
func CheckText(pointer, text string, most int) *problem.Field {
	switch {
	case !utf8.ValidString(text):
		return fault(pointer, "wrong_format", "This is not UTF-8.")
	case utf8.RuneCountInString(text) > most:
		f := fault(pointer, "max", "This must have at most "+strconv.Itoa(most)+" characters.")
		f.Params = map[string]string{"max": strconv.Itoa(most)}
		return f
	case strings.ContainsFunc(text, deceives):
		return fault(pointer, "forbidden_character", "Control characters, line breaks and direction overrides are not accepted here.")
	}
	return nil
}

func deceives(r rune) bool {
	switch r {
	case '\u202d', '\u202e', '\u2028', '\u2029', '\ufffe', '\uffff':
		return true
	}
	return unicode.IsControl(r)
}

// empty says whether nobody would see anything of text.
func empty(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) })
}

func fault(pointer, code, detail string) *problem.Field {
	return &problem.Field{Pointer: pointer, Code: code, Detail: detail}
}

var errInvalid = problem.New(problem.Invalid, "validation_failed", "A field breaks its rules.")

// refusals are faults that apps tell apart by the code of the whole answer.
var refusals = map[string]string{
	"delegation_unknown":  "There is no such delegation that takes part.",
	"head_unknown":        "The head is not an accredited person of the delegation.",
	"officer_unknown":     "The liaison officer is not an accredited person of the host.",
	"language_unknown":    "The conference does not have this language.",
	"designation_missing": "The delegation needs a designation.",
}

// refused makes one failure of faults; nil when there are none.
func refused(faults []problem.Field) error {
	if len(faults) == 0 {
		return nil
	}
	for _, f := range faults {
		if detail, ok := refusals[f.Code]; ok {
			return problem.New(problem.Invalid, f.Code, "%s", detail).With(faults...)
		}
	}
	return errInvalid.With(faults...)
}
