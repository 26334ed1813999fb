package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// dice make values. Everything random comes from one seed.
type dice struct {
	*rand.Rand
	values values
	learnt values // what the server itself has given
}

func newDice(seed uint64, known values) *dice {
	return &dice{rand.New(rand.NewPCG(seed, 20131017)), known, values{}}
}

// oneIn is true once in n throws.
func (d *dice) oneIn(n int) bool { return d.IntN(n) == 0 }

// between is lo to hi, both included.
func (d *dice) between(lo, hi int) int {
	if hi <= lo {
		return lo
	}
	return lo + d.IntN(hi-lo+1)
}

// value makes a value of s, which is called name. Values that exist are
// preferred. In a header or a path only plain characters may stand.
func (d *dice) value(name string, s *openapi3.Schema, plain bool, depth int) any {
	if s.Type.Includes("null") && d.oneIn(4) {
		return nil
	}
	if s.Type.Includes("array") {
		return d.list(name, s, plain, depth)
	}
	if known := slices.Concat(d.values[name], d.learnt[name]); len(known) > 0 && !d.oneIn(5) {
		return known[d.IntN(len(known))]
	}
	if len(s.Enum) > 0 {
		return s.Enum[d.IntN(len(s.Enum))]
	}
	switch {
	case s.Type.Includes("string"):
		return d.text(s, plain)
	case s.Type.Includes("integer"):
		return d.number(s)
	case s.Type.Includes("number"):
		return float64(d.number(s)) + 0.5
	case s.Type.Includes("boolean"):
		return d.oneIn(2)
	}
	return d.object(s, depth)
}

// list makes a few entries; where they must differ, mostly they do.
func (d *dice) list(name string, s *openapi3.Schema, plain bool, depth int) []any {
	list := []any{}
	for range int(s.MinItems) + d.IntN(3) {
		v := d.value(name, s.Items.Value, plain, depth+1)
		if _, object := v.(map[string]any); s.UniqueItems && !object && slices.Contains(list, v) && !d.oneIn(20) {
			continue
		}
		list = append(list, v)
	}
	return list
}

func (d *dice) object(s *openapi3.Schema, depth int) map[string]any {
	o := make(map[string]any)
	must := slices.Clone(s.Required)
	if len(s.AnyOf) > 0 { // only used to ask for one member of several
		must = append(must, s.AnyOf[d.IntN(len(s.AnyOf))].Value.Required...)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name].Value
		if slices.Contains(must, name) || depth < 6 && d.oneIn(2) {
			o[name] = d.value(name, p, false, depth+1)
		}
	}
	switch values := s.AdditionalProperties.Schema; {
	case len(s.Properties) > 0:
	case values != nil: // texts by language
		for range int(s.MinProps) + d.IntN(2) {
			language := languages[d.IntN(len(languages))]
			if known := d.values["language"]; len(known) > 0 && !d.oneIn(5) {
				language = known[d.IntN(len(known))]
			}
			o[language] = d.value("", values.Value, false, depth+1)
		}
	case d.oneIn(2):
		o[d.word(1, 8, true)] = d.word(0, 20, false)
	}
	return o
}

func (d *dice) number(s *openapi3.Schema) int64 {
	lo, hi := -1000, 1000
	if s.Min != nil {
		lo, hi = int(*s.Min), int(*s.Min)+30
	}
	if s.Max != nil {
		hi = int(*s.Max)
	}
	switch d.IntN(4) {
	case 0:
		return int64(lo)
	case 1:
		return int64(hi)
	}
	return int64(d.between(lo, hi))
}

func (d *dice) text(s *openapi3.Schema, plain bool) string {
	if example, ok := s.Example.(string); ok && s.Pattern != "" && !d.oneIn(5) {
		return example // only it knows what a pattern means
	}
	switch s.Format {
	case "uuid":
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", d.Uint32(), d.IntN(1<<16), d.IntN(1<<12), d.IntN(1<<12), d.Int64N(1<<48))
	case "date-time":
		return time.Unix(1_381_900_000+d.Int64N(400_000), 0).UTC().Format(time.RFC3339)
	case "date":
		return time.Unix(1_381_900_000+d.Int64N(400_000), 0).UTC().Format(time.DateOnly)
	case "email":
		return d.word(1, 12, true) + "@example.org"
	case "bcp47":
		return languages[d.IntN(len(languages))]
	}
	lo, hi := int(s.MinLength), int(s.MinLength)+24
	if s.MaxLength != nil {
		hi = min(int(*s.MaxLength), hi)
		if d.oneIn(8) { // exactly at the limit
			lo, hi = int(*s.MaxLength), int(*s.MaxLength)
		}
	}
	return d.word(lo, hi, plain || d.oneIn(2)) // the odd are often refused for a good reason
}

var languages = []string{"en", "ko-KR", "zh-Hant-TW", "sr-Latn", "ar", "de-CH-1996", "es-419"}

// odd are characters that have made servers stumble.
var odd = []rune("aB9 _-.,'\"\\/<>&%$#@!?*()[]{}|~^`;:=+äßçñ한글日本語مرحباשלוםΩж😀👩‍💻\u200b\u202e\t\n\u0000\ufeff")

func (d *dice) word(lo, hi int, plain bool) string {
	var b strings.Builder
	for range d.between(lo, hi) {
		if plain || d.oneIn(2) {
			b.WriteByte("abcdefghijklmnopqrstuvwxyz0123456789"[d.IntN(36)])
		} else {
			b.WriteRune(odd[d.IntN(len(odd))])
		}
	}
	return b.String()
}
