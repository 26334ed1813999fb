package preferences

import (
	"time"
)

// A Clock is a time of day as people read it off a wall, from "00:00" to
// "23:59". As text, earlier is less.
type Clock string

// Valid says whether c is a time of day.
func (c Clock) Valid() bool {
	t, err := time.Parse("15:04", string(c))
	return err == nil && t.Format("15:04") == string(c)
}

// sinceMidnight is how long after midnight a valid c is, on a day on which no clock
// is changed. It is asked for each push.
func (c Clock) sinceMidnight() time.Duration {
	if len(c) != len("15:04") {
		return 0
	}
	digit := func(at int) time.Duration { return time.Duration(c[at] - '0') }
	return (10*digit(0)+digit(1))*time.Hour + (10*digit(3)+digit(4))*time.Minute
}

// on is when the clocks of a place read c on a day (midnight in UTC): the first
// and the last time, which differ when an hour is repeated. Where they skip c it
// is when they skip it.
func (c Clock) on(day time.Time, loc *time.Location) (first, last time.Time) {
	read := day.Add(c.sinceMidnight())
	t := time.Date(read.Year(), read.Month(), read.Day(), read.Hour(), read.Minute(), 0, 0, loc)
	begin, end := t.ZoneBounds()
	switch reads := reading(t); {
	case reads.After(read):
		return begin, begin
	case reads.Before(read):
		return end, end
	}
	first, last = t, t
	if !begin.IsZero() {
		if earlier := read.Add(-offset(begin.Add(-1))); earlier.Before(begin) {
			first = earlier
		}
	}
	if !end.IsZero() {
		if later := read.Add(-offset(end)); !later.Before(end) {
			last = later
		}
	}
	return first, last
}

// reading is what the clocks of its place show at t, as if it were UTC.
func reading(t time.Time) time.Time { return t.UTC().Add(offset(t)) }

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// date is the day of a place at t, as midnight in UTC.
func date(t time.Time, loc *time.Location) time.Time {
	return reading(t.In(loc)).Truncate(24 * time.Hour)
}

// until is when the quiet that holds now ends; zero when none does. It begins
// when the clocks read From for the first time and ends when they read To for the
// last: a night on which an hour is repeated is quiet for an hour longer.
func (q Quiet) until(now time.Time, loc *time.Location) time.Time {
	today := date(now, loc)
	for _, begins := range []time.Time{today.AddDate(0, 0, -1), today} {
		ends := begins
		if q.To <= q.From {
			ends = begins.AddDate(0, 0, 1)
		}
		from, _ := q.From.on(begins, loc)
		_, to := q.To.on(ends, loc)
		if !now.Before(from) && now.Before(to) {
			return to
		}
	}
	return time.Time{}
}

// Next is when the digest after t is due.
func (d Digest) Next(t time.Time, loc *time.Location) time.Time {
	var next time.Time
	for days := -1; days <= 2; days++ {
		for _, c := range d.At {
			due, _ := c.on(date(t, loc).AddDate(0, 0, days), loc)
			if due.After(t) && (next.IsZero() || due.Before(next)) {
				next = due
			}
		}
	}
	return next
}

// Last is when the digest was due last, at t or before.
func (d Digest) Last(t time.Time, loc *time.Location) time.Time {
	var last time.Time
	for days := -2; days <= 1; days++ {
		for _, c := range d.At {
			if due, _ := c.on(date(t, loc).AddDate(0, 0, days), loc); !due.After(t) && due.After(last) {
				last = due
			}
		}
	}
	return last
}
