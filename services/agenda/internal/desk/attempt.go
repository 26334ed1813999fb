package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/store"
)

// attempt makes a plan true of m, which first has to get what it wants.
func (d *Desk) attempt(ctx context.Context, c *conference, m meeting.Meeting, plan meeting.Plan, by meeting.By, holds change) (meeting.Meeting, error) {
	id := uuid.NewString()
	ctx, done, err := d.aboard(ctx, c, id, map[string][]meeting.Hold{m.ID: holds.wanted})
	if err != nil {
		return m, err
	}
	defer done()
	next, err := d.readied(ctx, m, plan, by, holds)
	if err != nil {
		return m, err
	}
	if err := d.step(stepAttempt); err != nil {
		return m, err
	}
	a := d.newAttempt(id, holds.wanted)
	err = d.meetings.Update(ctx, m.ID, bson.M{"revision": m.Revision, "attempt": nil, "act": nil}, bson.M{"$set": bson.M{"attempt": a}})
	switch {
	case errors.Is(err, store.ErrStale):
		if _, err := d.fetch(ctx, c, m.ID); err != nil {
			return m, err
		}
		return m, errAgain
	case err != nil: // it may be there; then it is overdue some time
		return m, fmt.Errorf("meeting %s: %w", m.ID, err)
	}
	m.Attempt = &a
	c.wrote(m)
	return d.claimed(ctx, c, m, next)
}

// newAttempt is an attempt that begins now.
func (d *Desk) newAttempt(id string, wants []meeting.Hold) meeting.Attempt {
	return meeting.Attempt{ID: id, Wants: under(id, wants), Deadline: d.wall().Add(overdue)}
}

// claimed claims what m attempts to get and makes next true, or leaves m as it
// was before the attempt.
func (d *Desk) claimed(ctx context.Context, c *conference, m, next meeting.Meeting) (meeting.Meeting, error) {
	a := *m.Attempt
	got, taken, err := d.claim(ctx, claimsOf(c.id, m.ID, a.ID, a.Wants, d.wall()))
	switch {
	case err != nil:
		return m, errors.Join(err, d.end(ctx, c, m)) // of the claims, any number may be there
	case taken != "":
		if err := d.drop(ctx, c, m, got); err != nil {
			return m, err
		}
		if err := d.meet(ctx, c, taken); err != nil {
			return m, err
		}
		return m, errLost
	}
	next.Holds = runs(merged(cells(next.Holds), cells(a.Wants)))
	if err := d.step(stepConfirm); err != nil {
		return m, err
	}
	next, err = d.confirm(ctx, c, next, bson.M{"revision": m.Revision, "attempt.id": a.ID})
	if errors.Is(err, errAgain) { // somebody found us slow, and may have looked before all of it was there
		err = errors.Join(err, d.release(ctx, got))
	}
	return next, err
}

func merged(a, b map[cell]string) map[cell]string {
	maps.Copy(a, b)
	return a
}

// claim inserts claims until one is taken, and answers those it got and the id
// of the one that is not to be had. After an error any number may be there.
func (d *Desk) claim(ctx context.Context, all []Claim) (got []Claim, taken string, err error) {
	if err := d.step(stepClaim); err != nil {
		return nil, "", err
	}
	docs := make([]any, len(all))
	for i, one := range all {
		docs[i] = one
	}
	if err := d.step(stepClaimHalf); err != nil {
		_, _ = d.claims.InsertInOrder(ctx, docs[:len(docs)/2])
		return nil, "", err
	}
	n, err := d.claims.InsertInOrder(ctx, docs)
	if errors.Is(err, store.ErrExists) {
		return all[:n], all[n].ID, nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("claim: %w", err)
	}
	return all, "", nil
}

// drop ends an attempt of this replica that got some of its claims and no more.
func (d *Desk) drop(ctx context.Context, c *conference, m meeting.Meeting, got []Claim) error {
	if err := d.release(ctx, got); err != nil {
		return errors.Join(err, d.end(ctx, c, m))
	}
	if err := d.step(stepDrop); err != nil {
		return err
	}
	if m.Revision == 0 {
		return d.unborn(ctx, c, m.ID, m.Attempt.ID)
	}
	err := d.meetings.Update(ctx, m.ID, bson.M{"attempt.id": m.Attempt.ID}, bson.M{"$unset": bson.M{"attempt": ""}})
	if err != nil && !errors.Is(err, store.ErrStale) { // ended by somebody who found us slow
		return fmt.Errorf("meeting %s: %w", m.ID, err)
	}
	m.Attempt = nil
	c.wrote(m)
	return nil
}

// end ends an attempt of which nobody knows how far it got. Its claims are
// deleted after it is out of the meeting: now, and again when none can arrive any
// more. It does nothing when the attempt has ended otherwise.
func (d *Desk) end(ctx context.Context, c *conference, m meeting.Meeting) error {
	if err := d.step(stepEnd); err != nil {
		return err
	}
	a := *m.Attempt
	wants := under(a.ID, a.Wants)
	err := d.meetings.Update(ctx, m.ID, bson.M{"attempt.id": a.ID}, bson.M{
		"$unset": bson.M{"attempt": ""}, "$push": bson.M{"freed": bson.M{"$each": wants}},
	})
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("end an attempt of %s: %w", m.ID, err)
	}
	m.Attempt, m.Freed = nil, slices.Concat(m.Freed, wants)
	c.wrote(m)
	d.freeLate(c, m.ID, wants)
	return nil
}
