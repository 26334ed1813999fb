package push

import "unicode/utf8"

// Size is the length of s as a JSON string, escapes and quotes counted: what it
// takes of the few thousand bytes that a carrier brings.
func Size(s string) int {
	n := 2
	for _, r := range s {
		n += width(r)
	}
	return n
}

// width is what one character takes in the JSON that Go writes.
func width(r rune) int {
	switch {
	case r == '"' || r == '\\':
		return 2
	case r < ' ' || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029' || r == utf8.RuneError:
		return 6
	default:
		return utf8.RuneLen(r)
	}
}

// Cut shortens s to a Size of most, where a character ends, and shows that it
// did.
func Cut(s string, most int) string {
	if Size(s) <= most {
		return s
	}
	const sign = "…"
	room := most - Size(sign)
	if room <= 0 {
		return ""
	}
	for i, r := range s {
		if room -= width(r); room < 0 {
			return s[:i] + sign
		}
	}
	return s
}
