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
	Days int
	// EndKeys ends the conference's API keys.
	EndKeys func(ctx context.Context, conference string) error
}

// Over says whether what is known of a conference's people is to be forgotten
// now. A conference whose days nobody has told us is never over.
func (r Retention) Over(conference string) bool {
	f := r.Conferences.Of(conference)
	if r.Days <= 0 || len(f.Days) == 0 {
		return false
	}
	last, err := time.ParseInLocation(time.DateOnly, f.Days[len(f.Days)-1], f.Zone)
	if err != nil {
		return false
	}
	return !r.Conferences.Now(conference).Before(last.AddDate(0, 0, r.Days+1)) // the midnight after
}

// together is how many people are forgotten at once: a room that keeps many of
// them in one place reads it once for all of these.
const together = 200

// Sweep forgets whoever is due. It may be ended at any moment and goes on with
// the next call, on any replica: who is forgotten already is passed over.
func (r Retention) Sweep(ctx context.Context) error {
	var errs []error
	for _, conference := range r.Conferences.IDs() {
		if !r.Over(conference) {
			continue
		}
		if err := r.EndKeys(ctx, conference); err != nil {
			errs = append(errs, fmt.Errorf("end the keys of %s: %w", conference, err))
		}
		due := slices.DeleteFunc(r.Office.book.DelegatesOf(conference), func(d delegate.Delegate) bool { return d.Status == event.Erased })
		if len(due) > 0 {
			r.Office.log.Info("the time of keeping is over", "conference", conference, "people", len(due))
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
