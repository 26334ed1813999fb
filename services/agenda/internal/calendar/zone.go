package calendar

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"
)

const (
	local = "20060102T150405"
	utc   = "20060102T150405Z"
)

// timezone describes the conference's zone as it is from first to last, from
// the same tables that the rest of the house reckons with. A calendar that knows
// other rules for the name then still shows the times the conference keeps.
//
// It begins one change before first: some calendars refuse a zone that never
// has standard time.
func (w *writer) timezone(first, last time.Time) {
	if w.zone == time.UTC {
		return
	}
	zone := w.cal.AddTimezone(w.zone.String())
	t := first.In(w.zone)
	if began, _ := t.ZoneBounds(); !began.IsZero() {
		t = began.Add(-time.Second).In(w.zone)
	}
	for {
		began, ends := t.ZoneBounds()
		zone.Components = append(zone.Components, observance(t, began))
		if ends.IsZero() || ends.After(last) {
			return
		}
		t = ends
	}
}

// observance is the time kept at t, which has been kept since began; a zero
// began is before anybody kept a record.
func observance(t, began time.Time) ics.Component {
	name, to := t.Zone()
	from, at := to, time.Unix(0, 0).UTC()
	if !began.IsZero() {
		_, from = began.Add(-time.Second).Zone()
		at = began.UTC().Add(time.Duration(from) * time.Second) // as clocks showed it just before
	}
	var base ics.ComponentBase
	base.AddProperty(ics.ComponentPropertyDtStart, at.Format(local))
	base.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), offset(from))
	base.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), offset(to))
	base.AddProperty(ics.ComponentProperty(ics.PropertyTzname), name)
	if t.IsDST() {
		return &ics.Daylight{ComponentBase: base}
	}
	return &ics.Standard{ComponentBase: base}
}

// offset is seconds east of Greenwich as +hhmm, with seconds where the past had them.
func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	if s != 0 {
		return fmt.Sprintf("%c%02d%02d%02d", sign, h, m, s)
	}
	return fmt.Sprintf("%c%02d%02d", sign, h, m)
}

// times writes when something is, on the clocks of the conference. Without a
// duration it ends when it starts, which is said by saying nothing.
func (w *writer) times(out *ics.VEvent, start, end time.Time) {
	start, end = start.In(w.zone), end.In(w.zone)
	write := func(p ics.ComponentProperty, t time.Time) {
		if w.zone == time.UTC || again(start) || again(end) {
			out.AddProperty(p, t.UTC().Format(utc))
			return
		}
		out.AddProperty(p, t.Format(local), ics.WithTZID(w.zone.String()))
	}
	write(ics.ComponentPropertyDtStart, start)
	if end.After(start) {
		write(ics.ComponentPropertyDtEnd, end)
	}
}

// again says whether clocks show t for the second time, having been put back:
// calendars take a local time that comes twice for the first (RFC 5545, 3.3.5).
func again(t time.Time) bool {
	began, _ := t.ZoneBounds()
	if began.IsZero() {
		return false
	}
	_, before := began.Add(-time.Second).Zone()
	_, now := t.Zone()
	return t.Sub(began) < time.Duration(before-now)*time.Second
}
