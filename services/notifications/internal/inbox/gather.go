package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// overdue is how late a window may be before this replica does not count on its
// alarm any more.
const overdue = 3 * time.Second

// lookAgain is how often the windows that siblings opened are looked for: when
// both they and the alarms are lost, nobody else would tell what is in them.
const lookAgain = time.Minute

// gather puts a state into the window of its session, which is opened by the
// first change that nobody was told of. It returns when the store has it and
// somebody is bound to tell it: only then may its event be forgotten. A window
// that is over already fires at once.
func (p *Planner) gather(ctx context.Context, w ledger.Window, known, after event.SessionState) error {
	wall := p.Now().UTC().Truncate(time.Millisecond)
	if n := len(w.Untold); n == 0 || w.Untold[n-1].State.Revision < after.Revision {
		w.Untold = append(slices.Clone(w.Untold), ledger.Untold{State: after, At: wall})
		w.Fires = p.fires(w, known)
		if err := p.Ledger.PutWindow(ctx, &w); err != nil {
			return p.again(err, func() error { return p.tell(ctx, w.Conference, &known, after) })
		}
	}
	if !p.Now().Before(w.Fires) {
		return p.fire(ctx, w.Conference, w.Session)
	}
	return p.Wake(ctx, w.Conference, w.Session, w.Fires)
}

// again begins anew when a sibling was faster.
func (p *Planner) again(err error, anew func() error) error {
	if errors.Is(err, store.ErrStale) {
		return anew()
	}
	return err
}

// fires is when a window fires, on the wall clock: later changes only bring it
// forward. What somebody tells at this moment is no part of it.
func (p *Planner) fires(w ledger.Window, known event.SessionState) time.Time {
	untold, fires := w.Untold, w.Fires
	if w.Firing > 0 {
		_, told, rest := split(w.Untold, w.Firing)
		if len(rest) == 0 {
			return fires
		}
		known, untold = told, rest
		if len(rest) == 1 {
			fires = time.Time{} // it is the first of a window of its own
		}
	}
	facts := p.Mirror.Facts(w.Conference)
	offset := time.Duration(facts.ClockOffset) * time.Second
	at := p.Windows.closes(untold[0].At.Add(offset), known, untold).Add(-offset)
	if !fires.IsZero() && fires.Before(at) {
		return fires
	}
	return at.UTC().Truncate(time.Millisecond)
}

