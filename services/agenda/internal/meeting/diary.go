package meeting

import (
	"cmp"
	"slices"
	"sort"
	"sync"
)

// A Diary is who and what is taken when, as far as one replica knows. It is for
// reading: whoever decides by it claims before believing it. Its methods may be
// called side by side.
type Diary struct {
	*book
	see func(holder string) // see Watched; nil for nobody
}

// A book is what is written into a diary.
type book struct {
	mu sync.RWMutex
	// holders are the holds each holder has put.
	holders map[string][]Hold
	// lanes are the same, by resource.
	lanes map[string]*lane
}

// A Taken is a run of cells of one resource, and who has it.
type Taken struct {
	Holder string
	From   int64 // first cell
	To     int64 // the cell after the last
}

// A lane is what is taken of one resource, by first cell. Two may overlap: a
// replica that hears late sees both the one who leaves and the one who comes.
type lane struct {
	taken []Taken
	// longest is how many cells the longest of them had since the lane was
	// empty, so none that begins earlier than that before a cell reaches it.
	longest int64
}

// NewDiary is a diary in which nothing is taken.
func NewDiary() *Diary { return &Diary{book: &book{}} }

// Watched is the same diary, which tells see for whom Free found something taken.
// See must not call it.
func (d *Diary) Watched(see func(holder string)) *Diary { return &Diary{d.book, see} }

// Put makes holds all that holder has; none means that it has nothing any more.
// The diary keeps its own copy.
func (d *Diary) Put(holder string, holds []Hold) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.holders[holder]
	if slices.EqualFunc(was, holds, sameCells) {
		return
	}
	for _, h := range was {
		d.drop(holder, h)
	}
	if len(holds) == 0 {
		delete(d.holders, holder)
		return
	}
	if d.holders == nil {
		d.holders, d.lanes = make(map[string][]Hold), make(map[string]*lane)
	}
	d.holders[holder] = slices.Clone(holds)
	for _, h := range holds {
		d.take(holder, h)
	}
}

// Free says whether nobody, but for those excepted, has any cell of h.
func (d *Diary) Free(h Hold, except ...string) bool {
	free := true
	d.each(h.Resource, h.From, h.To, func(t Taken) bool {
		if free = slices.Contains(except, t.Holder); !free && d.see != nil {
			d.see(t.Holder)
		}
		return free
	})
	return free
}

// Taken is what is taken of a resource in the cells from and up to, but without,
// to: each run in full, by first cell, then by holder.
func (d *Diary) Taken(resource string, from, to int64) []Taken {
	var taken []Taken
	d.each(resource, from, to, func(t Taken) bool {
		taken = append(taken, t)
		return true
	})
	return taken
}

// each shows what of a resource is taken in these cells, until see has enough.
// See must not call the diary.
func (d *Diary) each(resource string, from, to int64, see func(Taken) bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	l := d.lanes[resource]
	if l == nil || from >= to {
		return
	}
	for _, t := range l.taken[l.first(from-l.longest+1):] {
		if t.From >= to {
			return
		}
		if t.To > from && !see(t) {
			return
		}
	}
}

func (d *Diary) take(holder string, h Hold) {
	l := d.lanes[h.Resource]
	if l == nil {
		l = &lane{}
		d.lanes[h.Resource] = l
	}
	t := Taken{Holder: holder, From: h.From, To: h.To}
	i, _ := slices.BinarySearchFunc(l.taken, t, order)
	l.taken = slices.Insert(l.taken, i, t)
	l.longest = max(l.longest, h.To-h.From)
}

func (d *Diary) drop(holder string, h Hold) {
	l := d.lanes[h.Resource]
	i, is := slices.BinarySearchFunc(l.taken, Taken{Holder: holder, From: h.From, To: h.To}, order)
	if is {
		l.taken = slices.Delete(l.taken, i, i+1)
	}
	if len(l.taken) == 0 {
		delete(d.lanes, h.Resource)
	}
}

// first is the place of the first run that begins at cell or later.
func (l *lane) first(cell int64) int {
	return sort.Search(len(l.taken), func(i int) bool { return l.taken[i].From >= cell })
}

func order(a, b Taken) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Holder, b.Holder), cmp.Compare(a.To, b.To))
}

func sameCells(a, b Hold) bool {
	return a.Resource == b.Resource && a.From == b.From && a.To == b.To
}
