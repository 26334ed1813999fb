package desk

import (
	"cmp"
	"slices"
	"strings"

	"plenary.example/services/agenda/internal/allocation"
	"plenary.example/services/agenda/internal/meeting"
)

// Weight is what a meeting of a level is worth in an allocation at the slot its
// sides want most: 1 for experts, and twice as much with every level up, so 16
// for heads of state or of government.
func Weight(l meeting.Level) int {
	levels := meeting.Levels()
	return 1 << max(0, len(levels)-1-slices.Index(levels, l))
}

const (
	// mostSpare is how many slots that nobody named are looked at for a meeting
	// that is left to the desk, and leastSpare when there are very many such.
	mostSpare, leastSpare = 24, 4
	// spareInAll is how many those of all meetings are, about.
	spareInAll = 20000
)

// A market is an allocation to be made of meetings in a world.
type market struct {
	world meeting.World
	calls []call
	// grid are the slots ahead, by how many minutes they last.
	grid map[int][]meeting.Slot
	// valid says of slots that were named whether they are of the grid.
	valid map[span]bool
	// limits are the allowances for asking that are left; see World.Allowance.
	limits map[string]int
}

// A span is a slot as a key: two spellings of one moment are one.
type span struct{ from, to int64 }

// A call is one of the meetings.
type call struct {
	m     meeting.Meeting
	named []meeting.Slot
	bars  []string // what is in the way of each of named
	// options are the slots that can be considered, those named first, and ranks
	// the places of these among named, from 1.
	options []meeting.Slot
	ranks   []int
	wish    allocation.Wish
}

// newMarket is what there is to allocate among meetings, in the order in which
// they were asked for.
func newMarket(w meeting.World, meetings []meeting.Meeting) *market {
	slices.SortFunc(meetings, func(a, b meeting.Meeting) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	k := &market{world: w, grid: map[int][]meeting.Slot{}, valid: map[span]bool{}, limits: map[string]int{}}
	agreed := 0
	for _, m := range meetings {
		if m.Status == meeting.Agreed {
			agreed++
		}
	}
	spare := min(mostSpare, max(leastSpare, spareInAll/max(agreed, 1)))
	for i, m := range meetings {
		c := call{m: m, named: w.Named(m), wish: allocation.Wish{ID: m.ID, Weight: Weight(m.Level)}}
		for side, s := range m.Sides {
			c.wish.Sides[side], c.wish.Needs[side] = s.Delegation, m.Takes(side)
		}
		for rank, s := range c.named {
			bar := k.consider(&c, s, rank+1)
			c.bars = append(c.bars, bar)
		}
		if m.Status == meeting.Agreed {
			for _, s := range k.thinned(c, i, spare) {
				if k.consider(&c, s, 0) == "" {
					c.wish.Spare++
				}
			}
		}
		k.calls = append(k.calls, c)
	}
	return k
}

// consider makes a slot an option, unless something is in the way of it: then it
// says what.
func (k *market) consider(c *call, s meeting.Slot, rank int) string {
	if rank > 0 && !k.isValid(c.m, s) {
		return meeting.BarredBySlot
	}
	if bar := k.world.Bar(c.m, s); bar != "" {
		return bar
	}
	o := allocation.Option{Roomed: c.m.Place == ""}
	if o.Roomed {
		if o.Rooms = k.world.Vacant(c.m, s); len(o.Rooms) == 0 {
			return meeting.BarredByRoom
		}
	}
	if name, more := k.world.Allowance(c.m, s); name != "" {
		o.Limit, k.limits[name] = name, more
	}
	needs := c.m.Needs(s, "", k.world.Changeover(c.m.Level))
	o.From, o.To = needs[0].From, needs[0].To
	c.wish.Options = append(c.wish.Options, o)
	c.options, c.ranks = append(c.options, s), append(c.ranks, rank)
	return ""
}

// isValid says whether m can be at s at all. It has no slot yet, so that is the
// same for all of them.
func (k *market) isValid(m meeting.Meeting, s meeting.Slot) bool {
	key := span{s.Start.Unix(), s.End.Unix()}
	valid, known := k.valid[key]
	if !known {
		valid = k.world.Check(m, s) == nil
		k.valid[key] = valid
	}
	return valid
}

// thinned are some slots of the grid that nobody named, at which the people of
// a meeting are free: up to most of them, spread over all there are, and of the
// n-th meeting other ones than of the next.
func (k *market) thinned(c call, n, most int) []meeting.Slot {
	all, known := k.grid[c.m.Minutes]
	if !known && slices.Contains(k.world.Lengths(), c.m.Minutes) {
		all = k.world.Nearest(meeting.Slot{Start: k.world.Now}, c.m.Minutes, everySlot)
	}
	if !known {
		k.grid[c.m.Minutes] = all
	}
	var free []meeting.Slot
	for _, s := range all {
		if !slices.ContainsFunc(c.named, s.Same) && k.world.Bar(c.m, s) == "" {
			free = append(free, s)
		}
	}
	if len(free) <= most {
		return free
	}
	thin := make([]meeting.Slot, 0, most)
	for i := range most {
		thin = append(thin, free[(n+i*len(free)/most)%len(free)])
	}
	return thin
}

// everySlot is more than any conference has.
const everySlot = 1 << 20

// solve finds an allocation and answers it line by line, those that are met
// first.
func (k *market) solve(seed int64) (allocation.Result, []meeting.Line) {
	p := allocation.Problem{Seed: uint64(seed), Limits: k.limits}
	byID := make(map[string]call, len(k.calls))
	for _, c := range k.calls {
		p.Wishes, byID[c.m.ID] = append(p.Wishes, c.wish), c
	}
	r := allocation.Solve(p)
	lines := make([]meeting.Line, 0, len(k.calls))
	for _, x := range r.Met {
		c := byID[x.Wish]
		l := c.line()
		l.Slot, l.Room, l.Rank = c.options[x.Option], x.Room, c.ranks[x.Option]
		lines = append(lines, l)
	}
	for _, x := range r.Refused {
		c := byID[x.Wish]
		l := c.line()
		l.Code, l.Missing = meeting.NotMet, c.missing(x.Missing)
		lines = append(lines, l)
	}
	return r, lines
}

func (c call) line() meeting.Line {
	return meeting.Line{Meeting: c.m.ID, Revision: c.m.Revision, Sides: [2]string{c.m.Sides[0].Delegation, c.m.Sides[1].Delegation}}
}

// missing is what was missing at each slot that was named, and then, once each,
// what was at the others; solved is what the solver says of the options.
func (c call) missing(solved []string) []meeting.Missing {
	var all []meeting.Missing
	option := 0
	for i, s := range c.named {
		what := c.bars[i]
		if what == "" {
			what, option = solved[option], option+1
		}
		all = append(all, meeting.Missing{Slot: s, What: what})
	}
	var rest []string
	if len(c.options) > 0 {
		rest = solved[option:]
	}
	if len(c.named) == 0 && len(c.options) == 0 {
		rest = []string{meeting.BarredBySlot}
	}
	slices.Sort(rest)
	for _, what := range slices.Compact(rest) {
		all = append(all, meeting.Missing{What: what})
	}
	return all
}
