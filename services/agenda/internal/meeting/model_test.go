package meeting

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// A player does anything to any meeting, at any time, in anybody's name.
type player struct {
	*floor
	moods bool // the policy has another pause now and then
	luck  *rand.PCG
	rnd   *rand.Rand     // draws from luck
	done  map[string]int // how often each act was done
	verbs map[string]int // and each verb told
	// pauses are the times to change over that the confirmed meetings got with
	// their slots, kept apart from what they hold.
	pauses map[string]time.Duration
}

// Whatever is done in whatever order, each of the promises in kept holds after
// each step, and everything is done and told now and then.
func TestAnySequenceOfActsKeepsThePromises(t *testing.T) {
	t.Parallel()
	runs, steps := 24, 250
	if os.Getenv("PLENARY_SOAK") != "" {
		runs, steps = 500, 1000
	}
	done, verbs := map[string]int{}, map[string]int{}
	for seed := range runs {
		luck := rand.NewPCG(7, uint64(seed))
		p := player{floor: newFloor(t), luck: luck, rnd: rand.New(luck), done: done, verbs: verbs, pauses: map[string]time.Duration{}}
		if seed%2 == 0 {
			p.Policy.ConfirmBy, p.Now = 90, on(17, 5, 0)
		}
		if p.moods = seed%3 == 0; seed%3 == 1 {
			p.Policy.Changeovers = map[Level]int{Minister: 15}
		}
		for step := range steps {
			if fault := p.step(); fault != "" {
				t.Fatalf("seed %d, step %d: %s", seed, step, fault)
			}
		}
	}
	for name := range new(player).acts() {
		if done[name] == 0 {
			t.Errorf("%s was never done", name)
		}
	}
	for _, verb := range event.MeetingVerbs() {
		if verbs[verb] == 0 {
			t.Errorf("nothing was ever told as %s", verb)
		}
	}
}

// step lets some time pass, does something twice, and answers what is wrong.
func (p player) step() string {
	acts := p.acts()
	if p.rnd.IntN(4) == 0 {
		p.Now = p.Now.Add(time.Duration(p.rnd.IntN(20)) * time.Minute)
		for _, id := range slices.Sorted(maps.Keys(p.meetings)) {
			if fault := p.does("sweep", acts["sweep"], p.meetings[id], Meeting{}); fault != "" {
				return fault
			}
		}
	}
	if p.moods && p.rnd.IntN(10) == 0 {
		p.Policy.Changeovers = map[Level]int{Minister: 5 * p.rnd.IntN(4), HeadOfState: 5 * p.rnd.IntN(4)}
	}
	names := slices.Sorted(maps.Keys(acts))
	name := names[p.rnd.IntN(len(names))]
	m, other := p.some(), p.some()
	return p.does(name, acts[name], m, other)
}

// does has it done twice, to see that it is the same, and makes it come true.
func (p player) does(name string, act func(m, other Meeting) ([]Plan, error), m, other Meeting) string {
	before := [2]Meeting{copied(m), copied(other)}
	luck := *p.luck
	plans, err := act(m, other)
	*p.luck = luck // the same once more
	again, errAgain := act(m, other)
	switch {
	case !reflect.DeepEqual(before, [2]Meeting{m, other}):
		return name + " changed the meeting it was given"
	case !reflect.DeepEqual(plans, again) || (err == nil) != (errAgain == nil):
		return name + " says one thing, and then another"
	case err != nil && problem.From(err).Kind == problem.Internal:
		return fmt.Sprintf("%s fails with %v", name, err)
	case err != nil:
		return ""
	}
	p.done[name]++
	for _, plan := range plans {
		if plan.Told.Verb == "" {
			continue
		}
		id := plan.Next.ID
		if id == "" {
			id = fmt.Sprint("m", len(p.meetings))
		}
		was := p.meetings[id]
		if fault := p.kept(was, plan); fault != "" {
			return fmt.Sprintf("%s: %s\nwas  %s %+v\nnext %s %+v\nholds %v", name, fault, looks(was), was, looks(plan.Next), plan.Next, plan.Holds)
		}
		p.verbs[plan.Told.Verb]++
		p.pauses[id] = p.due(was, plan.Next)
		p.becomes(id, plan)
	}
	if fault := p.apart(); fault != "" {
		return fmt.Sprintf("%s: %s\nwere %s %+v\nand  %s %+v\nnow  %+v", name, fault, looks(before[0]), before[0], looks(before[1]), before[1], plans)
	}
	return ""
}

