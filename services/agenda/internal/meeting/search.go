package meeting

import (
	"cmp"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// A Query is what one delegation wants to know of meeting another.
type Query struct {
	// By is the delegation that asks, and With the one it wants to meet.
	By, With string
	Level    Level
	// Minutes is how long it is to be; 0 is as long as the grid says.
	Minutes int
	// Principals and Interpreters are who comes of the asker's side; with no
	// principals it says later who comes. WithPrincipals are who it wants to meet.
	Principals, Interpreters, WithPrincipals []string
	// Plus is how many others the asker brings along.
	Plus int
	// From and To are between which moments it is to be, from its beginning to its
	// end; zero is from now on, and to the end of the conference.
	From, To time.Time
	// Limit is how many offers there are at most; 0 is 20.
	Limit int
}

// An Offer is a slot at which the two could meet.
type Offer struct {
	Slot Slot
	// Rooms is how many rooms are free and large enough; with none the meeting
	// could stand without one.
	Rooms int
	// Score is from 0 to 100, and 100 when nothing speaks against the slot.
	Score int
	// Reasons are what does, and all that does. They are of the asker's side.
	Reasons []Reason
}

// What speaks against a slot.
const (
	AgainstDuty       = "duty"           // somebody has a part in a session at that time
	AgainstPick       = "pick"           // somebody picked a session at that time
	AgainstWalking    = "walking"        // from or to every free room the way takes longer than there is
	AgainstBackToBack = "back_to_back"   // no pause before or after a meeting or a duty
	AgainstWindow     = "outside_window" // outside the windows the asker itself opened
	AgainstNoRoom     = "no_room"        // no room is free
)

// against is how much of the score each takes.
var against = map[string]int{AgainstNoRoom: 60, AgainstWindow: 40, AgainstDuty: 35, AgainstPick: 15, AgainstWalking: 10, AgainstBackToBack: 5}

// A Reason speaks against a slot.
type Reason struct {
	Code string
	// Delegate is whose it is, of the asker's own; Session or Meeting is what it
	// is about. Each is empty where there is none.
	Delegate string
	Session  string
	Meeting  string
}

// Search is the slots of the grid at which a delegation could meet another, the
// best first and of two as good the earlier. Meetings of either side rule a slot
// out; what else the asker's side means to do only makes it worse. Of the other
// side, and of anybody else who is not the asker's own, the answer depends on
// nothing but whether they are free inside the windows they opened; where the
// asker may not ask it is empty. Search does not say so: see MayAsk.
func (w World) Search(q Query) []Offer {
	m := q.meeting()
	stranger := func(interpreter string) bool { return !w.Interprets(interpreter, q.By, q.With) }
	if w.MayAsk(q.By, q.With, q.Level) != nil || !w.from(q.By, q.Principals) || !w.from(q.With, q.WithPrincipals) ||
		slices.ContainsFunc(q.Interpreters, stranger) {
		return nil
	}
	s := w.seek(q, m)
	var offers []Offer
	for _, slot := range w.ahead(s.zone, cmp.Or(q.Minutes, w.Grid().Meeting)) {
		if !slot.Start.Before(s.from) && !slot.End.After(s.to) && w.lets(q.By, m, slot) && w.FreeFor(m, slot) {
			offers = append(offers, w.offer(s, m, slot))
		}
	}
	slices.SortStableFunc(offers, func(a, b Offer) int { return cmp.Compare(b.Score, a.Score) })
	return offers[:min(len(offers), cmp.Or(q.Limit, 20))]
}

// meeting is what would be asked for.
func (q Query) meeting() Meeting {
	return Meeting{Level: q.Level, Sides: [2]Side{
		{Delegation: q.By, Principals: q.Principals, Interpreters: q.Interpreters, Plus: q.Plus},
		{Delegation: q.With, Principals: q.WithPrincipals},
	}}
}

// from says whether all of people are of the delegation.
func (w World) from(delegation string, people []string) bool {
	return !slices.ContainsFunc(people, func(p string) bool {
		person, known := w.Person(p)
		return !known || person.Delegation != delegation
	})
}

// A seeking is what a search looks at for every slot.
type seeking struct {
	zone     *time.Location
	from, to time.Time
	rooms    []programme.Room
	own      []engagement // of the asker's side
	pause    time.Duration
}

func (w World) seek(q Query, m Meeting) seeking {
	s := seeking{zone: w.Conference.Location(), from: q.From, to: q.To, rooms: w.rooms(m), pause: w.Changeover("")}
	if s.from.Before(w.Now) {
		s.from = w.Now
	}
	if s.to.IsZero() {
		s.to = s.from.AddDate(1, 0, 0)
	}
	own := slices.DeleteFunc(m.Sides[0].People(), func(p string) bool { return !w.from(q.By, []string{p}) })
	s.own = w.engagements(own, s.from.Add(-near), s.to.Add(near+longestMeeting*time.Minute), "")
	return s
}

// offer is what there is to say of a slot at which everybody is free.
func (w World) offer(s seeking, m Meeting, slot Slot) Offer {
	rooms := w.vacant(s.zone, s.rooms, m, slot)
	o := Offer{Slot: slot, Rooms: len(rooms), Score: 100}
	say := func(code string, e engagement) {
		o.Reasons = append(o.Reasons, Reason{Code: code, Delegate: e.delegate, Session: e.session, Meeting: e.meeting})
		o.Score = max(0, o.Score-against[code])
	}
	if len(rooms) == 0 {
		say(AgainstNoRoom, engagement{})
	}
	if w.outside(m.Sides[0], m.Level, slot) {
		say(AgainstWindow, engagement{})
	}
	var around []engagement
	for _, e := range s.own {
		switch gap := e.gap(slot); {
		case gap < 0 && e.why == byDuty:
			say(AgainstDuty, e)
		case gap < 0 && e.why == byPick:
			say(AgainstPick, e)
		case gap < 0 || gap > near:
		default:
			around = append(around, e)
			if gap <= s.pause && e.why != byPick {
				say(AgainstBackToBack, e)
			}
		}
	}
	if len(rooms) > 0 {
		best := w.nearestRoom(rooms, around, slot)
		for _, e := range around {
			if w.Conference.Between(e.zone, best.Zone) > e.gap(slot) {
				say(AgainstWalking, e)
			}
		}
	}
	return o
}
