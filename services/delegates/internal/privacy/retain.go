package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
)

// conferences has the facts of the conferences.
type conferences interface {
	IDs() []string
	Of(conference string) delegate.Facts
	Now(conference string) time.Time // the conference clock
}

// A Retention forgets everybody of a conference when the time of keeping is
// over.
type Retention struct {
	Office      *Office
	Conferences conferences
	// Days after the conference's last day, in its own zone and by its own clock;
	// 0 = never.
	Days    int
	Notices notices
	// EndKeys ends the conference's API keys.
	EndKeys func(ctx context.Context, conference string) error
}

// warning is how long before the people of a conference are forgotten the log
// begins to say so; also when a service starts that has been away for long, or is
// set to keep them for less.
const warning = 24 * time.Hour

// notices keep since when it is known that people are about to be forgotten.
type notices interface {
	// Notice keeps the first moment it was called with, and returns that.
	Notice(ctx context.Context, id string, at time.Time) (time.Time, error)
	DropNotice(ctx context.Context, id string) error
}

// end is when the time of keeping is over, by the conference's clock. It is not
// for a conference whose days nobody has told us.
func (r Retention) end(conference string) (time.Time, bool) {
	f := r.Conferences.Of(conference)
	if r.Days <= 0 || len(f.Days) == 0 {
		return time.Time{}, false
	}
	last, err := time.ParseInLocation(time.DateOnly, f.Days[len(f.Days)-1], f.Zone)
	return last.AddDate(0, 0, r.Days+1), err == nil // the midnight after
}

// together is how many people are forgotten at once: a room that keeps many of
// them in one place reads it once for all of these.
const together = 200

// Sweep forgets whoever is due. It may be ended at any moment and goes on with
// the next call, on any replica: who is forgotten already is passed over.
func (r Retention) Sweep(ctx context.Context) error {
	var errs []error
	for _, conference := range r.Conferences.IDs() {
		end, known := r.end(conference)
		if !known || r.Conferences.Now(conference).Before(end.Add(-warning)) {
			continue
		}
		due := slices.DeleteFunc(r.Office.book.DelegatesOf(conference), func(d delegate.Delegate) bool { return d.Status == event.Erased })
		wait, err := r.wait(ctx, conference, end, len(due))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if wait > 0 {
			continue
		}
		if err := r.EndKeys(ctx, conference); err != nil {
			errs = append(errs, fmt.Errorf("end the keys of %s: %w", conference, err))
		}
		for some := range slices.Chunk(due, together) {
			if ctx.Err() != nil {
				return errors.Join(append(errs, ctx.Err())...)
			}
			errs = append(errs, r.forget(ctx, conference, some))
		}
	}
	return errors.Join(errs...)
}

// wait is how long the people of a conference are still kept, which the log says.
// Nobody is forgotten whom it has not named for as long as the warning.
func (r Retention) wait(ctx context.Context, conference string, end time.Time, people int) (time.Duration, error) {
	id, now := conference+"/"+end.Format(time.DateOnly), r.Office.now()
	wait := end.Sub(r.Conferences.Now(conference))
	if people == 0 {
		return wait, r.Notices.DropNotice(ctx, id) // who comes after is warned of anew
	}
	since, err := r.Notices.Notice(ctx, id, now.UTC().Truncate(time.Millisecond))
	if err != nil {
		return 0, fmt.Errorf("warn of the end of keeping: %w", err)
	}
	if wait = max(wait, since.Add(warning).Sub(now)); wait > 0 {
		r.Office.log.WarnContext(ctx, "people are about to be forgotten for good; RETENTION_DAYS says when", "conference", conference, "people", people, "at", now.Add(wait).UTC())
	} else {
		r.Office.log.WarnContext(ctx, "the time of keeping is over", "conference", conference, "people", people)
	}
	return wait, nil
}

// forget is Office.erase for many.
func (r Retention) forget(ctx context.Context, conference string, people []delegate.Delegate) error {
	var errs []error
	var begun []Erasure
	for _, d := range people {
		e, err := r.Office.record(ctx, conference, d.ID, "", 0, func(delegate.Delegate) error { return nil })
		if err != nil {
			errs = append(errs, fmt.Errorf("erase %s: %w", d.ID, err))
			continue
		}
		begun = append(begun, e)
	}
	if err := r.Office.finish(ctx, conference, begun); err != nil {
		r.Office.log.Warn("erasures go on in the background", "conference", conference, "err", err)
		for _, e := range begun {
			r.Office.note(conference, e.ID, time.Time{})
		}
	}
	return errors.Join(errs...)
}
