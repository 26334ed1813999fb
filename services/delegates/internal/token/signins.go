package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/problem"
)

// families keeps the families.
type families interface {
	// Insert writes a new family.
	Insert(ctx context.Context, f Family) error
	// Family fails with NotFound when there is none of that id.
	Family(ctx context.Context, id string) (Family, error)
	// Replace writes f over the generation that came before it, or over itself
	// when it has ended. It fails with ErrRaced when the family was not as expected.
	Replace(ctx context.Context, f Family, generation int64) error
	// Delete forgets a family nobody has heard of.
	Delete(ctx context.Context, id string) error
}

// ErrRaced is returned by a store when somebody else has changed the family meanwhile.
var ErrRaced = errors.New("the family has changed meanwhile")

// people finds who signs in.
type people interface {
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
}

// A Pair is what a phone gets.
type Pair struct {
	Access, Refresh string
	ExpiresIn       time.Duration // of Access
}

// SignIns begins, continues and ends sign-ins.
type SignIns struct {
	keys     *Keys
	families families
	people   people
	now      func() time.Time
}

// NewSignIns makes SignIns on top of a store. Time is the wall clock.
func NewSignIns(k *Keys, f families, p people, now func() time.Time) *SignIns {
	return &SignIns{keys: k, families: f, people: p, now: now}
}

// Begin signs a delegate in. The sign-in is there when Begin returns; confirm is
// called before, with the new family's id, and its error undoes the sign-in.
func (s *SignIns) Begin(ctx context.Context, conference, delegateID string, confirm func(family string) error) (Pair, error) {
	d, err := s.people.Delegate(ctx, conference, delegateID)
	if err != nil {
		return Pair{}, fmt.Errorf("sign in: %w", err)
	}
	now := s.now()
	f, refresh := s.keys.NewFamily(rand.Text(), d.ID, conference, now)
	access, err := s.keys.Access(d, f.ID, now)
	if err != nil {
		return Pair{}, fmt.Errorf("sign in: %w", err)
	}
	if err := s.families.Insert(ctx, f); err != nil {
		return Pair{}, fmt.Errorf("sign in: %w", err)
	}
	if err := confirm(f.ID); err != nil {
		// Nobody has its token, so a family that stays behind is only litter.
		_ = s.families.Delete(context.WithoutCancel(ctx), f.ID)
		return Pair{}, err
	}
	return Pair{Access: access, Refresh: refresh, ExpiresIn: AccessLife}, nil
}

// ErrRefused answers every refresh token that is not good any more, whatever
// the reason: the phone can only sign in anew.
var ErrRefused = problem.New(problem.Unauthenticated, "refresh_refused", "This refresh token is not good any more. Sign in again.")

// Refresh exchanges a refresh token for the next pair. Of any number of uses of
// one token within the grace, on any replicas, all get the same successor.
func (s *SignIns) Refresh(ctx context.Context, token string) (Pair, error) {
	p, ok := Read(token)
	if !ok {
		return Pair{}, ErrRefused
	}
	for {
		f, err := s.families.Family(ctx, p.Family)
		if problem.Is(err, problem.NotFound) {
			return Pair{}, ErrRefused
		}
		if err != nil {
			return Pair{}, fmt.Errorf("refresh: %w", err)
		}
		pair, err := s.refresh(ctx, f, p)
		if errors.Is(err, ErrRaced) {
			continue // somebody rotated it; look at what became of it
		}
		return pair, err
	}
}

func (s *SignIns) refresh(ctx context.Context, f Family, p Presented) (Pair, error) {
	now := s.now()
	verdict := s.keys.Judge(f, p, now)
	if verdict == Refuse {
		return Pair{}, ErrRefused
	}
	if verdict == End {
		f.Ended = EndedReuse
		if err := s.families.Replace(ctx, f, f.Generation); err != nil {
			return Pair{}, fmt.Errorf("end sign-in: %w", err)
		}
		return Pair{}, ErrRefused
	}
	d, err := s.people.Delegate(ctx, f.Conference, f.Delegate)
	if problem.Is(err, problem.NotFound) {
		return Pair{}, ErrRefused // no longer accredited
	}
	if err != nil {
		return Pair{}, fmt.Errorf("refresh: %w", err)
	}
	access, err := s.keys.Access(d, f.ID, now)
	if err != nil {
		return Pair{}, fmt.Errorf("refresh: %w", err)
	}
	var refresh string
	if verdict == Repeat {
		again, ok := s.keys.Again(f)
		if !ok {
			return Pair{}, ErrRefused
		}
		refresh = again
	} else {
		before := f.Generation
		f, refresh = s.keys.next(f, now)
		if err := s.families.Replace(ctx, f, before); err != nil {
			return Pair{}, fmt.Errorf("refresh: %w", err)
		}
	}
	return Pair{Access: access, Refresh: refresh, ExpiresIn: AccessLife}, nil
}
