package meeting

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// longestMeeting is how many minutes a meeting lasts at most.
const longestMeeting = 4 * 60

// Grid is how the time of meetings is cut: as the policy says, else as the
// conference does. Every minute is said.
func (w World) Grid() programme.Grid {
	own, policy := w.Conference.Grid.Usual(), w.Policy.Grid
	return programme.Grid{
		Cell:       cmp.Or(policy.Cell, own.Cell),
		Meeting:    cmp.Or(policy.Meeting, own.Meeting),
		Changeover: cmp.Or(policy.Changeover, own.Changeover),
	}
}

// Changeover is how long a room and its people are kept after a meeting of the
// level.
func (w World) Changeover(l Level) time.Duration {
	minutes, own := w.Policy.Changeovers[l]
	if !own {
		minutes = w.Grid().Changeover
	}
	return time.Duration(minutes) * time.Minute
}

// Lengths are how many minutes meetings can last, the usual one first: that one
// and any number of cells more, up to four hours.
func (w World) Lengths() []int {
	g := w.Grid()
	lengths := []int{g.Meeting}
	for next := g.Meeting + g.Cell; next <= longestMeeting; next += g.Cell {
		lengths = append(lengths, next)
	}
	return lengths
}

// Days are the local dates on which there can be meetings, in order: those of
// the conference, and those for which the policy has hours of their own.
func (w World) Days() []string {
	days := make(map[string]bool)
	for _, d := range w.Conference.Days {
		days[d] = true
	}
	for _, h := range w.Policy.Hours {
		if h.Day != "" {
			days[h.Day] = true
		}
	}
	return slices.Sorted(maps.Keys(days))
}

// Cells are the cells of a local day in which a meeting can begin, in order:
// each from its first minute to that of the next. A cell may end after the hours
// do, a meeting in it does not.
func (w World) Cells(day string) []Slot {
	g := w.Grid()
	cells := w.slots(w.starts(w.Conference.Location(), day), g.Meeting)
	for i := range cells {
		cells[i].End = cells[i].Start.Add(time.Duration(g.Cell) * time.Minute)
	}
	return cells
}

// A start is the first minute of a cell, and until when the hours last that it
// is in.
type start struct{ at, until time.Time }

// starts are those of a local day. The grid is laid by the clock on the wall,
// from the minute the hours begin, and a cell is as long as it is: so a day on
// which the clocks go forward lacks the cells of that hour, and one on which
// they go back has them twice.
func (w World) starts(zone *time.Location, day string) []start {
	var all []start
	cell := w.Grid().Cell
	for _, r := range w.runs(zone, day) {
		next := r.from
		for t := r.from; t.Before(r.to); t = t.Add(step) {
			if (wall(t)-r.laid)%cell == 0 && !t.Before(next) {
				all, next = append(all, start{t, r.to}), t.Add(time.Duration(cell)*time.Minute)
			}
		}
	}
	return all
}

// step is the finest that anything is cut.
const step = CellMinutes * time.Minute

// A run is a time without a break in which meetings take place, and from which
// minute of the clock on the wall its cells are laid.
type run struct {
	from, to time.Time
	laid     int
}

// runs are those of a local day, in order; none on a day that is not among Days.
func (w World) runs(zone *time.Location, day string) []run {
	date, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil || !slices.Contains(w.Days(), day) {
		return nil
	}
	var all []run
	hours := w.hours(day)
	noon := time.Date(date.Year(), date.Month(), date.Day(), 12, 0, 0, 0, zone)
	for t := noon.Add(-14 * time.Hour); t.Before(noon.Add(14 * time.Hour)); t = t.Add(step) {
		if t.Day() != noon.Day() {
			continue
		}
		at := wall(t)
		i := slices.IndexFunc(hours, func(o opening) bool { return o.from <= at && at < o.to })
		switch last := len(all) - 1; {
		case i < 0:
		case last >= 0 && all[last].to.Equal(t) && all[last].laid == hours[i].from:
			all[last].to = t.Add(step)
		default:
			all = append(all, run{t, t.Add(step), hours[i].from})
		}
	}
	return all
}

// wall is the minute of the day on the clock on the wall.
func wall(t time.Time) int { return t.Hour()*60 + t.Minute() }

// An opening is when meetings take place on a day, in minutes of the clock on
// the wall.
type opening struct{ from, to int }

// hours are the openings of a local day, in order; none shares a minute with
// another, nor follows it at once.
func (w World) hours(day string) []opening {
	if len(w.Policy.Hours) == 0 {
		return []opening{{from: 8 * 60, to: 20 * 60}}
	}
	special := slices.ContainsFunc(w.Policy.Hours, func(h programme.Hours) bool { return h.Day == day })
	var all []opening
	for _, h := range w.Policy.Hours {
		from, okFrom := minuteOf(h.From)
		to, okTo := minuteOf(h.To)
		if okFrom && okTo && (h.Day == day || h.Day == "" && !special) {
			all = append(all, opening{from, to})
		}
	}
	slices.SortFunc(all, func(a, b opening) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	merged := all[:0]
	for _, o := range all {
		if last := len(merged) - 1; last >= 0 && o.from <= merged[last].to {
			merged[last].to = max(merged[last].to, o.to)
			continue
		}
		merged = append(merged, o)
	}
	return merged
}

// minuteOf is the minute of the day of 15:04, where the day ends at 24:00.
func minuteOf(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == len("15:04")
}

// slots are the starts at which a meeting of so many minutes ends within the
// hours.
func (w World) slots(starts []start, minutes int) []Slot {
	var all []Slot
	for _, s := range starts {
		if end := s.at.Add(time.Duration(minutes) * time.Minute); !end.After(s.until) {
			all = append(all, Slot{Start: s.at, End: end})
		}
	}
	return all
}

// ahead are the slots of the grid, of so many minutes, that have not begun.
func (w World) ahead(zone *time.Location, minutes int) []Slot {
	var all []Slot
	for _, day := range w.Days() {
		for _, s := range w.slots(w.starts(zone, day), minutes) {
			if s.Start.After(w.Now) {
				all = append(all, s)
			}
		}
	}
	return all
}
