package delegate

import (
	"bytes"
	"slices"
	"strings"
)

// A Choice says which delegations are listed.
type Choice struct {
	Conference string
	Language   string // in which they are called and sorted
	Kind       string // empty = of any
	Removed    bool   // also those that were removed
	Limit      int
	Cursor     string
}

// Groups is a page of delegations.
type Groups struct {
	Items []Delegation
	Next  string
}

// List lists delegations by what they are called in the language, as it sorts
// them.
func (b *Book) List(c Choice) (Groups, error) {
	filter := filterOf("delegations", c.Conference, c.Language, c.Kind, boolean(c.Removed))
	from, err := readCursor(c.Cursor, filter)
	if err != nil {
		return Groups{}, err
	}
	all := slices.DeleteFunc(b.DelegationsOf(c.Conference), func(g Delegation) bool {
		return c.Kind != "" && g.Kind != c.Kind || !c.Removed && !g.Accredited()
	})
	SortDelegations(c.Language, all)
	begin := 0
	if len(from.last) > 0 {
		if begin = slices.IndexFunc(all, func(g Delegation) bool { return g.ID == from.last[0] }) + 1; begin == 0 {
			begin = min(max(0, from.given-1), len(all))
		}
	}
	end := min(begin+c.Limit, len(all))
	page := Groups{Items: all[begin:end]}
	if end < len(all) {
		page.Next = cursor{filter, end, []string{all[end-1].ID}}.String()
	}
	return page, nil
}

func boolean(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// SortDelegations sorts by designation as the language does; never by code.
func SortDelegations(lang string, all []Delegation) {
	s := NewSorter(lang)
	keys := make(map[string][]byte, len(all))
	for _, g := range all {
		keys[g.ID] = s.Key(g.DesignationIn([]string{lang}))
	}
	slices.SortFunc(all, func(a, b Delegation) int {
		if c := bytes.Compare(keys[a.ID], keys[b.ID]); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// SortMembers sorts the people of one delegation as on the list of participants:
// the head, then by rank, then by name as the language sorts names.
func SortMembers(lang, head string, all []Delegate) {
	s := NewSorter(lang)
	keys := make(map[string][]byte, len(all))
	for _, d := range all {
		keys[d.ID] = s.Key(d.Order())
	}
	first := func(d Delegate) int {
		if d.ID == head {
			return -1
		}
		return RankOrder(d.Rank)
	}
	slices.SortFunc(all, func(a, b Delegate) int {
		if c := first(a) - first(b); c != 0 {
			return c
		}
		if c := bytes.Compare(keys[a.ID], keys[b.ID]); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}
