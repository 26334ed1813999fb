package desk

import (
	"context"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/meeting"
)

// HeldMeetings is everything about one person that is held with the bilateral
// meetings of a conference, as they may read it.
//
// The topics, notes and reasons of meetings are not among it. They are the
// confidential business of two delegations, whoever wrote them down, and may
// name anybody. So whoever takes part reads them in the meeting, while they do,
// and they stay when a person is erased. What stays of the person then is an id
// that leads to nobody, in meetings that are over and in histories.
type HeldMeetings struct {
	Meetings []HeldMeeting `json:"meetings"`
	// MeetingActs are what the person did upon meetings, what was done in their
	// name, and where they left or came by a substitution.
	MeetingActs []HeldAct `json:"meetingActs"`
	// MeetingWindows are when their delegation lets them be met.
	MeetingWindows []HeldWindow `json:"meetingWindows"`
	// MeetingSearches are when they looked for free slots for their delegation, on
	// the last days.
	MeetingSearches []HeldSearch `json:"meetingSearches"`
	// RoomBlocks and Allocations are what they did at the desk besides.
	RoomBlocks  []HeldMade `json:"roomBlocks"`
	Allocations []HeldMade `json:"meetingAllocations"`
}

// A HeldMeeting is one that concerns the person, as it stands.
type HeldMeeting struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Level  string `json:"level"`
	// As is what they have to do with it: principal, interpreter, proposed, or
	// former for somebody who was expected once.
	As       string     `json:"as"`
	StartsAt *time.Time `json:"startsAt,omitempty"` // on the conference clock
	EndsAt   *time.Time `json:"endsAt,omitempty"`
}

// A HeldAct is an entry in the history of a meeting.
type HeldAct struct {
	Meeting string    `json:"meeting"`
	Verb    string    `json:"verb"`
	As      string    `json:"as"` // actor, principal, out or in
	At      time.Time `json:"at"` // wall clock
}

// A HeldWindow is a time on the conference clock.
type HeldWindow struct {
	StartsAt time.Time `json:"startsAt"`
	EndsAt   time.Time `json:"endsAt"`
}

// A HeldSearch is a look for free slots with another delegation.
type HeldSearch struct {
	With string    `json:"with"`
	At   time.Time `json:"at"` // wall clock
}

// A HeldMade is something somebody made.
type HeldMade struct {
	ID string    `json:"id"`
	At time.Time `json:"at"` // wall clock
}

// searchDays is for how many days back searches are looked for.
const searchDays = 30

// HeldOf is what is held about a delegate; of a stranger it is nothing.
func (d *Desk) HeldOf(ctx context.Context, conference, delegate string) (HeldMeetings, error) {
	h := HeldMeetings{
		Meetings: []HeldMeeting{}, MeetingActs: []HeldAct{}, MeetingWindows: []HeldWindow{},
		MeetingSearches: []HeldSearch{}, RoomBlocks: []HeldMade{}, Allocations: []HeldMade{},
	}
	if _, err := d.find(conference); err != nil || delegate == "" {
		return h, nil // nothing is held of a conference that is not there
	}
	theirs, err := d.With(conference, delegate)
	if err != nil {
		return h, err
	}
	for _, m := range theirs {
		h.Meetings = append(h.Meetings, heldMeeting(m, delegate))
	}
	if h.MeetingActs, err = d.actsOf(ctx, conference, delegate); err != nil {
		return h, err
	}
	if p, known := d.people.person(conference, delegate); known {
		a, err := d.Availability(conference, p.Delegation)
		if err != nil {
			return h, err
		}
		for _, w := range a.Windows {
			if w.Principal == delegate {
				h.MeetingWindows = append(h.MeetingWindows, HeldWindow{w.Start.UTC(), w.End.UTC()})
			}
		}
		if h.MeetingSearches, err = d.searchesOf(ctx, conference, p.Delegation, delegate); err != nil {
			return h, err
		}
	}
	return h, d.madeBy(&h, conference, delegate)
}

func heldMeeting(m meeting.Meeting, delegate string) HeldMeeting {
	h := HeldMeeting{ID: m.ID, Status: string(m.Status), Level: string(m.Level), As: "proposed"}
	slot := m.Slot
	if gone, missing := m.Missing(delegate); missing {
		h.As, slot = "former", gone.Slot
	}
	for _, s := range m.Sides {
		switch {
		case slices.Contains(s.Principals, delegate):
			h.As = "principal"
		case slices.Contains(s.Interpreters, delegate):
			h.As = "interpreter"
		}
	}
	if !slot.IsZero() {
		from, to := slot.Start.UTC(), slot.End.UTC()
		h.StartsAt, h.EndsAt = &from, &to
	}
	return h
}

// actsOf are the acts of a delegate, for them, and that took them out of a meeting
// or into one, by meeting.
func (d *Desk) actsOf(ctx context.Context, conference, delegate string) ([]HeldAct, error) {
	all, err := d.All(conference)
	if err != nil {
		return nil, err
	}
	acts := []HeldAct{}
	for _, m := range all {
		history := m.History
		if m.Pages > 0 {
			if history, err = d.History(ctx, conference, m.ID); err != nil {
				return nil, err
			}
		}
		for _, e := range history {
			switch delegate {
			case e.Actor:
				acts = append(acts, HeldAct{m.ID, e.Verb, "actor", e.At.UTC()})
			case e.Principal:
				acts = append(acts, HeldAct{m.ID, e.Verb, "principal", e.At.UTC()})
			case e.Out:
				acts = append(acts, HeldAct{m.ID, e.Verb, "out", e.At.UTC()})
			case e.In:
				acts = append(acts, HeldAct{m.ID, e.Verb, "in", e.At.UTC()})
			}
		}
	}
	return acts, nil
}

func (d *Desk) searchesOf(ctx context.Context, conference, delegation, delegate string) ([]HeldSearch, error) {
	today, err := d.today(conference)
	if err != nil {
		return nil, err
	}
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return nil, err
	}
	found := []HeldSearch{}
	for range searchDays {
		made, err := d.Searches(ctx, conference, delegation, day.Format(time.DateOnly))
		if err != nil {
			return nil, err
		}
		for _, s := range made.Kept {
			if s.Actor == delegate {
				found = append(found, HeldSearch{s.With, s.At.UTC()})
			}
		}
		day = day.AddDate(0, 0, -1)
	}
	return found, nil
}

func (d *Desk) madeBy(h *HeldMeetings, conference, delegate string) error {
	blocks, err := d.Blocks(conference)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.By == delegate {
			h.RoomBlocks = append(h.RoomBlocks, HeldMade{b.ID, b.At.UTC()})
		}
	}
	allocations, err := d.Allocations(conference)
	if err != nil {
		return err
	}
	for _, a := range allocations {
		if a.PlannedBy == delegate || a.AppliedBy == delegate {
			h.Allocations = append(h.Allocations, HeldMade{a.ID, a.PlannedAt.UTC()})
		}
	}
	return nil
}
