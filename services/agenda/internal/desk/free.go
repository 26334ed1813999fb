package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// A late is what has to be freed once more, after a claim can have arrived that
// was sent before its attempt was ended.
type late struct {
	meeting string
	holds   []meeting.Hold
	due     time.Time // wall clock
}

// free deletes, some time soon, the claims of what a meeting gave up, of which
// it is known that no more can arrive. Whoever is faster finds that they are
// nobody's.
func (d *Desk) free(c *conference, id string, holds []meeting.Hold) {
	if len(holds) == 0 {
		return
	}
	d.broom.Push(store.Owed{Name: "holds of " + id, Tell: func(ctx context.Context) error {
		if err := d.releaseHolds(ctx, c, id, holds); err != nil {
			return err
		}
		return d.clear(ctx, c, id, holds)
	}})
}

// freeLate is free of what claims may still arrive for.
func (d *Desk) freeLate(c *conference, id string, holds []meeting.Hold) {
	if len(holds) == 0 {
		return
	}
	c.mu.Lock()
	c.late = append(c.late, late{id, holds, d.wall().Add(lateness)})
	c.mu.Unlock()
	d.broom.Push(store.Owed{Name: "holds of " + id, Tell: func(ctx context.Context) error {
		return d.releaseHolds(ctx, c, id, holds)
	}})
}

// freeDue frees once more what is due.
func (d *Desk) freeDue(c *conference) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var later []late
	for _, l := range c.late {
		if d.wall().Before(l.due) {
			later = append(later, l)
			continue
		}
		d.free(c, l.meeting, l.holds)
	}
	c.late = later
}

// releaseHolds deletes the claims of holds, which are several attempts' maybe.
func (d *Desk) releaseHolds(ctx context.Context, c *conference, id string, holds []meeting.Hold) error {
	var all []Claim
	for k, attempt := range cells(holds) {
		all = append(all, Claim{ID: meeting.ClaimID(c.id, k.resource, k.n), Holder: id, Attempt: attempt})
	}
	inOrder(all)
	return d.release(ctx, all)
}

// clear takes out of a meeting that it gave holds up, or the meeting out of the
// store when it did not come into being.
func (d *Desk) clear(ctx context.Context, c *conference, id string, holds []meeting.Hold) error {
	if err := d.step(stepClear); err != nil {
		return err
	}
	if m, _, known := c.known(id); !known || m.Revision == 0 {
		return d.unborn(ctx, c, id, "") // its attempt is over: another one's is not ours to take away
	}
	err := d.meetings.Update(ctx, id, nil, bson.M{"$pullAll": bson.M{"freed": holds}})
	if err != nil && !errors.Is(err, store.ErrStale) {
		return fmt.Errorf("meeting %s: %w", id, err)
	}
	c.freed(id, holds)
	return nil
}

// freed takes holds out of what memory has as given up.
func (c *conference) freed(id string, holds []meeting.Hold) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.meetings[id]
	if !ok {
		return
	}
	e.touched++
	e.m.Freed = slices.DeleteFunc(slices.Clone(e.m.Freed), func(h meeting.Hold) bool { return slices.Contains(holds, h) })
}

// unborn takes a meeting that did not come into being out of the store, with the
// attempt it has or, when that is empty, without one. What another attempt brought
// under its id since stays.
func (d *Desk) unborn(ctx context.Context, c *conference, id, attempt string) error {
	guard := bson.M{"revision": int64(0), "attempt": nil}
	if attempt != "" {
		guard = bson.M{"revision": int64(0), "attempt.id": attempt}
	}
	_, touched, _ := c.known(id)
	err := d.meetings.Delete(ctx, id, guard)
	switch {
	case err == nil:
		c.forget(id, touched)
	case errors.Is(err, store.ErrStale): // gone, or another one by now
		_, err = d.fetch(ctx, c, id)
	}
	if err != nil && !problem.Is(err, problem.NotFound) {
		return fmt.Errorf("meeting %s: %w", id, err)
	}
	return nil
}
