package delegate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary.example/shared/problem"
)

// orphaned is how long a number is left with a holder whose record does not
// have it: the record may be about to be written, or its writer may be gone.
const orphaned = time.Minute

var errNumberTaken = problem.New(problem.Conflict, "accreditation_taken", "Somebody else has this accreditation number.").
	With(problem.Field{Pointer: "/accreditation", Code: "taken", Detail: "Somebody else has this number."})

// claim makes the number of now theirs when it is not that of was, before the
// record says so: two records never have one number. undo gives it up again.
func (b *Book) claim(ctx context.Context, was, now Delegate) (undo func(), err error) {
	number := Number(now.Accreditation)
	if number == "" || number == Number(was.Accreditation) {
		return func() {}, nil
	}
	holder, since, err := b.number.Claim(ctx, now.Conference, number, now.ID, b.now())
	if errors.Is(err, ErrExists) {
		err = b.take(ctx, now, number, holder, since)
	}
	if err != nil {
		return nil, err
	}
	return func() { b.release(ctx, now) }, nil
}

// take claims a number that was left behind, by a process that ended between
// claiming it and writing the record, or between the record and giving it up.
func (b *Book) take(ctx context.Context, d Delegate, number, holder string, since time.Time) error {
	if b.now().Sub(since) < orphaned {
		return errNumberTaken
	}
	h, err := b.people.kept.Get(ctx, holder)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return fmt.Errorf("accreditation number: %w", err)
	}
	if err == nil && h.Conference == d.Conference && Number(h.Accreditation) == number {
		return errNumberTaken
	}
	err = b.number.Take(ctx, d.Conference, number, holder, d.ID, b.now())
	if errors.Is(err, ErrStale) {
		return errNumberTaken
	}
	return err
}

// release gives the number of d up. One that stays behind is found by take.
func (b *Book) release(ctx context.Context, d Delegate) {
	if d.Accreditation == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_ = b.number.Release(ctx, d.Conference, Number(d.Accreditation), d.ID)
}
