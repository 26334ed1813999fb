// Package participants numbers the provisional lists of participants that a
// conference hands out: no. 1, no. 2 and so on, each with what it changed since
// the one before.
//
// A list is frozen with all that is printed of it, names too, so that no. 1 can
// be printed again as it was after everybody on it has changed. What is not
// frozen is the order of the delegations: it is that of their designations in
// the language asked for, as that language sorts, and never that of a country
// code.
//
// The document of a list has the number in its id, so inserting it is what
// gives the number: of two secretaries one gets no. 4 and the other no. 5. Its
// pages are written before, under an id of their own, and an attempt is noted
// before them, so that the pages of one that never got a number are found and
// removed.
package participants

import (
	"cmp"
	"slices"
	"time"

	"plenary.example/services/delegates/internal/delegate"
)

// pageSize is how many people one page has, so that no document grows large.
const pageSize = 1000

// A List is one numbered list, without its people.
type List struct {
	ID         string    `bson:"_id"` // see ID
	Conference string    `bson:"conference"`
	Number     int       `bson:"number"` // from 1, without gaps
	At         time.Time `bson:"at"`     // on the conference clock
	MadeAt     time.Time `bson:"madeAt"` // by the wall clock
	Actor      string    `bson:"actor"`
	// Command made it; the same one again does not make another.
	Command string `bson:"command"`
	// Set is the id of its pages.
	Set string `bson:"set"`
	// First is the delegate id that each page begins with: people are on pages
	// in the order of their ids, so that one is found without reading all.
	First []string `bson:"first"`
	// Participants, and how many of them differ from the list before.
	Participants int `bson:"participants"`
	Added        int `bson:"added"`
	Removed      int `bson:"removed"`
	Changed      int `bson:"changed"`
	// What the conference was called, by language, and its languages.
	Name      map[string]string `bson:"name"`
	Languages []string          `bson:"languages"`
	Zone      string            `bson:"zone"`
	Pending   bool              `bson:"pending"` // ListNumbered is not told yet
}

// A Group is a delegation as it was.
type Group struct {
	ID          string            `json:"id" bson:"id"`
	Designation map[string]string `json:"designation" bson:"designation"` // by BCP 47 language
	Kind        string            `json:"kind" bson:"kind"`
}

// A Person is a participant as they were.
type Person struct {
	ID         string `json:"id" bson:"id"`
	Delegation string `json:"delegation" bson:"delegation"`
	Name       string `json:"name" bson:"name"`
	SortName   string `json:"sortName,omitempty" bson:"sortName,omitempty"`
	Function   string `json:"function,omitempty" bson:"function,omitempty"`
	Rank       string `json:"rank,omitempty" bson:"rank,omitempty"`
	Language   string `json:"language,omitempty" bson:"language,omitempty"` // their first; fonts differ by it
	Head       bool   `json:"head,omitempty" bson:"head,omitempty"`
	// To whom they agreed to be listed.
	Participants bool `json:"participants,omitempty" bson:"participants,omitempty"`
	Public       bool `json:"public,omitempty" bson:"public,omitempty"`
	// Erased says that all of the above but the delegation has been forgotten.
	Erased bool `json:"erased,omitempty" bson:"erased,omitempty"`
}

// A Page is a part of a list.
type Page struct {
	ID       string // see PageID
	Revision int64
	Groups   []Group
	People   []Person
}

// Contents is a list with its people, in the order of their ids.
type Contents struct {
	List
	Groups []Group
	People []Person
}

