package delegate

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// rebuildAt is how many changes are cheaper to sort anew than to put in place
// one by one.
const rebuildAt = 500

// most orders of one conference are those of its languages; more are dropped.
const mostOrders = 12

// An index is what a conference is searched by: everybody's words, and for each
// language that somebody searched in everybody in its order. It is made by the
// first search and brought up to date by the first after a change.
type index struct {
	note   sync.Mutex          // guards what is behind
	people map[string]struct{} // ids whose record has changed since
	groups map[string]struct{}

	mu      sync.RWMutex // guards the rest
	folder  *folder
	entries map[string]*entry
	called  map[string]*string // delegations by id: their words, in all languages
	orders  map[string]*order
}

// entry is one person to be found.
type entry struct {
	*Delegate
	words  string  // of name and function
	called *string // of the delegation
}

func newIndex() *index {
	return &index{
		people: map[string]struct{}{}, groups: map[string]struct{}{},
		folder: newFolder(), entries: map[string]*entry{}, called: map[string]*string{}, orders: map[string]*order{},
	}
}

func (x *index) personChanged(id string) {
	x.note.Lock()
	x.people[id] = struct{}{}
	x.note.Unlock()
}

func (x *index) groupChanged(id string) {
	x.note.Lock()
	x.groups[id] = struct{}{}
	x.note.Unlock()
}

func (x *index) isBehind() bool {
	x.note.Lock()
	defer x.note.Unlock()
	return len(x.people) > 0 || len(x.groups) > 0
}

// behind takes what has changed.
func (x *index) behind() (people, groups map[string]struct{}) {
	x.note.Lock()
	defer x.note.Unlock()
	if len(x.people) == 0 && len(x.groups) == 0 {
		return nil, nil
	}
	people, groups = x.people, x.groups
	x.people, x.groups = map[string]struct{}{}, map[string]struct{}{}
	return people, groups
}

// in has f look at everybody in the order of a language, as they are now.
func (x *index) in(m *memory, lang string, f func(*order)) {
	x.mu.RLock()
	o, ok := x.orders[lang]
	if !ok || x.isBehind() {
		x.mu.RUnlock()
		x.mu.Lock()
		x.refresh(m)
		o = x.order(lang)
		x.mu.Unlock()
		// Somebody else may bring the index further on in between: what f sees is
		// newer then, never older.
		x.mu.RLock()
	}
	defer x.mu.RUnlock()
	f(o)
}

// refresh brings the index up to date. The lock is held.
func (x *index) refresh(m *memory) {
	people, groups := x.behind()
	for id := range groups {
		g, _ := m.delegation(id)
		var all strings.Builder
		for _, name := range g.Designation {
			all.WriteString(x.folder.words(name))
		}
		*x.calledOf(id) = all.String()
	}
	if len(people) == 0 {
		return
	}
	for id := range people {
		d := m.person(id)
		x.entries[id] = &entry{Delegate: d, words: x.folder.words(d.Name) + x.folder.words(d.Function), called: x.calledOf(d.Delegation)}
	}
	for _, o := range x.orders {
		o.update(x.entries, people)
	}
}

func (x *index) calledOf(delegation string) *string {
	if x.called[delegation] == nil {
		x.called[delegation] = new(string)
	}
	return x.called[delegation]
}

// order is everybody as a language sorts them. The lock is held.
func (x *index) order(lang string) *order {
	if o, ok := x.orders[lang]; ok {
		return o
	}
	if len(x.orders) >= mostOrders {
		for other := range x.orders {
			delete(x.orders, other)
			break
		}
	}
	o := &order{sorter: NewSorter(lang)}
	o.update(x.entries, nil)
	x.orders[lang] = o
	return o
}

// An order is people sorted by name, those of one name by id.
type order struct {
	sorter *Sorter
	places []place
}

type place struct {
	key []byte
	*entry
}

func before(a, b place) int {
	if c := bytes.Compare(a.key, b.key); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// update puts the changed in their places; all of them when changed is nil.
func (o *order) update(entries map[string]*entry, changed map[string]struct{}) {
	if changed == nil || len(changed) > rebuildAt {
		o.places = make([]place, 0, len(entries))
		for _, e := range entries {
			o.places = append(o.places, place{o.sorter.Key(e.Order()), e})
		}
		slices.SortFunc(o.places, before)
		return
	}
	o.places = slices.DeleteFunc(o.places, func(p place) bool {
		_, moved := changed[p.ID]
		return moved
	})
	for id := range changed {
		p := place{o.sorter.Key(entries[id].Order()), entries[id]}
		at, _ := slices.BinarySearchFunc(o.places, p, before)
		o.places = slices.Insert(o.places, at, p)
	}
}

// A Sorter makes keys whose bytes compare as a language sorts texts (CLDR). One
// goroutine at a time.
type Sorter struct {
	collator *collate.Collator
	buffer   collate.Buffer
}

// NewSorter makes a sorter for a BCP 47 language.
func NewSorter(lang string) *Sorter { return &Sorter{collator: collate.New(language.Make(lang))} }

// Key is the key of text; the caller keeps it.
func (s *Sorter) Key(text string) []byte {
	s.buffer.Reset()
	return bytes.Clone(s.collator.KeyFromString(&s.buffer, text))
}
