package desk

import (
	"context"
	"errors"
	"fmt"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// Meeting is a meeting at the given revision or a later one; 0 is any. One that
// is not there is hidden, and who may see it is for the caller to say.
func (d *Desk) Meeting(ctx context.Context, conference, id string, atLeast int64) (meeting.Meeting, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Meeting{}, err
	}
	m, _, known := c.known(id)
	if !known || m.Revision < max(atLeast, 1) {
		if m, err = d.fetch(ctx, c, id); err != nil {
			return meeting.Meeting{}, err
		}
	}
	if m.Revision < 1 {
		return meeting.Meeting{}, problem.Hidden()
	}
	return m, nil
}

// Meetings are those of a delegation, over or not, by id, which is by the time
// they were asked for.
func (d *Desk) Meetings(conference, delegation string) ([]meeting.Meeting, error) {
	c, err := d.find(conference)
	if err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return list(c.of[delegation], nil), nil
}

// All are the meetings of a conference, over or not, by id.
func (d *Desk) All(conference string) ([]meeting.Meeting, error) {
	return d.Which(conference, nil)
}

// Which are the meetings of a conference that keep says yes to, by id. It is
// called while memory is locked, so it must only look at what it is given.
func (d *Desk) Which(conference string, keep func(meeting.Meeting) bool) ([]meeting.Meeting, error) {
	c, err := d.find(conference)
	if err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return list(c.meetings, keep), nil
}

// World is what is around a meeting now.
func (d *Desk) World(conference string) (meeting.World, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.World{}, err
	}
	return d.world(c)
}

func (d *Desk) world(c *conference) (meeting.World, error) {
	facts, agenda, err := d.agenda.Conference(c.id)
	if err != nil {
		return meeting.World{}, err
	}
	c.mu.RLock()
	policy := c.policy
	c.mu.RUnlock()
	return meeting.World{
		Conference: facts, Agenda: agenda, Policy: policy, Now: facts.Now(d.now()), Diary: c.diary,
		Picks: func(delegate string) []programme.Pick {
			picks, _ := d.agenda.PicksOf(c.id, delegate) // the conference is there
			return picks
		},
		Person:     func(delegate string) (meeting.Person, bool) { return d.people.person(c.id, delegate) },
		Delegation: func(delegation string) (meeting.Delegation, bool) { return d.people.delegation(c.id, delegation) },
		Availability: func(delegation string) meeting.Availability {
			c.mu.RLock()
			defer c.mu.RUnlock()
			return c.availability[delegation]
		},
		Meeting: func(id string) (meeting.Meeting, bool) {
			m, _, ok := c.known(id)
			return m, ok && m.Revision > 0
		},
		Meetings: func(delegation string) []meeting.Meeting {
			c.mu.RLock()
			defer c.mu.RUnlock()
			return list(c.of[delegation], func(m meeting.Meeting) bool { return !over(m) })
		},
	}, nil
}

// A page holds acts of a meeting that are too old for its document.
type page struct {
	ID      string          `bson:"_id"` // <meeting>/<page>, from 1
	Entries []meeting.Entry `bson:"entries"`
}

func pageID(id string, n int) string { return fmt.Sprintf("%s/%d", id, n) }

// History is every act upon a meeting, the oldest first.
func (d *Desk) History(ctx context.Context, conference, id string) ([]meeting.Entry, error) {
	m, err := d.Meeting(ctx, conference, id, 0)
	if err != nil {
		return nil, err
	}
	var all []meeting.Entry
	for n := 1; n <= m.Pages; n++ {
		var p page
		if err := d.pages.Get(ctx, pageID(id, n), &p); err != nil && !errors.Is(err, store.ErrMissing) {
			return nil, fmt.Errorf("history of %s: %w", id, err)
		}
		all = append(all, p.Entries...)
	}
	return append(all, m.History...), nil
}
