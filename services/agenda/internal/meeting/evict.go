package meeting

import (
	"slices"

	"plenary.example/shared/problem"
)

// hostKind is the kind of the delegation that holds the conference.
const hostKind = "host"

// rung is where m stands on the published ladder; the lowest number is the top:
// host, head of state, minister, official, everybody else.
func (w World) rung(m Meeting) int {
	for _, s := range m.Sides {
		if d, known := w.Delegation(s.Delegation); known && d.Kind == hostKind {
			return 0
		}
	}
	switch m.Level {
	case HeadOfState:
		return 1
	case Minister, ViceMinister:
		return 2
	case SeniorOfficial:
		return 3
	case Expert:
	}
	return 4
}

// Evict gives the room of one meeting to another that stands above it on the
// ladder, by the desk: at its own slot when it has one, otherwise with the slot.
// The first plan is the winner's. The loser gets another room at the same time;
// where there is none, it has other slots to choose from.
func (w World) Evict(winner, loser Meeting, by By) ([]Plan, error) {
	switch {
	case !by.Desk:
		return nil, problem.Hidden()
	case winner.ID == loser.ID:
		return nil, wrong("/for", "same_meeting", "A meeting cannot make room for itself.")
	case winner.Status.Over() || loser.Status.Over():
		return nil, errOver
	case loser.Status != Confirmed || loser.Room == "":
		return nil, problem.New(problem.Conflict, "no_room_to_give", "That meeting has no room to give.")
	case w.begun(loser) || w.begun(winner):
		return nil, errBegun
	case winner.Place != "":
		return nil, errInformal
	case winner.Status == Requested || winner.Room != "":
		return nil, problem.New(problem.Conflict, "wants_no_room", "Only for a meeting that both sides agreed to, and that lacks a room.")
	case w.rung(winner) >= w.rung(loser):
		return nil, problem.New(problem.Conflict, "ladder", "The other meeting does not stand above this one on the ladder.")
	}
	won, err := w.won(winner, loser)
	if err != nil {
		return nil, err
	}
	return []Plan{won, w.displaced(loser, won.Holds)}, nil
}

// won is the winner in the room of the loser.
func (w World) won(winner, loser Meeting) (Plan, error) {
	if winner.Status == Confirmed {
		if err := w.RoomFits(winner, winner.Slot, loser.Room, loser.ID); err != nil {
			return Plan{}, err
		}
		return w.roomed(winner, loser.Room), nil
	}
	slot := winner.from(loser.Slot.Start)
	if err := w.Check(winner, slot); err != nil {
		return Plan{}, err
	}
	if err := w.RoomFits(winner, slot, loser.Room, loser.ID); err != nil {
		return Plan{}, err
	}
	if err := w.quota(winner, "", slot, loser.ID); err != nil {
		return Plan{}, err
	}
	if !w.FreeFor(winner, slot, loser.ID) {
		return Plan{}, w.taken(winner, "", slot)
	}
	return w.settled(winner, w.at(winner, slot, loser.Room)), nil
}

// Displace takes a meeting out of its room for something that stands above every
// meeting: a committee. It gets what a loser gets; see Evict.
func (w World) Displace(m Meeting, by By) (Plan, error) {
	switch {
	case !by.Desk:
		return Plan{}, problem.Hidden()
	case m.Status != Confirmed || m.Room == "" || w.ended(m):
		return Plan{}, ErrNothing
	case w.begun(m):
		return Plan{}, errBegun
	}
	return w.displaced(m, nil), nil
}

// displaced is m out of its room: in another one at the same time, unless some
// of its people are among what is gone, too; or without a slot and with others to
// choose from. Both sides still want to meet, so when they do not choose it is up
// to the desk.
func (w World) displaced(m Meeting, gone []Hold) Plan {
	if room, found := w.RoomBut(m, m.Slot, []string{m.Room}); found {
		next := m
		next.Room = room
		p := w.plan(m, next, Entry{Verb: WasEvicted, Slots: []Slot{m.Slot}, Room: room})
		if !clash(p.Holds, gone) {
			return p
		}
	}
	return w.adrift(m, m, Entry{Verb: WasEvicted})
}

// adrift is next, which was m, without its slot, and with others to choose from,
// which told is to name.
func (w World) adrift(m, next Meeting, told Entry) Plan {
	next.Status, next.Slot, next.Room, next.WaitsForRoom, next.Warned, next.Proposal = Agreed, Slot{}, "", false, false, nil
	next.Sides[0].Reconfirmed, next.Sides[1].Reconfirmed = false, false
	if p := w.elsewhere(next, Displacement, m.Slot, m.Slot); p != nil {
		next.Proposal, told.Slots = p, p.Slots
	}
	return w.plan(m, next, told)
}

// looked is how many free slots are looked at to propose the nearest that suit.
const looked = 60

// elsewhere proposes to both sides of m to meet at another time, near around and
// not while but lasts, nor while somebody has a duty; nil when there is none.
func (w World) elsewhere(m Meeting, kind string, around, but Slot) *Proposal {
	people := slices.Concat(m.Sides[0].People(), m.Sides[1].People())
	engaged := w.engagements(people, w.Now, w.Now.AddDate(1, 0, 0), m.ID)
	slots := slices.DeleteFunc(w.Alternatives(m, "", around, looked), func(s Slot) bool {
		return but.overlaps(s) || slices.ContainsFunc(engaged, func(e engagement) bool { return e.why == byDuty && e.gap(s) < 0 })
	})
	if len(slots) == 0 {
		return nil
	}
	slots = slots[:min(len(slots), suggested)]
	return &Proposal{Kind: kind, Slots: slots, Awaits: m.others(""), MadeAt: stored(w.Now), ExpiresAt: w.expires(m, slots)}
}
