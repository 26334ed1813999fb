package live

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
)

// phonesPatience is how long a person waits to read how many phones there are.
const phonesPatience = time.Second

// Toll counts whom changes of a conference would reach, with their phones.
func (l *Conferences) Toll(ctx context.Context, id string, changes []programme.Change) (programme.Toll, error) {
	c, err := l.find(id)
	if err != nil {
		return programme.Toll{}, err
	}
	return l.withPhones(ctx, id, l.toll(c, changes)), nil
}

// Count is Toll without the phones: it asks nobody, so a decision may call it.
func (l *Conferences) Count(id string, changes []programme.Change) programme.Toll {
	c, err := l.find(id)
	if err != nil {
		return programme.Toll{} // nobody is there to be reached
	}
	return l.toll(c, changes)
}

// Trips are the rules of the breaker that would hold changes to the agenda of a
// conference, of which toll was counted.
func (l *Conferences) Trips(id string, changes []programme.Change, toll programme.Toll) ([]programme.Trip, error) {
	c, err := l.find(id)
	if err != nil {
		return nil, err
	}
	return l.trips(c, *c.agenda.Load(), changes, toll), nil
}

func (l *Conferences) toll(c *conference, changes []programme.Change) programme.Toll {
	audience := c.audience(changes)
	facts := c.facts.Load()
	var all []string
	if slices.ContainsFunc(changes, programme.Change.ForAll) {
		all = l.people.those(facts.ID, event.Accredited)
	}
	return programme.CountToll(changes, facts.Now(l.now()), func(session string) []string { return audience[session] }, all,
		func(delegate string) bool { return l.people.may(facts.ID, delegate) })
}

func (l *Conferences) trips(c *conference, agenda programme.Agenda, changes []programme.Change, toll programme.Toll) []programme.Trip {
	facts := c.facts.Load()
	return agenda.Trips(changes, facts.Now(l.now()), toll.Notices, l.people.count(facts.ID, event.Accredited))
}

// Picked is how many people picked each session of a conference.
func (l *Conferences) Picked(id string) map[string]int {
	picked := map[string]int{}
	c, err := l.find(id)
	if err != nil {
		return picked
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, p := range c.picks {
		for _, x := range p.Picks {
			picked[x.Session]++
		}
	}
	return picked
}

// audience is who picked each of the sessions that change.
func (c *conference) audience(changes []programme.Change) map[string][]string {
	hears := make(map[string][]string, len(changes))
	for _, x := range changes {
		hears[x.Session] = nil
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for delegate, p := range c.picks {
		for _, x := range p.Picks {
			if who, changes := hears[x.Session]; changes {
				hears[x.Session] = append(who, delegate)
			}
		}
	}
	return hears
}

// withPhones asks how many phones the people of a toll have. It is for a person
// to read, so it does without an answer that does not come soon.
func (l *Conferences) withPhones(ctx context.Context, id string, t programme.Toll) programme.Toll {
	ctx, cancel := context.WithTimeout(ctx, phonesPatience)
	defer cancel()
	urgencies := []programme.Urgency{programme.Urgent, programme.Important, programme.Routine}
	phones := make([]*int, len(urgencies))
	var g errgroup.Group
	for i, u := range urgencies {
		share, any := t.ByUrgency[u]
		if !any {
			continue
		}
		g.Go(func() error {
			var answer event.ReachAnswer
			if err := l.bus.Ask(ctx, id, event.AskReach, event.ReachQuestion{Delegates: share.People}, &answer); err != nil {
				l.log.Debug("phones are not counted", "conference", id, "err", err)
				return nil
			}
			phones[i] = &answer.Phones
			return nil
		})
	}
	_ = g.Wait() // nobody fails
	for i, u := range urgencies {
		if share, any := t.ByUrgency[u]; any {
			share.Phones = phones[i]
			t.ByUrgency[u] = share
		}
	}
	return t
}
