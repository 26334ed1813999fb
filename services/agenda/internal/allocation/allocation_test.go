package allocation

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// market is a conference's worth of wishes: some delegations are wanted much
// more than others, and everybody likes the same hours.
func market(seed uint64, wishes, delegations, rooms, times int) []Wish {
	random := rand.New(rand.NewPCG(seed, 2013))
	wanted := func() int {
		return int(float64(delegations) * random.Float64() * random.Float64() * random.Float64())
	}
	weights := []int{16, 8, 8, 4, 4, 4, 2, 2, 1}
	all := make([]Wish, 0, wishes)
	for n := range wishes {
		asker, asked := random.IntN(delegations), wanted()
		for asked == asker {
			asked = random.IntN(delegations)
		}
		level := random.IntN(len(weights))
		w := Wish{ID: fmt.Sprintf("w%05d", n), Weight: weights[level], Sides: [2]string{fmt.Sprint("d", asker), fmt.Sprint("d", asked)}}
		for side, d := range w.Sides {
			w.Needs[side] = []string{fmt.Sprintf("%s/p%d", d, level/4)}
		}
		small := random.IntN(4) == 0
		for len(w.Options) < 3 {
			at := int64(min(random.IntN(times), random.IntN(times)))
			if slices.ContainsFunc(w.Options, func(o Option) bool { return o.From == 1000+at*6 }) {
				continue
			}
			o := Option{From: 1000 + at*6, To: 1000 + at*6 + 6, Roomed: true}
			for room := range rooms {
				if small || room%3 > 0 {
					o.Rooms = append(o.Rooms, fmt.Sprint("r", room))
				}
			}
			w.Options = append(w.Options, o)
		}
		all = append(all, w)
	}
	return all
}

// limited has every delegation asking for no more than so many wishes in some
// hours, more in every other one of them.
func limited(wishes []Wish, most int) Problem {
	p := Problem{Wishes: wishes, Limits: map[string]int{}}
	for _, w := range wishes {
		for i := range w.Options {
			hours := w.Options[i].From / 12
			w.Options[i].Limit = fmt.Sprint(w.Sides[0], " ", hours)
			p.Limits[w.Options[i].Limit] = most + int(hours%2)
		}
	}
	return p
}

// wantValid fails if somebody or a room is in two places at once, a limit is
// passed, or a wish is neither met nor refused, or both.
func wantValid(t *testing.T, p Problem, r Result) {
	t.Helper()
	type use struct {
		what     string
		from, to int64
	}
	byID := map[string]Wish{}
	for _, w := range p.Wishes {
		byID[w.ID] = w
	}
	var uses []use
	counted := map[string]int{}
	worth := 0
	seen := map[string]bool{}
	for _, m := range r.Met {
		w := byID[m.Wish]
		o := w.Options[m.Option]
		if o.Roomed != (m.Room != "") || o.Roomed && !slices.Contains(o.Rooms, m.Room) {
			t.Errorf("%s is in %q", m.Wish, m.Room)
		}
		for _, need := range append(slices.Concat(w.Needs[0], w.Needs[1]), "room "+m.Room) {
			if need != "room " {
				uses = append(uses, use{need, o.From, o.To})
			}
		}
		if counted[o.Limit]++; o.Limit != "" && counted[o.Limit] > p.Limits[o.Limit] {
			t.Errorf("%s is one more than %q allows", m.Wish, o.Limit)
		}
		worth += Worth(w.Weight, w.rank(m.Option))
		seen[m.Wish] = true
	}
	taken := map[string][]use{}
	for _, u := range uses {
		for _, other := range taken[u.what] {
			if u.from < other.to && other.from < u.to {
				t.Errorf("%s is taken twice at %d", u.what, max(u.from, other.from))
			}
		}
		taken[u.what] = append(taken[u.what], u)
	}
	for _, x := range r.Refused {
		if seen[x.Wish] || len(x.Missing) == 0 {
			t.Errorf("%s is met and refused, or for no reason", x.Wish)
		}
		seen[x.Wish] = true
	}
	if len(seen) != len(p.Wishes) || worth != r.Worth {
		t.Errorf("%d of %d wishes answered, worth %d, said %d", len(seen), len(p.Wishes), worth, r.Worth)
	}
	if r.Worth < r.FirstCome || r.Worth > r.Bound {
		t.Errorf("worth %d, not between first-come %d and the bound %d", r.Worth, r.FirstCome, r.Bound)
	}
}

