package wording

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/bidi"

	"plenary.example/services/notifications/internal/push"
)

// How many characters of what people wrote are shown.
const (
	longest     = 120  // of a title, a room, a reason: what fits a lock screen
	longestBody = 500  // of the body of an announcement, on a phone
	longestText = 5000 // and in the inbox
)

// Isolates keep the direction of a text to itself (Unicode, UAX #9): the first
// takes the direction of the first strong character that follows.
const (
	firstStrong = '\u2068'
	popIsolate  = '\u2069'
)

// foreign is a text that people wrote, ready to stand in a sentence of ours: it
// can neither break the line nor turn the direction of what stands around it.
func (c *catalogue) foreign(s string) string {
	s = clean(s, longest)
	if s == "" || !c.rtl && !rightToLeft(s) {
		return s // it runs as the sentence does
	}
	return string(firstStrong) + s + string(popIsolate)
}

// rightToLeft says whether any of s runs from right to left.
func rightToLeft(s string) bool {
	for i := 0; i < len(s); {
		p, size := bidi.LookupString(s[i:])
		if c := p.Class(); c == bidi.R || c == bidi.AL || c == bidi.AN {
			return true
		}
		i += max(size, 1)
	}
	return false
}

// text is a title in the language of the catalogue, in the reader's kind of it,
// else in the conference's first, else in any there is.
func (t telling) text(titles map[string]string) string {
	var wanted []language.Tag
	for _, tag := range parse(t.reader.Locale) {
		if base(tag) == base(t.tag) {
			wanted = append(wanted, tag)
		}
	}
	return t.foreign(titles[t.choose(slices.Collect(maps.Keys(titles)), append(wanted, t.tag))])
}

// written is what people wrote of the notice, in a language of the reader, else
// in the conference's first, else in any there is.
func (t telling) written() push.Text {
	return t.n.Texts[t.choose(slices.Collect(maps.Keys(t.n.Texts)), parse(t.reader.Locale))]
}

// choose is the best of the languages for who wants these, in this order; empty
// for none. As with catalogues, none is taken for its neighbour's.
func (t telling) choose(languages []string, wanted []language.Tag) string {
	slices.Sort(languages) // so that two phones beside each other agree
	wanted = append(append(slices.Clone(wanted), parse(t.reader.First)...), language.English)
	for _, want := range wanted {
		var names []string
		var tags []language.Tag
		for _, l := range languages {
			if tag, err := language.Parse(l); err == nil && base(tag) == base(want) {
				names, tags = append(names, l), append(tags, tag)
			}
		}
		if len(tags) > 0 {
			_, i, _ := language.NewMatcher(tags).Match(want)
			return names[i]
		}
	}
	return strings.Join(languages[:min(len(languages), 1)], "")
}

func base(tag language.Tag) language.Base {
	b, _ := tag.Base()
	return b
}

// reason is why, in the words of who did it; empty for none.
func (t telling) reason() string {
	if s := t.foreign(t.n.After.Reason); s != "" {
		return t.say("session.reason", words{Reason: s})
	}
	return ""
}

// clean takes what could break a line or turn its direction out of a foreign
// text, and cuts it to most characters.
func clean(s string, most int) string {
	return cut(strings.Join(strings.Fields(strings.Map(harmless, s)), " "), most)
}

// cleanLines keeps line breaks, as what stands alone may have them.
func cleanLines(s string, most int) string {
	var lines []string
	for l := range strings.Lines(s) {
		if l = clean(l, most); l != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, l)
		}
	}
	return cut(strings.Join(lines, "\n"), most)
}

func harmless(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == unicode.ReplacementChar:
		return -1
	}
	return r
}

// cut shortens to most characters, and shows that it did.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if r := []rune(s); len(r) > most {
		const joiner = "\u200d" // joins emoji; at the end, nothing
		return strings.TrimRight(string(r[:most-1]), " \n"+joiner) + "…"
	}
	return s
}
