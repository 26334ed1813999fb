package draft

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// A Code says what stands against releasing a draft.
type Code string

// Codes of errors, which block a release.
const (
	RoomOccupied   Code = "room_occupied"
	RoomUnknown    Code = "room_unknown"
	ThemeUnknown   Code = "theme_unknown"
	PersonUnclear  Code = "person_unclear"
	EndBeforeStart Code = "end_before_start"
	TooLong        Code = "too_long"
	PersonTwice    Code = "person_twice"
	SessionBegun   Code = "session_begun"
	TitleMissing   Code = "title_missing"
)

// Codes of warnings, which inform.
const (
	RoomTooSmall      Code = "capacity"
	WalkTooShort      Code = "walking_time"
	RoomClosed        Code = "outside_hours"
	OutsideConference Code = "outside_conference"
	ModeratorMissing  Code = "moderator_missing"
	InThePast         Code = "in_the_past"
)

// ChangedMeanwhile is a warning that has to be acknowledged: somebody else
// changed what the draft changes too. Whoever edits the thing again, with the
// present state before the eyes, has acknowledged it.
const ChangedMeanwhile Code = "changed_meanwhile"

// A Conflict is one thing that stands against a release.
type Conflict struct {
	// ID is the same as long as the conflict is the same: to acknowledge it by.
	ID   string
	Code Code
	// Error blocks the release; a warning does not.
	Error bool
	// Session or Room is what it is about, Other the other session of two.
	Session, Room, Other string
	Delegate             string
	// Field was changed meanwhile: what the draft and the agenda say in it.
	Field         programme.Field
	Draft, Agenda string
	Detail        string
	// Params let an app say it in its own words.
	Params map[string]string
}

// Blocks says whether the draft cannot be released before something is done.
func (c Conflict) Blocks() bool { return c.Error || c.Code == ChangedMeanwhile }

