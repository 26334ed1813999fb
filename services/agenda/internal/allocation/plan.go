package allocation

import (
	"math"
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
	allows []int    // by limit: how many may count against it
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
	limit    int // -1 for none
	worth    int
}

func compile(p Problem) *task {
	s := &task{}
	index, sides, limits := map[string]int{}, map[string]int{}, map[string]int{"": -1}
	number := func(kind, name string) int {
		n, known := index[kind+name]
		if !known {
			n = len(s.names)
			index[kind+name] = n
			s.names = append(s.names, name)
		}
		return n
	}
	s.measure(p.Wishes)
	for _, w := range p.Wishes {
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
			if _, known := limits[o.Limit]; !known {
				limits[o.Limit] = len(s.allows)
				s.allows = append(s.allows, max(0, p.Limits[o.Limit]))
			}
			compiled := option{from: int(o.From - s.origin), to: int(o.To - s.origin), roomed: o.Roomed, limit: limits[o.Limit], worth: Worth(w.Weight, w.rank(i))}
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

// measure finds out which cells the calendars are of.
func (s *task) measure(wishes []Wish) {
	last := int64(0)
	s.origin = math.MaxInt64
	for _, w := range wishes {
		for _, o := range w.Options {
			s.origin, last = min(s.origin, o.From), max(last, o.To)
		}
	}
	s.words = int(max(0, last-s.origin))/64 + 1
}

// A plan is an allocation in the making. No resource is ever in two wishes at a
// time, and no limit is ever passed.
type plan struct {
	*task
	option []int // of each wish, -1 while it is not met
	room   []int // of each wish, -1 for none
	// calendars has a bit for each cell of each resource that is taken, and users
	// the wishes that take some of it.
	calendars []uint64
	users     [][]int
	counted   [][]int // by limit: the wishes whose options count against it
	refused   []int   // by delegation: how many of its wishes are not met
	worth     int
	// unfair is the sum of the squares of refused, each in proportion to how many
	// wishes the delegation has.
	unfair int
}

func (s *task) empty() *plan {
	p := &plan{
		task: s, option: make([]int, len(s.wishes)), room: make([]int, len(s.wishes)),
		calendars: make([]uint64, len(s.names)*s.words), users: make([][]int, len(s.names)),
		counted: make([][]int, len(s.allows)), refused: make([]int, len(s.shares)),
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
	c.users, c.counted = cloned(p.users), cloned(p.counted)
	return &c
}

func cloned(lists [][]int) [][]int {
	c := make([][]int, len(lists))
	for i, list := range lists {
		c[i] = slices.Clone(list)
	}
	return c
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
	p.users[resource] = without(p.users[resource], w)
}

func without(list []int, w int) []int {
	i := slices.Index(list, w)
	return slices.Delete(list, i, i+1)
}

// put gives w an option that is allowed, and a room; both are free.
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
	if o.limit >= 0 {
		p.counted[o.limit] = append(p.counted[o.limit], w)
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
	if o.limit >= 0 {
		p.counted[o.limit] = without(p.counted[o.limit], w)
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

// allowed says whether the limit that o counts against has room for one more.
func (p *plan) allowed(o option) bool {
	return o.limit < 0 || len(p.counted[o.limit]) < p.allows[o.limit]
}

// settle gives w the first of its options that is allowed and for which everybody
// and a room are free.
func (p *plan) settle(w int) {
	for i, o := range p.wishes[w].options {
		if !p.allowed(o) || !p.peopleFree(w, o) {
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
		if !p.allowed(o) {
			missing = append(missing, MissingQuota)
			continue
		}
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

// taken is how many cells of all resources are, and how much of all limits; for
// tests of the bookkeeping.
func (p *plan) taken() int {
	n := 0
	for _, word := range p.calendars {
		n += bits.OnesCount64(word)
	}
	for _, counted := range p.counted {
		n += len(counted)
	}
	return n
}
