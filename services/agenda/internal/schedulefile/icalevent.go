package schedulefile

import (
	"fmt"
	"strconv"
	"strings"
)

// An event is a VEVENT before anything is made of it.
type event struct {
	raw                 rawItem
	starts, ends, lasts property
	stands              property // the source's STATUS
	repeats             string   // the name of the property that says so
}

// event reads the n-th VEVENT.
func (c *icalReader) event(n int) error {
	if len(c.events) == MaxItems { // those that are left out count too
		return c.fail(TooMany, c.place(), fmt.Sprintf("the file has more than %d items", MaxItems))
	}
	absent := func(name string) field { return field{name: name, line: c.at} }
	e := &event{raw: rawItem{
		place: "/VCALENDAR/VEVENT[" + strconv.Itoa(n) + "]", line: c.at,
		guid: absent("UID"), title: absent("SUMMARY"), room: absent("LOCATION"), length: absent("DTEND"),
	}}
	err := c.component("VEVENT", n, func(p property) error {
		text := field{text: p.text(), name: p.name, line: p.line}
		switch p.name {
		case "UID":
			e.raw.guid = text
		case "SUMMARY":
			e.raw.title = text
		case "DESCRIPTION":
			e.raw.description = text
		case "LOCATION":
			e.raw.room = text
		case "CATEGORIES":
			if e.raw.track.name == "" {
				text.text = firstOf(p.value)
				e.raw.track = text
			}
		case "DTSTART":
			e.starts = p
		case "DTEND":
			e.ends, e.raw.length = p, field{name: p.name, line: p.line}
		case "DURATION":
			e.lasts, e.raw.length = p, field{name: p.name, line: p.line}
		case "STATUS":
			e.stands = p
		case "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID":
			e.repeats = p.name
		}
		return nil
	}, c.pass)
	c.events = append(c.events, e)
	return err
}

// take makes an item of an event, or says why it is none.
func (c *icalReader) take(e *event) error {
	r := e.raw
	switch {
	case e.starts.name == "":
		return r.missing(MissingStart, "DTSTART", field{}, "the event has no start")
	case e.repeats != "":
		c.leave(r, e.repeats, "the event is part of a series that repeats by a rule; it is left out. Write each of the series as an event")
	case e.starts.date():
		c.leave(r, "DTSTART", "the event is for whole days and has no time; it is left out")
	case strings.TrimSpace(r.room.text) == "":
		c.leave(r, "LOCATION", "the event has no place; it is left out")
	case c.cancels || strings.EqualFold(strings.TrimSpace(e.stands.value), "CANCELLED"):
		c.out.warn(CancelledThere, r.place+"/STATUS", max(e.stands.line, r.line), "the source has cancelled the event %q; it is left out", short(r.title.text))
	default:
		start, err := c.instant(r, e.starts)
		if err != nil {
			return err
		}
		r.from = start
		if r.lasts, err = c.length(e, start); err != nil {
			return err
		}
		return c.out.addItem(r)
	}
	return nil
}

func (c *icalReader) leave(r rawItem, property, why string) {
	c.out.warn(LeftOut, r.place+"/"+property, r.line, "%s: %q", why, short(strings.TrimSpace(r.title.text)))
}

// firstOf is the first of a list of texts.
func firstOf(list string) string {
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '\\':
			i++
		case ',':
			return property{value: list[:i]}.text()
		}
	}
	return property{value: list}.text()
}
