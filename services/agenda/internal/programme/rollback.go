package programme

import (
	"time"

	"plenary.example/shared/problem"
)

// RollBack is what makes a as it was at an older revision. It goes forward: it
// is released like anything else. now is a moment of the conference clock; what
// has begun or is over stays as it is, and nothing is moved or brought back to a
// time that has passed. What the source last said stays known, so that the next
// import does not undo the roll-back by saying it again.
func (a Agenda) RollBack(to Agenda, now time.Time) (Proposal, error) {
	p := Proposal{Kind: RollBack, Restores: to.Revision}
	restored := map[string]bool{}
	for _, s := range to.Sessions() {
		present, there := a.sessions[s.ID]
		if !now.Before(s.Start) || there && present.Begun(now) {
			continue
		}
		if there {
			s.Source = present.Source
		} else {
			s.Sequence = a.Returning()
		}
		p.Sessions = append(p.Sessions, s)
		restored[s.ID] = true
	}
	needed := map[string]bool{}
	for _, s := range a.Sessions() {
		_, was := to.sessions[s.ID]
		switch {
		case !was && !s.Begun(now):
			p.Removed = append(p.Removed, s.ID)
		case !restored[s.ID]:
			needed[s.Room] = true
			for _, x := range p.Sessions {
				if collide(s, x) {
					return Proposal{}, problem.New(problem.Conflict, "room_occupied", "A session that stays has the room of one that would come back.").
						With(problem.Field{Code: "room_occupied", Detail: "Session " + s.ID + " stays in the room.", Params: map[string]string{"session": s.ID, "other": x.ID}})
				}
			}
		}
	}
	p.Rooms = to.Rooms()
	for id := range a.rooms {
		if _, was := to.rooms[id]; !was && !needed[id] {
			p.RemovedRooms = append(p.RemovedRooms, id)
		}
	}
	return p, nil
}

// Returning is the sequence with which a session comes back that has been in the
// agenda and is not. No sequence is higher than the revision that brought it, nor
// is that with which its removal was told, so the next revision is above all.
func (a Agenda) Returning() int64 { return a.Revision + 1 }

// collide says whether two sessions want one room at one time.
func collide(a, b Session) bool {
	return a.Room == b.Room && a.Status != Cancelled && b.Status != Cancelled && a.Start.Before(b.End) && b.Start.Before(a.End)
}
