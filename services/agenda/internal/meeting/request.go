package meeting

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// Asked is a meeting that somebody asks for.
type Asked struct {
	Delegation string // that is asked
	Level      Level
	// Principals, Interpreters and Plus are of the side that asks; Head puts its
	// head among the principals.
	Principals   []string
	Head         bool
	Interpreters []string
	Plus         int
	// WithPrincipals are those of the other side it wants to meet, and WithHead its
	// head too; none leaves that to the other side.
	WithPrincipals []string
	WithHead       bool
	Topic          string
	Languages      []string
	// Minutes is how long; 0 means the usual.
	Minutes int
	// Starts are when, the most wanted first.
	Starts []time.Time
	// Place makes it an informal meeting there, which needs no room.
	Place string
	Note  string
}

// A Booking is a meeting that the desk enters for two delegations that have
// agreed.
type Booking struct {
	Asking string
	Asked
	Start time.Time
	// Room is where; empty means the best there is.
	Room string
}

// Request asks another delegation for a meeting. It holds nothing: the other
// side may be asked for the same slot by anybody.
func (w World) Request(a Asked, by By) (Plan, error) {
	m, err := w.asked(by.Delegation, a)
	if err != nil {
		return Plan{}, err
	}
	if err := w.MayAsk(by.Delegation, a.Delegation, a.Level); err != nil {
		return Plan{}, err
	}
	slots, err := w.offered(m, by.Delegation, a.Starts)
	if err != nil {
		return Plan{}, err
	}
	return w.propose(m, Proposal{Kind: Request, By: by.Delegation, Slots: slots, Note: a.Note}, WasRequested)
}

// Book enters a meeting that both sides have agreed to elsewhere: with the desk,
// or in the corridor.
func (w World) Book(b Booking, by By) (Plan, error) {
	m, err := w.asked(b.Asking, b.Asked)
	if err != nil {
		return Plan{}, err
	}
	return w.Settle(m, by, m.from(b.Start), b.Room)
}

// asked is the meeting of two delegations before anybody proposed when it is.
func (w World) asked(asking string, a Asked) (Meeting, error) {
	switch {
	case asking == a.Delegation:
		return Meeting{}, wrong("/delegation", "same_delegation", "A delegation does not meet itself.")
	case !w.attends(asking):
		return Meeting{}, wrong("/asking", "delegation_unknown", "There is no such delegation that takes part.")
	case !w.attends(a.Delegation):
		return Meeting{}, wrong("/delegation", "delegation_unknown", "There is no such delegation that takes part.")
	case !slices.Contains(Levels(), a.Level):
		return Meeting{}, wrong("/level", "level_unknown", "There is no such level.")
	}
	topic, err := words("/topic", a.Topic)
	if err != nil {
		return Meeting{}, err
	}
	place, err := words("/place", a.Place)
	if err != nil {
		return Meeting{}, err
	}
	own, err := w.seated(Side{Delegation: asking, Principals: a.Principals, Interpreters: a.Interpreters, Plus: a.Plus}, a.Delegation, "/principals", "/interpreters")
	if err == nil && a.Head {
		own, err = w.headed(own, "/head")
	}
	if err != nil {
		return Meeting{}, err
	}
	other, err := w.seated(Side{Delegation: a.Delegation, Principals: a.WithPrincipals}, asking, "/withPrincipals", "")
	if err == nil && a.WithHead {
		other, err = w.headed(other, "/withHead")
	}
	if err != nil {
		return Meeting{}, err
	}
	return Meeting{
		Conference: w.Conference.ID, Status: Requested, Level: a.Level, Sides: [2]Side{own, other},
		Topic: topic, Languages: slices.Clone(a.Languages), Minutes: cmp.Or(a.Minutes, w.Grid().Meeting), Place: place,
	}, nil
}

// attends says whether a delegation takes part in the conference.
func (w World) attends(delegation string) bool {
	d, known := w.Delegation(delegation)
	return known && d.Status == event.Accredited
}