// frozen is everybody who takes part. Delegations of which nobody does are not
// on a list.
func frozen(delegations []delegate.Delegation, delegates []delegate.Delegate) (groups []Group, people []Person) {
	known := make(map[string]delegate.Delegation, len(delegations))
	for _, g := range delegations {
		if g.Accredited() {
			known[g.ID] = g
		}
	}
	seen := make(map[string]bool, len(known))
	for _, d := range delegates {
		g, ok := known[d.Delegation]
		if !ok || !d.Accredited() {
			continue
		}
		if !seen[g.ID] {
			seen[g.ID] = true
			groups = append(groups, Group{ID: g.ID, Designation: g.Designation, Kind: g.Kind})
		}
		p := Person{
			ID: d.ID, Delegation: d.Delegation, Name: d.Name, SortName: d.SortName, Function: d.Function, Rank: d.Rank,
			Head: g.Head == d.ID, Participants: d.Consent.Participants, Public: d.Consent.Public,
		}
		if len(d.Languages) > 0 {
			p.Language = d.Languages[0]
		}
		people = append(people, p)
	}
	slices.SortFunc(groups, func(a, b Group) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(people, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	return groups, people
}

// paged cuts a list into pages; at least one.
func paged(set string, groups []Group, people []Person) []Page {
	var pages []Page
	for len(pages) == 0 || len(groups)+len(people) > 0 {
		g, p := min(pageSize, len(groups)), min(pageSize, len(people))
		pages = append(pages, Page{ID: PageID(set, len(pages)), Revision: 1, Groups: groups[:g], People: people[:p]})
		groups, people = groups[g:], people[p:]
	}
	return pages
}

// firsts are the ids that pages begin with.
func firsts(pages []Page) []string {
	out := make([]string, len(pages))
	for i, p := range pages {
		if len(p.People) > 0 {
			out[i] = p.People[0].ID
		}
	}
	return out
}

// pageOf is the page on which somebody is, if they are on the list.
func (l List) pageOf(delegate string) int {
	i, there := slices.BinarySearch(l.First, delegate)
	if there || i == 0 {
		return i
	}
	return i - 1
}

// Changes is what differs between two lists.
type Changes struct {
	Added, Removed []string // delegate ids
	Changed        []Change
}

// A Change says what differs of one person.
type Change struct {
	ID     string
	Fields []string
}

// compare says what is new on a list since another. Erased people differ from
// nobody: nothing is known of them on either.
func compare(before, now Contents) Changes {
	was := make(map[string]Person, len(before.People))
	for _, p := range before.People {
		was[p.ID] = p
	}
	called := make(map[string]Group, len(before.Groups))
	for _, g := range before.Groups {
		called[g.ID] = g
	}
	renamed := make(map[string]bool)
	for _, g := range now.Groups {
		old, there := called[g.ID]
		renamed[g.ID] = there && !sameDesignation(old.Designation, g.Designation)
	}
	var c Changes
	for _, p := range now.People {
		old, there := was[p.ID]
		delete(was, p.ID)
		if !there {
			c.Added = append(c.Added, p.ID)
			continue
		}
		if fields := differing(old, p, renamed[p.Delegation]); len(fields) > 0 && !p.Erased && !old.Erased {
			c.Changed = append(c.Changed, Change{p.ID, fields})
		}
	}
	for _, p := range before.People {
		if _, gone := was[p.ID]; gone {
			c.Removed = append(c.Removed, p.ID)
		}
	}
	return c
}

func differing(a, b Person, renamed bool) []string {
	var fields []string
	for _, f := range []struct {
		name    string
		differs bool
	}{
		{"delegation", a.Delegation != b.Delegation},
		{"designation", a.Delegation == b.Delegation && renamed},
		{"name", a.Name != b.Name},
		{"sortName", a.SortName != b.SortName},
		{"function", a.Function != b.Function},
		{"rank", a.Rank != b.Rank},
		{"head", a.Head != b.Head},
		{"consent", a.Participants != b.Participants || a.Public != b.Public},
	} {
		if f.differs {
			fields = append(fields, f.name)
		}
	}
	return fields
}

func sameDesignation(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for tag, name := range a {
		if other, ok := b[tag]; !ok || other != name {
			return false
		}
	}
	return true
}
