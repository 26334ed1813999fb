package inbox

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// doubting is a bench on which ada hears of nothing and bob of everything, which
// may be turned round.
func doubting(t *testing.T) (*bench, *Planner, map[string]bool) {
	t.Helper()
	b, hears := newBench(t), map[string]bool{"bob": true}
	b.heard = func(_ push.Notice, who string) bool { return hears[who] }
	p := b.planner()
	p.Windows = Windows{}
	return b, p, hears
}

func TestWhoHeardNothingOfAMoveIsToldWhatIsRightEitherWay(t *testing.T) {
	t.Parallel()
	a := state(later(5 * time.Hour))
	moved := func(room string) event.SessionState { return roomed(a, room, 0) }
	tomorrow := state(later(29 * time.Hour))
	called := a
	called.Title = map[string]string{"en": "Other"}
	cancelled := a
	cancelled.Status = event.SessionCancelled
	open := a
	open.Stream, open.Access = event.StreamNone, "open"
	seats := open
	seats.Access = "seats/1"
	for name, tc := range map[string]struct {
		states   []event.SessionState
		ada, bob string // what each hears last, of ada who heard nothing before
	}{
		"there and back":                {[]event.SessionState{a, moved("annex"), a}, "session.stands 1>3", "session.restored 2>3"},
		"there and on":                  {[]event.SessionState{a, moved("annex"), moved("attic")}, "session.moved 1>3", "session.moved 2>3"},
		"there, on and back":            {[]event.SessionState{a, moved("annex"), moved("attic"), a}, "session.stands 1>4", "session.moved 3>4"},
		"there and cancelled":           {[]event.SessionState{a, moved("annex"), cancelled}, "session.cancelled 1>3", "session.cancelled 2>3"},
		"cancelled and not":             {[]event.SessionState{a, cancelled, a}, "session.stands 1>3", "session.reinstated 2>3"},
		"cancelled, not and cancelled":  {[]event.SessionState{cancelled, a, cancelled}, "session.cancelled 1>3", "session.cancelled 2>3"},
		"there and back, renamed":       {[]event.SessionState{a, moved("annex"), called}, "session.stands 1>3", "session.moved 2>3"},
		"another title":                 {[]event.SessionState{a, moved("annex"), moved("annex"), called}, "session.stands 1>4", "session.moved 3>4"},
		"to tomorrow and back":          {[]event.SessionState{a, tomorrow, a}, "session.stands 1>3", "session.restored 2>3"},
		"open, and not after all":       {[]event.SessionState{seats, open, roomed(seats, "annex", 0)}, "session.stands 1>3", "session.moved 2>3"},
		"there, and people need not go": {[]event.SessionState{a, moved("annex"), moved("annex")}, "session.moved 1>2", "session.moved 1>2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, p, _ := doubting(t)
			b.handle(p, b.edit(tc.states[0]))
			b.picks("ada", 1, 0, "s")
			b.picks("bob", 1, 0, "s")
			for _, s := range tc.states[1:] {
				b.handle(p, b.edit(s))
			}
			last := b.lasts(p, "ada", tc.ada)
			b.lasts(p, "bob", tc.bob)
			if plain := last.Category == Stands || tc.states[0].Status == event.SessionCancelled; last.Before.Start.IsZero() != plain {
				t.Errorf("ada is told how it was before: %+v", last.Before)
			}
		})
	}
}

// lasts is the last that somebody was told.
func (b *bench) lasts(p *Planner, delegate, want string) push.Notice {
	b.t.Helper()
	n, _ := p.Ledger.Latest("seoul", delegate, subject("s"))
	if got := fmt.Sprintf("%s %d>%d", n.Category, n.From, n.To); got != want {
		b.t.Errorf("%s is told %s, want %s", delegate, got, want)
	}
	return n
}

func TestTenEditsAfterAMoveNobodyHeardOfAreOneNoticeFromWhatEachKnows(t *testing.T) {
	t.Parallel()
	b, p, hears := doubting(t)
	a := state(later(5 * time.Hour))
	b.handle(p, b.edit(a))
	b.picks("ada", 1, 0, "s")
	b.picks("bob", 1, 0, "s")
	b.handle(p, b.edit(roomed(a, "annex", 0))) // 2
	p.Windows = usual
	for i := range 10 { // 3 to 12
		b.handle(p, b.edit(roomed(a, fmt.Sprint("room ", i), 0)))
	}
	b.passes(time.Hour, p)
	b.reads("ada", "session.moved 1>2", "session.moved 1>12")
	b.reads("bob", "session.moved 1>2", "session.moved 2>12")
	hears["ada"] = true // now the carrier took it
	b.handle(p, b.edit(a))
	b.passes(time.Hour, p)
	b.lasts(p, "ada", "session.restored 12>13")
}

// TestWhoFinishesAStepTellsEachWhatTheyWereToBeTold: by then more is known of one
// and less of another, and nobody is told twice or not at all.
func TestWhoFinishesAStepTellsEachWhatTheyWereToBeTold(t *testing.T) {
	t.Parallel()
	b, p, hears := doubting(t)
	a := state(later(5 * time.Hour))
	b.handle(p, b.edit(a))
	for _, who := range []string{"ada", "bob", "eve"} {
		b.picks(who, 1, 0, "s")
	}
	b.handle(p, b.edit(roomed(a, "annex", 0)))
	for _, failing := range []int{2, 3} {
		asked := 0
		b.fails = func() bool { asked++; return asked == failing } // as the first is filed, and the second
		hears["ada"], hears["bob"], hears["eve"] = failing == 3, failing == 2, failing == 2
		e := b.edit(roomed(a, fmt.Sprint("attic ", failing), 0))
		if err := p.Handle(t.Context(), e); err == nil {
			t.Fatal("nobody was stopped")
		}
		hears["ada"], hears["bob"], hears["eve"] = failing == 2, failing == 3, false
		b.fails = func() bool { return false }
		p = b.planner()
		p.Windows = Windows{}
		b.handle(p, e)
		b.handle(p, e)
	}
	b.reads("ada", "session.moved 1>2", "session.moved 1>3", "session.moved 3>4")
	b.reads("bob", "session.moved 1>2", "session.moved 2>3", "session.moved 2>4")
	b.reads("eve", "session.moved 1>2", "session.moved 2>3", "session.moved 2>4")
}

func TestNothingIsToldWhileNobodyCanSayWhoHeard(t *testing.T) {
	t.Parallel()
	b, p, _ := doubting(t)
	a := state(later(5 * time.Hour))
	b.handle(p, b.edit(a))
	b.picks("ada", 1, 0, "s")
	b.handle(p, b.edit(roomed(a, "annex", 0)))
	b.fails = func() bool { return true }
	e := b.edit(a)
	if err := p.Handle(t.Context(), e); err == nil {
		t.Error("the step is told")
	}
	b.reads("ada", "session.moved 1>2")
	b.fails = func() bool { return false }
	b.handle(p, e)
	b.reads("ada", "session.moved 1>2", "session.stands 1>3")
}

func TestNewsIsAsUrgentAsForWhoIsFurthestOff(t *testing.T) {
	t.Parallel()
	b, p, _ := doubting(t)
	a := state(later(5 * time.Hour))
	b.handle(p, b.edit(a))
	b.picks("ada", 1, 0, "s")
	b.handle(p, b.edit(state(later(20*time.Minute))))
	b.handle(p, b.edit(state(later(6*time.Hour))))
	if n := b.lasts(p, "ada", "session.moved 1>3"); n.Urgency != push.Urgent {
		t.Errorf("who may have heard that it begins in twenty minutes is told %s", n.Urgency)
	}
}
