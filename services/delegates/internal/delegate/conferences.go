package delegate

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"plenary.example/shared/event"
)

// Facts of a conference, as the agenda tells them.
type Facts struct {
	Conference string
	Known      bool // false: the agenda has told nothing of it yet
	Name       map[string]string
	Zone       *time.Location
	Languages  []string // BCP 47, the conference's own first; never empty
	Days       []string // local dates, as 2006-01-02, in order; empty when unknown
	// Offset is added to the wall clock to get the conference clock.
	Offset time.Duration
}

// Conferences are the facts of every conference, by hearsay: the agenda owns
// them. Of an unknown one the facts are English, UTC and no days.
type Conferences struct {
	now   func() time.Time
	mu    sync.RWMutex
	facts map[string]told
}

type told struct {
	revision int64
	Facts
}

func newConferences(now func() time.Time) *Conferences {
	return &Conferences{now: now, facts: map[string]told{}}
}

// Of is what is known of a conference.
func (c *Conferences) Of(conference string) Facts {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if t, ok := c.facts[conference]; ok {
		return t.Facts
	}
	return Facts{Conference: conference, Zone: time.UTC, Languages: []string{"en"}}
}

// Now is the conference clock. Rules about moments use it; tokens, repeats and
// tries use the wall clock.
func (c *Conferences) Now(conference string) time.Time { return c.now().Add(c.Of(conference).Offset) }

// IDs are the conferences something is known of.
func (c *Conferences) IDs() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	ids := make([]string, 0, len(c.facts))
	for id := range c.facts {
		ids = append(ids, id)
	}
	return ids
}

func (c *Conferences) hear(data []byte) error {
	var s event.ConferenceState
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("facts of a conference: %w", err)
	}
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		zone = time.UTC // the agenda's to mend; its next message brings another
	}
	if len(s.Languages) == 0 {
		s.Languages = []string{"en"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.facts[s.Conference].revision <= s.Revision {
		c.facts[s.Conference] = told{s.Revision, Facts{
			Conference: s.Conference, Known: true, Name: s.Name, Zone: zone, Languages: s.Languages, Days: s.Days,
			Offset: time.Duration(s.ClockOffset) * time.Second,
		}}
	}
	return nil
}
