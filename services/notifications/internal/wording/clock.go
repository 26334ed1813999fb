package wording

import (
	"strings"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// A clock says times in one language and one zone.
type clock struct {
	c   *catalogue
	loc *time.Location
}

// hour is on the 24-hour clock in every language: that is how programmes are
// printed, and what stands on the door.
func (k clock) hour(t time.Time) string { return t.In(k.loc).Format("15:04") }

func (k clock) day(t time.Time) string {
	t = t.In(k.loc)
	return k.c.say("form.day", words{
		Weekday: k.c.dates.WeekdayAbbreviated(t.Weekday()), Day: t.Day(), Month: k.c.dates.MonthAbbreviated(t.Month()),
	})
}

func (k clock) moment(t time.Time) string {
	return k.c.say("form.moment", words{Date: k.day(t), Time: k.hour(t)})
}

// slot is from when to when; the second day is named where it is another.
func (k clock) slot(start, end time.Time) string {
	x := words{Date: k.day(start), Time: k.hour(start), EndTime: k.hour(end)}
	a, b := start.In(k.loc), end.In(k.loc)
	if a.YearDay() == b.YearDay() && a.Year() == b.Year() {
		return k.c.say("form.slot", x)
	}
	x.EndDate = k.day(end)
	return k.c.say("form.overnight", x)
}

// slots are several of them.
func (k clock) slots(spans []push.Span) string {
	all := make([]string, 0, len(spans))
	for _, s := range spans {
		all = append(all, k.slot(s.Start, s.End))
	}
	return joined(k.c.between.slots, all)
}

// place is when and where, as far as there is any; empty for no slot.
func (k clock) place(s push.State) string {
	if s.Start.IsZero() {
		return ""
	}
	slot, room := k.slot(s.Start, s.End), k.c.foreign(s.Room)
	if room == "" {
		return slot
	}
	return k.c.say("form.place", words{Slot: slot, Room: room})
}

// in says whose time it is.
func (k clock) in(iana string) string {
	return k.c.say("form.zone", words{City: k.c.city(iana)})
}

// city is what people call a zone: its city, in their language where it has a
// name there.
func (c *catalogue) city(iana string) string {
	if name := c.cities[iana][c.tag.String()]; name != "" {
		return name
	}
	return c.foreign(strings.ReplaceAll(iana[strings.LastIndex(iana, "/")+1:], "_", " "))
}
