package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/store"
)

// gone is what left a conference's agenda, and who lost a part in it, as far as
// somebody asked: only calendars must know, so the start does not read it.
type gone struct {
	mu       sync.Mutex
	upTo     int64
	sessions map[string]programme.Gone
	rooms    map[string]programme.Room
	lost     map[string]map[string]programme.Lost // delegate -> session
}

// Left is what a delegate can have had before them and has no more.
func (l *Conferences) Left(ctx context.Context, id, delegate string) (programme.Left, error) {
	c, err := l.find(id)
	if err != nil {
		return programme.Left{}, err
	}
	agenda := c.agenda.Load()
	c.gone.mu.Lock()
	defer c.gone.mu.Unlock()
	if c.gone.sessions == nil {
		c.gone.sessions, c.gone.rooms = map[string]programme.Gone{}, map[string]programme.Room{}
		c.gone.lost = map[string]map[string]programme.Lost{}
	}
	for ; c.gone.upTo < agenda.Revision; c.gone.upTo++ {
		var r programme.Release
		err := l.releases.Get(ctx, programme.ReleaseID(id, c.gone.upTo+1), &r)
		if errors.Is(err, store.ErrMissing) {
			continue // not kept for so long
		}
		if err != nil {
			return programme.Left{}, fmt.Errorf("what left the agenda: %w", err)
		}
		c.gone.after(r)
	}
	return programme.Left{Gone: maps.Clone(c.gone.sessions), Lost: maps.Clone(c.gone.lost[delegate])}, nil
}

// after takes a release into account. A session that comes back is gone no more.
func (g *gone) after(r programme.Release) {
	for _, rooms := range [][]programme.Room{r.Rooms, r.RemovedRooms} {
		for _, room := range rooms {
			g.rooms[room.ID] = room
		}
	}
	was := make(map[string]programme.Session, len(r.Before))
	for _, s := range r.Before {
		was[s.ID] = s
	}
	for _, s := range r.After {
		before, known := was[s.ID]
		if !known {
			before = g.sessions[s.ID].Session // and it comes back, perhaps without some
		}
		g.parts(before.Upgraded(), s, r.At)
		delete(g.sessions, s.ID)
	}
	for _, s := range r.Removed {
		s = s.Upgraded()
		g.sessions[s.ID] = programme.Gone{Session: s, Room: g.rooms[s.Room], At: r.At}
	}
}

// parts notes who lost a part in a session, or got one back, when it went from
// one state to another.
func (g *gone) parts(before, after programme.Session, at time.Time) {
	had, has := before.Duties(), after.Duties()
	for _, who := range had {
		if slices.Contains(has, who) {
			continue
		}
		if g.lost[who] == nil {
			g.lost[who] = map[string]programme.Lost{}
		}
		g.lost[who][before.ID] = programme.Lost{
			Gone:  programme.Gone{Session: before, Room: g.rooms[before.Room], At: at},
			Steps: g.lost[who][before.ID].Steps + 1,
		}
	}
	for _, who := range has {
		if lost, known := g.lost[who][after.ID]; known && !lost.Back {
			lost.Steps, lost.Back = lost.Steps+1, true
			g.lost[who][after.ID] = lost
		}
	}
}
