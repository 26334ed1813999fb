package delegate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
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

// nextNumber is the accreditation number behind the highest one of the
// conference that is written like most of them ("SEO-01600"), some steps on.
func (b *Book) nextNumber(conference string, steps int) string {
	prefix, width, highest := b.numbering(conference)
	return fmt.Sprintf("%s%0*d", prefix, width, highest+1+steps)
}

// NextNumbers are n accreditation numbers behind the highest one, without those
// that are spoken for. Somebody else may be given the same ones meanwhile.
func (b *Book) NextNumbers(conference string, n int, spokenFor func(number string) bool) []string {
	prefix, width, highest := b.numbering(conference)
	numbers := make([]string, 0, n)
	for len(numbers) < n {
		highest++
		if number := fmt.Sprintf("%s%0*d", prefix, width, highest); !spokenFor(number) {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// numbering is how the numbers of a conference are written, and the highest.
func (b *Book) numbering(conference string) (prefix string, width, highest int) {
	type style struct{ count, highest, width int }
	styles := map[string]style{}
	b.memory.mu.RLock()
	if r, ok := b.memory.rolls[conference]; ok {
		for number := range r.numbers {
			prefix := strings.TrimRight(number, "0123456789")
			n, err := strconv.Atoi(number[len(prefix):])
			if err != nil {
				continue
			}
			s := styles[prefix]
			styles[prefix] = style{s.count + 1, max(s.highest, n), max(s.width, len(number)-len(prefix))}
		}
	}
	b.memory.mu.RUnlock()
	best, found := "", false
	for prefix, s := range styles {
		if t := styles[best]; !found || s.count > t.count || s.count == t.count && prefix < best {
			best, found = prefix, true
		}
	}
	if !found {
		letters := strings.ToUpper(strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' {
				return r
			}
			return -1
		}, strings.ToLower(conference)))
		best = letters[:min(3, len(letters))] + "-"
		styles[best] = style{width: 5}
	}
	return best, styles[best].width, styles[best].highest
}