// kept answers which promise a plan for a meeting breaks; empty for none.
func (p player) kept(was Meeting, plan Plan) string {
	m := plan.Next
	parties := []string{m.Sides[0].Delegation, m.Sides[1].Delegation, ""}
	switch {
	case was.Status.Over():
		return "something became of what was over"
	case m.Sequence < was.Sequence, was.ID != "" && m.Sequence == was.Sequence && (m.Status != was.Status || m.Room != was.Room || !m.Slot.Same(was.Slot)):
		return "a calendar does not see it"
	case m.Status.Over() && m.Proposal != nil:
		return "something waits for an answer that nobody can give"
	case m.Status != Confirmed && plan.Holds != nil:
		return "it holds something without being confirmed"
	case m.Status == Requested && m.Proposal == nil:
		return "a request asks for nothing"
	case (m.Status == Requested || m.Status == Agreed) && (!m.Slot.IsZero() || m.Room != "" || m.WaitsForRoom):
		return "it has a slot or a room that nobody agreed to"
	case m.Status == Confirmed && !reflect.DeepEqual(plan.Holds, m.Needs(m.Slot, m.Room, p.due(was, m))):
		return "it does not hold what it needs"
	case m.Status == Confirmed && (m.Slot.IsZero() || int(m.Slot.End.Sub(m.Slot.Start)/time.Minute) != m.Minutes):
		return "it is not as long as it says"
	case m.Status == Confirmed && m.WaitsForRoom != (m.Room == "" && m.Place == "") || m.Place != "" && m.Room != "":
		return "it has not the room it wants"
	case slices.ContainsFunc(slices.Concat(m.Sides[0].Interpreters, m.Sides[1].Interpreters), func(d string) bool {
		return !slices.Contains([]string{parties[0], parties[1], "jp"}, p.people[d].Delegation)
	}):
		return "somebody of a third delegation interprets"
	case slices.ContainsFunc(plan.Left, m.TakesPart):
		return "who takes part is said to have left"
	}
	if q := m.Proposal; q != nil {
		switch {
		case slices.ContainsFunc(q.Awaits, func(d string) bool { return d == "" || d == q.By || !slices.Contains(parties, d) }):
			return "somebody is awaited who is no other party"
		case !slices.Contains(parties, q.By):
			return "a third has proposed something"
		case len(q.Awaits) == 0 && q.Kind != Swap:
			return "nobody is awaited"
		case m.Status == Confirmed && q.ExpiresAt.After(m.Slot.Start):
			return "it can be moved once it has begun"
		case !q.Chosen.IsZero() && !slices.ContainsFunc(q.Slots, q.Chosen.Same):
			return "a slot was chosen that is not offered"
		}
	}
	return ""
}

// due is the time to change over that a meeting is to have: the one it got with
// its slot, for as long as it keeps that.
func (p player) due(was, next Meeting) time.Duration {
	if was.Status == Confirmed && was.Slot.Same(next.Slot) {
		return p.pauses[was.ID]
	}
	return p.Changeover(next.Level)
}

// apart answers whether two meetings hold the same.
func (p player) apart() string {
	seen := map[string]string{}
	for id, m := range p.meetings {
		for _, h := range m.Holds {
			for cell := h.From; cell < h.To; cell++ {
				claim := ClaimID("c", h.Resource, cell)
				if other, taken := seen[claim]; taken {
					return fmt.Sprintf("%s and %s both hold %s", id, other, claim)
				}
				seen[claim] = id
			}
		}
	}
	return ""
}