// delegateID is how the ids of delegates may look.
var delegateID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._:-]{0,63}$`)

// A checker looks at the agenda as it would be.
type checker struct {
	facts   programme.Conference
	present programme.Agenda
	agenda  programme.Agenda
	now     time.Time
	zone    *time.Location
	// mine are the sessions the draft is about: only what they are part of counts,
	// because a draft need not mend what was wrong before.
	mine  map[string]bool
	picks func(session string) int
	found []Conflict
}

// Conflicts are what stands against releasing d on a, errors first. now is a
// moment of the conference clock, picks how many people picked a session.
func (d Draft) Conflicts(facts programme.Conference, a programme.Agenda, now time.Time, picks func(session string) int) []Conflict {
	c := &checker{facts: facts, present: a, agenda: d.Merged(a), now: now, zone: facts.Location(), mine: map[string]bool{}, picks: picks}
	_, clashes := d.Proposal(a)
	for _, x := range clashes {
		c.clash(x)
	}
	c.touched(d)
	sessions := slices.DeleteFunc(c.agenda.Sessions(), func(s programme.Session) bool { return s.Status == programme.Cancelled })
	for _, s := range sessions {
		if c.mine[s.ID] {
			c.alone(s)
			c.place(s)
		}
	}
	c.begun(d)
	c.rooms(sessions)
	c.people(sessions)
	for i := range c.found {
		c.found[i].ID = c.name(c.found[i])
	}
	slices.SortStableFunc(c.found, func(x, y Conflict) int {
		return cmp.Or(rank(x)-rank(y), strings.Compare(x.Session, y.Session), strings.Compare(string(x.Code), string(y.Code)), strings.Compare(x.Other, y.Other))
	})
	return c.found
}

func rank(c Conflict) int {
	switch {
	case c.Error:
		return 0
	case c.Blocks():
		return 1
	}
	return 2
}

// touched are the sessions that are edited, and those in rooms that are.
func (c *checker) touched(d Draft) {
	for _, e := range d.Sessions {
		c.mine[e.ID] = true
	}
	rooms := map[string]bool{}
	for _, e := range d.Rooms {
		rooms[e.ID] = true
	}
	for _, s := range c.agenda.Sessions() {
		if rooms[s.Room] && c.now.Before(s.End) {
			c.mine[s.ID] = true
		}
	}
}

func (c *checker) add(code Code, blocks bool, s programme.Session, detail string, params ...string) *Conflict {
	x := Conflict{Code: code, Error: blocks, Session: s.ID, Detail: detail}
	for i := 0; i+1 < len(params); i += 2 {
		if x.Params == nil {
			x.Params = map[string]string{}
		}
		x.Params[params[i]] = params[i+1]
	}
	c.found = append(c.found, x)
	return &c.found[len(c.found)-1]
}

// alone is what is wrong with a session whatever else there is. A length that
// its source published is said and not refused.
func (c *checker) alone(s programme.Session) {
	switch length := s.End.Sub(s.Start); {
	case length <= 0:
		c.add(EndBeforeStart, !c.asPublished(s), s, "A session ends after it starts.")
	case length > 24*time.Hour:
		c.add(TooLong, !c.asPublished(s), s, "A session lasts at most 24 hours.")
	}
	if len(s.Title) == 0 {
		c.add(TitleMissing, true, s, "A session has a title.")
	}
	// What a source calls a track need not be a theme of ours.
	if s.Theme != "" && s.Source == nil && !slices.ContainsFunc(c.facts.Themes, func(t programme.Theme) bool { return t.ID == s.Theme }) {
		c.add(ThemeUnknown, true, s, "The conference has no such theme.", "theme", s.Theme)
	}
	moderated := false
	for _, p := range s.People {
		moderated = moderated || p.Role == programme.Moderator
		if (p.Delegate == "") == (p.Name == "") || p.Delegate != "" && !delegateID.MatchString(p.Delegate) {
			c.add(PersonUnclear, true, s, "Everybody with a part is a delegate, by id, or somebody else, by name.")
		}
	}
	if s.Kind == programme.Panel && !moderated {
		c.add(ModeratorMissing, false, s, "The panel has no moderator.")
	}
	was, there := c.present.Session(s.ID)
	if there && was.Start.Equal(s.Start) {
		return
	}
	if s.Start.Before(c.now) {
		c.add(InThePast, false, s, "On the conference clock this time has passed.")
	}
	day := s.Start.In(c.zone).Format(time.DateOnly)
	if len(c.facts.Days) > 0 && !slices.Contains(c.facts.Days, day) {
		c.add(OutsideConference, false, s, "The conference is not held on that day.", "day", day)
	}
}

// place is what is wrong with the room of a session.
func (c *checker) place(s programme.Session) {
	r, ok := c.agenda.Room(s.Room)
	if !ok {
		c.add(RoomUnknown, true, s, "The conference has no such room.", "room", s.Room)
		return
	}
	if !r.Opens(s.Start, s.End, c.zone) {
		c.add(RoomClosed, false, s, "The room is not open all that time.").Room = r.ID
	}
	need := max(c.picks(s.ID), len(s.Access.Delegates)+s.Access.Seats*len(s.Access.Delegations))
	if r.Capacity > 0 && need > r.Capacity {
		c.add(RoomTooSmall, false, s, fmt.Sprintf("%d people are expected in a room for %d.", need, r.Capacity),
			"people", strconv.Itoa(need), "capacity", strconv.Itoa(r.Capacity)).Room = r.ID
	}
}

// begun refuses to move what people are sitting in, or to strike it out.
func (c *checker) begun(d Draft) {
	for _, e := range d.Sessions {
		was, there := c.present.Session(e.ID)
		if !there || !was.Begun(c.now) {
			continue
		}
		s, stays := c.agenda.Session(e.ID)
		if !stays || !s.Start.Equal(was.Start) || s.Room != was.Room {
			c.add(SessionBegun, true, was, "The session has begun: it keeps its start and its room.")
		}
	}
}

// clash puts what two people changed side by side.
func (c *checker) clash(x Clash) {
	found := Conflict{
		Code: ChangedMeanwhile, Session: x.Session, Room: x.Room, Field: x.Field,
		Detail: "This was changed since it was edited here. Acknowledge it, edit it again, or take it out.",
	}
	mine, _ := c.agenda.Session(x.Session)
	if now, there := c.present.Session(x.Session); there && x.Field != "" {
		found.Agenda, found.Draft = c.present.Spelled(now, x.Field), c.agenda.Spelled(mine, x.Field)
	}
	c.found = append(c.found, found)
}

// name makes an id of all that a conflict is about, and of the present state of
// what was changed meanwhile: who acknowledges it has seen that one.
func (c *checker) name(x Conflict) string {
	h := fnv.New64a()
	_, _ = fmt.Fprintln(h, x.Code, x.Session, x.Room, x.Other, x.Delegate, x.Field)
	if x.Code == ChangedMeanwhile {
		now, _ := c.present.Session(x.Session)
		room, _ := c.present.Room(x.Room)
		_, _ = fmt.Fprintln(h, now.Revision, room)
	}
	return strconv.FormatUint(h.Sum64(), 16)
}
