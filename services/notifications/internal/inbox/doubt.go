package inbox

import (
	"context"
	"maps"
	"slices"

	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// A notice in an inbox is not one that anybody has heard of: the carrier may be
// away, the reader may have no phone, and may look tomorrow. And of whom it is not
// known that they heard of it, it is not known that they did not. So there are
// people in doubt. They are told the step from the state that they know for
// certain, where that says all to who heard of something newer too; and where it
// does not, how things stand, in words that are right whatever they heard. They are
// never told nothing, unless nothing is news to any of them.

// doubts are those of an audience of whom it is not certain that they heard the
// last that was filed for them of a session, as they were when its step to after
// was first begun. It is false when that is told already.
func (p *Planner) doubts(ctx context.Context, conference string, known, after event.SessionState, audience []string) ([]ledger.Doubt, bool, error) {
	if p.Heard == nil || known.Start.IsZero() || net(known, after) == "" { // what is on its way to them still holds
		return nil, true, nil
	}
	if err := p.Ledger.Refresh(ctx, conference); err != nil { // a sibling may have filed it
		return nil, false, err
	}
	last, to := map[string]push.Notice{}, map[string][]string{}
	for _, delegate := range audience {
		n, filed := p.Ledger.Before(conference, delegate, subject(after.Session), after.Revision)
		if saw, picked := p.Mirror.saw(conference, after.Session, delegate); !filed || picked && saw >= n.To {
			continue
		}
		last[n.Key], to[n.Key] = n, append(to[n.Key], delegate)
	}
	if len(last) == 0 {
		return nil, true, nil
	}
	unheard := map[int64][]string{}
	for key, n := range last {
		heard, err := p.Heard(ctx, n, to[key])
		if err != nil {
			return nil, false, err
		}
		for _, delegate := range to[key] {
			if !heard[delegate] {
				unheard[n.From] = append(unheard[n.From], delegate)
			}
		}
	}
	var all []ledger.Doubt
	for _, knows := range slices.Sorted(maps.Keys(unheard)) {
		all = append(all, ledger.Doubt{Knows: knows, Who: unheard[knows]})
	}
	return p.Ledger.Begin(ctx, conference, after.Session, known.Revision, after.Revision, all)
}

// settleDoubts tells those of an audience, in order, who are in doubt the step to
// after, and answers the others.
func (p *Planner) settleDoubts(ctx context.Context, conference string, doubts []ledger.Doubt, after event.SessionState, audience []string) (certain []string, err error) {
	kept := p.Ledger.Remembered(conference, after.Session)
	groups, doubtful := map[int][]string{}, map[string]bool{} // by the place of what they know; -1 is forgotten
	for _, d := range doubts {
		at := seenAt(kept, d.Knows)
		if kept[0].Revision > d.Knows {
			at = -1
		}
		groups[at] = append(groups[at], d.Who...)
		for _, delegate := range d.Who {
			doubtful[delegate] = true
		}
	}
	for _, at := range slices.Sorted(maps.Keys(groups)) {
		knows := event.SessionState{Session: after.Session, Status: event.SessionConfirmed}
		if at >= 0 {
			knows = kept[at]
		}
		n, news := p.whateverHeard(conference, knows, kept[at+1:], after)
		who := slices.DeleteFunc(groups[at], func(d string) bool {
			_, wanted := slices.BinarySearch(audience, d)
			return !wanted
		})
		if !news || len(who) == 0 {
			continue
		}
		if err := p.file(ctx, n, who); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(audience, func(d string) bool { return doubtful[d] }), nil
}

// whateverHeard is the notice of how a session stands for people who know one of
// its states for certain and may have heard of any of those since, oldest first.
// It is as urgent, and lasts as long, as it does for who is furthest off.
func (p *Planner) whateverHeard(conference string, knows event.SessionState, since []event.SessionState, after event.SessionState) (push.Notice, bool) {
	n, news := p.news(conference, knows, after)
	plain := !news || !covers(knows, since, after)
	var also []string
	for _, heard := range append([]event.SessionState{knows}, since...) {
		x, is := p.news(conference, heard, after)
		if !is {
			continue
		}
		if !news {
			n, news = x, true
		}
		if slices.Index(push.Lanes(), x.Urgency) < slices.Index(push.Lanes(), n.Urgency) {
			n.Urgency = x.Urgency
		}
		if x.ExpiresAt.After(n.ExpiresAt) {
			n.ExpiresAt = x.ExpiresAt
		}
		also = append(also, around(heard, after)...)
	}
	if !news || !plain {
		return n, news
	}
	if !gone(after) {
		slices.Sort(also)
		n.Category, n.Also = Stands, slices.Compact(also)
	}
	n.Before, n.From = push.State{}, knows.Revision
	n.Key = push.Key(conference, n.Subject, n.From, n.To)
	return n, true
}

// covers says whether the step from one state of a session to another says all
// that is news to who heard of any state since: when and where it is now, and what
// else is different.
func covers(knows event.SessionState, since []event.SessionState, after event.SessionState) bool {
	switch category := net(knows, after); {
	case category == Cancelled, category == Removed:
		return true
	case knows.Start.IsZero(), category == Changed && knows.End.Equal(after.End): // says another title and no more
		return false
	}
	said := around(knows, after)
	for _, heard := range since {
		for _, c := range around(heard, after) {
			// These two are said by what they were before.
			if c == Admission || c == Spoken || !slices.Contains(said, c) {
				return false
			}
		}
	}
	return true
}
