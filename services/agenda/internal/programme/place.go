package programme

import (
	"cmp"
	"reflect"
	"time"
)

// Hours are when a room is open, in local time.
type Hours struct {
	// Day is a local date, 2006-01-02; empty means every day.
	Day  string `bson:"day,omitempty"`
	From string `bson:"from"` // 15:04
	To   string `bson:"to"`   // 15:04, 24:00 for the end of the day
}

// Opens says whether the room is open all the time from start to end. Hours of
// a day of its own come before those of every day.
func (r Room) Opens(start, end time.Time, zone *time.Location) bool {
	if len(r.Hours) == 0 {
		return true
	}
	from, to := start.In(zone), end.In(zone)
	day := from.Format(time.DateOnly)
	special := false
	for _, h := range r.Hours {
		special = special || h.Day == day
	}
	ends := to.Format("15:04")
	if to.Format(time.DateOnly) != day {
		if ends != "00:00" || to.Sub(from) > 24*time.Hour {
			return false // over midnight
		}
		ends = "24:00"
	}
	for _, h := range r.Hours {
		if (h.Day == day || h.Day == "" && !special) && h.From <= from.Format("15:04") && ends <= h.To {
			return true
		}
	}
	return false
}

// Same says whether nobody could tell the two apart.
func (r Room) Same(b Room) bool {
	if len(r.Hours) == 0 && len(b.Hours) == 0 {
		r.Hours, b.Hours = nil, nil
	}
	return reflect.DeepEqual(r, b)
}

// A Venue is one of the houses a conference is held in.
type Venue struct {
	ID      string `bson:"id"`
	Name    Text   `bson:"name"`
	Address string `bson:"address,omitempty"`
}

// A Walk is how long it takes from one zone to another, either way.
type Walk struct {
	From    string `bson:"from"`
	To      string `bson:"to"`
	Minutes int    `bson:"minutes"`
}

// Between is how long it takes to walk from one zone to another; nothing within
// a zone, or where nobody has said.
func (c Conference) Between(a, b string) time.Duration {
	if a == b {
		return 0
	}
	for _, w := range c.Walking {
		if w.From == a && w.To == b || w.From == b && w.To == a {
			return time.Duration(w.Minutes) * time.Minute
		}
	}
	return 0
}

// A Grid is how the time of bilateral rooms is cut, in minutes. Zero means the
// usual: cells of 30, meetings of 25 and 5 to change over.
type Grid struct {
	Cell       int `bson:"cell,omitempty"`
	Meeting    int `bson:"meeting,omitempty"`
	Changeover int `bson:"changeover,omitempty"`
}

// Usual is g with the usual in place of what it does not say.
func (g Grid) Usual() Grid {
	return Grid{Cell: cmp.Or(g.Cell, 30), Meeting: cmp.Or(g.Meeting, 25), Changeover: cmp.Or(g.Changeover, 5)}
}
