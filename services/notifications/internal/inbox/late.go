package inbox

import (
	"context"
	"slices"
	"strconv"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// tellLate looks for people of a session who should have heard what its people
// know and did not, because their pick arrived here after that was told. They
// hear the step from what they saw, each under a key of their own.
func (p *Planner) tellLate(ctx context.Context, conference, session string) error {
	if len(p.owed(conference, session)) == 0 {
		return nil
	}
	// Memory may be behind what a sibling told. What it told is read first, so that
	// the notices of it are in the store.
	if _, _, err := p.Ledger.Told(ctx, conference, session); err != nil {
		return err
	}
	if err := p.Ledger.Refresh(ctx, conference); err != nil {
		return err
	}
	for _, o := range p.owed(conference, session) {
		n := o.notice
		n.AckBy = time.Time{} // theirs begins now
		n.Key = push.Key(conference, n.Subject, n.From, n.To) + "/" + o.delegate
		if err := p.file(ctx, n, []string{o.delegate}); err != nil {
			return err
		}
		saw, _ := p.Mirror.saw(conference, session, o.delegate)
		p.Log.Info("told late", "session", session, "revision", strconv.FormatInt(n.To, 10), "picked", saw)
	}
	return nil
}

// owed is a notice that somebody is still to have.
type owed struct {
	delegate string
	notice   push.Notice
}

// owed are those who picked a session, in sight of a state that is no more, and
// were not told. Whoever read its newest notice was; so was who knows a state
// that differs from the present one in nothing that is news.
func (p *Planner) owed(conference, session string) (all []owed) {
	kept := p.Ledger.Remembered(conference, session)
	newest, filed := p.Ledger.Newest(conference, subject(session))
	last := newest.To
	if len(kept) > 0 {
		last = max(last, kept[len(kept)-1].Revision)
	}
	for _, delegate := range p.present(conference, p.Mirror.pickersBefore(conference, session, last)) {
		if filed && p.Ledger.Has(conference, delegate, newest.Subject, newest.To) {
			continue
		}
		knows, _ := p.Mirror.saw(conference, session, delegate)
		if told, ok := p.Ledger.Latest(conference, delegate, subject(session)); ok {
			knows = max(knows, told.To)
		}
		steps := kept
		if len(steps) == 0 {
			continue
		}
		if steps[0].Revision > knows { // what they saw is forgotten
			if !filed || knows >= newest.To {
				continue // nobody was told anything since
			}
			steps = slices.Insert(slices.Clone(steps), 0, event.SessionState{Session: session, Status: event.SessionConfirmed})
		}
		if n, news := p.behind(conference, steps, seenAt(steps, knows), newest); news {
			all = append(all, owed{delegate, n})
		}
	}
	return all
}

// behind is the news for somebody who knows the session as it was at a place of
// its steps. It ends at the revision of the newest notice, unless that says less
// than there is to say: a later one would make the news old that waits for others.
func (p *Planner) behind(conference string, steps []event.SessionState, at int, newest push.Notice) (push.Notice, bool) {
	after := steps[len(steps)-1]
	if i := seenAt(steps, newest.To); steps[i].Revision == newest.To && i > at && net(steps[i], after) == "" {
		after = steps[i]
	}
	return p.news(conference, steps[at], after)
}
