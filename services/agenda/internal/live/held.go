package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// Held is everything the agenda holds about one person, as they may read it.
//
// The records of repeatable requests are not among it: each is kept for a day
// under a hash that cannot be traced to whoever asked.
type Held struct {
	Picks []event.Pick `json:"picks"`
	// Releases are the changes of the agenda the person made or confirmed.
	Releases []Act `json:"releases"`
	// CalendarFeeds are the person's; where they are read is not kept.
	CalendarFeeds []HeldFeed `json:"calendarFeeds"`
}

// A HeldFeed is a calendar feed as its owner may see it.
type HeldFeed struct {
	ID        string    `json:"id"`
	Language  string    `json:"language"`
	CreatedAt time.Time `json:"createdAt"`
}

// An Act is a release somebody made.
type Act struct {
	Revision int64     `json:"revision"`
	At       time.Time `json:"at"` // wall clock
}

// HeldOf is what is held about a delegate; of a stranger it is nothing.
func (l *Conferences) HeldOf(ctx context.Context, id, delegate string) (Held, error) {
	c, err := l.find(id)
	if err != nil {
		return Held{Picks: []event.Pick{}, Releases: []Act{}, CalendarFeeds: []HeldFeed{}}, nil // nothing is held of a conference that is not there
	}
	if err := l.readPicks(ctx, c, id+"/"+delegate); err != nil {
		return Held{}, err
	}
	made, err := l.actsOf(ctx, c, delegate)
	if err != nil {
		return Held{}, fmt.Errorf("releases of somebody: %w", err)
	}
	p := c.picksOf(id, delegate)
	held := Held{Picks: p.state().Picks, Releases: made, CalendarFeeds: []HeldFeed{}}
	for _, f := range p.Feeds {
		held.CalendarFeeds = append(held.CalendarFeeds, HeldFeed{f.ID, f.Language, f.CreatedAt.UTC()})
	}
	return held, nil
}

// acts are who made which release, as far as somebody asked. Nobody else needs
// to know, so the start does not read it.
type acts struct {
	mu   sync.Mutex
	upTo int64
	by   map[string][]Act
}

func (l *Conferences) actsOf(ctx context.Context, c *conference, actor string) ([]Act, error) {
	if err := l.catchUp(ctx, c); err != nil {
		return nil, err
	}
	agenda := c.agenda.Load()
	c.acts.mu.Lock()
	defer c.acts.mu.Unlock()
	if c.acts.by == nil {
		c.acts.by = map[string][]Act{}
	}
	for ; c.acts.upTo < agenda.Revision; c.acts.upTo++ {
		var r programme.Release
		err := l.releases.Get(ctx, programme.ReleaseID(agenda.Conference, c.acts.upTo+1), &r)
		if errors.Is(err, store.ErrMissing) {
			continue // not kept for so long
		}
		if err != nil {
			return nil, err
		}
		c.acts.by[r.Actor] = append(c.acts.by[r.Actor], Act{r.Revision, r.At.UTC()})
		if r.Confirmed != "" && r.Confirmed != r.Actor {
			c.acts.by[r.Confirmed] = append(c.acts.by[r.Confirmed], Act{r.Revision, r.At.UTC()})
		}
	}
	return append([]Act{}, c.acts.by[actor]...), nil
}
