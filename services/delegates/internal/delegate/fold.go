package delegate

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// A folder writes text the way it is searched: without capitals, accents and
// whatever else people leave out when they type a name. One goroutine at a time.
type folder struct{ chain transform.Transformer }

func newFolder() *folder {
	// Folding may bring marks along, and widths and ligatures may hide capitals.
	return &folder{transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFKD, runes.Remove(runes.In(unicode.Mn)))}
}

// strokes are letters that Unicode does not take apart and people do.
var strokes = strings.NewReplacer(
	"ø", "o", "ł", "l", "đ", "d", "ð", "d", "ħ", "h", "ı", "i", "ŧ", "t", "þ", "th", "æ", "ae", "œ", "oe", "ŋ", "n",
)

// words are the words of text, folded, each with a space before it. Apostrophes
// are left out of a word: nobody knows which one to type.
func (f *folder) words(text string) string {
	folded, _, err := transform.String(f.chain, text)
	if err != nil {
		folded = strings.ToLower(text)
	}
	var b strings.Builder
	b.Grow(len(folded) + 8)
	within := false
	for _, r := range strokes.Replace(folded) {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mc, r):
			if !within {
				b.WriteByte(' ')
			}
			within = true
			b.WriteRune(r)
		case within && (strings.ContainsRune("'’‘ʼʻʹ`´·\u0640", r) || unicode.Is(unicode.Cf, r)):
		default:
			within = false
		}
	}
	return b.String()
}
