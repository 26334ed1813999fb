package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// A watched agenda is how far somebody has looked through its releases for
// sessions that were put onto people who meet.
type watched struct {
	Conference string `bson:"_id"`
	Revision   int64  `bson:"revision"`
}

// clash tells of the sessions that were put onto somebody who meets, in the
// releases since the last look of any replica. One that is looked through twice
// is told of once, by the rule.
func (d *Desk) clash(ctx context.Context, c *conference) error {
	w, err := d.world(c)
	if err != nil {
		return err
	}
	c.mu.RLock()
	from := c.watched
	c.mu.RUnlock()
	if from >= w.Agenda.Revision {
		return nil
	}
	var seen watched
	switch err := d.looks.Get(ctx, c.id, &seen); {
	case errors.Is(err, store.ErrMissing): // what was there before the first meeting is no news
		seen = watched{c.id, w.Agenda.Revision}
		if err := d.looks.Insert(ctx, seen); err != nil && !errors.Is(err, store.ErrExists) {
			return fmt.Errorf("look for clashes: %w", err)
		}
	case err != nil:
		return fmt.Errorf("look for clashes: %w", err)
	}
	picked := d.pickers(c)
	for rev := seen.Revision + 1; rev <= w.Agenda.Revision; rev++ {
		if err := d.clashesOf(ctx, c, w, picked, rev); err != nil {
			return err
		}
	}
	if seen.Revision < w.Agenda.Revision {
		err := d.looks.Update(ctx, c.id, bson.M{"revision": seen.Revision}, bson.M{"$set": bson.M{"revision": w.Agenda.Revision}})
		if err != nil && !errors.Is(err, store.ErrStale) { // a sibling looked too
			return fmt.Errorf("look for clashes: %w", err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched = max(c.watched, w.Agenda.Revision)
	return nil
}

// clashesOf tells of those of one release. A session is looked at as it is in w,
// and compared with what it was before the release: when a later one put it
// elsewhere, nobody is told of what was. Picked is as pickers answers it.
func (d *Desk) clashesOf(ctx context.Context, c *conference, w meeting.World, picked map[string][]string, revision int64) error {
	r, err := d.agenda.ReleaseAt(ctx, c.id, revision)
	switch {
	case problem.Is(err, problem.NotFound):
		return nil // not kept for so long
	case err != nil:
		return err
	}
	before := map[string]programme.Session{}
	for _, s := range r.Before {
		before[s.ID] = s
	}
	for _, s := range r.After {
		s, there := w.Agenda.Session(s.ID)
		if !there {
			continue
		}
		meet := during(w, s, slices.Concat(s.Duties(), picked[s.ID]))
		if err := d.each(ctx, c, meet, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
			return w.Clash(m, before[s.ID], s)
		}); err != nil {
			return err
		}
	}
	return nil
}

// during are the meetings that some delegates have while a session is, each once.
// A large release overlaps most meetings there are; few have to do with it.
func during(w meeting.World, s programme.Session, delegates []string) []meeting.Meeting {
	var meetings []meeting.Meeting
	seen := map[string]bool{}
	for _, one := range delegates {
		for _, t := range w.Diary.Taken(meeting.PersonResource(one), meeting.Cell(s.Start), meeting.Cell(s.End)+1) {
			if m, known := w.Meeting(t.Holder); known && !seen[m.ID] {
				meetings, seen[m.ID] = append(meetings, m), true
			}
		}
	}
	return meetings
}

// pickers are who of those named in meetings to come picked each session.
func (d *Desk) pickers(c *conference) map[string][]string {
	delegates, _ := c.named()
	by := map[string][]string{}
	for _, one := range delegates {
		picks, _ := d.agenda.PicksOf(c.id, one) // the conference is there
		for _, p := range picks {
			by[p.Session] = append(by[p.Session], one)
		}
	}
	return by
}
