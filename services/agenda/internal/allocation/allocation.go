// Package allocation decides, before a conference, which of many requested
// meetings take place, when and in which room.
//
// Each wish offers some slots, in the order in which they are wanted. It takes
// the time of its people and of one room. The most valuable set of wishes that
// go together is sought: a wish is worth more the higher its level, and less the
// later in its own order the slot comes. Of sets of one value, the fairer: the
// one in which no delegation is refused much more often than the others.
//
// Packing slots into people's time is a hard problem, and there is no maintained
// solver of such programs in Go that needs no C and takes ten thousand wishes;
// gonum's simplex is dense. So it is done as it is in airline and course
// timetabling: by Lagrangian relaxation and local search with ejection chains.
// The relaxation puts a price on each person's and the rooms' time. Whatever the
// prices, it gives a value that no allocation can exceed, which tells how much a
// solution can be short of at most; and wishes taken in the order of what is left
// of their value after paying make a good start. The search then tries to fit in
// one refused wish at a time, at the cost of others which find another slot.
// A limit that several wishes share, such as a quota, has its price as well.
//
// The outcome depends on the problem and the seed only: not on time, not on the
// machine. It is never worth less than serving who came first.
package allocation

import (
	"math/rand/v2"
	"slices"
)

// A Problem is what is wished, and what there is.
type Problem struct {
	// Wishes in the order in which they came.
	Wishes []Wish
	// Limits say how many of the options that count against each may be taken;
	// one that is not there allows none.
	Limits map[string]int
	Seed   uint64
	// Rounds is how often each wish is tried, on average; 0 means 200.
	Rounds int
}

// A Wish is a meeting that somebody asked for.
type Wish struct {
	ID string
	// Weight is what it is worth at its first slot, at least 1; see Worth.
	Weight int
	// Sides are the two delegations.
	Sides [2]string
	// Needs are the people of each side, or whatever else can be in one meeting
	// at a time only.
	Needs [2][]string
	// Options are the slots, the most wanted first.
	Options []Option
	// Spare is how many of the options, the last of them, nobody named: each is
	// worth what the first of these is.
	Spare int
}

// rank is the place that counts for what an option is worth.
func (w Wish) rank(option int) int { return min(option, len(w.Options)-w.Spare) }

// An Option is a slot of a wish at which nobody it needs is taken already.
type Option struct {
	From, To int64 // cells, To is the one after the last
	// Rooms that would do and are not taken already, the best first. Informal
	// meetings need none.
	Rooms  []string
	Roomed bool
	// Limit is one of the problem's that it counts against, such as how many
	// meetings a delegation may ask for on a day; empty for none.
	Limit string
}

// Worth is what a wish of a weight is worth at the slot it named at place rank:
// nine tenths of what it is worth at the one before.
func Worth(weight, rank int) int {
	worth := weight * 100
	for range rank {
		worth = worth * 9 / 10
	}
	return worth
}

// A Met wish takes place.
type Met struct {
	Wish   string
	Option int // its place among the wish's options
	Room   string
}

// What was missing for a wish that is refused.
const (
	MissingRoom  = "room"
	MissingAsker = "asking_side"
	MissingAsked = "asked_side"
	MissingQuota = "quota" // as many as its limit allows are met
	MissingSlot  = "slot"  // none of its slots could be considered at all
)

// A Refused wish does not take place. Missing says, for each of its options,
// what was taken by others; for none, MissingSlot.
type Refused struct {
	Wish    string
	Missing []string
}

// A Result is an allocation and how good it is.
type Result struct {
	Met     []Met     // in the order of the wishes
	Refused []Refused // likewise
	// Worth is the sum of what the met wishes are worth, FirstCome what it is
	// when wishes are served as they came, and Bound what nothing can exceed.
	Worth, FirstCome, Bound int
	// FirstComeMet is how many wishes are met when they are served as they came.
	FirstComeMet int
}

// Solve finds an allocation.
func Solve(p Problem) Result {
	if p.Rounds == 0 {
		p.Rounds = 200
	}
	s := compile(p)
	first := s.empty()
	for w := range s.wishes {
		first.settle(w)
	}
	prices, bound := s.price(first.worth)
	priced := s.empty()
	for _, w := range s.byProfit(prices) {
		priced.settle(w)
	}
	best := first
	for n, start := range []*plan{first.clone(), priced} {
		start.improve(rand.New(rand.NewPCG(p.Seed, uint64(n))), p.Rounds*len(p.Wishes)/2)
		if start.better(best) {
			best = start
		}
	}
	r := Result{Worth: best.worth, FirstCome: first.worth, Bound: bound, FirstComeMet: first.met()}
	for w := range p.Wishes {
		if best.option[w] < 0 {
			r.Refused = append(r.Refused, Refused{p.Wishes[w].ID, best.missing(w)})
			continue
		}
		m := Met{Wish: p.Wishes[w].ID, Option: best.option[w]}
		if room := best.room[w]; room >= 0 {
			m.Room = s.names[room]
		}
		r.Met = append(r.Met, m)
	}
	return r
}

// better says whether p is worth more than o, or as much and fairer.
func (p *plan) better(o *plan) bool {
	return p.worth > o.worth || p.worth == o.worth && p.unfair < o.unfair
}

func (p *plan) met() int {
	return len(p.option) - len(slices.DeleteFunc(slices.Clone(p.option), func(o int) bool { return o >= 0 }))
}
