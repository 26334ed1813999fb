package desk

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// Availability is when a delegation lets itself be met; at revision 0 it has
// said nothing yet.
func (d *Desk) Availability(conference, delegation string) (meeting.Availability, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Availability{}, err
	}
	return c.availabilityOf(delegation), nil
}

func (c *conference) availabilityOf(delegation string) meeting.Availability {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if a, ok := c.availability[delegation]; ok {
		return a
	}
	return meeting.Availability{ID: c.id + "/" + delegation, Conference: c.id, Delegation: delegation}
}

// SetAvailability writes what change makes of when a delegation can be met, at
// the revision the caller has seen, 0 for the first; another revision is Stale.
// Nothing is written when nothing is changed.
func (d *Desk) SetAvailability(ctx context.Context, conference, delegation string, expect int64, change func(meeting.World, meeting.Availability) (meeting.Availability, error)) (meeting.Availability, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Availability{}, err
	}
	if err := d.readAvailability(ctx, c, delegation); err != nil {
		return meeting.Availability{}, err
	}
	was := c.availabilityOf(delegation)
	if was.Revision != expect {
		return was, passedBy("availability")
	}
	w, err := d.world(c)
	if err != nil {
		return was, err
	}
	a, err := change(w, was)
	a.ID, a.Conference, a.Delegation, a.Revision, a.ChangedAt = was.ID, was.Conference, was.Delegation, was.Revision, was.ChangedAt
	if err != nil || reflect.DeepEqual(a, was) && was.Revision > 0 {
		return was, err
	}
	a.Revision, a.ChangedAt = was.Revision+1, d.wall()
	if err := d.availabilities.Put(ctx, a.ID, was.Revision, a); err != nil {
		return was, orPassed(err, "availability")
	}
	c.keepAvailability(a)
	d.tellRevision(event.MeetingAvailabilitySubject(c.id, delegation), a.Revision)
	return a, nil
}

func (c *conference) keepAvailability(a meeting.Availability) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.Revision > c.availability[a.Delegation].Revision {
		c.availability[a.Delegation] = a
	}
}

func (d *Desk) readAvailability(ctx context.Context, c *conference, delegation string) error {
	var a meeting.Availability
	switch err := d.availabilities.Get(ctx, c.id+"/"+delegation, &a); {
	case errors.Is(err, store.ErrMissing):
		return nil
	case err != nil:
		return fmt.Errorf("availability of %s: %w", delegation, err)
	}
	c.keepAvailability(a)
	return nil
}

func (d *Desk) hearAvailability(ctx context.Context, conference, delegation string, revision int64) error {
	c, err := d.find(conference)
	if err != nil || c.availabilityOf(delegation).Revision >= revision {
		return err
	}
	return d.readAvailability(ctx, c, delegation)
}
