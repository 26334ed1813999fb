package participants

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"plenary.example/services/delegates/internal/delegate"
)

// An Audience is for whose eyes a list is printed.
type Audience string

// The audiences.
const (
	Everybody    Audience = "all" // on the list, whatever they agreed to; for the office
	Participants Audience = "participants"
	Public       Audience = "public"
)

// A Section is a delegation with its people as they are printed.
type Section struct {
	ID          string
	Designation string
	Language    string // of the designation
	Kind        string
	People      []Person
}

// Sections are the delegations of a list in the order of their designations,
// each with those of its people who agreed to be listed to the audience: the
// head first, then by rank, then by name. Order and designations are those of
// the language, by CLDR. A delegation without such people is left out. Who has
// been erased is counted, and is last.
func (c Contents) Sections(tag string, to Audience) []Section {
	sort := newSorter(tag)
	people := make(map[string][]Person, len(c.Groups))
	for _, p := range c.People {
		if p.listed(to) {
			people[p.Delegation] = append(people[p.Delegation], p)
		}
	}
	var sections []Section
	for _, g := range c.Groups {
		if members := people[g.ID]; len(members) > 0 {
			name, in := designation(g.Designation, tag)
			sections = append(sections, Section{g.ID, name, in, g.Kind, sort.people(members)})
		}
	}
	keys := make(map[string][]byte, len(sections))
	for _, s := range sections {
		keys[s.ID] = sort.key(s.Designation)
	}
	slices.SortFunc(sections, func(a, b Section) int {
		return cmp.Or(bytes.Compare(keys[a.ID], keys[b.ID]), cmp.Compare(a.Designation, b.Designation), cmp.Compare(a.ID, b.ID))
	})
	return sections
}

func (p Person) listed(to Audience) bool {
	switch to {
	case Participants:
		return p.Participants
	case Public:
		return p.Public
	case Everybody:
	}
	return true
}

// sorter orders as a language does. It is one goroutine's.
type sorter struct {
	by  *collate.Collator
	buf collate.Buffer
}

func newSorter(tag string) *sorter { return &sorter{by: collate.New(language.Make(tag))} }

// key is what text is compared by.
func (s *sorter) key(text string) []byte {
	s.buf.Reset()
	return bytes.Clone(s.by.KeyFromString(&s.buf, text))
}

func (s *sorter) people(all []Person) []Person {
	keys := make(map[string][]byte, len(all))
	for _, p := range all {
		keys[p.ID] = s.key(cmp.Or(p.SortName, p.Name))
	}
	slices.SortFunc(all, func(a, b Person) int {
		return cmp.Or(
			last(a.Erased, b.Erased), last(b.Head, a.Head), cmp.Compare(delegate.RankOrder(a.Rank), delegate.RankOrder(b.Rank)),
			bytes.Compare(keys[a.ID], keys[b.ID]), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID),
		)
	})
	return all
}

// last puts what is true behind what is not.
func last(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// designation is what a delegation is called in a language or one of its
// parents (fr for fr-CA), else in English, else in whichever comes first in the
// alphabet; and which that is.
func designation(by map[string]string, tag string) (name, in string) {
	for t := language.Make(tag); t != language.Und; t = t.Parent() {
		if name, ok := by[t.String()]; ok {
			return name, t.String()
		}
	}
	for _, in := range append([]string{"en"}, slices.Sorted(maps.Keys(by))...) {
		if name, ok := by[in]; ok {
			return name, in
		}
	}
	return "", tag
}
