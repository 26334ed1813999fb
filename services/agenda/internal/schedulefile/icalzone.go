package schedulefile

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Bounds of what a file says of time zones. The longest histories there are have
// some 200 observances; no writer describes a hundred zones of its own making.
const (
	maxObservances = 500
	maxRules       = 100 // that are followed in one file; each takes a few milliseconds
)

// farthest is when the rules of a zone end for us.
var farthest = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// yearly are the rules by which clocks change: once a year, on a day of one month.
var yearly = regexp.MustCompile(`^(?:;(?:FREQ=YEARLY|INTERVAL=1|COUNT=\d{1,3}|UNTIL=\d{8}T\d{6}Z?|WKST=[A-Z]{2}|BYMONTH=\d{1,2}|BYDAY=[+-]?[1-5]?[A-Z]{2}|BYMONTHDAY=-?\d{1,2}(?:,-?\d{1,2}){0,6}))+$`)

// An observance is one of the offsets of a zone, and from when clocks show it.
type observance struct {
	starts   string // on the wall, by the offset before
	from, to string
	rule     string
	dates    []string
}

// A zone is what a VTIMEZONE says.
type zone struct {
	location    string // the name in the tz database, where the writer gives it
	observances []observance
}

// Offsets answer how far the clocks of a place are ahead of UTC at an instant.
type offsets func(time.Time) time.Duration

// zones are what the file says of them, by their TZID, and what was found: a
// file has a thousand events and one zone.
type zones struct {
	told  map[string]zone
	found map[string]offsets // nil for those that are not known
	rules int                // that were followed
}

func newZones() zones { return zones{told: map[string]zone{}, found: map[string]offsets{}} }

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
		var o observance
		err := c.component(name, 0, func(p property) error {
			value := strings.TrimSpace(p.value)
			switch p.name {
			case "DTSTART":
				o.starts = value
			case "TZOFFSETFROM":
				o.from = value
			case "TZOFFSETTO":
				o.to = value
			case "RRULE":
				o.rule = value
			case "RDATE":
				o.dates = append(o.dates, strings.Split(value, ",")...)
			}
			return nil
		}, c.pass)
		if len(z.observances) == maxObservances || len(o.dates) > maxObservances {
			return c.fail(TooMany, c.place(), fmt.Sprintf("a time zone changes its clocks more than %d times", maxObservances))
		}
		z.observances = append(z.observances, o)
		return err
	})
	if len(c.zones.told) == MaxRooms {
		return c.fail(TooMany, c.place(), fmt.Sprintf("the file has more than %d time zones", MaxRooms))
	}
	c.zones.told[id] = z
	return err
}

// find is the zone of that name: one of the tz database, also behind a prefix as
// some software writes, or else as the file describes it. The tables of this
// house are kept up to date, and those of who wrote the file may not be.
func (z *zones) find(id string) (offsets, bool) {
	if found, looked := z.found[id]; looked {
		return found, found != nil
	}
	found := z.look(id)
	z.found[id] = found
	return found, found != nil
}

func (z *zones) look(id string) offsets {
	names := []string{id, z.told[id].location}
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
			return func(t time.Time) time.Duration {
				_, seconds := t.In(loc).Zone()
				return time.Duration(seconds) * time.Second
			}
		}
	}
	for _, o := range z.told[id].observances {
		if o.rule != "" {
			z.rules++
		}
	}
	if z.rules > maxRules {
		return nil
	}
	return z.told[id].follow()
}

// A turn is an instant from which clocks show another offset.
type turn struct {
	at       time.Time
	from, to time.Duration
}

// follow is what the rules of z come to; nil when they are beyond this reader.
func (z zone) follow() offsets {
	var turns []turn
	for _, o := range z.observances {
		to, known := offset(o.to)
		from, stated := offset(o.from)
		if !known || o.from != "" && !stated {
			return nil
		}
		if !stated && len(z.observances) == 1 {
			from = to // there is nothing it could come from
		}
		onsets, ok := o.onsets(from)
		if !ok {
			return nil
		}
		for _, wall := range onsets {
			turns = append(turns, turn{wall.Add(-from), from, to})
		}
	}
	if len(turns) == 0 {
		return nil
	}
	slices.SortFunc(turns, func(x, y turn) int { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.to, y.to)) })
	return func(t time.Time) time.Duration {
		i, exact := slices.BinarySearchFunc(turns, t, func(x turn, t time.Time) int { return x.at.Compare(t) })
		if exact {
			i++
		}
		if i == 0 {
			return turns[0].from
		}
		return turns[i-1].to
	}
}

// onsets are when an observance begins, as clocks on the wall then show, which
// are from ahead of UTC.
func (o observance) onsets(from time.Duration) ([]time.Time, bool) {
	starts := time.Time{}
	if o.starts != "" {
		var err error
		if starts, err = time.Parse(icalLocal, o.starts); err != nil {
			return nil, false
		}
	}
	onsets := []time.Time{starts}
	for _, date := range o.dates {
		at, err := time.Parse(icalLocal, strings.TrimSpace(date))
		if err != nil {
			return nil, false
		}
		onsets = append(onsets, at)
	}
	if o.rule == "" {
		return onsets, true
	}
	if rule := strings.ToUpper(o.rule); o.starts != "" && yearly.MatchString(";"+rule) {
		opts, err := rrule.StrToROption(rule)
		if err != nil || opts.Freq != rrule.YEARLY {
			return nil, false
		}
		opts.Dtstart = starts
		if strings.Contains(rule, opts.Until.Format("UNTIL="+icalUTC)) {
			opts.Until = opts.Until.Add(from)
		}
		if opts.Until.IsZero() || opts.Until.After(farthest) {
			opts.Until = farthest
		}
		r, err := rrule.NewRRule(*opts)
		if err != nil {
			return nil, false
		}
		return append(onsets, r.All()...), true
	}
	return nil, false
}

// offset reads +0900, or +004231 of old.
func offset(s string) (time.Duration, bool) {
	for _, layout := range []string{"-0700", "-070000"} {
		if t, err := time.Parse(layout, s); err == nil {
			_, seconds := t.Zone()
			return time.Duration(seconds) * time.Second, true
		}
	}
	return 0, false
}
