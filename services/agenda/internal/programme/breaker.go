package programme

import (
	"maps"
	"time"
)

// When a release is held until a person confirms it.
const (
	shareOf     = 5  // more than one in five of the coming sessions
	tripAtLeast = 10 // sessions; fewer are nobody's data error
	// Of those moved, four of five by one amount.
	togetherOf, togetherIn = 4, 5
	// More messages than three for every two participants.
	messagesFor, participantsFor = 3, 2
	// A typed number of notices may be off by one in so many.
	slackOf = 20
)

// Rules of the breaker, as they are told.
const (
	TripShare    = "many_changed"
	TripTogether = "same_shift"
	TripMessages = "many_notices"
)

// A Trip is one rule of the breaker and the figures that tripped it.
type Trip struct {
	Rule string `bson:"rule"`
	// Count is how many: sessions changed, sessions moved alike, or messages. Of
	// is out of how many: coming sessions, sessions moved, or participants.
	Count int `bson:"count"`
	Of    int `bson:"of"`
	// Shift is by how much they moved together.
	Shift time.Duration `bson:"shift,omitempty"`
}

// Trips are the rules that hold a release which brings changes to a, at now on
// the conference clock. messages is how many notices it sends to single people,
// participants how many people take part; that rule sleeps while nobody is
// known to.
//
// Coming sessions have not begun and are not cancelled. A session that is new
// is none that changes.
func (a Agenda) Trips(changes []Change, now time.Time, messages, participants int) []Trip {
	coming := func(s Session) bool { return s.Status != Cancelled && now.Before(s.Start) }
	of, changed, moved, alike := 0, 0, 0, map[time.Duration]int{}
	for _, s := range a.sessions {
		if coming(s) {
			of++
		}
	}
	for _, c := range changes {
		if c.Before == nil {
			continue
		}
		if coming(*c.Before) {
			changed++
		}
		if c.Is(Time) && !c.over(now) {
			moved++
			alike[c.After.Start.Sub(c.Before.Start)]++
		}
	}
	var trips []Trip
	if changed >= tripAtLeast && changed*shareOf > of {
		trips = append(trips, Trip{Rule: TripShare, Count: changed, Of: of})
	}
	for shift, n := range alike { // at most one has so many
		if moved >= tripAtLeast && n*togetherIn >= moved*togetherOf {
			trips = append(trips, Trip{Rule: TripTogether, Count: n, Of: moved, Shift: shift})
		}
	}
	if participants > 0 && messages*participantsFor > participants*messagesFor {
		trips = append(trips, Trip{Rule: TripMessages, Count: messages, Of: participants})
	}
	return trips
}

// A Toll is what a release would cost those it reaches.
type Toll struct {
	// Notices counts each person once for each session they are told of.
	Notices int `bson:"notices"`
	People  int `bson:"people"`
	// ByUrgency is the same for each urgency there is something of; who hears of
	// two sessions may be counted under two of them.
	ByUrgency map[Urgency]Share `bson:"byUrgency,omitempty"`
}

// Confirms says whether a person who typed a number of notices has seen this
// toll. People pick sessions while somebody types, so at a large conference the
// number is seldom the one that was shown: one in twenty either way will do,
// and below twenty notices nothing but the number itself.
func (t Toll) Confirms(typed int) bool {
	return max(typed-t.Notices, t.Notices-typed) <= t.Notices/slackOf
}

// A Share is a part of a toll.
type Share struct {
	Notices int      `bson:"notices"`
	People  []string `bson:"-"` // delegate ids
	Count   int      `bson:"people"`
	// Phones is how many they have; nil when nobody who knows has said.
	Phones *int `bson:"phones,omitempty"`
}

// CountToll counts whom the changes reach at now, on the conference clock: the
// people with a part in a session, before or after, and those audience names,
// which are the ones who picked it, and of what is for all, all; of these,
// those who may be told anything.
func CountToll(changes []Change, now time.Time, audience func(session string) []string, all []string, may func(delegate string) bool) Toll {
	t := Toll{ByUrgency: map[Urgency]Share{}}
	everybody := map[string]bool{}
	under := map[Urgency]map[string]bool{}
	for _, c := range changes {
		u, notice := c.Severity(now)
		if !notice {
			continue
		}
		hears := map[string]bool{}
		for _, who := range audience(c.Session) {
			hears[who] = true
		}
		if c.ForAll() {
			for _, who := range all {
				hears[who] = true
			}
		}
		for _, s := range []*Session{c.Before, c.After} {
			if s == nil {
				continue
			}
			for _, who := range s.Duties() {
				hears[who] = true
			}
		}
		maps.DeleteFunc(hears, func(who string, _ bool) bool { return !may(who) })
		if len(hears) == 0 {
			continue
		}
		if under[u] == nil {
			under[u] = map[string]bool{}
		}
		share := t.ByUrgency[u]
		share.Notices += len(hears)
		t.Notices += len(hears)
		for who := range hears {
			everybody[who] = true
			if !under[u][who] {
				under[u][who] = true
				share.People = append(share.People, who)
			}
		}
		share.Count = len(share.People)
		t.ByUrgency[u] = share
	}
	t.People = len(everybody)
	return t
}