// seated is s with each of its people once, when all of them can sit there in a
// meeting with another delegation: the principals are of its own, and the
// interpreters such as may interpret.
func (w World) seated(s Side, other, principals, interpreters string) (Side, error) {
	for i, d := range s.Principals {
		if !w.accredited(d, s.Delegation) {
			return s, unknownPerson(principals + "/" + strconv.Itoa(i))
		}
	}
	for i, d := range s.Interpreters {
		if !w.Interprets(d, s.Delegation, other) {
			return s, unknownPerson(interpreters + "/" + strconv.Itoa(i))
		}
	}
	s.Principals, s.Interpreters = each(s.Principals), each(s.Interpreters)
	return s, nil
}

// headed is s with the head of its delegation before the other principals.
func (w World) headed(s Side, pointer string) (Side, error) {
	d, _ := w.Delegation(s.Delegation)
	if !w.accredited(d.Head, s.Delegation) {
		return s, wrong(pointer, "no_head", "Nobody is known to head the delegation.")
	}
	s.Principals = each(slices.Concat([]string{d.Head}, s.Principals))
	return s, nil
}

// accredited says whether a delegate is, and of the delegation.
func (w World) accredited(delegate, delegation string) bool {
	p, known := w.Person(delegate)
	return known && p.Status == event.Accredited && p.Delegation == delegation
}

// Interprets says whether a delegate may interpret between two delegations: one
// of either of them or of the host, or who works for the conference. Nobody else
// can be named, because who interprets is kept from everything else at that time.
func (w World) Interprets(delegate, one, other string) bool {
	p, known := w.Person(delegate)
	if !known || p.Status != event.Accredited {
		return false
	}
	d, _ := w.Delegation(p.Delegation)
	return p.Delegation == one || p.Delegation == other || d.Kind == hostKind ||
		slices.Contains(p.Roles, caller.Desk) || slices.Contains(p.Roles, caller.Secretariat)
}

// unknownPerson is the same whether somebody is of another delegation or is not
// at all.
func unknownPerson(pointer string) error {
	return wrong(pointer, "person_unknown", "There is no such accredited person who can be named here.")
}

// from is the slot of the meeting when it begins at t.
func (m Meeting) from(t time.Time) Slot {
	t = t.UTC()
	return Slot{Start: t, End: t.Add(time.Duration(m.Minutes) * time.Minute)}
}

// offered are the slots at which a delegation, or the desk, can propose m.
func (w World) offered(m Meeting, party string, starts []time.Time) ([]Slot, error) {
	most := cmp.Or(w.Policy.MaxSlots, 3)
	switch {
	case len(starts) == 0:
		return nil, wrong("/slots", "slots_missing", "Offer at least one slot.")
	case len(starts) > most:
		return nil, problem.New(problem.Invalid, "too_many_slots", "At most %d slots can be offered.", most).
			With(problem.Field{Pointer: "/slots", Code: "too_many_slots", Detail: "These are too many slots.", Params: map[string]string{"max": strconv.Itoa(most)}})
	}
	var slots []Slot
	for i, start := range starts {
		s, at := m.from(start), "/slots/"+strconv.Itoa(i)
		if err := w.Check(m, s); err != nil {
			return nil, beneath(at, err)
		}
		if err := w.quota(m, party, s); err != nil {
			return nil, err
		}
		if m.Status == Confirmed && s.Same(m.Slot) {
			return nil, wrong(at+"/startsAt", "same_slot", "That is when the meeting is anyway.")
		}
		if !slices.ContainsFunc(slots, s.Same) {
			slots = append(slots, s)
		}
	}
	return slots, nil
}

// each are the names, each once and none empty, in their order.
func each(names []string) []string {
	var once []string
	for _, n := range names {
		if n != "" && !slices.Contains(once, n) {
			once = append(once, n)
		}
	}
	return once
}
