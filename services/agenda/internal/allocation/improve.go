package allocation

import (
	"math/rand/v2"
	"slices"
)

// mostEjected is how many others a wish may push out at once.
const mostEjected = 3

// improve tries that often to fit in a wish that is not met, or not at the slot
// it wants most. The plan never gets worse.
func (p *plan) improve(random *rand.Rand, tries int) {
	if len(p.wishes) == 0 {
		return
	}
	for range tries {
		w := random.IntN(len(p.wishes))
		best := p.option[w]
		if len(p.wishes[w].options) == 0 || best >= 0 && p.wishes[w].options[best].worth == p.wishes[w].options[0].worth {
			continue
		}
		if best < 0 {
			best = len(p.wishes[w].options)
		}
		p.push(w, random.IntN(best), random)
	}
}

// push gives w an option, pushes out whoever is in the way, and finds those
// another place. If that is no gain, everything is as it was.
func (p *plan) push(w, option int, random *rand.Rand) {
	o := p.wishes[w].options[option]
	var ejected []int
	for _, needs := range p.wishes[w].needs {
		for _, r := range needs {
			if ejected = p.holders(r, o, ejected); len(ejected) > mostEjected {
				return
			}
		}
	}
	ejected = slices.DeleteFunc(ejected, func(x int) bool { return x == w })
	worth, unfair := p.worth, p.unfair
	var undo []place // w's first
	lift := func(wishes ...int) {
		for _, x := range wishes {
			undo = append(undo, place{x, p.option[x], p.room[x]})
			if p.option[x] >= 0 {
				p.drop(x)
			}
		}
	}
	lift(w)
	lift(ejected...)
	if !p.allowed(o) && len(p.counted[o.limit]) > 0 {
		lift(p.counted[o.limit][random.IntN(len(p.counted[o.limit]))])
	}
	room, ok := p.roomFor(o)
	if !ok && len(o.rooms) > 0 {
		room, ok = o.rooms[random.IntN(len(o.rooms))], true
		lift(p.holders(room, o, nil)...)
	}
	if ok && p.allowed(o) {
		p.put(w, option, room)
		for _, u := range undo[1:] {
			p.settle(u.wish)
		}
		if p.worth > worth || p.worth == worth && p.unfair <= unfair {
			return
		}
	}
	for _, u := range undo {
		if p.option[u.wish] >= 0 {
			p.drop(u.wish)
		}
	}
	for _, u := range undo {
		if u.option >= 0 {
			p.put(u.wish, u.option, u.room)
		}
	}
}

// A place is where a wish was.
type place struct{ wish, option, room int }
