package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// meetPatience is how long whoever holds a claim by an attempt is waited for: the
// attempt may fail, and then the cell can be had after all. Learning who it is may
// take longer.
const meetPatience = 300 * time.Millisecond

// meet learns who holds a claim that was in the way, so that the next decision
// knows. A claim of which its holder knows nothing is nobody's, and is deleted.
func (d *Desk) meet(ctx context.Context, c *conference, id string) error {
	_, _, err := d.weigh(ctx, c, id)
	return passed(err)
}

// weigh is meet, and answers the claim and what it is worth. One that is gone, or
// was deleted, is nobody's.
func (d *Desk) weigh(ctx context.Context, c *conference, id string) (claim Claim, worth standing, err error) {
	enough := time.Now().Add(meetPatience)
	for pause := 8 * time.Millisecond; ; pause = min(2*pause, 40*time.Millisecond) {
		switch err := d.claims.Get(ctx, id, &claim); {
		case errors.Is(err, store.ErrMissing):
			return claim, nobodys, nil
		case err != nil:
			return claim, 0, fmt.Errorf("claim: %w", err)
		}
		worth, err := d.stands(ctx, c, claim)
		switch {
		case err != nil:
			return claim, 0, err
		case worth == nobodys:
			return claim, worth, d.release(ctx, []Claim{claim})
		case worth == held || time.Now().After(enough) || !rest(ctx, pause):
			return claim, worth, nil
		}
	}
}

// passed forgives an error that comes of our own impatience.
func passed(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// A standing is what a claim is worth.
type standing uint8

const (
	held    standing = iota + 1 // by somebody who has it to himself
	wanted                      // by somebody who may not get the rest
	nobodys                     // left behind
)

// stands says what a claim is worth. The holder is read after the claim was, and
// knew of the attempt before there was a claim, so one it does not know of is
// over.
func (d *Desk) stands(ctx context.Context, c *conference, claim Claim) (standing, error) {
	switch {
	case strings.HasPrefix(claim.Holder, blockPrefix):
		return d.blockStands(ctx, c, claim)
	case claim.Holder == agendaHolder:
		return d.agendaStands(ctx, c, claim)
	}
	m, err := d.settled(ctx, c, claim.Holder)
	switch {
	case problem.Is(err, problem.NotFound):
		return nobodys, nil
	case err != nil:
		return 0, err
	case m.Attempt != nil && m.Attempt.ID == claim.Attempt, m.Act != "" && m.Act == claim.Attempt:
		return wanted, nil
	case has(c.id, m.Holds, claim):
		return held, nil
	case m.Act != "":
		return wanted, nil // it may be changing hands
	}
	return nobodys, d.releaseHolds(ctx, c, m.ID, m.Freed) // the rest of them will be in the way next
}

// has says whether a claim is one of those of holds.
func has(conference string, holds []meeting.Hold, claim Claim) bool {
	for _, h := range holds {
		for n := h.From; n < h.To; n++ {
			if h.Attempt == claim.Attempt && meeting.ClaimID(conference, h.Resource, n) == claim.ID {
				return true
			}
		}
	}
	return false
}

// release deletes claims, each only if it is still the one it was.
func (d *Desk) release(ctx context.Context, claims []Claim) error {
	if len(claims) == 0 {
		return nil
	}
	if err := d.step(stepRelease); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, one := range claims {
		g.Go(func() error {
			err := d.claims.Delete(gctx, one.ID, bson.M{"meeting": one.Holder, "attempt": one.Attempt})
			if err != nil && !errors.Is(err, store.ErrStale) {
				return fmt.Errorf("release: %w", err)
			}
			return nil
		})
	}
	return g.Wait()
}
