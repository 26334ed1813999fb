package meeting

import (
	"time"

	"plenary.example/shared/problem"
)

// Settle gives a meeting that has none a slot, by the desk: in a room, or in the
// best there is where room is empty. It takes the place of whatever was proposed.
func (w World) Settle(m Meeting, by By, s Slot, room string) (Plan, error) {
	switch {
	case !by.Desk:
		return Plan{}, problem.Hidden()
	case m.Status.Over():
		return Plan{}, errOver
	case m.Status == Confirmed:
		return Plan{}, errConfirmed
	case m.Place != "" && room != "":
		return Plan{}, errInformal
	}
	if err := w.Check(m, s); err != nil {
		return Plan{}, err
	}
	if room == "" {
		next, err := w.confirmed(m, "", s, false)
		if err != nil {
			return Plan{}, err
		}
		return w.settled(m, next), nil
	}
	if err := w.RoomFits(m, s, room); err != nil {
		return Plan{}, err
	}
	if err := w.quota(m, "", s); err != nil {
		return Plan{}, err
	}
	if !w.FreeFor(m, s) {
		return Plan{}, w.taken(m, "", s)
	}
	return w.settled(m, w.at(m, s, room)), nil
}

func (w World) settled(was, next Meeting) Plan {
	verb := WasConfirmed
	if was.Status == Confirmed {
		verb = WasMoved
	}
	return w.plan(was, next, Entry{Verb: verb, Slots: []Slot{next.Slot}, Room: next.Room})
}

// confirmed is m at a slot in the best room of those free. Party is who is told
// what else would do when that cannot be; the desk when it is empty. Without a
// room it can only be when withoutRoom says so.
func (w World) confirmed(m Meeting, party string, s Slot, withoutRoom bool) (Meeting, error) {
	if !s.Start.After(w.Now) {
		return m, problem.New(problem.Conflict, "slot_passed", "On the conference clock that slot has begun.")
	}
	if err := w.quota(m, party, s); err != nil {
		return m, err
	}
	if !w.FreeFor(m, s) {
		return m, w.taken(m, party, s)
	}
	if m.Place != "" {
		return w.at(m, s, ""), nil
	}
	room, found := w.Room(m, s)
	if !found && !withoutRoom {
		return m, w.instead(m, party, s, "no_room", "No room that is large enough is free for that slot.")
	}
	return w.at(m, s, room), nil
}

// at is m confirmed at a slot, in a room or in none.
func (w World) at(m Meeting, s Slot, room string) Meeting {
	m.Status, m.Slot, m.Room, m.Proposal = Confirmed, s, room, nil
	m.Minutes = int(s.End.Sub(s.Start) / time.Minute)
	m.WaitsForRoom = room == "" && m.Place == ""
	// Who agrees too late to be warned has only just said that they will come.
	late := w.Policy.ConfirmBy > 0 && !w.Now.Before(w.warnFrom(m))
	m.Warned, m.Sides[0].Reconfirmed, m.Sides[1].Reconfirmed = false, late, late
	return m
}

// Outrun refuses the slot that m was to have, because others took it, or its
// rooms, each time while that was decided. Like any such refusal it names slots
// that would do instead.
func (w World) Outrun(m Meeting, by By) error {
	m.Holds = nil // they are of where it stands
	if by.Desk {
		by.Delegation = ""
	}
	return w.taken(m, by.Delegation, m.Slot)
}

// taken refuses a slot at which somebody is not free, and does not say who: it
// names slots that would do instead.
func (w World) taken(m Meeting, party string, s Slot) error {
	return w.instead(m, party, s, "slot_taken", "That slot is not free any more.")
}

// instead refuses something because of who else has what m needs at a slot, and
// names to a delegation, or to the desk when it is empty, slots that would do; see
// Alternatives.
func (w World) instead(m Meeting, party string, s Slot, code, detail string) error {
	refused := problem.New(problem.Conflict, code, "%s", detail)
	if w.Curt {
		return refused
	}
	return refused.With(w.Suggest(w.Alternatives(m, party, s, suggested))...)
}
