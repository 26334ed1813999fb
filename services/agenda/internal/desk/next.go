package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/store"
)

const (
	// mostHistory is how many acts the document of a meeting holds.
	mostHistory = 30
	// pageSize is how many of the oldest go to a page when there is one more.
	pageSize = 20
)

// next is m as plan has it, but for what it holds; old is the page of its
// history that has to be kept before, nil for none.
func (d *Desk) next(m meeting.Meeting, plan meeting.Plan, by meeting.By) (next meeting.Meeting, old *page) {
	next = plan.Next
	next.ID, next.Conference, next.Revision = m.ID, m.Conference, m.Revision+1
	next.CreatedAt, next.ChangedAt, next.Pending = m.CreatedAt, d.wall(), true
	next.Attempt, next.Act, next.Holds, next.Freed = nil, "", nil, slices.Clone(m.Freed)
	next.History, next.Pages, next.Owed = m.History, m.Pages, m.Owed
	instants(&next)
	next = m.Stepped(next, next.ChangedAt)
	told := plan.Told
	told.Actor, told.Principal, told.Delegation = by.Actor, next.Principal(by.Delegation), by.Delegation
	told.At, told.Revision, told.Slots = next.ChangedAt, next.Revision, slotsStored(told.Slots)
	if len(next.History) >= mostHistory {
		next.Pages++
		old = &page{pageID(m.ID, next.Pages), next.History[:pageSize]}
		next.History = next.History[pageSize:]
	}
	next.History = append(slices.Clone(next.History), told)
	next.Owed = append(slices.Clone(next.Owed), d.fact(m, next, told, plan))
	return next, old
}

// fact is what there is to tell of a meeting that was m, where plan made it next.
func (d *Desk) fact(m, next meeting.Meeting, told meeting.Entry, plan meeting.Plan) meeting.Fact {
	f := meeting.Fact{
		ID: uuid.Must(uuid.NewV7()).String(), Verb: told.Verb, Actor: told.Actor, Principal: told.Principal,
		Delegation: told.Delegation, At: told.At, Revision: told.Revision, Left: plan.Left, ReconfirmBy: plan.ReconfirmBy,
	}
	if !m.Slot.IsZero() && (!m.Slot.Same(next.Slot) || m.Room != next.Room) {
		f.Was, f.WasRoom = m.Slot, m.Room
	}
	return f
}

// instants makes the times of m what the store makes of them.
func instants(m *meeting.Meeting) {
	m.Slot = slotStored(m.Slot)
	if m.Proposal == nil {
		return
	}
	p := *m.Proposal
	p.Chosen, p.Slots = slotStored(p.Chosen), slotsStored(p.Slots)
	p.MadeAt, p.ExpiresAt = p.MadeAt.UTC().Truncate(time.Millisecond), p.ExpiresAt.UTC().Truncate(time.Millisecond)
	m.Proposal = &p
}

func slotStored(s meeting.Slot) meeting.Slot {
	return meeting.Slot{Start: s.Start.UTC().Truncate(time.Millisecond), End: s.End.UTC().Truncate(time.Millisecond)}
}

func slotsStored(all []meeting.Slot) []meeting.Slot {
	all = slices.Clone(all)
	for i := range all {
		all[i] = slotStored(all[i])
	}
	return all
}

// keepPage writes a page of a history; nil is none. Whoever wrote it before
// wrote the same.
func (d *Desk) keepPage(ctx context.Context, p *page) error {
	if p == nil {
		return nil
	}
	if err := d.step(stepPage); err != nil {
		return err
	}
	if err := d.pages.Insert(ctx, p); err != nil && !errors.Is(err, store.ErrExists) {
		return fmt.Errorf("history %s: %w", p.ID, err)
	}
	return nil
}
