package schedulefile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// startLayouts are the spellings of ISO 8601 seen in the wild. All of them have
// an offset: without one a start is not an instant.
var startLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04Z0700",
	"2006-01-02 15:04:05Z07:00",
}

// parseStart reads an instant. Years outside 1970 to 2199 are what software
// writes when it has no date at all.
func parseStart(s string) (time.Time, error) {
	for _, layout := range startLayouts {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		t = t.UTC().Truncate(time.Second)
		if y := t.Year(); y < 1970 || y > 2199 {
			return time.Time{}, fmt.Errorf("the year of %q cannot be meant", short(s))
		}
		return t, nil
	}
	return time.Time{}, fmt.Errorf("%q is not a date and time with an offset, such as 2013-10-17T09:00:00+09:00", short(s))
}

// clockTime returns the hours and minutes of "9:00", "09:00" or "09:00:00" as
// minutes since midnight.
func clockTime(s string) (minutes int, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 2 && len(parts) != 3 {
		return 0, false
	}
	h, err := digits(parts[0], 2)
	if err != nil || h > 23 {
		return 0, false
	}
	m, err := digits(parts[1], 2)
	if err != nil || m > 59 {
		return 0, false
	}
	return h*60 + m, true
}

// parseDuration reads HH:MM, where the hours may exceed a day, and D:HH:MM.
func parseDuration(s string) (time.Duration, error) {
	var d, h, m int
	var errD, errH, errM error
	switch parts := strings.Split(s, ":"); len(parts) {
	case 2:
		h, errH = digits(parts[0], 4)
		m, errM = digits(parts[1], 2)
	case 3:
		d, errD = digits(parts[0], 3)
		h, errH = digits(parts[1], 2)
		m, errM = digits(parts[2], 2)
		if h > 23 {
			return 0, fmt.Errorf("%q, read as D:HH:MM, has more than 23 hours", short(s))
		}
	default:
		return 0, fmt.Errorf("%q is not a duration such as 01:30", short(s))
	}
	if errors.Join(errD, errH, errM) != nil || m > 59 {
		return 0, fmt.Errorf("%q is not a duration such as 01:30", short(s))
	}
	total := time.Duration(d)*24*time.Hour + time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if total > MaxDuration {
		return 0, fmt.Errorf("%q is longer than the %d hours an item may last", short(s), MaxDuration/time.Hour)
	}
	return total, nil
}

// digits reads one to most decimal digits and nothing else.
func digits(s string, most int) (int, error) {
	if len(s) == 0 || len(s) > most || strings.Trim(s, "0123456789") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(s)
}

// short keeps a foreign text presentable inside a message.
func short(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
