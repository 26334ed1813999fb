package front

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// spare is how many statements an update may have beside MaxReads reads; a
// longer one waits until some of them are over.
const spare = 100 - MaxReads - 2

// A database is the gate that all commands for one database pass.
type database struct {
	writing sync.Mutex
	known   map[string]bool // collections that have been written to; guarded by writing

	reads *semaphore.Weighted

	mu      sync.Mutex
	cursors map[int64]struct{} // open ones, each holding a place in reads
}

func newDatabase() *database {
	return &database{
		known: map[string]bool{}, reads: semaphore.NewWeighted(MaxReads), cursors: map[int64]struct{}{},
	}
}

// enter waits for n places among the reads.
func (d *database) enter(ctx context.Context, n int64, patience time.Duration) bool {
	if n <= 0 || d.reads.TryAcquire(n) {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return d.reads.Acquire(ctx, n) == nil
}

func (d *database) leave(n int64) {
	if n > 0 {
		d.reads.Release(n)
	}
}

// keep gives the place of a read that has just ended to the cursor it opened.
func (d *database) keep(cursor int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cursors[cursor] = struct{}{}
}

// drop gives the place of a cursor free, once.
func (d *database) drop(cursor int64) {
	d.mu.Lock()
	_, held := d.cursors[cursor]
	delete(d.cursors, cursor)
	d.mu.Unlock()
	if held {
		d.leave(1)
	}
}
