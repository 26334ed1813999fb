package schedulefile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// How times are spelled in a calendar, in a zone and in UTC.
const (
	icalLocal = "20060102T150405"
	icalUTC   = "20060102T150405Z"
)

// date tells whether the value is a day and no time.
func (p property) date() bool {
	return strings.EqualFold(p.param("VALUE"), "DATE") || len(strings.TrimSpace(p.value)) == len("20060102")
}

// instant reads a date and time.
func (c *icalReader) instant(r rawItem, p property) (time.Time, error) {
	at := field{name: p.name, line: p.line}
	bad := func(format string, args ...any) error {
		return &Error{Code: BadStart, Place: r.at(at), Line: p.line, Detail: fmt.Sprintf(format, args...)}
	}
	value, zone := strings.TrimSpace(p.value), p.param("TZID")
	t, err := time.Parse(icalUTC, value)
	if err != nil {
		if t, err = time.Parse(icalLocal, value); err != nil {
			return t, bad("%q is not a date and time such as 20131017T090000Z", short(value))
		}
		if zone == "" {
			zone = c.out.file.Conference.TimeZone
		}
		if zone == "" {
			return t, bad("%q has no time zone: a Z at its end or a TZID is needed", short(value))
		}
		ahead, known := c.zones.find(zone)
		if !known {
			return t, bad("the time zone %q is not known; use a name such as Europe/Berlin, describe it by yearly rules, or write times in UTC", short(zone))
		}
		var exists bool
		if t, exists = onTheWall(t, ahead); !exists {
			c.out.warn(NoSuchTime, r.at(at), p.line, "clocks skip %s in %s; it is read as if they did not", value, short(zone))
		}
	}
	if y := t.Year(); y < 1970 || y > 2199 {
		return t, bad("the year of %q cannot be meant", short(value))
	}
	return t.UTC(), nil
}

// onTheWall is when clocks that are so far ahead show what wall shows in UTC: the
// first time where they do twice, and by the offset before where they never do
// (RFC 5545, 3.3.5).
func onTheWall(wall time.Time, ahead offsets) (t time.Time, exists bool) {
	before := wall.Add(-ahead(wall.Add(-24 * time.Hour)))
	for _, t := range []time.Time{before, wall.Add(-ahead(wall.Add(24 * time.Hour)))} {
		if t.Add(ahead(t)).Equal(wall) {
			return t, true
		}
	}
	return before, false
}

// length is how long an event lasts.
func (c *icalReader) length(e *event, start time.Time) (time.Duration, error) {
	r := e.raw
	bad := func(format string, args ...any) error {
		return &Error{Code: BadDuration, Place: r.at(r.length), Line: r.length.line, Detail: fmt.Sprintf(format, args...)}
	}
	var lasts time.Duration
	switch {
	case e.ends.name != "" && e.ends.date():
		return 0, bad("the event starts at a time and ends on a day")
	case e.ends.name != "":
		end, err := c.instant(r, e.ends)
		if err != nil {
			return 0, err
		}
		if lasts = end.Sub(start); lasts < 0 {
			return 0, bad("the event ends before it starts")
		}
	case e.lasts.name != "":
		var ok bool
		if lasts, ok = icalDuration(strings.TrimSpace(e.lasts.value)); !ok {
			return 0, bad("%q is not a duration such as PT1H30M", short(e.lasts.value))
		}
	}
	if lasts > MaxDuration {
		return 0, bad("the event lasts longer than the %d hours an item may last", MaxDuration/time.Hour)
	}
	return lasts, nil
}

var icalDurations = regexp.MustCompile(`^\+?P(?:(\d{1,3})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?)$`)

// icalDuration reads P1W or P1DT1H30M; a negative one is none.
func icalDuration(s string) (time.Duration, bool) {
	parts := icalDurations.FindStringSubmatch(strings.ToUpper(s))
	if parts == nil || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
		return 0, false
	}
	var total time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(parts[1+i]) // digits, or none
		total += time.Duration(n) * unit
	}
	return total, true
}
