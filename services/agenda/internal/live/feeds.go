package live

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// maxFeeds is more calendars than one person looks at.
const maxFeeds = 10

// FeedsOf lists a delegate's feeds, the newest first.
func (l *Conferences) FeedsOf(ctx context.Context, id, delegate string) ([]programme.Feed, error) {
	c, err := l.find(id)
	if err != nil {
		return nil, err
	}
	if err := l.readPicks(ctx, c, id+"/"+delegate); err != nil {
		return nil, err
	}
	feeds := slices.Clone(c.picksOf(id, delegate).Feeds)
	slices.Reverse(feeds)
	return feeds, nil
}

// AddFeed makes a feed of what a delegate has before them; one more than ten is a
// Conflict.
//
// The token is told this once. It is the delegate's place in the store and a
// secret of 32 random bytes, of which only the sum is kept. So any replica finds
// the feed by one read of the delegate's own document, a moment after another
// made it or ended it, and who has the database has no token.
func (l *Conferences) AddFeed(ctx context.Context, id, delegate, language string) (f programme.Feed, token string, err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	feedID, err := uuid.NewV7()
	if err != nil {
		return programme.Feed{}, "", err
	}
	sum := sha256.Sum256(secret)
	f = programme.Feed{ID: feedID.String(), Sum: sum[:], Language: language, CreatedAt: l.now().UTC().Truncate(time.Millisecond)}
	err = l.choose(ctx, id, delegate, func(_ *conference, p *Picks) (bool, error) {
		if len(p.Feeds) >= maxFeeds {
			return false, problem.New(problem.Conflict, "feeds_full", "A delegate can have at most %d calendar feeds. End one first.", maxFeeds)
		}
		p.Feeds = append(slices.Clone(p.Feeds), f)
		return true, nil
	})
	if err != nil {
		return programme.Feed{}, "", err
	}
	place := base64.RawURLEncoding.EncodeToString([]byte(id + "/" + delegate))
	return f, place + "." + base64.RawURLEncoding.EncodeToString(secret), nil
}

// EndFeed makes a feed unreadable, on every replica from the next read on. A
// feed that is not there is NotFound.
func (l *Conferences) EndFeed(ctx context.Context, id, delegate, feed string) error {
	return l.choose(ctx, id, delegate, func(_ *conference, p *Picks) (bool, error) {
		i := slices.IndexFunc(p.Feeds, func(f programme.Feed) bool { return f.ID == feed })
		if i < 0 {
			return false, problem.Hidden()
		}
		p.Feeds = slices.Delete(slices.Clone(p.Feeds), i, i+1)
		return true, nil
	})
}

// Follow is what a token lets its owner read. A token that never was, has ended,
// or belongs to somebody who takes part no more is NotFound, and nobody learns
// which of these.
func (l *Conferences) Follow(ctx context.Context, token string) (programme.Followed, error) {
	place, secret, ok := strings.Cut(token, ".")
	docID, err := base64.RawURLEncoding.DecodeString(place)
	if !ok || err != nil {
		return programme.Followed{}, problem.Hidden()
	}
	key, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		return programme.Followed{}, problem.Hidden()
	}
	id, delegate, _ := strings.Cut(string(docID), "/")
	c, err := l.find(id)
	if err != nil {
		return programme.Followed{}, err
	}
	if l.away(id, delegate) || l.people.is(id, delegate, event.Substituted) {
		return programme.Followed{}, problem.Hidden()
	}
	if err := l.readPicks(ctx, c, string(docID)); err != nil {
		return programme.Followed{}, err
	}
	p, sum := c.picksOf(id, delegate), sha256.Sum256(key)
	for _, f := range p.Feeds {
		if subtle.ConstantTimeCompare(f.Sum, sum[:]) == 1 {
			return programme.Followed{Conference: id, Delegate: delegate, Language: f.Language, Picks: p.Picks}, nil
		}
	}
	return programme.Followed{}, problem.Hidden()
}
