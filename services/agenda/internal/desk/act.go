package desk

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

// resolve ends what an act left undone of a meeting that is marked with it.
func (d *Desk) resolve(ctx context.Context, c *conference, act, id string) error {
	return d.unmark(ctx, c, act, id)
}

// unmark takes the mark of an act from a meeting.
func (d *Desk) unmark(ctx context.Context, c *conference, act, id string) error {
	err := d.meetings.Update(ctx, id, bson.M{"act": act}, bson.M{"$unset": bson.M{"act": ""}})
	if err != nil && !errors.Is(err, store.ErrStale) {
		return fmt.Errorf("meeting %s: %w", id, err)
	}
	_, err = d.fetch(ctx, c, id)
	return err
}
