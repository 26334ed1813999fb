package meeting

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"plenary.example/shared/problem"
)

// maxWindows is how many windows a delegation can have open.
const maxWindows = 200

// CheckAvailability refuses windows nobody can have meant: too many, one that
// ends before it starts, and one of a principal who is not of the delegation.
// The refusal is Invalid availability_wrong and names each in a field.
func (w World) CheckAvailability(a Availability) error {
	refused := problem.New(problem.Invalid, "availability_wrong", "The delegation cannot be met like that.")
	if len(a.Windows) > maxWindows {
		return refused.With(problem.Field{
			Pointer: "/windows", Code: "too_many", Detail: fmt.Sprintf("A delegation opens at most %d windows.", maxWindows),
			Params: map[string]string{"max": strconv.Itoa(maxWindows)},
		})
	}
	for i, x := range a.Windows {
		at := "/windows/" + strconv.Itoa(i)
		if !x.End.After(x.Start) {
			refused = refused.With(problem.Field{Pointer: at + "/endsAt", Code: "end_before_start", Detail: "A window ends after it starts."})
		}
		if x.Principal == "" {
			continue
		}
		if p, known := w.Person(x.Principal); !known || p.Delegation != a.Delegation {
			refused = refused.With(problem.Field{Pointer: at + "/principal", Code: "principal_unknown", Detail: "The delegation has no such delegate."})
		}
	}
	if len(refused.Fields) > 0 {
		return refused
	}
	return nil
}

// open says whether a delegation lets these principals be met at s. With none,
// somebody of that level must be. The whole of s must be in windows; where one
// ends as the next begins, they are one.
func (w World) open(delegation string, principals []string, l Level, s Slot) bool {
	windows := w.Availability(delegation).Windows
	if len(windows) == 0 {
		return !w.Policy.Closed
	}
	if len(principals) > 0 {
		return !slices.ContainsFunc(principals, func(p string) bool { return !within(windows, p, s) })
	}
	return within(windows, "", s) || slices.ContainsFunc(windows, func(x Window) bool {
		p, known := w.Person(x.Principal)
		return known && LevelOf(p.Rank) == l && within(windows, x.Principal, s)
	})
}

// within says whether the windows of a principal, and those of everybody, hold
// the whole of s.
func within(windows []Window, principal string, s Slot) bool {
	for reached := s.Start; reached.Before(s.End); {
		further := reached
		for _, x := range windows {
			if (x.Principal == "" || x.Principal == principal) && !x.Start.After(reached) && x.End.After(further) {
				further = x.End
			}
		}
		if further.Equal(reached) {
			return false
		}
		reached = further
	}
	return true
}

// lets says whether everybody who takes part in m and is not of the delegation
// by can be met at s, by what their own delegations opened. Interpreters of a
// side come with its principals; of anybody else they are met like principals,
// so that naming somebody an interpreter does not tell when they are free.
func (w World) lets(by string, m Meeting, s Slot) bool {
	for _, side := range m.Sides {
		if side.Delegation != by && !w.open(side.Delegation, side.Principals, m.Level, s) {
			return false
		}
		for _, i := range side.Interpreters {
			p, known := w.Person(i)
			own := p.Delegation == by || p.Delegation == side.Delegation
			if !known || !own && !w.open(p.Delegation, []string{i}, m.Level, s) {
				return false
			}
		}
	}
	return true
}

// outside says whether s is outside the windows the side itself opened; without
// any it is not.
func (w World) outside(side Side, l Level, s Slot) bool {
	return len(w.Availability(side.Delegation).Windows) > 0 && !w.open(side.Delegation, side.Principals, l, s)
}

// LevelOf is the level of somebody of this rank, as the delegates service has
// it; empty for one it does not know.
func LevelOf(rank string) Level {
	if rank == "head_of_government" {
		return HeadOfState
	}
	if l := Level(rank); slices.Contains(Levels(), l) {
		return l
	}
	return ""
}

// overlaps says whether both share a moment.
func overlaps(from, to, start, end time.Time) bool { return from.Before(end) && start.Before(to) }
