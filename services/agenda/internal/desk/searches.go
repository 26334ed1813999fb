package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/store"
)

// searchesKept is how many searches of one delegation and day are kept.
const searchesKept = 200

// Searched notes that somebody looks for free slots for a delegation. It is kept
// before anything is answered, so that nobody looks without leaving a trace.
func (d *Desk) Searched(ctx context.Context, conference, delegation, actor, with, level string) error {
	day, err := d.today(conference)
	if err != nil {
		return err
	}
	whose := conference + "/" + delegation
	for range tries {
		err = d.addSearch(ctx, whose, day, meeting.Search{Actor: actor, With: with, Level: level, At: d.wall()})
		if !errors.Is(err, store.ErrStale) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("searches of %s: %w", delegation, err)
	}
	return nil
}

func (d *Desk) addSearch(ctx context.Context, whose, day string, s meeting.Search) error {
	lock, _ := d.searching.LoadOrStore(whose, new(sync.Mutex)) // who searches twice at once waits here, and for nobody else
	mine, _ := lock.(*sync.Mutex)
	mine.Lock()
	defer mine.Unlock()
	id := whose + "/" + day
	var was meeting.Searches
	if err := d.searched.Get(ctx, id, &was); err != nil && !errors.Is(err, store.ErrMissing) {
		return err
	}
	next := meeting.Searches{ID: id, Revision: was.Revision + 1, Day: day, Kept: append([]meeting.Search{s}, was.Kept...), Earlier: was.Earlier}
	if over := len(next.Kept) - searchesKept; over > 0 {
		next.Kept, next.Earlier = next.Kept[:searchesKept], next.Earlier+over
	}
	return d.searched.Put(ctx, id, was.Revision, next)
}

// Searches are those of a delegation on a local date, today where it is empty.
func (d *Desk) Searches(ctx context.Context, conference, delegation, day string) (meeting.Searches, error) {
	if day == "" {
		var err error
		if day, err = d.today(conference); err != nil {
			return meeting.Searches{}, err
		}
	}
	all := meeting.Searches{Day: day}
	err := d.searched.Get(ctx, conference+"/"+delegation+"/"+day, &all)
	if err != nil && !errors.Is(err, store.ErrMissing) {
		return all, fmt.Errorf("searches of %s: %w", delegation, err)
	}
	return all, nil
}

// today is the local date by the conference clock.
func (d *Desk) today(conference string) (string, error) {
	facts, _, err := d.agenda.Conference(conference)
	if err != nil {
		return "", err
	}
	return facts.Now(d.now()).In(facts.Location()).Format(time.DateOnly), nil
}
