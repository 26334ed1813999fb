package meeting

import "plenary.example/shared/problem"

// Decline turns down what waits for an answer. With a request ends the meeting;
// a meeting that both agreed to stands on as it is.
func (w World) Decline(m Meeting, by By, reason string) (Plan, error) {
	if _, _, err := w.answered(m, by); err != nil {
		return Plan{}, err
	}
	reason, err := words("/reason", reason)
	if err != nil {
		return Plan{}, err
	}
	return w.unproposed(m, Declined, Entry{Verb: WasDeclined, Reason: reason}), nil
}

// Withdraw takes back what a side has proposed. Who asked for the meeting can
// withdraw that for as long as nobody agreed, whoever is to answer.
func (w World) Withdraw(m Meeting, by By, reason string) (Plan, error) {
	party, err := m.actsFor(by)
	p, open := w.pending(m)
	switch {
	case err != nil:
		return Plan{}, err
	case m.Status.Over():
		return Plan{}, m.over()
	case m.Proposal == nil:
		return Plan{}, problem.New(problem.Conflict, "nothing_proposed", "There is nothing to withdraw.")
	case !open:
		return Plan{}, errExpired
	}
	if asker := m.Status == Requested && party == m.Sides[0].Delegation; !by.Desk && !asker && party != p.By {
		return Plan{}, problem.New(problem.Conflict, "not_yours", "Only the side that made it can withdraw it.")
	}
	if reason, err = words("/reason", reason); err != nil {
		return Plan{}, err
	}
	return w.unproposed(m, Withdrawn, Entry{Verb: WasWithdrawn, Reason: reason}), nil
}