// Ring is what wakes the planner for the window of a session; at is when it was
// to ring. An alarm that was set before the window was opened anew is set again,
// because nobody else may have.
func (p *Planner) Ring(ctx context.Context, conference, session string, at time.Time) error {
	if err := p.Sync(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	w, open, err := p.Ledger.Window(ctx, conference, session)
	if err != nil || !open {
		return err
	}
	if w.Firing == 0 && at.Before(w.Fires) && p.Now().Before(w.Fires) {
		return p.Wake(ctx, conference, session, w.Fires)
	}
	return p.fire(ctx, conference, session)
}

// fire tells what a window gathered, and shuts it. Who begins to tell marks the
// window first, so that whoever comes next, after a crash too, finishes the same
// step: its notices are there already, under the same keys. A change that comes
// meanwhile stays in the window, which is then a new one. p.mu is held.
func (p *Planner) fire(ctx context.Context, conference, session string) error {
	for {
		w, open, err := p.Ledger.Window(ctx, conference, session)
		if err != nil || !open {
			return err
		}
		if w.Firing == 0 {
			w.Firing = w.Untold[len(w.Untold)-1].State.Revision
			if err := p.Ledger.PutWindow(ctx, &w); errors.Is(err, store.ErrStale) {
				continue
			} else if err != nil {
				return err
			}
		}
		known, ok, err := p.Ledger.Told(ctx, conference, session)
		if err != nil {
			return err
		}
		between, after, rest := split(w.Untold, w.Firing)
		if ok && known.Revision < w.Firing {
			if err := p.settle(ctx, conference, known, between, after); err != nil {
				return err
			}
		}
		w.Untold, w.Firing, w.Fires = rest, 0, time.Time{}
		if len(rest) > 0 {
			w.Fires = p.fires(w, after)
		}
		if err := p.Ledger.PutWindow(ctx, &w); errors.Is(err, store.ErrStale) {
			continue
		} else if err != nil {
			return err
		}
		if len(rest) > 0 && p.Now().Before(w.Fires) {
			return p.Wake(ctx, conference, session, w.Fires)
		}
	}
}

// settle tells the people of a session the step to after from what each of them
// knows, and notes that it is told: from known, or from one of the states in
// between that nobody was told of and some have seen. A step that nobody is to
// hear of yet is filed too: a pick that arrives late finds it.
func (p *Planner) settle(ctx context.Context, conference string, known event.SessionState, between []event.SessionState, after event.SessionState) error {
	if err := p.tellLate(ctx, conference, after.Session); err != nil { // before they are late twice
		return err
	}
	audience := p.audience(conference, known, after)
	doubts, open, err := p.doubts(ctx, conference, known, after, audience)
	if err != nil || !open {
		return err
	}
	if audience, err = p.settleDoubts(ctx, conference, doubts, after, audience); err != nil {
		return err
	}
	steps := slices.Concat([]event.SessionState{known}, between)
	for i, g := range grouped(steps, audience, p.knower(conference, steps, after)) {
		n, news := p.news(conference, g.knows, after)
		if !news {
			continue
		}
		if i == 0 && p.restores(conference, known, after, g.who) {
			n.Category, n.Also = Restored, nil
		}
		if err := p.file(ctx, n, g.who); err != nil {
			return err
		}
	}
	past := remembered(slices.Concat(p.Ledger.Remembered(conference, after.Session), between))
	if err := p.Ledger.Advance(ctx, conference, past, after); err != nil {
		return err
	}
	return p.tellLate(ctx, conference, after.Session)
}

// restores says whether a step takes a session back to where and when it was
// before its people, the first of them who were, were told of the state they know.
func (p *Planner) restores(conference string, known, after event.SessionState, who []string) bool {
	var n push.Notice
	for _, delegate := range who {
		if n, _ = p.Ledger.Before(conference, delegate, subject(known.Session), after.Revision); n.To == known.Revision {
			break
		}
	}
	kept := p.Ledger.Remembered(conference, known.Session)
	if n.To != known.Revision || len(kept) == 0 || kept[0].Revision > n.From {
		return false
	}
	was := kept[seenAt(kept, n.From)]
	return !gone(was) && !gone(known) && !gone(after) && !stays(known, after) && stays(was, after) && alike(was, after)
}

// knower answers which of the steps somebody of the audience knows: the one that
// was told, or a later one that they picked in sight of. Who was given a part in
// between hears of what changed since.
func (p *Planner) knower(conference string, steps []event.SessionState, after event.SessionState) func(delegate string) int {
	return func(delegate string) int {
		if saw, picked := p.Mirror.saw(conference, after.Session, delegate); picked && saw < after.Revision {
			return seenAt(steps, saw)
		}
		joined := slices.IndexFunc(steps, func(s event.SessionState) bool { return slices.Contains(s.Duties, delegate) })
		switch {
		case joined > 0:
			return joined - 1
		case joined < 0 && slices.Contains(after.Duties, delegate):
			return len(steps) - 1
		}
		return 0
	}
}

// Resume sets the alarms of all windows that were open when the service started:
// whoever opened one may have been stopped before it set them.
func (p *Planner) Resume(ctx context.Context) error {
	for _, w := range p.Ledger.OpenWindows() {
		if err := p.Wake(ctx, w.Conference, w.Session, w.Fires); err != nil {
			return err
		}
	}
	return nil
}

// checkWindows fires the windows that should have fired some time ago: their
// alarm is lost, or the clock of the conference was put forward. p.mu is held.
func (p *Planner) checkWindows(ctx context.Context) error {
	if now := p.Now(); now.Sub(p.looked) >= lookAgain {
		if err := p.Ledger.LoadWindows(ctx); err != nil {
			return err
		}
		p.looked = now
	}
	late := p.Now().Add(-overdue)
	for _, w := range p.Ledger.OpenWindows() {
		known, _ := p.Ledger.LastTold(w.Conference, w.Session)
		if p.fires(w, known).After(late) {
			continue
		}
		if err := p.fire(ctx, w.Conference, w.Session); err != nil {
			return err
		}
	}
	return nil
}
