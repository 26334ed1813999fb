package desk

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"plenary.example/shared/problem"
)

// came is what a context has the moment under at which whoever asks came.
type came struct{}

// refreshed reads the meetings among holders again of which memory knows nothing
// since whoever asks came, but for those seen before; false when there are none, or
// they cannot be read. Many who ask of one at a time are answered by one reading.
func (d *Desk) refreshed(ctx context.Context, c *conference, holders []string, seen *[]string) bool {
	since, _ := ctx.Value(came{}).(time.Time)
	before := len(*seen)
	for _, id := range holders {
		if !slices.Contains(*seen, id) && c.isOld(id, since) {
			*seen = append(*seen, id)
		}
	}
	var g errgroup.Group
	g.SetLimit(8)
	for _, id := range (*seen)[before:] {
		g.Go(func() error {
			_, err, _ := d.reading.Do(id, func() (any, error) {
				ctx, cancel := d.begin(ctx) // others may wait for it too
				defer cancel()
				return d.fetch(ctx, c, id)
			})
			return err
		})
	}
	err := g.Wait()
	return len(*seen) > before && (err == nil || problem.Is(err, problem.NotFound))
}

// isOld says whether nothing was read or written of a meeting since a moment.
func (c *conference) isOld(id string, since time.Time) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, known := c.meetings[id]
	return known && e.news.Before(since)
}
