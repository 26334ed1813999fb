package schedulefile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How times are spelled in a calendar, in a zone and in UTC.
const (
	icalLocal = "20060102T150405"
	icalUTC   = "20060102T150405Z"
)

// A zone is what a VTIMEZONE says. Its rules are not followed: the names are
// those of the tz database nearly always, and the tables of this house are kept
// up to date.
type zone struct {
	location string   // the name in the tz database, where the writer gives it
	offsets  []string // all there ever are
}

// zones are by their TZID.
type zones map[string]zone

// zone reads the n-th VTIMEZONE.
func (c *icalReader) zone(n int) error {
	var id string
	var z zone
	err := c.component("VTIMEZONE", n, func(p property) error {
		switch p.name {
		case "TZID":
			id = p.text()
		case "X-LIC-LOCATION":
			z.location = p.text()
		}
		return nil
	}, func(name string) error {
		return c.component(name, 0, func(p property) error {
			if offset := strings.TrimSpace(p.value); p.name == "TZOFFSETTO" && len(z.offsets) < 2 && !slices.Contains(z.offsets, offset) {
				z.offsets = append(z.offsets, offset)
			}
			return nil
		}, c.pass)
	})
	if len(c.zones) == MaxRooms {
		return c.fail(TooMany, c.place(), fmt.Sprintf("the file has more than %d time zones", MaxRooms))
	}
	c.zones[id] = z
	return err
}

// find is the zone of that name: one of the tz database, also behind a prefix as
// some software writes, or one that the file describes and that never changes.
func (z zones) find(id string) (*time.Location, bool) {
	names := []string{id, z[id].location}
	for rest := id; ; {
		_, after, more := strings.Cut(rest, "/")
		if !more {
			break
		}
		if rest = after; len(names) < 8 {
			names = append(names, rest)
		}
	}
	for _, name := range names {
		if name == "" || name == "Local" || len(name) > 100 {
			continue
		}
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, true
		}
	}
	if offsets := z[id].offsets; len(offsets) == 1 {
		if t, err := time.Parse("-0700", offsets[0]); err == nil {
			_, seconds := t.Zone()
			return time.FixedZone(id, seconds), true
		}
	}
	return nil, false
}

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
		loc, known := c.zones.find(zone)
		if !known {
			return t, bad("the time zone %q is not known; use a name such as Europe/Berlin, or write times in UTC", short(zone))
		}
		var exists bool
		if t, exists = onTheWall(t, loc); !exists {
			c.out.warn(NoSuchTime, r.at(at), p.line, "clocks skip %s in %s; it is read as if they did not", value, short(zone))
		}
	}
	if y := t.Year(); y < 1970 || y > 2199 {
		return t, bad("the year of %q cannot be meant", short(value))
	}
	return t.UTC(), nil
}

// onTheWall is when clocks in loc show what wall shows in UTC: the first time
// where they do twice, and by the offset before where they never do (RFC 5545,
// 3.3.5).
func onTheWall(wall time.Time, loc *time.Location) (t time.Time, exists bool) {
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(loc).Zone()
		return time.Duration(seconds) * time.Second
	}
	before := wall.Add(-offset(wall.Add(-24 * time.Hour)))
	for _, t := range []time.Time{before, wall.Add(-offset(wall.Add(24 * time.Hour)))} {
		if t.Add(offset(t)).Equal(wall) {
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