// some is a meeting, more often a late one; at first there is none.
func (p player) some() Meeting {
	if len(p.meetings) == 0 {
		return Meeting{}
	}
	n := len(p.meetings)
	return p.meetings[fmt.Sprint("m", n-1-p.rnd.IntN(min(n, 12)))]
}

// first is the first meeting that is as wanted, or m when none is.
func (p player) first(m Meeting, wanted func(Meeting) bool) Meeting {
	for _, id := range slices.Sorted(maps.Keys(p.meetings)) {
		if wanted(p.meetings[id]) {
			return p.meetings[id]
		}
	}
	return m
}

// copied is m with nothing in common.
func copied(m Meeting) Meeting {
	for i, s := range m.Sides {
		m.Sides[i].Principals, m.Sides[i].Interpreters = slices.Clone(s.Principals), slices.Clone(s.Interpreters)
	}
	m.Holds = slices.Clone(m.Holds)
	if m.Proposal != nil {
		q := *m.Proposal
		q.Slots, q.Awaits = slices.Clone(q.Slots), slices.Clone(q.Awaits)
		m.Proposal = &q
	}
	return m
}

// acts are what can be done to a meeting, and another one.
func (p player) acts() map[string]func(m, other Meeting) ([]Plan, error) {
	one := func(rule func(m Meeting) (Plan, error)) func(m, other Meeting) ([]Plan, error) {
		return func(m, _ Meeting) ([]Plan, error) {
			plan, err := rule(m)
			return []Plan{plan}, err
		}
	}
	return map[string]func(m, other Meeting) ([]Plan, error){
		"request":    one(func(Meeting) (Plan, error) { return p.Request(p.asks(), of(p.state())) }),
		"book":       one(func(Meeting) (Plan, error) { return p.Book(Booking{p.state(), p.asks(), p.start(), p.room()}, byDesk) }),
		"agree":      one(func(m Meeting) (Plan, error) { return p.Agree(m, p.party(m), p.comes(m)) }),
		"accept":     one(func(m Meeting) (Plan, error) { return p.Accept(m, p.party(m), p.takes(m)) }),
		"counter":    one(func(m Meeting) (Plan, error) { return p.Counter(m, p.party(m), p.starts(), "") }),
		"decline":    one(func(m Meeting) (Plan, error) { return p.Decline(m, p.party(m), "") }),
		"withdraw":   one(func(m Meeting) (Plan, error) { return p.Withdraw(m, p.party(m), "") }),
		"cancel":     one(func(m Meeting) (Plan, error) { return p.Cancel(m, p.rarely(p.party(m)), "why") }),
		"reschedule": one(func(m Meeting) (Plan, error) { return p.Reschedule(m, p.party(m), p.starts(), "") }),
		"substitute": one(func(m Meeting) (Plan, error) { return p.Substitute(m, p.party(m), p.person(m), p.person(m)) }),
		"extend":     one(func(m Meeting) (Plan, error) { return p.Extend(m, p.party(m), p.rnd.IntN(3)) }),
		"reconfirm":  one(func(m Meeting) (Plan, error) { return p.Reconfirm(m, p.party(m)) }),
		"assign":     one(func(m Meeting) (Plan, error) { return p.Assign(m, byDesk, p.room()) }),
		"settle":     one(func(m Meeting) (Plan, error) { return p.Settle(m, byDesk, m.from(p.start()), p.room()) }),
		"displace":   one(func(m Meeting) (Plan, error) { return p.Displace(m, byDesk) }),
		"sweep":      one(func(m Meeting) (Plan, error) { return p.Sweep(m) }),
		"leave":      one(func(m Meeting) (Plan, error) { return p.Leave(m, p.person(m), p.person(m)) }),
		"dissolve":   one(func(m Meeting) (Plan, error) { return p.Dissolve(m, p.rarely(p.party(m)).Delegation) }),
		"clash":      one(func(m Meeting) (Plan, error) { return p.Clash(m, programme.Session{}, p.session(m)) }),
		"swap":       func(m, other Meeting) ([]Plan, error) { return p.ProposeSwap(m, other, p.party(m), "") },
		"evict": func(m, other Meeting) ([]Plan, error) {
			m = p.first(m, func(x Meeting) bool { return x.Status == Agreed || x.WaitsForRoom })
			other = p.first(other, func(x Meeting) bool { _, err := p.Evict(m, x, byDesk); return err == nil })
			return p.Evict(m, other, byDesk)
		},
		"complete": func(m, _ Meeting) ([]Plan, error) {
			m = p.first(m, func(x Meeting) bool { return x.Proposal != nil && x.Proposal.Kind == Swap })
			if m.Proposal == nil {
				return nil, ErrNothing
			}
			return p.CompleteSwap(m, p.meetings[m.Proposal.With], p.party(m))
		},
	}
}

