package token

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// patience is how long an end may take that a request no longer waits for.
const patience = 5 * time.Second

// Of are the sign-ins of a person that last, the one used last first.
func (s *SignIns) Of(ctx context.Context, conference, person string) ([]Family, error) {
	ids, err := s.Families.Of(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("list sign-ins: %w", err)
	}
	var lasting []Family
	for _, id := range ids {
		f, err := s.Families.Family(ctx, id)
		switch {
		case problem.Is(err, problem.NotFound):
		case err != nil:
			return nil, fmt.Errorf("list sign-ins: %w", err)
		case f.lasts(s.Now()) && f.Delegate == person && f.Conference == conference:
			lasting = append(lasting, f)
		}
	}
	slices.SortFunc(lasting, func(a, b Family) int {
		return cmp.Or(b.RotatedAt.Compare(a.RotatedAt), cmp.Compare(a.ID, b.ID))
	})
	return lasting, nil
}

// EndOne ends one sign-in of a person, who asks for it. Somebody else's, one that
// is over and one there never was are Hidden.
func (s *SignIns) EndOne(ctx context.Context, conference, person, id, reason string) error {
	f, err := s.Families.Family(ctx, id)
	switch {
	case problem.Is(err, problem.NotFound), err == nil && (f.Delegate != person || f.Conference != conference || !f.lasts(s.Now())):
		return problem.Hidden()
	case err != nil:
		return fmt.Errorf("end sign-in: %w", err)
	}
	if err := s.end(ctx, f, reason, person); err != nil && !errors.Is(err, ErrRaced) {
		return fmt.Errorf("end sign-in: %w", err)
	}
	return nil
}

// EndOthers ends every sign-in of a person but one, at the person's wish.
func (s *SignIns) EndOthers(ctx context.Context, conference, person, but string) error {
	return s.endAll(ctx, Who{Conference: conference, Delegate: person}, but, event.EndedElsewhere, person)
}

// EndAll ends every sign-in of a person. by is Caller.Actor of who does it, empty
// for the system itself. When it fails some may have ended; repeating it is
// harmless.
func (s *SignIns) EndAll(ctx context.Context, conference, person, reason, by string) error {
	return s.endAll(ctx, Who{Conference: conference, Delegate: person}, "", reason, by)
}

func (s *SignIns) endAll(ctx context.Context, who Who, but, reason, by string) error {
	ids, err := s.Families.Of(ctx, who.Delegate)
	if err != nil {
		return fmt.Errorf("end sign-ins: %w", err)
	}
	for _, id := range ids {
		if id == but {
			continue
		}
		if err := s.endIfThere(ctx, id, who, reason, by); err != nil {
			return fmt.Errorf("end sign-ins: %w", err)
		}
	}
	return nil
}

// endIfThere ends a family on somebody's list, and drops from the list what is gone.
func (s *SignIns) endIfThere(ctx context.Context, id string, who Who, reason, by string) error {
	f, err := s.Families.Family(ctx, id)
	switch {
	case problem.Is(err, problem.NotFound), err == nil && (f.Ended != "" || f.Conference != who.Conference):
		return s.Families.Drop(ctx, who.Delegate, id)
	case err != nil:
		return err
	}
	if err := s.end(ctx, f, reason, by); err != nil && !errors.Is(err, ErrRaced) {
		return err
	}
	return nil
}

// end writes how f ended together with the event that tells of it; ErrRaced when
// it has ended already.
func (s *SignIns) end(ctx context.Context, f Family, reason, by string) error {
	principal := f.Delegate
	if by == "" {
		principal = ""
	}
	act, err := delegate.NewAct(f.ID, 1, by, principal, s.Now(), event.SignInEnded{Delegate: f.Delegate, SignIn: f.ID, Reason: reason})
	if err != nil {
		return err
	}
	f.Ended, f.EndedAt, f.Pending, f.Owed = reason, act.At, true, []delegate.Act{act}
	if err := s.Families.End(ctx, f); errors.Is(err, ErrRaced) || err != nil && !s.ended(ctx, f) {
		return err
	}
	s.Ended(f.ID)
	s.tell(f)
	// The list is only where to look: what stays on it is dropped by the sweep.
	_ = s.Families.Drop(context.WithoutCancel(ctx), f.Delegate, f.ID)
	return nil
}

// ended says whether a write that failed took place.
func (s *SignIns) ended(ctx context.Context, f Family) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	there, err := s.Families.Family(ctx, f.ID)
	return err == nil && slices.ContainsFunc(there.Owed, func(a delegate.Act) bool { return a.ID == f.Owed[0].ID })
}

// Resume tells what a replica that is no more has written and not told. What
// another is about to tell is told twice, under the same id.
func (s *SignIns) Resume(ctx context.Context) error {
	owing, err := s.Families.Owing(ctx)
	if err != nil {
		return fmt.Errorf("find what sign-ins owe: %w", err)
	}
	for _, f := range owing {
		s.tell(f)
	}
	return nil
}

func (s *SignIns) tell(f Family) {
	s.Owe("end of a sign-in", func(ctx context.Context) error {
		for _, a := range f.Owed {
			if err := s.Herald.Publish(ctx, a.Envelope(f.Conference)); err != nil {
				return err
			}
		}
		return s.Families.Told(ctx, f)
	})
}
