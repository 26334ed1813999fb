package meeting

import (
	"time"

	"plenary.example/shared/problem"
)

// Reschedule proposes other slots for a meeting that both agreed to. Until the
// other side agrees, it stays where it is. What the desk proposes, both have to
// agree to.
func (w World) Reschedule(m Meeting, by By, starts []time.Time, note string) (Plan, error) {
	party, err := w.proposing(m, by)
	if err != nil {
		return Plan{}, err
	}
	slots, err := w.offered(m, party, starts)
	if err != nil {
		return Plan{}, err
	}
	return w.propose(m, Proposal{Kind: Reschedule, By: party, Slots: slots, Note: note}, WasProposed)
}

// Counter answers a request, or other slots, with other slots. For a swap or a
// substitution there are none.
func (w World) Counter(m Meeting, by By, starts []time.Time, note string) (Plan, error) {
	p, who, err := w.answered(m, by)
	if err != nil {
		return Plan{}, err
	}
	if p.Kind == Swap || p.Kind == Substitution {
		return Plan{}, problem.New(problem.Conflict, "not_counterable", "This can only be accepted or declined.")
	}
	party := ""
	if len(who) == 1 {
		party = who[0]
	}
	slots, err := w.offered(m, party, starts)
	if err != nil {
		return Plan{}, err
	}
	return w.propose(m, Proposal{Kind: Counter, By: party, Slots: slots, Note: note}, WasCountered)
}

// proposing is the delegation that proposes something for a meeting that stands;
// empty for the desk. One proposal at a time: who answers must know what to.
func (w World) proposing(m Meeting, by By) (string, error) {
	party, err := w.acts(m, by)
	if err != nil {
		return "", err
	}
	if _, open := w.pending(m); open {
		return "", errOpen
	}
	return party, nil
}

// propose is m with a proposal of its maker's, which all others have to answer.
func (w World) propose(m Meeting, p Proposal, verb string) (Plan, error) {
	note, err := words("/note", p.Note)
	if err != nil {
		return Plan{}, err
	}
	p.Note, p.Awaits, p.MadeAt = note, m.others(p.By), stored(w.Now)
	if p.ExpiresAt.IsZero() {
		p.ExpiresAt = w.expires(m, p.Slots)
	}
	next := m
	next.Proposal = &p
	return w.plan(m, next, Entry{Verb: verb, Reason: note, Slots: p.Slots}), nil
}
