package allocation

import (
	"math/bits"
	"slices"
)

// whole is what a delegation weighs all of whose wishes are refused, divided by
// how many they are: in whole numbers, so that what is added can be taken away.
const whole = 1 << 20

// A task is a problem in numbers.
type task struct {
	wishes []wish
	names  []string // of resources: people and rooms
	words  int      // of a resource's calendar
	origin int64    // the cell its first bit stands for
	shares []int    // by delegation: what it weighs when one of its wishes is refused
}

type wish struct {
	sides   [2]int
	needs   [2][]int
	options []option
}

type option struct {
	from, to int // cells from the origin
	rooms    []int
	roomed   bool
	worth    int
}

func compile(wishes []Wish) *task {
	s := &task{}
	index, sides := map[string]int{}, map[string]int{}
	number := func(kind, name string) int {
		n, known := index[kind+name]
		if !known {
			n = len(s.names)
			index[kind+name] = n
			s.names = append(s.names, name)
		}
		return n
	}
	var last int64
	for _, w := range wishes {
		for _, o := range w.Options {
			if s.origin == 0 || o.From < s.origin {
				s.origin = o.From
			}
			last = max(last, o.To)
		}
	}
	s.words = int(last-s.origin)/64 + 1
	for _, w := range wishes {
		var c wish
		for side, name := range w.Sides {
			if _, known := sides[name]; !known {
				sides[name] = len(sides)
			}
			c.sides[side] = sides[name]
			for _, need := range w.Needs[side] {
				if n := number("need ", need); !slices.Contains(c.needs[0], n) && !slices.Contains(c.needs[1], n) {
					c.needs[side] = append(c.needs[side], n)
				}
			}
		}
		for i, o := range w.Options {
			compiled := option{from: int(o.From - s.origin), to: int(o.To - s.origin), roomed: o.Roomed, worth: Worth(w.Weight, w.rank(i))}
			for _, room := range o.Rooms {
				compiled.rooms = append(compiled.rooms, number("room ", room))
			}
			c.options = append(c.options, compiled)
		}
		s.wishes = append(s.wishes, c)
	}
	asked := make([]int, len(sides))
	for _, w := range s.wishes {
		for _, side := range w.sides {
			asked[side]++
		}
	}
	for _, n := range asked {
		s.shares = append(s.shares, whole/n)
	}
	return s
}

// A plan is an allocation in the making. No resource is ever in two wishes at a
// time.
type plan struct {
	*task
	option []int // of each wish, -1 while it is not met
	room   []int // of each wish, -1 for none
	// calendars has a bit for each cell of each resource that is taken, and users
	// the wishes that take some of it.
	calendars []uint64
	users     [][]int
	refused   []int // by delegation: how many of its wishes are not met
	worth     int
	// unfair is the sum of the squares of refused, each in proportion to how many
	// wishes the delegation has.
	unfair int
}

func (s *task) empty() *plan {
	p := &plan{
		task: s, option: make([]int, len(s.wishes)), room: make([]int, len(s.wishes)),
		calendars: make([]uint64, len(s.names)*s.words), users: make([][]int, len(s.names)), refused: make([]int, len(s.shares)),
	}
	for w := range s.wishes {
		p.option[w], p.room[w] = -1, -1
		p.count(w, 1)
	}
	return p
}

func (p *plan) clone() *plan {
	c := *p
	c.option, c.room = slices.Clone(p.option), slices.Clone(p.room)
	c.calendars, c.refused = slices.Clone(p.calendars), slices.Clone(p.refused)
	c.users = make([][]int, len(p.users))
	for r := range p.users {
		c.users[r] = slices.Clone(p.users[r])
	}
	return &c
}

// count notes that by more wishes of w's delegations are refused.
func (p *plan) count(w, by int) {
	for _, side := range p.wishes[w].sides {
		p.unfair += (by*2*p.refused[side] + 1) * p.shares[side]
		p.refused[side] += by
	}
}

