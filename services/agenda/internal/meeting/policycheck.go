package meeting

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// CheckPolicy refuses a policy under which nothing could be agreed on, or that
// speaks of what the conference does not have. The refusal is Invalid
// policy_wrong and names each fault in a field.
func (w World) CheckPolicy(p Policy) error {
	w.Policy = p
	c := policyCheck{world: w, refused: problem.New(problem.Invalid, "policy_wrong", "Meetings cannot be handled like that.")}
	c.grid()
	for i, h := range p.Hours {
		c.hours("/hours/"+strconv.Itoa(i), h)
	}
	for i, r := range p.Rooms {
		at := "/rooms/" + strconv.Itoa(i)
		if _, known := w.Agenda.Room(r.Room); !known {
			c.fault(at+"/room", "room_unknown", "The conference has no such room.")
		}
		if slices.ContainsFunc(p.Rooms[:i], func(x RoomRule) bool { return x.Room == r.Room }) {
			c.fault(at+"/room", "room_twice", "A room is listed once, with all its levels.")
		}
		c.levels(at+"/levels", r.Levels)
	}
	c.levels("/levels", p.Levels)
	c.numbers()
	for i, k := range p.NotAsked {
		if k.From == "" || k.To == "" {
			c.fault("/notAsked/"+strconv.Itoa(i), "kind_missing", "A pair names both kinds of delegation; * is any.")
		}
	}
	if len(c.refused.Fields) > 0 {
		return c.refused
	}
	return nil
}

type policyCheck struct {
	world   World
	refused *problem.Error
}

func (c *policyCheck) fault(pointer, code, detail string) {
	c.refused = c.refused.With(problem.Field{Pointer: pointer, Code: code, Detail: detail})
}

// grid refuses minutes that no cell can have, and changeovers for which a
// meeting of the usual length would need another cell than those it is in.
func (c *policyCheck) grid() {
	p, g := c.world.Policy, c.world.Grid()
	fives := true
	check := func(pointer string, minutes, least, most int) {
		if minutes%CellMinutes != 0 || minutes < least || minutes > most {
			fives = false
			c.fault(pointer, "minutes_wrong", "That takes multiples of 5 minutes, from "+strconv.Itoa(least)+" to "+strconv.Itoa(most)+".")
		}
	}
	check("/grid/cell", g.Cell, CellMinutes, longestMeeting)
	check("/grid/meeting", g.Meeting, CellMinutes, longestMeeting)
	check("/grid/changeover", g.Changeover, 0, 60)
	for _, l := range slices.Sorted(maps.Keys(p.Changeovers)) {
		at := "/changeovers/" + string(l)
		c.levels(at, []Level{l})
		check(at, p.Changeovers[l], 0, 60)
	}
	if cells := func(minutes int) int { return (minutes + g.Cell - 1) / g.Cell }; fives && cells(g.Meeting+g.Changeover) > cells(g.Meeting) {
		c.fault("/grid", "grid_wrong", "A meeting and the time to change over must fit in the cells the meeting takes.")
	}
}

// hours refuses times that are none, and days on which nobody is there: those of
// the conference count, and the day before and after.
func (c *policyCheck) hours(at string, h programme.Hours) {
	from, okFrom := minuteOf(h.From)
	to, okTo := minuteOf(h.To)
	switch {
	case !okFrom || !okTo || from%CellMinutes != 0 || to%CellMinutes != 0:
		c.fault(at, "hours_wrong", "Hours are local times as 15:04, in multiples of 5 minutes; the day ends at 24:00.")
	case from >= to:
		c.fault(at, "end_before_start", "Hours end after they start.")
	}
	if days := c.world.Conference.Days; h.Day != "" && len(days) > 0 {
		day, err := time.Parse(time.DateOnly, h.Day)
		if err != nil || day.AddDate(0, 0, 1).Format(time.DateOnly) < days[0] || day.AddDate(0, 0, -1).Format(time.DateOnly) > days[len(days)-1] {
			c.fault(at+"/day", "outside_conference", "The conference is not held on that day.")
		}
	}
}

func (c *policyCheck) levels(at string, levels []Level) {
	for _, l := range levels {
		if !slices.Contains(Levels(), l) {
			c.fault(at, "level_unknown", "There is no level "+strconv.Quote(string(l))+".")
		}
	}
}

// numbers refuses what is less than nothing, or more than anybody can mean.
func (c *policyCheck) numbers() {
	p := c.world.Policy
	const month = 31 * 24
	for _, n := range []struct {
		pointer  string
		is, most int
	}{
		{"/quota", p.Quota, 1000},
		{"/maxSlots", p.MaxSlots, 10},
		{"/answerHours", p.AnswerHours, month},
		{"/beforeHours", p.BeforeHours, month},
		{"/sameDayHours", p.SameDayHours, 24},
		{"/confirmBy", p.ConfirmBy, month * 60},
		{"/warning", p.Warning, month * 60},
	} {
		if n.is < 0 || n.is > n.most {
			c.fault(n.pointer, "out_of_range", "That is from 0 to "+strconv.Itoa(n.most)+".")
		}
	}
}
