package meeting

import "plenary.example/shared/problem"

// Cancel calls off a meeting that both agreed to, and says why. The desk can
// call off a request too.
func (w World) Cancel(m Meeting, by By, reason string) (Plan, error) {
	if _, err := w.acts(m, by); err != nil {
		return Plan{}, err
	}
	if m.Status == Requested && !by.Desk {
		return Plan{}, problem.New(problem.Conflict, "not_agreed", "Nobody has agreed to this meeting yet: it can be declined or withdrawn.")
	}
	reason, err := words("/reason", reason)
	if err == nil && reason == "" {
		err = wrong("/reason", "reason_missing", "The other side wants to know why.")
	}
	if err != nil {
		return Plan{}, err
	}
	return w.cancelled(m, reason), nil
}

// Dissolve calls off a meeting of a delegation that takes no part in the
// conference any more, unless it has begun.
func (w World) Dissolve(m Meeting, delegation string) (Plan, error) {
	if m.Status.Over() || w.begun(m) || !m.Party(delegation) {
		return Plan{}, ErrNothing
	}
	return w.cancelled(m, ""), nil
}

func (w World) cancelled(m Meeting, reason string) Plan {
	next := m
	next.Status, next.Proposal, next.WaitsForRoom = Cancelled, nil, false
	return w.plan(m, next, Entry{Verb: WasCancelled, Reason: reason})
}
