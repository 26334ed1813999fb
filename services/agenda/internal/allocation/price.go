package allocation

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// steps is how often the prices are adjusted.
const steps = 400

// A limit is something of which only so much is there: a person, once, or the
// rooms, as many as there are, at one moment; or one of the problem's own.
type limit struct{ there float64 }

// prices are what each option would have to pay.
type prices struct {
	limits []limit
	of     [][][]int // limits that an option of a wish counts against
	price  []float64
}

// limits of a task. Slots that overlap all share the moment at which the last of
// them begins, so it is enough to look at the moments at which one begins.
func (s *task) limits() *prices {
	starts := map[int]bool{}
	for _, w := range s.wishes {
		for _, o := range w.options {
			starts[o.from] = true
		}
	}
	moments := slices.Sorted(maps.Keys(starts))
	rooms := make(map[int]map[int]bool, len(moments)) // by moment
	for _, w := range s.wishes {
		for _, o := range w.options {
			s.during(moments, o, func(moment int) {
				if rooms[moment] == nil {
					rooms[moment] = map[int]bool{}
				}
				for _, room := range o.rooms {
					rooms[moment][room] = true
				}
			})
		}
	}
	p := &prices{}
	known := map[[2]int]int{}
	find := func(resource, moment int, there float64) int {
		n, ok := known[[2]int{resource, moment}]
		if !ok {
			n = len(p.limits)
			known[[2]int{resource, moment}] = n
			p.limits = append(p.limits, limit{there})
		}
		return n
	}
	for _, w := range s.wishes {
		var options [][]int
		for _, o := range w.options {
			var counts []int
			s.during(moments, o, func(moment int) {
				for _, needs := range w.needs {
					for _, r := range needs {
						counts = append(counts, find(r, moment, 1))
					}
				}
				if o.roomed {
					counts = append(counts, find(-1, moment, float64(len(rooms[moment]))))
				}
				if len(o.rooms) == 1 {
					counts = append(counts, find(o.rooms[0], moment, 1))
				}
			})
			if o.limit >= 0 {
				counts = append(counts, find(-2, o.limit, float64(s.allows[o.limit])))
			}
			options = append(options, counts)
		}
		p.of = append(p.of, options)
	}
	p.price = make([]float64, len(p.limits))
	return p
}

func (s *task) during(moments []int, o option, f func(moment int)) {
	i, _ := slices.BinarySearch(moments, o.from)
	for ; i < len(moments) && moments[i] < o.to; i++ {
		f(moments[i])
	}
}

// price adjusts the prices step by step, up where too many want something and
// down where few do. At any prices, what all limits would bring and what the
// wishes would be left with at their best options is more than any allocation is
// worth; the least of these sums is the bound. reached is what an allocation is
// known to be worth.
func (s *task) price(reached int) (*prices, int) {
	p := s.limits()
	bound, best := math.Inf(1), slices.Clone(p.price)
	pace, idle := 1.5, 0
	excess := make([]float64, len(p.limits))
	for range steps {
		sum := 0.0
		for i, l := range p.limits {
			sum += p.price[i] * l.there
			excess[i] = -l.there
		}
		for w := range s.wishes {
			if option, left := p.choice(s, w); option >= 0 {
				sum += left
				for _, l := range p.of[w][option] {
					excess[l]++
				}
			}
		}
		if sum < bound-1e-9 {
			bound, idle = sum, 0
			copy(best, p.price)
		} else if idle++; idle == 15 {
			pace, idle = pace/2, 0
			copy(p.price, best)
		}
		norm := 0.0
		for i, e := range excess {
			if e > 0 || p.price[i] > 0 {
				norm += e * e
			}
		}
		if norm == 0 || bound-float64(reached) < 0.5 {
			break
		}
		step := pace * max(sum-float64(reached), 1) / norm
		for i, e := range excess {
			p.price[i] = max(0, p.price[i]+step*e)
		}
	}
	copy(p.price, best)
	if len(s.wishes) == 0 {
		return p, 0
	}
	return p, max(reached, int(math.Floor(bound+1e-6)))
}

// choice is the option that leaves w most after paying; -1 when none leaves
// anything.
func (p *prices) choice(s *task, w int) (option int, left float64) {
	option = -1
	for i, o := range s.wishes[w].options {
		profit := float64(o.worth)
		for _, l := range p.of[w][i] {
			profit -= p.price[l]
		}
		if profit > left {
			option, left = i, profit
		}
	}
	return option, left
}

// byProfit lists the wishes by what they are left with after paying, the most
// first.
func (s *task) byProfit(p *prices) []int {
	order := make([]int, len(s.wishes))
	left := make([]float64, len(s.wishes))
	for w := range order {
		order[w] = w
		_, left[w] = p.choice(s, w)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(left[b], left[a]) })
	return order
}
