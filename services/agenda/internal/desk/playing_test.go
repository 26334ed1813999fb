package desk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

// A game is one conference with a few meetings that want the same few rooms,
// people and slots, and what everybody did there.
type game struct {
	*crew
	conference string
	ids        []string // of meetings, there or not
	slots      int      // that meetings want
	rooms      []string // that are asked for; empty is the best
	began      time.Time

	mu    sync.Mutex
	deeds map[string]*deed // by actor
}

// A deed is one command: who gave it, when, and what came of it. Its actor is its
// own, so that it is found again in a history.
type deed struct {
	kind         string
	called, done int64 // since the game began; done is for ever when nobody knows
	// held is what each meeting was to hold by the plan decided on last, which is
	// the one that came true if one did.
	held   map[string][]meeting.Hold
	answer []meeting.Meeting
	err    error
}

const forever = math.MaxInt64

// A player is somebody who gives commands, one after another.
type player struct {
	*game
	rnd *rand.Rand
	n   int // of commands so far
	id  int
}

func one[T any](p *player, of ...T) T { return of[p.rnd.IntN(len(of))] }

// do gives a command to one of the desks and keeps what came of it.
func (p *player) do(kind string, by meeting.By, give func(*Desk, *deed, meeting.By) ([]meeting.Meeting, error)) {
	d := p.mates[p.rnd.IntN(len(p.mates))].at()
	p.n++
	by.Actor = fmt.Sprintf("%d/%d", p.id, p.n)
	one := &deed{kind: kind, held: map[string][]meeting.Hold{}, called: int64(time.Since(p.began))}
	one.answer, one.err = give(d, one, by)
	one.done = int64(time.Since(p.began))
	if one.unknown() {
		one.done = forever
	}
	p.mu.Lock()
	p.deeds[by.Actor] = one
	p.mu.Unlock()
}

// unknown says whether the answer leaves open if it came true.
func (d *deed) unknown() bool {
	_, known := errors.AsType[*problem.Error](d.err)
	return d.err != nil && (!known || errors.Is(d.err, errDead) || problem.Is(d.err, problem.Internal))
}

// alone is a command to one meeting.
func (p *player) alone(kind string, m meeting.Meeting, by meeting.By, rule func(meeting.World, meeting.Meeting) (meeting.Plan, error)) {
	expect := one(p, 0, 0, 0, m.Revision)
	p.do(kind, by, func(d *Desk, is *deed, by meeting.By) ([]meeting.Meeting, error) {
		done, err := d.Do(context.Background(), p.conference, m.ID, expect, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
			plan, err := rule(w, m)
			is.held[m.ID] = plan.Holds
			return plan, err
		})
		return []meeting.Meeting{done}, err
	})
}

// both is a command to two meetings.
func (p *player) both(kind string, m, other meeting.Meeting, by meeting.By, rule func(meeting.World, meeting.Meeting, meeting.Meeting) ([]meeting.Plan, error)) {
	p.do(kind, by, func(d *Desk, is *deed, by meeting.By) ([]meeting.Meeting, error) {
		return d.DoAll(context.Background(), p.conference, by, []string{m.ID, other.ID}, nil, func(w meeting.World, ms []meeting.Meeting) ([]meeting.Plan, error) {
			plans, err := rule(w, ms[0], ms[1])
			clear(is.held)
			for i, plan := range plans {
				if plan.Told.Verb != "" {
					is.held[ms[i].ID] = plan.Holds
				}
			}
			return plans, err
		})
	})
}

// brings is a command that brings a meeting.
func (p *player) brings(kind, id string, by meeting.By, rule func(meeting.World, meeting.By) (meeting.Plan, error)) {
	p.do(kind, by, func(d *Desk, is *deed, by meeting.By) ([]meeting.Meeting, error) {
		m, err := d.Add(context.Background(), p.conference, id, by, func(w meeting.World) (meeting.Plan, error) {
			plan, err := rule(w, by)
			is.held[id] = plan.Holds
			return plan, err
		})
		if err == nil && m.History[0].Actor != by.Actor { // somebody else has brought it
			clear(is.held)
			return nil, nil
		}
		return []meeting.Meeting{m}, err
	})
}

// asks is what a delegation asks of another: its minister for the other one's, or
// for whoever comes, at some of few slots.
func (p *player) asks() (from string, a meeting.Asked) {
	n := p.rnd.Perm(len(p.states))
	from, a.Delegation = delegation(p.conference, n[0]), delegation(p.conference, n[1])
	a.Level, a.Topic = one(p, meeting.Minister, meeting.Expert), "secret"
	a.Principals = []string{from + "-" + one(p, "minister", "expert")}
	if p.rnd.IntN(3) > 0 {
		a.WithPrincipals = []string{a.Delegation + "-" + one(p, "minister", "expert")}
	}
	a.Starts = p.starts()
	return from, a
}

func (p *player) starts() []time.Time {
	n := p.rnd.Perm(p.slots)
	return []time.Time{slotOf(n[0]).Start, slotOf(n[1]).Start}[:1+p.rnd.IntN(2)]
}

// requests brings a meeting that is asked for; books, one that stands.
func (p *player) requests(id string) {
	from, a := p.asks()
	p.brings("request", id, meeting.By{Delegation: from}, func(w meeting.World, by meeting.By) (meeting.Plan, error) { return w.Request(a, by) })
}

func (p *player) books(id string) {
	from, a := p.asks()
	b := meeting.Booking{Asking: from, Asked: a, Start: a.Starts[0], Room: one(p, p.rooms...)}
	p.brings("book", id, meeting.By{Desk: true}, func(w meeting.World, by meeting.By) (meeting.Plan, error) { return w.Book(b, by) })
}

