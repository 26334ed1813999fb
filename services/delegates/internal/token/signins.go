package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// families keeps the families, and which of them are whose.
type families interface {
	// Insert writes a new family.
	Insert(ctx context.Context, f Family) error
	// Family fails with NotFound when there is none of that id.
	Family(ctx context.Context, id string) (Family, error)
	// Replace writes f over the generation that came before it. It fails with
	// ErrRaced when the family was not as expected, or has ended.
	Replace(ctx context.Context, f Family, generation int64) error
	// Delete forgets a family nobody has heard of.
	Delete(ctx context.Context, id string) error

	// End writes how f ended and what it owes; ErrRaced when it has ended already.
	End(ctx context.Context, f Family) error
	// Told takes off f what it owed.
	Told(ctx context.Context, f Family) error
	// Owing are the families whose end is not told. It looks at all of them.
	Owing(ctx context.Context) ([]Family, error)

	// Of are the ids of a person's families, the oldest first. Some may be over.
	Of(ctx context.Context, delegate string) ([]string, error)
	// Note adds a family to its person's.
	Note(ctx context.Context, f Family) error
	// Drop takes families off their person's.
	Drop(ctx context.Context, delegate string, families ...string) error
}

// ErrRaced is returned by a store when somebody else has changed the family meanwhile.
var ErrRaced = errors.New("the family has changed meanwhile")

// people finds who signs in; NotFound for somebody who is not accredited.
type people interface {
	Accredited(ctx context.Context, conference, id string) (delegate.Delegate, error)
	// Fresh is Accredited as the store has it now.
	Fresh(ctx context.Context, conference, id string) (delegate.Delegate, error)
}

// herald tells the other services; the bus is one. Refused for good is no error.
type herald interface {
	Publish(ctx context.Context, e event.Envelope) error
}

// most is how many sign-ins a person may have at once. A code opens one, so this
// is for sample codes; the oldest makes room.
const most = 100

// A Pair is what a phone gets.
type Pair struct {
	Access, Refresh string
	ExpiresIn       time.Duration // of Access
}

// SignIns begins, continues and ends sign-ins.
type SignIns struct{ Config }

// Config is what SignIns are made of.
type Config struct {
	Keys     *Keys
	Families families
	People   people
	Herald   herald
	// Owe is given what an ended family still has to tell; it must call tell until
	// it succeeds.
	Owe   func(name string, tell func(context.Context) error)
	Now   func() time.Time     // the wall clock
	Ended func(signIn string)  // told at once here, before anybody else hears of it
	Count func(outcome string) // of refreshes; nil = nobody counts
}

// Outcomes of a refresh.
const (
	Rotated  = "rotated"
	Repeated = "repeated"
	Refused  = "refused"
	Reused   = "reused" // and so the family has ended
	Failed   = "failed" // ours
)

// NewSignIns makes SignIns.
func NewSignIns(c Config) *SignIns {
	if c.Count == nil {
		c.Count = func(string) {}
	}
	return &SignIns{c}
}

// NewID is the id of a sign-in that is about to begin.
func NewID() string { return rand.Text() }

// Begin signs somebody in, under an id made by NewID. The sign-in is there when
// Begin returns; after an error there is none. Somebody who is not accredited is
// NotFound.
func (s *SignIns) Begin(ctx context.Context, id string, who Who) (Pair, error) {
	d, err := s.People.Accredited(ctx, who.Conference, who.Delegate)
	if err != nil {
		return Pair{}, fmt.Errorf("sign in: %w", err)
	}
	now := s.Now()
	f, refresh := s.Keys.NewFamily(id, who, now)
	access, err := s.Keys.Access(d, f.ID, now)
	if err != nil {
		return Pair{}, fmt.Errorf("sign in: %w", err)
	}
	if err := s.admit(ctx, f); err != nil {
		// Nobody has its token, so a family that stays behind is only litter.
		after := context.WithoutCancel(ctx)
		_ = errors.Join(s.Families.Delete(after, f.ID), s.Families.Drop(after, f.Delegate, f.ID))
		return Pair{}, fmt.Errorf("sign in: %w", err)
	}
	s.makeRoom(ctx, f)
	return Pair{Access: access, Refresh: refresh, ExpiresIn: AccessLife}, nil
}