func TestAnAllocationIsValidAndNeverWorseThanFirstCome(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		for _, x := range []struct{ wishes, delegations, rooms, times int }{{0, 2, 1, 1}, {30, 4, 2, 6}, {405, 105, 14, 40}, {300, 20, 3, 20}} {
			p := Problem{Wishes: market(seed, x.wishes, x.delegations, x.rooms, max(x.times, 3))}
			if seed%2 == 0 {
				p = limited(p.Wishes, 1)
			}
			p.Seed, p.Rounds = seed, 20
			wantValid(t, p, Solve(p))
		}
	}
}

func TestTheSameSeedGivesTheSameAllocation(t *testing.T) {
	t.Parallel()
	p := limited(market(7, 200, 20, 4, 12), 1)
	p.Seed, p.Rounds = 3, 30
	one, two := Solve(p), Solve(p)
	if !reflect.DeepEqual(one, two) {
		t.Error("the same problem was solved in two ways")
	}
}

func TestASmallProblemIsSolvedBest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(80) {
		p := Problem{Wishes: market(seed, 7, 3, 1, 4)}
		if seed%2 == 1 {
			p = limited(p.Wishes, int(seed/2%2))
		}
		p.Seed = seed
		r := Solve(p)
		wantValid(t, p, r)
		best := exhaust(p, nil)
		if r.Worth != best || r.Bound < best {
			t.Errorf("seed %d: worth %d of %d, bound %d", seed, r.Worth, best, r.Bound)
		}
	}
}

// exhaust tries everything for the wishes after those that are chosen, and answers
// the most that can be had. It shares nothing with the solver.
func exhaust(p Problem, chosen []choice) int {
	if len(chosen) == len(p.Wishes) {
		return 0
	}
	best := exhaust(p, append(chosen, choice{}))
	w := p.Wishes[len(chosen)]
	for i, o := range w.Options {
		for _, room := range o.Rooms {
			c := choice{Option: o, takes: append(slices.Concat(w.Needs[0], w.Needs[1]), room)}
			if c.goes(p, chosen) {
				best = max(best, Worth(w.Weight, i)+exhaust(p, append(chosen, c)))
			}
		}
	}
	return best
}

// A choice is what one wish gets; nothing, if it takes nothing.
type choice struct {
	Option
	takes []string
}

// goes says whether c goes together with those that are chosen.
func (c choice) goes(p Problem, chosen []choice) bool {
	counted := 0
	for _, other := range chosen {
		if other.takes != nil && other.Limit == c.Limit {
			counted++
		}
		if other.From < c.To && c.From < other.To && slices.ContainsFunc(other.takes, func(x string) bool { return slices.Contains(c.takes, x) }) {
			return false
		}
	}
	return c.Limit == "" || counted < p.Limits[c.Limit]
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	t.Parallel()
	slot := []Option{{From: 0, To: 6, Rooms: []string{"r"}, Roomed: true}}
	wishes := []Wish{
		{ID: "met", Weight: 9, Sides: [2]string{"a", "b"}, Needs: [2][]string{{"ann"}, {"bob"}}, Options: slot},
		{ID: "no room", Weight: 1, Sides: [2]string{"c", "d"}, Needs: [2][]string{{"cem"}, {"dan"}}, Options: slot},
		{ID: "asker", Weight: 1, Sides: [2]string{"a", "d"}, Needs: [2][]string{{"ann"}, {"dan"}}, Options: slot},
		{ID: "asked", Weight: 1, Sides: [2]string{"c", "b"}, Needs: [2][]string{{"cem"}, {"bob"}}, Options: slot},
		{ID: "never", Weight: 1, Sides: [2]string{"c", "b"}, Needs: [2][]string{{"cem"}, {"bob"}}},
		{ID: "outside", Weight: 1, Sides: [2]string{"e", "f"}, Needs: [2][]string{{"eve"}, {"fay"}}, Options: []Option{{From: 0, To: 6, Limit: "e"}}},
		{ID: "one more", Weight: 1, Sides: [2]string{"e", "g"}, Needs: [2][]string{{"eva"}, {"gus"}}, Options: []Option{{From: 6, To: 12, Limit: "e"}, {From: 6, To: 12, Limit: "none"}}},
	}
	p := Problem{Wishes: wishes, Limits: map[string]int{"e": 1}}
	r := Solve(p)
	wantValid(t, p, r)
	want := []Refused{
		{"no room", []string{MissingRoom}},
		{"asker", []string{MissingAsker}},
		{"asked", []string{MissingAsked}},
		{"never", []string{MissingSlot}},
		{"one more", []string{MissingQuota, MissingQuota}},
	}
	if !reflect.DeepEqual(r.Refused, want) {
		t.Errorf("refused are %v", r.Refused)
	}
}

