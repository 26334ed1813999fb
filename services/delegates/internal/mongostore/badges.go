package mongostore

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/shared/store"
)

// Badges keeps what is on the badges, who guessed at one, and the makings of codes
// that are not told yet.
type Badges struct {
	badges, guesses, issues *store.Collection
	key                     []byte
}

// NewBadges uses the collections of s. Guesses are kept under hashes that nobody
// makes without the key: somebody who was forgotten may still type the number.
func NewBadges(s *store.Store, key []byte) *Badges {
	return &Badges{badges: s.Collection("accreditations"), guesses: s.Collection("guesses"), issues: s.Collection("issues"), key: key}
}

// hidden is the id under which guesses are kept.
func (s *Badges) hidden(id string) string {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte(id))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// Add writes the badges that are not there yet and leaves those that are.
func (s *Badges) Add(ctx context.Context, badges []accreditation.Accreditation) error {
	return addAll(ctx, s.badges, badges)
}

// Accreditation reads what belongs to a badge; the zero one when there is none.
func (s *Badges) Accreditation(ctx context.Context, id string) (a accreditation.Accreditation, err error) {
	err = optional(s.badges.Get(ctx, id, &a))
	return a, err
}

// Use marks a code as used up; ErrUsed when it is already, or another has taken
// its place.
func (s *Badges) Use(ctx context.Context, id, issue, signIn string, at time.Time) error {
	err := s.badges.Update(ctx, id, bson.M{"used": "", "issue": issue}, bson.M{"$set": bson.M{"used": signIn, "usedAt": at}})
	if errors.Is(err, store.ErrStale) {
		return accreditation.ErrUsed
	}
	return err
}

// Unuse makes a code good again that a sign-in used up which never began.
func (s *Badges) Unuse(ctx context.Context, id, signIn string) error {
	err := s.badges.Update(ctx, id, bson.M{"used": signIn}, bson.M{"$set": bson.M{"used": "", "usedAt": time.Time{}}})
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}

// OfConference reads all badges of a conference. It looks at every badge.
func (s *Badges) OfConference(ctx context.Context, conference string) ([]accreditation.Accreditation, error) {
	return store.All[accreditation.Accreditation](ctx, s.badges, bson.M{"conference": conference})
}

// Issue writes the new code of a badge over the one before; ErrNotTheirs when
// the number is not a's delegate's.
func (s *Badges) Issue(ctx context.Context, a accreditation.Accreditation) error {
	err := s.badges.Update(ctx, a.ID, bson.M{"delegate": a.Delegate}, newCode(a))
	if !errors.Is(err, store.ErrStale) {
		return err
	}
	err = s.badges.Insert(ctx, a) // nobody's yet
	if errors.Is(err, store.ErrExists) {
		return accreditation.ErrNotTheirs
	}
	return err
}

// Reissue is Issue over the unused code of the issue before; else ErrUsed.
func (s *Badges) Reissue(ctx context.Context, a accreditation.Accreditation, before string) error {
	err := s.badges.Update(ctx, a.ID, bson.M{"used": "", "issue": before, "delegate": a.Delegate}, newCode(a))
	if errors.Is(err, store.ErrStale) {
		return accreditation.ErrUsed
	}
	return err
}

func newCode(a accreditation.Accreditation) bson.M {
	return bson.M{"$set": bson.M{"code": a.Code, "issue": a.Issue, "expiresAt": a.ExpiresAt, "used": ""}}
}

// InsertIssue writes that codes are being made.
func (s *Badges) InsertIssue(ctx context.Context, i accreditation.Issue) error {
	return s.issues.Insert(ctx, i)
}

// ToldIssue forgets an issue.
func (s *Badges) ToldIssue(ctx context.Context, id string) error {
	return s.issues.Delete(ctx, id, nil)
}

// OwingIssues reads the issues that are not told.
func (s *Badges) OwingIssues(ctx context.Context) ([]accreditation.Issue, error) {
	return store.All[accreditation.Issue](ctx, s.issues, nil)
}

// Guesses reads the count of wrong codes; the zero one when there is none.
func (s *Badges) Guesses(ctx context.Context, id string) (g accreditation.Guesses, err error) {
	err = optional(s.guesses.Get(ctx, s.hidden(id), &g))
	return g, err
}

// CountGuess adds one wrong code; fresh begins again at one.
func (s *Badges) CountGuess(ctx context.Context, id string, at time.Time, fresh bool) error {
	id = s.hidden(id)
	change := bson.M{"$inc": bson.M{"failed": 1}, "$set": bson.M{"last": at}}
	if fresh {
		change = bson.M{"$set": bson.M{"failed": 1, "since": at, "last": at}}
	}
	err := s.guesses.Update(ctx, id, nil, change)
	if !errors.Is(err, store.ErrStale) {
		return err
	}
	err = s.guesses.Insert(ctx, accreditation.Guesses{ID: id, Failed: 1, Since: at, Last: at})
	if errors.Is(err, store.ErrExists) { // somebody else's was the first
		return s.guesses.Update(ctx, id, nil, bson.M{"$inc": bson.M{"failed": 1}, "$set": bson.M{"last": at}})
	}
	return err
}

// ForgetGuesses drops the count.
func (s *Badges) ForgetGuesses(ctx context.Context, id string) error {
	return s.guesses.Delete(ctx, s.hidden(id), nil)
}

// Sweep removes the guesses that no longer count, and says how many. It looks at
// all of them.
func (s *Badges) Sweep(ctx context.Context, now time.Time) (int, error) {
	guesses, err := store.All[accreditation.Guesses](ctx, s.guesses, nil)
	if err != nil {
		return 0, err
	}
	swept := 0
	for _, g := range guesses {
		if !g.Stale(now) {
			continue
		}
		if err := s.guesses.Delete(ctx, g.ID, bson.M{"failed": g.Failed}); err != nil && !errors.Is(err, store.ErrStale) {
			return swept, fmt.Errorf("sweep guesses: %w", err)
		}
		swept++
	}
	return swept, nil
}

// Held is everything on the badge with a number: the badge, and the guesses at it.
func (s *Badges) Held(ctx context.Context, conference, number string) (badge, guesses any, err error) {
	var b claimed
	if err := optional(s.badges.Get(ctx, accreditation.ID(conference, number), &b)); err != nil {
		return nil, nil, err
	}
	g, err := s.Guesses(ctx, accreditation.ID(conference, number))
	return b, g, err
}

// Forget removes the badges of a person and the guesses at them. Without the
// number it looks at all badges there are.
func (s *Badges) Forget(ctx context.Context, conference, delegate, number string) error {
	ids := []string{accreditation.ID(conference, number)}
	if number == "" {
		held, err := store.All[accreditation.Accreditation](ctx, s.badges, bson.M{"delegate": delegate})
		if err != nil {
			return err
		}
		ids = ids[:0]
		for _, a := range held {
			ids = append(ids, a.ID)
		}
	}
	for _, id := range ids {
		if err := s.ForgetGuesses(ctx, id); err != nil {
			return err
		}
		if err := s.badges.Delete(ctx, id, bson.M{"delegate": delegate}); err != nil && !errors.Is(err, store.ErrStale) {
			return err
		}
	}
	return nil
}