// admit writes f where its person's sign-ins are ended from before anybody hears
// of it. Whoever lost the accreditation meanwhile was not ended with the others.
func (s *SignIns) admit(ctx context.Context, f Family) error {
	if err := s.Families.Insert(ctx, f); err != nil {
		return err
	}
	if err := s.Families.Note(ctx, f); err != nil {
		return err
	}
	_, err := s.People.Fresh(ctx, f.Conference, f.Delegate)
	return err
}

// makeRoom ends the oldest of a person's sign-ins when there are too many. The
// next one tries again what fails.
func (s *SignIns) makeRoom(ctx context.Context, f Family) {
	ids, err := s.Families.Of(ctx, f.Delegate)
	if err != nil || len(ids) <= most {
		return
	}
	for _, id := range ids[:len(ids)-most] {
		_ = s.endIfThere(ctx, id, Who{Conference: f.Conference, Delegate: f.Delegate}, event.EndedElsewhere, f.Delegate)
	}
}

// ErrRefused answers every refresh token that is not good any more, whatever
// the reason: the phone can only sign in anew.
var ErrRefused = problem.New(problem.Unauthenticated, "refresh_refused", "This refresh token is not good any more. Sign in again.")

// Refresh exchanges a refresh token for the next pair. Of any number of uses of
// one token within the grace, on any replicas, all get the same successor.
func (s *SignIns) Refresh(ctx context.Context, token string) (Pair, error) {
	pair, outcome, err := s.refresh(ctx, token)
	s.Count(outcome)
	return pair, err
}

func (s *SignIns) refresh(ctx context.Context, token string) (Pair, string, error) {
	p, ok := Read(token)
	if !ok {
		return Pair{}, Refused, ErrRefused
	}
	for {
		f, err := s.Families.Family(ctx, p.Family)
		if problem.Is(err, problem.NotFound) {
			return Pair{}, Refused, ErrRefused
		}
		if err != nil {
			return Pair{}, Failed, fmt.Errorf("refresh: %w", err)
		}
		pair, outcome, err := s.judged(ctx, f, p)
		switch {
		case errors.Is(err, ErrRaced):
			continue // somebody rotated or ended it; look at what became of it
		case err != nil && !errors.Is(err, ErrRefused):
			return Pair{}, Failed, fmt.Errorf("refresh: %w", err)
		}
		return pair, outcome, err
	}
}

func (s *SignIns) judged(ctx context.Context, f Family, p Presented) (Pair, string, error) {
	now := s.Now()
	verdict := s.Keys.Judge(f, p, now)
	if verdict == Refuse {
		return Pair{}, Refused, ErrRefused
	}
	if verdict == End {
		if err := s.end(ctx, f, event.EndedReuse, ""); err != nil {
			return Pair{}, Failed, err
		}
		return Pair{}, Reused, ErrRefused
	}
	d, err := s.People.Fresh(ctx, f.Conference, f.Delegate) // whose last token was outdated gets the rights of now
	if problem.Is(err, problem.NotFound) {
		return Pair{}, Refused, ErrRefused
	}
	if err != nil {
		return Pair{}, Failed, err
	}
	access, err := s.Keys.Access(d, f.ID, now)
	if err != nil {
		return Pair{}, Failed, err
	}
	if verdict == Repeat {
		again, ok := s.Keys.Again(f)
		if !ok {
			return Pair{}, Refused, ErrRefused
		}
		return Pair{Access: access, Refresh: again, ExpiresIn: AccessLife}, Repeated, nil
	}
	next, refresh := s.Keys.next(f, now)
	if err := s.Families.Replace(ctx, next, f.Generation); err != nil {
		return Pair{}, Failed, err
	}
	return Pair{Access: access, Refresh: refresh, ExpiresIn: AccessLife}, Rotated, nil
}
