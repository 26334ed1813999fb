package inbox

import (
	"context"
	"errors"
	"math"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// adopt takes a conference this service knows nothing of as it stands: there
// is no telling what its people have heard, so they hear of what changes from
// now on. first is the first event at hand, or nil: its sessions count as known in
// the state before it. Those it does not name and that changed in its release or
// since are left to the events that tell of them, in later parts and releases.
func (p *Planner) adopt(ctx context.Context, conference string, first *event.AgendaReleased) error {
	before, until := map[string]*event.SessionState{}, int64(math.MaxInt64)
	if first != nil {
		until = first.Revision
		for _, c := range first.Changes {
			before[c.Session] = c.Before
		}
	}
	var states []event.SessionState
	for _, s := range p.Mirror.sessions(conference) {
		if b, changing := before[s.Session]; changing && b != nil {
			states = append(states, *b)
		} else if !changing && s.Revision < until {
			states = append(states, s)
		}
	}
	return p.Ledger.SetTold(ctx, conference, states...)
}

// reconcile tells every session's people the step from what they know to what
// is, whatever events are missing in between.
func (p *Planner) reconcile(ctx context.Context, conference string) error {
	head := p.Mirror.conferences()[conference]
	p.Log.Warn("events are missing; reading the state instead",
		"conference", conference, "handled", p.Ledger.Handled(conference), "head", head)
	for _, s := range p.Mirror.sessions(conference) {
		if err := p.tell(ctx, conference, nil, s); err != nil {
			return err
		}
	}
	return p.Ledger.SetHandled(ctx, conference, head)
}

// Check looks whether there is news that no event will bring any more: the
// agenda has a revision that is not handled, and the consumer has nothing left
// to work through. It is called at start and every few seconds.
func (p *Planner) Check(ctx context.Context, pending func(context.Context) (uint64, error)) error {
	if err := p.Sync(ctx); err != nil {
		return err
	}
	heads := p.Mirror.conferences()
	left, err := pending(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.checkWindows(ctx); err != nil || left > 0 {
		return err
	}
	for conference, head := range heads {
		if head <= p.Ledger.Handled(conference) {
			continue
		}
		handled, err := p.Ledger.Reached(ctx, conference)
		switch {
		case err != nil || head <= handled:
		case handled == 0:
			err = errors.Join(p.adopt(ctx, conference, nil), p.adoptMeetings(ctx, conference))
			if err == nil {
				err = p.Ledger.SetHandled(ctx, conference, head)
			}
		default:
			err = p.reconcile(ctx, conference)
		}
		if err != nil {
			return err
		}
	}
	p.checkDocuments(ctx)
	return p.checkMeetings(ctx)
}

// A late is a session that somebody picked before a change they have not heard.
type late struct{ conference, session string }

func subject(session string) push.Subject { return push.Subject{Kind: push.Session, ID: session} }

// HearPicks notes which of a delegate's picks reached us after the change the
// delegate should have been told of, and signals Late when there are any. It
// is what the mirror calls; TellLate does the telling.
func (p *Planner) HearPicks(conference string, picks event.PicksState) {
	for _, x := range picks.Picks {
		known, _ := p.Ledger.LastTold(conference, x.Session)
		n, _ := p.Ledger.Newest(conference, subject(x.Session))
		if x.AgendaRevision >= max(known.Revision, n.To) {
			continue
		}
		p.lateMu.Lock()
		p.addLate(late{conference, x.Session})
		p.lateMu.Unlock()
		select {
		case p.Late <- struct{}{}:
		default:
		}
	}
}

// addLate remembers l; lateMu is held.
func (p *Planner) addLate(l late) {
	if p.lates == nil {
		p.lates = map[late]bool{}
	}
	p.lates[l] = true
}

// CheckPicks looks at every pick there is; it is for the start.
func (p *Planner) CheckPicks(ctx context.Context) error {
	p.Mirror.picked(p.HearPicks)
	return p.TellLate(ctx)
}

// TellLate tells the people whose picks were found to be late.
func (p *Planner) TellLate(ctx context.Context) error {
	p.lateMu.Lock()
	found := p.lates
	p.lates = nil
	p.lateMu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range found {
		if err := p.tellLate(ctx, l.conference, l.session); err != nil {
			p.lateMu.Lock()
			for l := range found {
				p.addLate(l)
			}
			p.lateMu.Unlock()
			return err
		}
	}
	return nil
}
