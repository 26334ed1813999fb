// Package reach answers who does not know yet: how far a notice got, and which
// delegations nobody has reached.
//
// A delegation knows when one of its people who were told has fetched, opened or
// acknowledged the news: the carrier having taken a push says nothing about
// anybody. What is asked here is put together from the ledger, the receipts and
// the roster at the time of asking, so it is as true as they are.
//
// Who meets whom is nobody's business but theirs. Of a bilateral meeting a reader
// learns how many people were reached, and by delegation only of their own.
package reach

import (
	"cmp"
	"context"
	"slices"
	"time"

	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/receipts"
	"plenary.example/services/notifications/internal/roster"
)

// A Desk answers. Its methods may be called side by side.
type Desk struct {
	Ledger   *ledger.Ledger
	Receipts *receipts.Receipts
	Roster   *roster.Roster
	// Phones says whether somebody has any.
	Phones func(delegate string) bool
	Now    func() time.Time // wall clock
}

// A Group is how far a notice got with the people of one delegation.
type Group struct {
	Delegation string
	One        string // one of them, to ask for the designation
	receipts.Counts
}

// Listed says whether the office is shown a notice at all: one that is about
// somebody's own affairs is theirs.
func Listed(n push.Notice) bool {
	return n.Category != "" && n.Subject.Kind != push.SignIn && n.Subject.Kind != push.Digest
}

// Find is a notice of a conference that the office may look at.
func (d *Desk) Find(conference, id string) (push.Notice, bool) {
	n, ok := d.Ledger.ByID(conference, id)
	return n, ok && Listed(n)
}

// confidential says whether a notice is about a bilateral meeting: of itself, or
// because somebody has not seen news of one, which is the kind that names nothing.
func confidential(n push.Notice) bool {
	return n.Subject.Kind == push.Meeting ||
		n.Subject.Kind == push.Escalation && len(n.After.Title) == 0 && len(n.Texts) == 0
}

// Of counts the people of a notice, all together and by delegation, in a fixed
// order. The delegation is that of whoever asks.
func (d *Desk) Of(ctx context.Context, n push.Notice, delegation string) (all receipts.Counts, groups []Group, err error) {
	tally, err := d.Receipts.Tally(ctx, n)
	if err != nil {
		return all, nil, err
	}
	by := map[string]*Group{}
	for _, delegate := range d.Ledger.Readers(n) {
		phones := d.Phones(delegate)
		tally.Add(&all, delegate, phones)
		of, _ := d.Roster.Of(n.Conference, delegate)
		if confidential(n) && of.Delegation != delegation {
			continue
		}
		g, ok := by[of.Delegation]
		if !ok {
			g = &Group{Delegation: of.Delegation, One: delegate}
			by[of.Delegation] = g
		}
		tally.Add(&g.Counts, delegate, phones)
	}
	for _, g := range by {
		groups = append(groups, *g)
	}
	slices.SortFunc(groups, func(a, b Group) int { return cmp.Compare(a.Delegation, b.Delegation) })
	return all, groups, nil
}

// A Behind is a delegation that urgent news has not reached.
type Behind struct {
	Delegation string
	One        string // one of its people, to ask for the designation
	Notices    []push.Notice
	// Meetings counts those of bilateral meetings, of which no more is said.
	Meetings int
}

// Unreached are the delegations of a conference of which nobody knows some urgent
// news that still matters, in a fixed order. Whoever may be told nothing any more
// is not waited for.
func (d *Desk) Unreached(conference string) []Behind {
	by := map[string]*Behind{}
	for _, n := range d.urgent(conference) {
		for delegation, one := range d.behind(n) {
			b, ok := by[delegation]
			if !ok {
				b = &Behind{Delegation: delegation, One: one}
				by[delegation] = b
			}
			if confidential(n) {
				b.Meetings++
			} else {
				b.Notices = append(b.Notices, n)
			}
		}
	}
	all := make([]Behind, 0, len(by))
	for _, b := range by {
		all = append(all, *b)
	}
	slices.SortFunc(all, func(a, b Behind) int { return cmp.Compare(a.Delegation, b.Delegation) })
	return all
}

// behind are the delegations that nobody of the audience of n knows it of, each
// with one of its people.
func (d *Desk) behind(n push.Notice) map[string]string {
	unaware, aware := map[string]string{}, map[string]bool{}
	for _, delegate := range d.Ledger.Readers(n) {
		of, _ := d.Roster.Of(n.Conference, delegate)
		switch {
		case aware[of.Delegation] || !d.Roster.May(n.Conference, delegate):
		case d.Receipts.Knows(n, delegate):
			aware[of.Delegation] = true
			delete(unaware, of.Delegation)
		case unaware[of.Delegation] != "":
		case !d.told(n, delegate): // otherwise newer news took its place
			unaware[of.Delegation] = delegate
		}
	}
	return unaware
}

// told says whether somebody was told something newer of the same thing.
func (d *Desk) told(n push.Notice, delegate string) bool {
	newest, ok := d.Ledger.Latest(n.Conference, delegate, n.Subject)
	return ok && newest.To > n.To
}

// urgent are the urgent notices that still matter, oldest first.
func (d *Desk) urgent(conference string) []push.Notice {
	now := d.Now()
	return d.Ledger.Filter(conference, func(n push.Notice) bool {
		return n.Urgency == push.Urgent && Listed(n) && !n.Expired(now)
	})
}