// waits lets time pass, too much for some of what is under way, and has a desk
// sweep, which may die of it.
func (p *player) waits() {
	p.clock.advance(one(p, overdue+time.Second, overdue+time.Second, overdue+lateness, overdue+lateness, 2*time.Hour))
	_ = p.mates[p.rnd.IntN(len(p.mates))].at().Sweep(context.Background())
}

// acts does something to some meeting, mostly what makes sense as it stands.
func (p *player) acts() {
	var id string
	m, err := meeting.Meeting{Status: meeting.Cancelled}, error(nil)
	for n := 0; n < 5 && err == nil && m.Status.Over(); n++ {
		id = p.ids[p.rnd.IntN(len(p.ids))]
		m, err = p.mates[p.rnd.IntN(len(p.mates))].at().Meeting(context.Background(), p.conference, id, 0)
	}
	if err != nil {
		one(p, p.requests, p.books)(id)
		return
	}
	party := meeting.By{Delegation: one(p, m.Sides[:]...).Delegation}
	if q := m.Proposal; q != nil && p.rnd.IntN(4) > 0 {
		p.answers(m, *q)
		return
	}
	desk := meeting.By{Desk: true}
	switch n := p.rnd.IntN(24); {
	case n < 5 && m.Status != meeting.Confirmed:
		start, room := slotOf(p.rnd.IntN(p.slots)).Start, one(p, p.rooms...)
		p.alone("settle", m, desk, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
			return w.Settle(m, desk, meeting.Slot{Start: start, End: start.Add(time.Duration(m.Minutes) * time.Minute)}, room)
		})
	case n < 7:
		starts := p.starts()
		p.alone("reschedule", m, party, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
			return w.Reschedule(m, party, starts, "")
		})
	case n < 10:
		p.alone("extend", m, party, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Extend(m, party, 1) })
	case n < 12:
		room := one(p, p.rooms...)
		p.alone("assign", m, desk, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Assign(m, desk, room) })
	case n < 15:
		by, side := one(p, party, party, desk), one(p, m.Sides[:]...)
		out, in := "", side.Delegation+"-"+one(p, "minister", "expert")
		if len(side.Principals) > 0 {
			out = side.Principals[0]
		}
		if !by.Desk {
			by.Delegation = side.Delegation
		}
		p.alone("substitute", m, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Substitute(m, by, out, in) })
	case n < 16:
		by := one(p, party, desk)
		p.alone("cancel", m, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Cancel(m, by, "why") })
	case n < 17:
		p.alone("displace", m, desk, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Displace(m, desk) })
	default:
		p.two(m, desk)
	}
}

// answers answers what is proposed.
func (p *player) answers(m meeting.Meeting, q meeting.Proposal) {
	by := meeting.By{Desk: true}
	if len(q.Awaits) > 0 && p.rnd.IntN(5) > 0 {
		by = meeting.By{Delegation: one(p, q.Awaits...)}
	}
	a := meeting.Acceptance{WithoutRoom: p.rnd.IntN(3) == 0}
	if len(q.Slots) > 0 {
		a.Start = one(p, q.Slots...).Start
	}
	if m.Status != meeting.Confirmed && p.rnd.IntN(4) == 0 && by.Delegation != "" {
		a.Principals = []string{by.Delegation + "-" + one(p, "minister", "expert")}
	}
	starts := p.starts()
	switch n := p.rnd.IntN(13); {
	case q.Kind == meeting.Swap && n < 9:
		p.both("complete", m, meeting.Meeting{ID: q.With}, by, func(w meeting.World, m, other meeting.Meeting) ([]meeting.Plan, error) {
			return w.CompleteSwap(m, other, by)
		})
	case n < 8:
		p.alone("accept "+q.Kind, m, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Accept(m, by, a) })
	case n < 10:
		p.alone("counter", m, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Counter(m, by, starts, "") })
	case n < 12:
		p.alone("agree", m, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
			return w.Agree(m, by, meeting.Acceptance{})
		})
	default:
		p.alone("decline", m, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return w.Decline(m, by, "") })
	}
}

// two swaps or evicts, with another meeting that would do, if there is one.
func (p *player) two(m meeting.Meeting, desk meeting.By) {
	all, err := p.mates[0].at().Which(p.conference, func(o meeting.Meeting) bool {
		return o.ID != m.ID && o.Status == meeting.Confirmed
	})
	if err != nil || len(all) == 0 {
		return
	}
	other := one(p, all...)
	if agreed, err := p.mates[0].at().Which(p.conference, func(o meeting.Meeting) bool { return o.Status == meeting.Agreed || o.WaitsForRoom }); err == nil && len(agreed) > 0 && p.rnd.IntN(3) > 0 {
		m = one(p, agreed...)
	}
	if m.Status != meeting.Confirmed || m.WaitsForRoom {
		p.both("evict", m, other, desk, func(w meeting.World, m, other meeting.Meeting) ([]meeting.Plan, error) {
			return w.Evict(m, other, desk)
		})
		return
	}
	by := desk
	for _, s := range m.Sides {
		if other.Party(s.Delegation) && p.rnd.IntN(2) == 0 {
			by = meeting.By{Delegation: s.Delegation}
		}
	}
	p.both("swap", m, other, by, func(w meeting.World, m, other meeting.Meeting) ([]meeting.Plan, error) {
		return w.ProposeSwap(m, other, by, "")
	})
}
