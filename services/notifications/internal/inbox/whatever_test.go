package inbox

import (
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// TestWhateverHappensEverybodyKnowsHowItIs edits sessions at random, on three
// replicas that fail at random, are started anew and get into each other's way,
// and holds what people read against what they were to know: where everybody hears
// what is filed for them, and where some hear late or never, and nobody is sure.
func TestWhateverHappensEverybodyKnowsHowItIs(t *testing.T) {
	t.Parallel()
	for name, hears := range map[string]bool{"and hears of it": true, "and may have heard of it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			w := &whatever{
				bench: b, rnd: rand.New(rand.NewPCG(1, 9)), chosen: map[string]map[string]int64{},
				got: map[string]bool{}, sure: map[string]bool{},
			}
			if hears {
				w.happenings(t)
				w.judge()
				return
			}
			b.heard = func(n push.Notice, who string) bool { return w.sure[n.Key+" "+who] }
			w.happenings(t)
			w.judgeDoubts()
		})
	}
}

func (w *whatever) happenings(t *testing.T) {
	b := w.bench
	w.replicas = []*Planner{b.planner(), b.planner(), b.planner()}
	var all []event.SessionState
	for i := range 4 {
		s := state(later(time.Duration(1+9*i) * time.Hour))
		if b.heard != nil { // more is filed of what begins soon
			s = state(later(time.Duration(20+i*i*20) * time.Minute))
		}
		s.Session = "s" + strconv.Itoa(i)
		all = append(all, s)
		w.sessions = append(w.sessions, s.Session)
	}
	b.handle(w.replicas[0], b.edit(all...))
	b.fails = func() bool { return w.rnd.IntN(5) == 0 }
	nested := false
	b.amid = func(busy *Planner) {
		if nested || w.rnd.IntN(3) > 0 {
			return
		}
		nested = true
		w.happens(w.replicas[(slices.Index(w.replicas, busy)+1)%len(w.replicas)])
		nested = false
	}
	rounds := 120
	if os.Getenv("PLENARY_SOAK") != "" {
		if rounds = 3000; b.heard != nil { // of which each takes longer
			rounds = 1000
		}
	}
	for range rounds {
		w.happens(w.replicas[w.rnd.IntN(3)])
		w.rings()
		if w.rnd.IntN(4) == 0 {
			_ = w.replicas[w.rnd.IntN(3)].TellLate(t.Context())
		}
		if w.rnd.IntN(20) == 0 {
			w.replicas[w.rnd.IntN(3)] = b.planner()
		}
	}
	b.fails, b.amid = func() bool { return false }, func(*Planner) {}
	b.passes(time.Hour, w.replicas[0])
	for _, p := range w.replicas {
		if err := errors.Join(p.checkWindows(t.Context()), p.CheckPicks(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
}

// whatever is a bench on which things happen at random.
type whatever struct {
	*bench
	rnd      *rand.Rand
	replicas []*Planner
	sessions []string
	chosen   map[string]map[string]int64 // delegate -> session -> revision in sight
	puts     int64
	// What was really heard, and of which of that this service knows: keys of
	// notices with who heard.
	got, sure map[string]bool
	busy      bool // with an event: there is one at a time
}

// happens does one thing, events on p.
func (w *whatever) happens(p *Planner) {
	s := w.sessions[w.rnd.IntN(len(w.sessions))]
	if w.heard != nil {
		w.arrives(p, "p"+strconv.Itoa(w.rnd.IntN(8)), s)
	}
	switch w.rnd.IntN(10) {
	case 0, 1, 2, 3, 4:
		if w.busy {
			return
		}
		w.busy = true
		defer func() { w.busy = false }()
		e := w.edit(w.changed(w.is(s)))
		for repeat := 1 + w.rnd.IntN(3)/2; repeat > 0; {
			if p.Handle(w.t.Context(), e) == nil {
				repeat--
			}
		}
	case 5, 6:
		w.pick("p"+strconv.Itoa(w.rnd.IntN(8)), s)
	case 7:
		w.unpick("p"+strconv.Itoa(w.rnd.IntN(8)), s)
	default:
		w.now = w.now.Add(time.Duration(w.rnd.IntN(60)) * time.Second)
	}
}

func (w *whatever) changed(x event.SessionState) event.SessionState {
	switch w.rnd.IntN(6) {
	case 0:
		x.Start, x.End = x.Start.Add(15*time.Minute), x.End.Add(15*time.Minute)
	case 1:
		x.Status = []string{event.SessionCancelled, event.SessionConfirmed, event.SessionRemoved}[w.rnd.IntN(3)]
	default:
		x.Room, x.Status = []string{"hall", "annex", "attic"}[w.rnd.IntN(3)], event.SessionConfirmed
		x.RoomName = x.Room
	}
	return x
}

// pick has somebody pick a session in sight of a revision of late. Nobody unlearns
// what they have seen.
func (w *whatever) pick(delegate, session string) {
	if w.chosen[delegate] == nil {
		w.chosen[delegate] = map[string]int64{}
	}
	saw, picked := w.chosen[delegate][session]
	switch {
	case saw > 0:
		return
	case picked: // and took it back
		w.chosen[delegate][session] = w.rev
	default:
		w.chosen[delegate][session] = max(1, w.rev-int64(w.rnd.IntN(4)*w.rnd.IntN(3)))
	}
	w.choose(delegate)
}

// unpick has somebody take a pick back: zero is in its place.
func (w *whatever) unpick(delegate, session string) {
	if w.chosen[delegate][session] > 0 {
		w.chosen[delegate][session] = 0
		w.choose(delegate)
	}
}

func (w *whatever) choose(delegate string) {
	w.puts++
	picks := event.PicksState{Delegate: delegate, Revision: w.puts}
	for s, saw := range w.chosen[delegate] {
		if saw > 0 {
			picks.Picks = append(picks.Picks, event.Pick{Session: s, AgendaRevision: saw})
		}
	}
	w.see(event.PicksStateSubject("seoul", delegate), picks)
	for _, p := range w.replicas {
		p.HearPicks("seoul", picks)
	}
}

// rings rings what is due, on any replica; an alarm that nobody acted upon rings
// again later.
func (w *whatever) rings() {
	for _, session := range slices.Sorted(maps.Keys(w.alarms)) {
		at := w.alarms[session]
		if at.After(w.now) {
			continue
		}
		if err := w.replicas[w.rnd.IntN(3)].Ring(w.t.Context(), "seoul", session, at); err == nil && w.alarms[session].Equal(at) {
			delete(w.alarms, session)
		}
	}
}

// judge holds what everybody was told against what they had to know.
func (w *whatever) judge() {
	w.t.Helper()
	fresh, notices := w.planner(), 0
	if n := len(fresh.Ledger.OpenWindows()); n > 0 {
		w.t.Errorf("%d windows are still open", n)
	}
	for delegate, picks := range w.chosen {
		believes := map[string]event.SessionState{}
		for s, saw := range picks {
			if saw > 0 {
				believes[s] = w.at(s, saw)
			}
		}
		items, _ := fresh.Ledger.Inbox("seoul", delegate, 0, 1000)
		for _, n := range items {
			notices++
			s := n.Subject.ID
			if n.To <= picks[s] || picks[s] == 0 {
				continue // it was heard before they took their pick back
			}
			if was := believes[s]; net(was, w.at(s, n.To)) == "" || n.To <= was.Revision || !alike(was, w.at(s, n.From)) {
				w.t.Errorf("%s, who knows %s as of %d, hears %d>%d", delegate, s, was.Revision, n.From, n.To)
			}
			believes[s] = w.at(s, n.To)
		}
		for s, x := range believes {
			if is := w.is(s); net(x, is) != "" {
				w.t.Errorf("%s saw %s at %d, knows it as of %d, and it is as of %d", delegate, s, picks[s], x.Revision, is.Revision)
			}
		}
	}
	w.t.Logf("%d edits, %d notices", w.rev, notices)
	if notices < 25 {
		w.t.Errorf("%d notices: the test proves nothing", notices)
	}
}

// arrives has somebody hear the newest there is for them of a session, as far as a
// replica knows. That they did is known at once, later or never.
func (w *whatever) arrives(p *Planner, delegate, session string) {
	n, ok := p.Ledger.Latest("seoul", delegate, subject(session))
	if !ok {
		return
	}
	key := n.Key + " " + delegate
	w.got[key] = true
	w.sure[key] = w.sure[key] || w.rnd.IntN(2) == 0
}

// judgeDoubts holds what people heard, of what was filed for them, against what
// they had to know. The last that is for somebody they hear in the end.
func (w *whatever) judgeDoubts() {
	w.t.Helper()
	fresh := w.planner()
	counts := map[string]int{}
	for delegate, picks := range w.chosen {
		for session, saw := range picks {
			if saw == 0 {
				continue
			}
			var filed []push.Notice
			items, _ := fresh.Ledger.Inbox("seoul", delegate, 0, 1000)
			for _, n := range items {
				if n.Subject.ID == session && n.To > saw {
					filed = append(filed, n)
				}
			}
			w.judgeOne(delegate, session, saw, filed, counts)
		}
	}
	w.t.Logf("%d edits: %v", w.rev, counts)
	if counts["heard"] < 25 || counts["from what they know"] < 5 || counts["from an older state"] < 5 || counts["as it stands"] < 3 {
		w.t.Error("the test proves nothing")
	}
}

func (w *whatever) judgeOne(delegate, session string, saw int64, filed []push.Notice, counts map[string]int) {
	w.t.Helper()
	was := w.at(session, saw)
	knew, last := []event.SessionState{was}, saw
	for i, n := range filed {
		if n.To <= last {
			w.t.Errorf("of %s at %d %s is told twice", session, n.To, delegate)
		}
		last = n.To
		if i+1 < len(filed) && !w.got[n.Key+" "+delegate] {
			counts["never heard"]++
			continue
		}
		counts["heard"]++
		from, is := w.at(session, n.From), w.at(session, n.To)
		switch {
		case n.Before.Start.IsZero():
			counts["as it stands"]++
		case alike(was, from):
			counts["from what they know"]++
		case !slices.ContainsFunc(knew, func(s event.SessionState) bool { return alike(s, from) }):
			w.t.Errorf("%s hears %d>%d of %s, and never heard of %d", delegate, n.From, n.To, session, n.From)
		default:
			counts["from an older state"]++
		}
		if n.Category == Restored && !alike(was, from) {
			w.t.Errorf("%s hears that %s is restored at %d, and knows it as of %d", delegate, session, n.To, was.Revision)
		}
		was, knew = is, append(knew, is)
	}
	if is := w.is(session); net(was, is) != "" {
		w.t.Errorf("%s knows %s as of %d, and it is as of %d", delegate, session, was.Revision, is.Revision)
	}
}