func pick[T any](p player, of ...T) T { return of[p.rnd.IntN(len(of))] }

func (p player) state() string { return pick(p, "kr", "fr", "us", "br", "jp") }

// party is somebody who acts on m: mostly a side of it, now and then the desk or
// a third.
func (p player) party(m Meeting) By {
	return pick(p, of(m.Sides[0].Delegation), of(m.Sides[1].Delegation), of(m.Sides[0].Delegation), of(m.Sides[1].Delegation), byDesk, of(p.state()))
}

// rarely is by, or somebody who may do nothing.
func (p player) rarely(by By) By { return pick(p, by, By{}, By{}, By{}) }

func (p player) room() string { return pick(p, "", "", "", "east", "west", "big", "hall") }

func (p player) start() time.Time {
	return on(17, 8, 0).Add(time.Duration(p.rnd.IntN(12)) * 30 * time.Minute)
}

func (p player) starts() []time.Time {
	return []time.Time{p.start(), p.start(), p.start()}[:1+p.rnd.IntN(3)]
}

// person is somebody of a side of m, or nobody.
func (p player) person(m Meeting) string {
	side := pick(p, m.Sides[:]...)
	return pick(p, append(side.People(), "", side.Delegation+pick(p, "-head", "-minister", "-second", "-vice", "-expert"))...)
}

func (p player) asks() Asked {
	a := Asked{Delegation: p.state(), Level: pick(p, Levels()...), Head: p.rnd.IntN(4) == 0, Plus: p.rnd.IntN(3), Starts: p.starts(), Minutes: pick(p, 0, 25, 55)}
	if p.rnd.IntN(2) == 0 {
		a.WithPrincipals = []string{a.Delegation + "-minister"}
	}
	if p.rnd.IntN(3) == 0 {
		a.Interpreters = []string{p.state() + "-interpreter"}
	}
	a.Place = pick(p, "", "", "", "terrace")
	return a
}

func (p player) takes(m Meeting) Acceptance {
	a := Acceptance{WithoutRoom: p.rnd.IntN(2) == 0}
	if q := m.Proposal; q != nil && len(q.Slots) > 0 && p.rnd.IntN(4) > 0 {
		a.Start = pick(p, q.Slots...).Start
	}
	a.Principals = p.comes(m).Principals
	return a
}

// comes is who of a side is said to come, if anything is said of it.
func (p player) comes(m Meeting) (a Acceptance) {
	if p.rnd.IntN(4) == 0 {
		a.Principals = []string{p.person(m)}
	}
	return a
}

func (p player) session(m Meeting) programme.Session {
	s := programme.Session{ID: "s", Status: programme.Confirmed, Start: m.Slot.Start, End: m.Slot.End.Add(time.Hour)}
	if who := p.person(m); who != "" {
		s.People = []programme.Part{{Role: programme.Chair, Delegate: who}}
	}
	return s
}
