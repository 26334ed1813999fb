package meeting

import (
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// near is how long before and after a meeting it matters where people are.
const near = time.Hour

// Why somebody is engaged.
const (
	byPick    = "pick"
	byDuty    = "duty"
	byMeeting = "meeting"
)

// An engagement is where somebody means to be at a time.
type engagement struct {
	why      string
	delegate string
	session  string // or
	meeting  string
	from, to time.Time
	zone     string // of the room; empty when there is none
}

// gap is how long there is between it and s, whichever is first; negative when
// they overlap.
func (e engagement) gap(s Slot) time.Duration { return max(s.Start.Sub(e.to), e.from.Sub(s.End)) }

// engagements are those of people between two moments: the sessions they picked
// and have a part in, and their meetings but for one.
func (w World) engagements(people []string, from, to time.Time, but string) []engagement {
	picked := make(map[string][]string) // who picked a session
	for _, p := range people {
		for _, pick := range w.Picks(p) {
			picked[pick.Session] = append(picked[pick.Session], p)
		}
	}
	duty := func(s programme.Session, p string) bool {
		return slices.ContainsFunc(s.People, func(x programme.Part) bool { return x.Delegate == p })
	}
	sessions := w.Agenda.During(from, to, func(s programme.Session) bool {
		return len(picked[s.ID]) > 0 || slices.ContainsFunc(people, func(p string) bool { return duty(s, p) })
	})
	var all []engagement
	for _, p := range people {
		for _, s := range sessions {
			e := engagement{delegate: p, session: s.ID, from: s.Start, to: s.End, zone: w.zone(s.Room)}
			switch {
			case duty(s, p):
				e.why = byDuty
			case slices.Contains(picked[s.ID], p):
				e.why = byPick
			default:
				continue
			}
			all = append(all, e)
		}
		for _, t := range w.Diary.Taken(PersonResource(p), Cell(from), Cell(to.Add(step-1))) {
			m, known := w.Meeting(t.Holder)
			e := engagement{why: byMeeting, delegate: p, meeting: m.ID, from: m.Slot.Start, to: m.Slot.End, zone: w.zone(m.Room)}
			if known && m.ID != but && overlaps(e.from, e.to, from, to) && !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	return all
}

func (w World) zone(room string) string {
	r, _ := w.Agenda.Room(room)
	return r.Zone
}
