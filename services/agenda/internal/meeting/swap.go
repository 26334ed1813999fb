package meeting

import (
	"slices"
	"time"

	"plenary.example/shared/problem"
)

// ProposeSwap proposes that two meetings of a delegation exchange their times;
// the other side of each has to agree. The desk does not ask. The plans are for
// m and for the other one.
func (w World) ProposeSwap(m, other Meeting, by By, note string) ([]Plan, error) {
	party, err := w.proposing(m, by)
	if err != nil {
		return nil, err
	}
	if _, err := w.proposing(other, by); err != nil {
		return nil, err
	}
	switch {
	case m.ID == other.ID:
		return nil, wrong("/with", "same_meeting", "A meeting cannot be swapped with itself.")
	case m.Status != Confirmed || other.Status != Confirmed:
		return nil, errNoSlot
	case m.Slot.Start.Equal(other.Slot.Start):
		return nil, wrong("/with", "same_slot", "Both meetings begin at the same time.")
	}
	plans, err := w.exchanged(m, other, party) // what cannot be is not worth asking
	if err != nil || party == "" {
		return plans, err
	}
	until := earlier(w.expires(m, []Slot{other.Slot}), w.expires(other, []Slot{m.Slot}))
	for i, pair := range [][2]Meeting{{m, other}, {other, m}} {
		p := Proposal{Kind: Swap, By: party, Slots: []Slot{plans[i].Next.Slot}, With: pair[1].ID, Note: note, ExpiresAt: until}
		if plans[i], err = w.propose(pair[0], p, WasProposed); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// CompleteSwap agrees to a swap for m, and for the other meeting where that side
// is asked there too. Once nobody is awaited for either, they exchange their
// times; until then, the plan of the other one has no verb: it stays as it is.
func (w World) CompleteSwap(m, other Meeting, by By) ([]Plan, error) {
	p, who, err := w.answered(m, by)
	if err != nil {
		return nil, err
	}
	if p.Kind != Swap || !m.swaps(other) || !other.swaps(m) {
		return nil, problem.New(problem.Conflict, "swap_off", "The other meeting is not for this swap any more.")
	}
	agreed := func(awaited []string) []string {
		return slices.DeleteFunc(slices.Clone(awaited), func(d string) bool { return by.Desk || slices.Contains(who, d) })
	}
	p.Awaits = agreed(p.Awaits)
	if len(p.Awaits) == 0 && len(agreed(other.Proposal.Awaits)) == 0 {
		party := ""
		if !by.Desk {
			party = who[0]
		}
		return w.exchanged(m, other, party)
	}
	next := m
	next.Proposal = &p
	return []Plan{w.plan(m, next, Entry{Verb: WasEndorsed, Slots: p.Slots}), {Next: other, Holds: other.Holds}}, nil
}

// EndSwap ends a swap that is declined or withdrawn for m, by end, for the other
// meeting too. Why is told for m alone: it is for the two sides of that.
func (w World) EndSwap(m, other Meeting, end Decision) ([]Plan, error) {
	ended, err := end(w, m)
	if err != nil {
		return nil, err
	}
	beside := Plan{Next: other, Holds: other.Holds}
	if m.swaps(other) && other.swaps(m) {
		beside = w.unproposed(other, Declined, Entry{Verb: ended.Told.Verb})
	}
	return []Plan{ended, beside}, nil
}

// swaps says whether m is proposed to be swapped with other.
func (m Meeting) swaps(other Meeting) bool {
	return m.Proposal != nil && m.Proposal.Kind == Swap && m.Proposal.With == other.ID
}

// jilted says whether a swap has come to nothing by what became of the other
// meeting. One just proposed may be known here for one of the two only.
func (w World) jilted(m Meeting) bool {
	if m.Proposal == nil || m.Proposal.Kind != Swap || w.Now.Before(m.Proposal.MadeAt.Add(time.Minute)) {
		return false
	}
	other, known := w.Meeting(m.Proposal.With)
	return !known || !other.swaps(m)
}

// exchanged are two meetings each at the start of the other, in the other's room
// where that will do, else in their own, else in the best there is. Where that
// cannot be, party hears to which slots m could be moved instead; see instead.
func (w World) exchanged(m, other Meeting, party string) ([]Plan, error) {
	slots := [2]Slot{m.from(other.Slot.Start), other.from(m.Slot.Start)}
	pair := [2]Meeting{m, other}
	var plans []Plan
	for i, x := range pair {
		y := pair[1-i]
		if err := w.Check(x, slots[i]); err != nil {
			return nil, err
		}
		if err := w.quota(x, party, slots[i], y.ID); err != nil {
			return nil, err
		}
		if !w.FreeFor(x, slots[i], y.ID) {
			return nil, w.unswapped(m, slots[0], party)
		}
		var gone []Hold
		if i == 1 {
			gone = plans[0].Holds
		}
		room, found := w.swapRoom(x, y, slots[i], gone)
		if !found && !x.WaitsForRoom && x.Place == "" {
			return nil, w.instead(m, party, slots[0], "no_room", "No room is free for the swap.")
		}
		plans = append(plans, w.settled(x, w.at(x, slots[i], room)))
	}
	if clash(plans[0].Holds, plans[1].Holds) {
		return nil, w.unswapped(m, slots[0], party)
	}
	return plans, nil
}

func (w World) unswapped(m Meeting, s Slot, party string) error {
	return w.instead(m, party, s, "slot_taken", "The two cannot exchange their slots: somebody is not free.")
}

// swapRoom is a room for m at a slot at which it takes the place of other; gone
// is what other takes in that swap. An informal meeting has none.
func (w World) swapRoom(m, other Meeting, s Slot, gone []Hold) (room string, found bool) {
	if m.Place != "" {
		return "", false
	}
	w.Curt = true // nobody hears why a room will not do
	var out []string
	for _, h := range gone {
		if room := RoomOf(h.Resource); room != "" && h.From < Cell(s.End.Add(w.Changeover(m.Level)).Add(step-1)) && Cell(s.Start) < h.To {
			out = append(out, room)
		}
	}
	for _, room := range []string{other.Room, m.Room} {
		if room != "" && !slices.Contains(out, room) && w.RoomFits(m, s, room, other.ID) == nil {
			return room, true
		}
	}
	return w.RoomBut(m, s, out, other.ID)
}
