package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/store"
)

// A shown agenda is which one the diary has, and under which policy.
type shown struct{ agenda, policy int64 }

// noteSessions writes into the diary where sessions are, as far as the agenda has
// got.
func (d *Desk) noteSessions(c *conference) {
	if w, err := d.world(c); err == nil {
		c.show(w)
	}
}

// show writes into the diary where sessions are in a world, unless a newer one is
// in it: of two who looked at it one after the other, the first may come last.
func (c *conference) show(w meeting.World) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := shown{w.Agenda.Revision, w.Policy.Revision}
	if c.shown == now || now.agenda < c.shown.agenda || now.policy < c.shown.policy {
		return
	}
	c.shown = now
	was := c.sessions
	c.sessions = map[string]bool{}
	for _, s := range w.Agenda.Sessions() {
		if holds := sessionHolds(w.Policy, w.Agenda, s, w.Now); len(holds) > 0 {
			c.sessions[s.ID] = true
			c.occupies(sessionPrefix+s.ID, holds)
		}
	}
	for id := range was {
		if !c.sessions[id] {
			c.occupies(sessionPrefix+id, nil)
		}
	}
}

// settleSessions claims what sessions need and nobody has claimed, because a
// whole conference was brought at once or rooms were opened to meetings, and gives
// back what they need no more.
func (d *Desk) settleSessions(ctx context.Context, c *conference) error {
	d.noteSessions(c)
	w, err := d.world(c)
	if err != nil {
		return err
	}
	now := shown{w.Agenda.Revision, w.Policy.Revision}
	c.mu.RLock()
	settled, open := c.settled, maps.Clone(c.open)
	c.mu.RUnlock()
	if settled == now && len(open) == 0 {
		return nil
	}
	wants := needed(w.Policy, w.Agenda, w.Now)
	for k := range wants {
		if !c.claimed(k) {
			open[k] = ""
		}
	}
	c.mu.RLock()
	for k := range c.held {
		if _, still := wants[k]; !still {
			open[k] = ""
		}
	}
	c.mu.RUnlock()
	if err := d.reconcile(ctx, c, open, ""); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settled = now
	for k := range open {
		if _, want := wants[k]; !want || c.held[k] {
			delete(c.open, k)
		} else {
			c.open[k] = "" // a meeting was there first
		}
	}
	return nil
}

// claimed says whether this replica knows that a cell is claimed for a session.
func (c *conference) claimed(k cell) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.held[k]
}

// unsettled notes cells that have to be looked at again.
func (c *conference) unsettled(all map[cell]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := range all {
		c.open[k] = ""
	}
}

// reconcile makes of cells what the agenda says now: claimed where a session
// needs them, and otherwise not claimed for the agenda, unless a release is on
// its way that may need them. That of own, which is an attempt, is not.
func (d *Desk) reconcile(ctx context.Context, c *conference, all map[cell]string, own string) error {
	w, err := d.world(c)
	if err != nil || len(all) == 0 {
		return err
	}
	wants := needed(w.Policy, w.Agenda, w.Now)
	var errs error
	for k := range all {
		_, want := wants[k]
		if err := d.reconcileOne(ctx, c, k, want, w.Agenda.Revision, own); err != nil {
			errs = errors.Join(errs, err)
		}
	}
	return errs
}

func (d *Desk) reconcileOne(ctx context.Context, c *conference, k cell, want bool, revision int64, own string) error {
	id := meeting.ClaimID(c.id, k.resource, k.n)
	var claim Claim
	err := d.claims.Get(ctx, id, &claim)
	missing := errors.Is(err, store.ErrMissing)
	switch {
	case err != nil && !missing:
		return fmt.Errorf("room of a session: %w", err)
	case missing && want:
		if err := d.step(stepRoom); err != nil {
			return err
		}
		if err := d.claims.Insert(ctx, Claim{id, agendaHolder, attemptOf(revision), d.wall()}); err != nil {
			return fmt.Errorf("room of a session: %w", err)
		}
	case !missing && want && claim.Holder != agendaHolder:
		return d.meet(ctx, c, id) // a meeting was there first, and leaves some time
	case !missing && !want && claim.Holder == agendaHolder &&
		(claim.Attempt == own || revisionOf(claim.Attempt) <= revision):
		if err := d.release(ctx, []Claim{claim}); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if want {
		c.held[k] = true
	} else {
		delete(c.held, k)
	}
	return nil
}