// free says whether nobody has the resource in any of these cells.
func (p *plan) free(resource, from, to int) bool {
	row := p.calendars[resource*p.words : (resource+1)*p.words]
	for word := from / 64; word <= (to-1)/64; word++ {
		if row[word]&mask(word, from, to) != 0 {
			return false
		}
	}
	return true
}

// mask has the bits of a word that stand for the cells from..to.
func mask(word, from, to int) uint64 {
	m := ^uint64(0)
	if start := from - word*64; start > 0 {
		m <<= start
	}
	if end := to - word*64; end < 64 {
		m &= 1<<end - 1
	}
	return m
}

// mark takes or frees cells that are all free, or all taken by one wish.
func (p *plan) mark(resource, w, from, to int, take bool) {
	row := p.calendars[resource*p.words : (resource+1)*p.words]
	for word := from / 64; word <= (to-1)/64; word++ {
		row[word] ^= mask(word, from, to)
	}
	if take {
		p.users[resource] = append(p.users[resource], w)
		return
	}
	i := slices.Index(p.users[resource], w)
	p.users[resource] = slices.Delete(p.users[resource], i, i+1)
}

// put gives w an option and a room that are free.
func (p *plan) put(w, option, room int) {
	o := p.wishes[w].options[option]
	for _, needs := range p.wishes[w].needs {
		for _, r := range needs {
			p.mark(r, w, o.from, o.to, true)
		}
	}
	if room >= 0 {
		p.mark(room, w, o.from, o.to, true)
	}
	p.option[w], p.room[w] = option, room
	p.worth += o.worth
	p.count(w, -1)
}

// drop takes w's option away.
func (p *plan) drop(w int) {
	o := p.wishes[w].options[p.option[w]]
	for _, needs := range p.wishes[w].needs {
		for _, r := range needs {
			p.mark(r, w, o.from, o.to, false)
		}
	}
	if p.room[w] >= 0 {
		p.mark(p.room[w], w, o.from, o.to, false)
	}
	p.option[w], p.room[w] = -1, -1
	p.worth -= o.worth
	p.count(w, 1)
}

// users of a resource who have it in some of these cells.
func (p *plan) holders(resource int, o option, into []int) []int {
	if p.free(resource, o.from, o.to) {
		return into
	}
	for _, w := range p.users[resource] {
		held := p.wishes[w].options[p.option[w]]
		if held.from < o.to && o.from < held.to && !slices.Contains(into, w) {
			into = append(into, w)
		}
	}
	return into
}

// settle gives w the first of its options for which everybody and a room are
// free.
func (p *plan) settle(w int) {
	for i, o := range p.wishes[w].options {
		if !p.peopleFree(w, o) {
			continue
		}
		if room, ok := p.roomFor(o); ok {
			p.put(w, i, room)
			return
		}
	}
}

func (p *plan) peopleFree(w int, o option) bool {
	for _, needs := range p.wishes[w].needs {
		for _, r := range needs {
			if !p.free(r, o.from, o.to) {
				return false
			}
		}
	}
	return true
}

// roomFor finds the best free room; -1 when none is needed.
func (p *plan) roomFor(o option) (room int, ok bool) {
	if !o.roomed {
		return -1, true
	}
	for _, room := range o.rooms {
		if p.free(room, o.from, o.to) {
			return room, true
		}
	}
	return -1, false
}

// missing is what others have of each option of a wish that is not met.
func (p *plan) missing(w int) []string {
	if len(p.wishes[w].options) == 0 {
		return []string{MissingSlot}
	}
	var missing []string
	for _, o := range p.wishes[w].options {
		what := MissingRoom
		for side, word := range [2]string{MissingAsker, MissingAsked} {
			if slices.ContainsFunc(p.wishes[w].needs[side], func(r int) bool { return !p.free(r, o.from, o.to) }) {
				what = word
				break
			}
		}
		missing = append(missing, what)
	}
	return missing
}

// taken is how many cells of all resources are; for tests of the bookkeeping.
func (p *plan) taken() int {
	n := 0
	for _, word := range p.calendars {
		n += bits.OnesCount64(word)
	}
	return n
}
