package meeting

import (
	"cmp"
	"time"

	"plenary.example/shared/problem"
)

// Reconfirm says that a side still means to come; for both, when the desk does.
func (w World) Reconfirm(m Meeting, by By) (Plan, error) {
	party, err := w.acts(m, by)
	if err != nil {
		return Plan{}, err
	}
	if m.Status != Confirmed {
		return Plan{}, errNoSlot
	}
	next := m
	for i, s := range m.Sides {
		if party == "" || party == s.Delegation {
			next.Sides[i].Reconfirmed = true
		}
	}
	if next.Sides[0].Reconfirmed == m.Sides[0].Reconfirmed && next.Sides[1].Reconfirmed == m.Sides[1].Reconfirmed {
		return Plan{}, problem.New(problem.Conflict, "reconfirmed_already", "That has been reconfirmed.")
	}
	return w.plan(m, next, Entry{Verb: WasReconfirmed}), nil
}

// Warn tells both sides that the meeting will lose its room unless they
// reconfirm it.
func (w World) Warn(m Meeting) (Plan, error) {
	if !w.lapses(m) || m.Warned || w.Now.Before(w.warnFrom(m)) || !w.Now.Before(w.confirmBy(m)) {
		return Plan{}, ErrNothing
	}
	next := m
	next.Warned = true
	p := w.plan(m, next, Entry{Verb: WasWarned})
	p.ReconfirmBy = w.confirmBy(m)
	return p, nil
}

// Lapse takes the room of a meeting that was not reconfirmed in time. It stands,
// and waits for another one. Nobody loses a room without having been warned: what
// could not be told in time keeps it.
func (w World) Lapse(m Meeting) (Plan, error) {
	if !w.lapses(m) || !m.Warned || w.Now.Before(w.confirmBy(m)) {
		return Plan{}, ErrNothing
	}
	next := m
	next.Room, next.WaitsForRoom = "", true
	return w.plan(m, next, Entry{Verb: WasUnroomed}), nil
}

// lapses says whether m has a room it can lose by not being reconfirmed.
func (w World) lapses(m Meeting) bool {
	return w.Policy.ConfirmBy > 0 && m.Status == Confirmed && m.Room != "" && !w.begun(m) &&
		!(m.Sides[0].Reconfirmed && m.Sides[1].Reconfirmed)
}

// confirmBy is when both sides must have reconfirmed m.
func (w World) confirmBy(m Meeting) time.Time {
	return m.Slot.Start.Add(-time.Duration(w.Policy.ConfirmBy) * time.Minute)
}

// warnFrom is from when on they are warned.
func (w World) warnFrom(m Meeting) time.Time {
	return w.confirmBy(m).Add(-time.Duration(cmp.Or(w.Policy.Warning, 60)) * time.Minute)
}
