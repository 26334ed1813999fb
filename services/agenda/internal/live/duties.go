package live

import (
	"context"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
)

// skew is how far the clocks of two services may be apart.
const skew = 10 * time.Minute

// passDuties has the deputy chair and speak where the other would have, in a
// release of its own that whoever follows those sessions hears of. It is made
// once for an event, so that a repeat does not undo what was arranged since.
func (l *Conferences) passDuties(ctx context.Context, c *conference, e event.Envelope, s event.DelegateSubstituted) error {
	if l.away(e.Conference, s.Deputy) || l.people.is(e.Conference, s.Delegate, event.Accredited) {
		return nil
	}
	if err := l.catchUp(ctx, c); err != nil {
		return err
	}
	handed := func(facts programme.Conference, a programme.Agenda) []programme.Session {
		at := facts.Now(l.now())
		if s.From.After(at) {
			at = s.From
		}
		return a.HandedOn(s.Delegate, s.Deputy, at)
	}
	if len(handed(*c.facts.Load(), *c.agenda.Load())) == 0 {
		return nil // as with most people
	}
	before, err := l.revisionAt(ctx, c, e.Time.Add(-skew))
	if err != nil {
		return err
	}
	command := "substituted/" + e.ID
	if _, found, err := l.ByCommand(ctx, e.Conference, command, before); err != nil || found {
		return err
	}
	_, _, err = l.Release(ctx, e.Conference, e.Actor, command, func(facts programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		return programme.Proposal{Sessions: handed(facts, a), Note: "A deputy takes a seat with its parts in sessions."}, nil
	})
	return err
}