func TestAWishTakesTheQuotaFromOneThatIsWorthLess(t *testing.T) {
	t.Parallel()
	wish := func(id string, weight int, from int64) Wish {
		o := Option{From: from, To: from + 6, Rooms: []string{"r"}, Roomed: true, Limit: "a"}
		return Wish{ID: id, Weight: weight, Sides: [2]string{"a", id}, Needs: [2][]string{{"a " + id}, {id}}, Options: []Option{o}}
	}
	p := compile(Problem{Wishes: []Wish{wish("expert", 1, 0), wish("minister", 8, 6)}, Limits: map[string]int{"a": 1}}).empty()
	for w := range p.wishes {
		p.settle(w)
	}
	if p.improve(rand.New(rand.NewPCG(1, 1)), 20); p.option[0] >= 0 || p.option[1] < 0 {
		t.Errorf("the expert has %d, the minister %d", p.option[0], p.option[1])
	}
}

func TestOfEqualsTheFairerIsTaken(t *testing.T) {
	t.Parallel()
	// The host can meet twice. a asked twice, and first; b once.
	at := func(n int64) []Option {
		return []Option{{From: 6 * n, To: 6*n + 6, Rooms: []string{"r"}, Roomed: true}}
	}
	wish := func(id, asker string, n int64) Wish {
		return Wish{ID: id, Weight: 4, Sides: [2]string{asker, "host"}, Needs: [2][]string{{id}, {"h"}}, Options: at(n)}
	}
	r := Solve(Problem{Wishes: []Wish{wish("a1", "a", 0), wish("a2", "a", 1), wish("b1", "b", 1)}, Seed: 1})
	if len(r.Met) != 2 || r.Met[1].Wish != "b1" {
		t.Errorf("met are %v", r.Met)
	}
}

func TestSlotsNobodyNamedAreWorthTheSame(t *testing.T) {
	t.Parallel()
	at := func(n int64) Option {
		return Option{From: 600 + 6*n, To: 606 + 6*n, Rooms: []string{"r"}, Roomed: true}
	}
	wish := func(id string, spare int, options ...Option) Wish {
		return Wish{ID: id, Weight: 4, Sides: [2]string{id, "host"}, Needs: [2][]string{{id}, {id + " host"}}, Options: options, Spare: spare}
	}
	wishes := []Wish{wish("any", 3, at(0), at(1), at(2)), wish("first", 0, at(0), at(2)), wish("named", 1, at(1), at(2))}
	p := Problem{Wishes: wishes, Seed: 1}
	r := Solve(p)
	wantValid(t, p, r)
	if len(r.Met) != 3 || r.Worth != 3*Worth(4, 0) || r.Bound != r.Worth {
		t.Errorf("worth %d of %d, met %v", r.Worth, r.Bound, r.Met)
	}
}

func TestPuttingAndDroppingLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := compile(limited(market(1, 100, 10, 3, 10), 1))
	p := s.empty()
	unfair := p.unfair
	for w := range p.wishes {
		p.settle(w)
	}
	p.improve(rand.New(rand.NewPCG(1, 1)), 5000)
	for w := range p.wishes {
		if p.option[w] >= 0 {
			p.drop(w)
		}
	}
	if p.taken() != 0 || p.worth != 0 || p.unfair != unfair {
		t.Errorf("%d cells are taken, worth %d, unfair %d (was %d)", p.taken(), p.worth, p.unfair, unfair)
	}
}

// BenchmarkAllocate prints how much of what is wished is met, against serving
// who came first and against what nothing can exceed, on three seeds.
//
//	go test -run '^$' -bench Allocate -benchtime 1x ./services/agenda/internal/allocation
func BenchmarkAllocate(b *testing.B) {
	for _, x := range []struct{ wishes, delegations, rooms, times int }{{405, 105, 14, 40}, {8000, 300, 60, 80}} {
		for seed := range uint64(3) {
			b.Run(fmt.Sprintf("wishes=%d/cells=%d/seed=%d", x.wishes, x.rooms*x.times, seed+1), func(b *testing.B) {
				wishes := market(seed+1, x.wishes, x.delegations, x.rooms, x.times)
				var r Result
				for b.Loop() {
					r = Solve(Problem{Wishes: wishes, Seed: seed + 1})
				}
				share := func(n int) float64 { return 100 * float64(n) / float64(r.Bound) }
				b.ReportMetric(100*float64(len(r.Met))/float64(x.wishes), "met-%")
				b.ReportMetric(100*float64(r.FirstComeMet)/float64(x.wishes), "first-come-met-%")
				b.ReportMetric(share(r.Worth), "of-bound-%")
				b.ReportMetric(share(r.FirstCome), "first-come-of-bound-%")
			})
		}
	}
}
