package desk

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// Policy is how a conference handles its meetings; at revision 0 nobody has said
// anything yet.
func (d *Desk) Policy(conference string) (meeting.Policy, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Policy{}, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.policy, nil
}

// SetPolicy writes what change makes of the policy at the revision the caller
// has seen, 0 for the first; another revision is Stale. Nothing is written when
// nothing is changed. One that closes the room of a coming meeting is a Conflict.
func (d *Desk) SetPolicy(ctx context.Context, conference string, expect int64, change func(meeting.World, meeting.Policy) (meeting.Policy, error)) (meeting.Policy, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Policy{}, err
	}
	if err := d.readPolicy(ctx, c); err != nil {
		return meeting.Policy{}, err
	}
	w, err := d.world(c)
	if err != nil {
		return meeting.Policy{}, err
	}
	was := w.Policy
	if was.Revision != expect {
		return was, passedBy("policy")
	}
	p, err := change(w, was)
	p.Conference, p.Revision = c.id, was.Revision
	if err != nil || reflect.DeepEqual(p, was) {
		return was, err
	}
	p.Revision++
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience)
	defer cancel()
	if err := d.openRooms(ctx, c, w, p); err != nil {
		return was, err
	}
	if err := d.policies.Put(ctx, p.Conference, was.Revision, p); err != nil {
		return was, orPassed(err, "policy")
	}
	c.keepPolicy(p)
	d.noteSessions(c)
	d.tellRevision(event.MeetingPolicySubject(c.id), p.Revision)
	return p, nil
}

func passedBy(what string) error {
	return problem.New(problem.Stale, "stale", "The %s has changed since. Read it again.", what)
}

// orPassed is err, or Stale where somebody else was faster.
func orPassed(err error, what string) error {
	if errors.Is(err, store.ErrStale) {
		return passedBy(what)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// tellRevision tells siblings to read a document again.
func (d *Desk) tellRevision(subject string, revision int64) {
	d.relay.Push(store.Owed{Name: subject, Tell: func(ctx context.Context) error {
		return d.putState(ctx, subject, revision, event.Revised{Revision: revision})
	}})
}

func (c *conference) keepPolicy(p meeting.Policy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.Revision > c.policy.Revision {
		c.policy = p
	}
}

func (d *Desk) readPolicy(ctx context.Context, c *conference) error {
	var p meeting.Policy
	switch err := d.policies.Get(ctx, c.id, &p); {
	case errors.Is(err, store.ErrMissing):
		return nil
	case err != nil:
		return fmt.Errorf("policy of %s: %w", c.id, err)
	}
	c.keepPolicy(p)
	d.noteSessions(c)
	return nil
}

func (d *Desk) hearPolicy(ctx context.Context, conference string, revision int64) error {
	c, err := d.find(conference)
	if err != nil {
		return err
	}
	c.mu.RLock()
	known := c.policy.Revision
	c.mu.RUnlock()
	if known >= revision {
		return nil
	}
	return d.readPolicy(ctx, c)
}
