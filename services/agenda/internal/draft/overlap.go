package draft

import (
	"slices"
	"strconv"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// rooms finds two sessions in one room at one time. Where an imported source
// itself has both there, it is said and not refused: the people who run that
// stage published it so. Nor does a session that has begun keep the next one of
// its source out: it can make way no more. sessions are by start.
func (c *checker) rooms(sessions []programme.Session) {
	c.overlaps(grouped(sessions, func(s programme.Session) []string { return []string{s.Room} }), func(_ string, s, other programme.Session) {
		x := c.add(RoomOccupied, !c.excused(s) || !c.excused(other), s, "Another session is in that room at that time.", "session", other.ID)
		x.Room, x.Other = s.Room, other.ID
	})
}

// excused says whether a session need not answer for where it is.
func (c *checker) excused(s programme.Session) bool {
	return c.asPublished(s) || s.Source != nil && s.Begun(c.now)
}

// asPublished says whether a session is when and where its source has it.
func (c *checker) asPublished(s programme.Session) bool {
	r, _ := c.agenda.Room(s.Room)
	return s.Source != nil && s.Source.Start.Equal(s.Start) && s.Source.End.Equal(s.End) && s.Source.Room == r.Name
}

// people finds who has two parts at one time, or cannot walk from one to the
// next. Somebody from outside is known by a name only, and two people may have
// one, so that is said and not refused.
func (c *checker) people(sessions []programme.Session) {
	delegates := grouped(sessions, programme.Session.Duties)
	c.overlaps(delegates, func(who string, s, other programme.Session) {
		x := c.add(PersonTwice, true, s, "Somebody has a part in another session at that time.", "session", other.ID)
		x.Delegate, x.Other = who, other.ID
	})
	c.overlaps(grouped(sessions, outside), func(name string, s, other programme.Session) {
		c.add(PersonTwice, false, s, "Somebody of that name has a part in another session at that time.", "name", name, "session", other.ID).Other = other.ID
	})
	for who, day := range delegates {
		for i := 1; i < len(day); i++ {
			c.walk(who, day[i-1], day[i])
		}
	}
}

// outside are the people who are no delegates.
func outside(s programme.Session) []string {
	var names []string
	for _, p := range s.People {
		if p.Delegate == "" && p.Name != "" && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// walk looks whether somebody gets from one session to the next in time.
func (c *checker) walk(who string, from, to programme.Session) {
	if !c.mine[from.ID] && !c.mine[to.ID] {
		return
	}
	a, _ := c.agenda.Room(from.Room)
	b, _ := c.agenda.Room(to.Room)
	needs, has := c.facts.Between(a.Zone, b.Zone), to.Start.Sub(from.End)
	if has >= 0 && has < needs {
		x := c.add(WalkTooShort, false, to, "Somebody comes from another session and cannot walk that fast.",
			"minutes", minutes(has), "needed", minutes(needs))
		x.Delegate, x.Other = who, from.ID
	}
}

// overlaps calls found for each two sessions of a group that overlap and of
// which one is the draft's, with that one first.
func (c *checker) overlaps(groups map[string][]programme.Session, found func(group string, s, other programme.Session)) {
	for name, group := range groups {
		for i, s := range group {
			for _, other := range group[i+1:] {
				if !other.Start.Before(s.End) {
					break // they are by start
				}
				switch {
				case !s.Start.Before(other.End): // one of no length at all
				case c.mine[s.ID]:
					found(name, s, other)
				case c.mine[other.ID]:
					found(name, other, s)
				}
			}
		}
	}
}

// grouped are the sessions by each of their keys, in the order they came.
func grouped(sessions []programme.Session, keys func(programme.Session) []string) map[string][]programme.Session {
	groups := map[string][]programme.Session{}
	for _, s := range sessions {
		for _, k := range keys(s) {
			groups[k] = append(groups[k], s)
		}
	}
	return groups
}

func minutes(d time.Duration) string { return strconv.Itoa(int(d.Minutes())) }
