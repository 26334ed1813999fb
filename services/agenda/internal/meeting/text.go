package meeting

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"plenary.example/shared/problem"
)

// longest is how many characters a topic, a note or a reason may have.
const longest = 300

// words are what somebody wrote at pointer, without what could make it read
// other than it is: control characters and marks that turn its direction. A line
// break becomes a space. What is too long is refused rather than cut.
func words(pointer, written string) (string, error) {
	written = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFFFE, r == 0xFFFF:
			return -1
		}
		return r
	}, strings.ToValidUTF8(written, ""))
	written = strings.TrimSpace(written)
	if utf8.RuneCountInString(written) > longest {
		return "", problem.New(problem.Invalid, "max", "A text has at most %d characters.", longest).With(problem.Field{
			Pointer: pointer, Code: "max", Detail: "This must have at most " + strconv.Itoa(longest) + " characters.",
			Params: map[string]string{"max": strconv.Itoa(longest)},
		})
	}
	return written, nil
}

// Because is p with the reason that somebody gave for it at pointer, kept as
// every text is.
func (p Plan) Because(pointer, reason string) (Plan, error) {
	reason, err := words(pointer, reason)
	p.Told.Reason = reason
	return p, err
}
