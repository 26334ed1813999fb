package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/store"
)

// gone is what left a conference's agenda, as far as somebody asked: only
// calendars must know, so the start does not read it.
type gone struct {
	mu       sync.Mutex
	upTo     int64
	sessions map[string]programme.Gone
	rooms    map[string]programme.Room
}

// Gone are the sessions that were in the agenda and are not, by id.
func (l *Conferences) Gone(ctx context.Context, id string) (map[string]programme.Gone, error) {
	c, err := l.find(id)
	if err != nil {
		return nil, err
	}
	agenda := c.agenda.Load()
	c.gone.mu.Lock()
	defer c.gone.mu.Unlock()
	if c.gone.sessions == nil {
		c.gone.sessions, c.gone.rooms = map[string]programme.Gone{}, map[string]programme.Room{}
	}
	for ; c.gone.upTo < agenda.Revision; c.gone.upTo++ {
		var r programme.Release
		err := l.releases.Get(ctx, programme.ReleaseID(id, c.gone.upTo+1), &r)
		if errors.Is(err, store.ErrMissing) {
			continue // not kept for so long
		}
		if err != nil {
			return nil, fmt.Errorf("what left the agenda: %w", err)
		}
		c.gone.after(r)
	}
	return maps.Clone(c.gone.sessions), nil
}

// after takes a release into account. A session that comes back is gone no more.
func (g *gone) after(r programme.Release) {
	for _, rooms := range [][]programme.Room{r.Rooms, r.RemovedRooms} {
		for _, room := range rooms {
			g.rooms[room.ID] = room
		}
	}
	for _, s := range r.After {
		delete(g.sessions, s.ID)
	}
	for _, s := range r.Removed {
		s = s.Upgraded()
		g.sessions[s.ID] = programme.Gone{Session: s, Room: g.rooms[s.Room], At: r.At}
	}
}
