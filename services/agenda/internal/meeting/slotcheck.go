package meeting

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary.example/shared/problem"
)

// suggested is how many slots a refusal names.
const suggested = 3

// Check refuses a slot at which the meeting cannot be, whoever is free: one that
// has begun (Conflict slot_passed), one outside the hours or on a day on which
// nobody meets (Invalid outside_hours), and one that does not begin with a cell or
// lasts for no number of them (Invalid slot_off_grid). The refusal names the
// nearest valid slots. A confirmed meeting keeps its start although the grid has
// changed since.
func (w World) Check(m Meeting, s Slot) error {
	if !s.Start.After(w.Now) {
		const why = "On the conference clock that slot has begun."
		return problem.New(problem.Conflict, "slot_passed", why).With(problem.Field{Pointer: "/startsAt", Code: "slot_passed", Detail: why})
	}
	minutes := int(s.End.Sub(s.Start) / time.Minute)
	if lengths := w.Lengths(); !slices.Contains(lengths, minutes) {
		like := slices.MinFunc(lengths, func(a, b int) int { return cmp.Compare(max(a-minutes, minutes-a), max(b-minutes, minutes-b)) })
		return w.offGrid(s, like, w.offLength("/minutes"))
	}
	zone := w.Conference.Location()
	day := s.Start.In(zone).Format(time.DateOnly)
	if !slices.ContainsFunc(w.runs(zone, day), func(r run) bool { return !s.Start.Before(r.from) && !s.End.After(r.to) }) {
		refused := problem.New(problem.Invalid, "outside_hours", "Meetings do not take place at that time.").
			With(problem.Field{Pointer: "/startsAt", Code: "outside_hours", Detail: "The slot is outside the hours of meetings."})
		return refused.With(w.Suggest(w.Nearest(s, minutes, suggested))...)
	}
	kept := m.Status == Confirmed && m.Slot.Start.Equal(s.Start)
	if kept || slices.ContainsFunc(w.starts(zone, day), func(x start) bool { return x.at.Equal(s.Start) }) {
		return nil
	}
	return w.offGrid(s, minutes, problem.Field{Pointer: "/startsAt", Code: "slot_off_grid", Detail: "A meeting begins with a cell of the grid."})
}

func (w World) offGrid(s Slot, minutes int, why problem.Field) *problem.Error {
	refused := problem.New(problem.Invalid, "slot_off_grid", "The slot is not one of the grid.").With(why)
	return refused.With(w.Suggest(w.Nearest(s, minutes, suggested))...)
}

// CheckLength refuses what stands at pointer when no meeting lasts for so many
// minutes (Invalid length_off_grid); 0 is the usual length.
func (w World) CheckLength(pointer string, minutes int) error {
	if minutes == 0 || slices.Contains(w.Lengths(), minutes) {
		return nil
	}
	return problem.New(problem.Invalid, "length_off_grid", "A meeting does not last that long here.").With(w.offLength(pointer))
}

// offLength says of what stands at pointer that no meeting lasts so long.
func (w World) offLength(pointer string) problem.Field {
	return problem.Field{
		Pointer: pointer, Code: "length_off_grid", Detail: "A meeting lasts for a number of cells, less the time to change over.",
		Params: map[string]string{"lengths": joined(w.Lengths())},
	}
}

// Nearest are the n slots of the grid, of so many minutes, that have not begun
// and whose starts are nearest to that of s, the nearest first. It says nothing
// of who is free.
func (w World) Nearest(s Slot, minutes, n int) []Slot {
	all := w.ahead(w.Conference.Location(), minutes)
	nearest(all, s.Start)
	return all[:min(n, len(all))]
}

// nearest orders slots by how far from t they begin, the earlier first of two.
func nearest(slots []Slot, t time.Time) {
	slices.SortStableFunc(slots, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Start.Sub(t).Abs(), b.Start.Sub(t).Abs()), a.Start.Compare(b.Start))
	})
}

// Suggest words slots as what a refusal says beside its reason: one field each,
// with the local times as parameters.
func (w World) Suggest(slots []Slot) []problem.Field {
	zone := w.Conference.Location()
	fields := make([]problem.Field, 0, len(slots))
	for _, s := range slots {
		from, to := s.Start.In(zone), s.End.In(zone)
		fields = append(fields, problem.Field{
			Code:   "alternative",
			Detail: fmt.Sprintf("%s to %s would do.", from.Format("2006-01-02 15:04"), to.Format("15:04")),
			Params: map[string]string{"startsAt": from.Format(time.RFC3339), "endsAt": to.Format(time.RFC3339)},
		})
	}
	return fields
}

func joined(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}
