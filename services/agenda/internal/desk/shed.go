package desk

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/store"
)

// allocationsKept is how many allocations of a conference are kept, the newest
// ones, beside any that is being applied. A desk plans until it likes a plan, and
// each is as large as the conference.
const allocationsKept = 20

// shed deletes the allocations that are too old to be kept. One that is shed is
// there for nobody from the first write on; whoever comes upon it goes on with it.
func (d *Desk) shed(ctx context.Context, c *conference) error {
	all, err := d.Allocations(c.id)
	if err != nil {
		return err
	}
	var errs error
	for _, a := range all[min(len(all), allocationsKept):] {
		if a.State == meeting.Applying {
			continue
		}
		a.State = meeting.Shed
		if _, err := d.putAllocation(ctx, c, a); errors.Is(err, errTaken) { // by somebody who began to apply it, or shed it
			if _, err := d.fetchAllocation(ctx, c, a.ID); err == nil {
				continue
			}
		} else if err != nil {
			errs = errors.Join(errs, err)
		}
	}
	c.mu.RLock()
	var gone []meeting.Allocation
	for _, a := range c.allocations {
		if a.State == meeting.Shed {
			gone = append(gone, a)
		}
	}
	c.mu.RUnlock()
	for _, a := range gone {
		errs = errors.Join(errs, d.deleteAllocation(ctx, c, a))
	}
	return errs
}

// deleteAllocation deletes the pages of one that is shed, and then it.
func (d *Desk) deleteAllocation(ctx context.Context, c *conference, a meeting.Allocation) error {
	if err := d.step(stepShed); err != nil {
		return err
	}
	for n := range a.Pages + a.Rest {
		if err := d.sheets.Delete(ctx, sheetID(a.Run, n), nil); err != nil {
			return fmt.Errorf("allocation %s, page %d: %w", a.ID, n, err)
		}
	}
	if err := d.allocations.Delete(ctx, a.Key, bson.M{"state": meeting.Shed}); err != nil && !errors.Is(err, store.ErrStale) {
		return fmt.Errorf("allocation %s: %w", a.ID, err)
	}
	c.dropAllocation(a.ID, a.Run)
	return nil
}
