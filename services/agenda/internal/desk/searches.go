package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

// searchesKept is how many searches of one delegation and day are kept.
const searchesKept = 200

// A Search is one look for free slots: who looked, and for whose.
type Search struct {
	Actor string    `bson:"actor"` // as in meeting.Entry
	With  string    `bson:"with"`  // delegation
	Level string    `bson:"level"`
	At    time.Time `bson:"at"` // wall clock
}

// searches are the last ones of a delegation on one day.
type searches struct {
	ID       string   `bson:"_id"` // <conference>/<delegation>/<day>
	Revision int64    `bson:"revision"`
	Made     []Search `bson:"made"` // the oldest first
}

// Searched notes that somebody looks for free slots for a delegation. It is kept
// before anything is answered, so that nobody looks without leaving a trace.
func (d *Desk) Searched(ctx context.Context, conference, delegation, actor, with, level string) error {
	day, err := d.today(conference)
	if err != nil {
		return err
	}
	id := conference + "/" + delegation + "/" + day
	for range tries {
		err = d.addSearch(ctx, id, Search{actor, with, level, d.wall()})
		if !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrStale) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("searches of %s: %w", delegation, err)
	}
	return nil
}

func (d *Desk) addSearch(ctx context.Context, id string, s Search) error {
	d.searching.Lock() // who searches twice at once waits here and not in the store
	defer d.searching.Unlock()
	var was searches
	if err := d.searched.Get(ctx, id, &was); err != nil && !errors.Is(err, store.ErrMissing) {
		return err
	}
	next := searches{ID: id, Revision: was.Revision + 1, Made: append(was.Made, s)}
	next.Made = next.Made[max(0, len(next.Made)-searchesKept):]
	if was.Revision == 0 {
		return d.searched.Insert(ctx, next)
	}
	return d.searched.Replace(ctx, id, bson.M{"revision": was.Revision}, next)
}

// Searches are those of a delegation on a local date, today by the conference
// clock where it is empty; the newest first.
func (d *Desk) Searches(ctx context.Context, conference, delegation, day string) (on string, made []Search, err error) {
	if day == "" {
		if day, err = d.today(conference); err != nil {
			return "", nil, err
		}
	}
	var all searches
	switch err := d.searched.Get(ctx, conference+"/"+delegation+"/"+day, &all); {
	case errors.Is(err, store.ErrMissing):
		return day, nil, nil
	case err != nil:
		return "", nil, fmt.Errorf("searches of %s: %w", delegation, err)
	}
	slices.Reverse(all.Made)
	return day, all.Made, nil
}

// today is the local date by the conference clock.
func (d *Desk) today(conference string) (string, error) {
	facts, _, err := d.agenda.Conference(conference)
	if err != nil {
		return "", err
	}
	return facts.Now(d.now()).In(facts.Location()).Format(time.DateOnly), nil
}
