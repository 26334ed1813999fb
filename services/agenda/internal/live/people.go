package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// mostTook is how many substitutions a delegate's picks remember: more than one
// person takes the seats of in the time a repeat of the event may come.
const mostTook = 20

// A statuses is how the people of each conference stand, as far as it was told.
// It is fed by state messages, which are put before the events of a change.
type statuses struct {
	mu  sync.RWMutex
	all map[string]map[string]string // conference -> delegate -> status
}

// see takes the state message of a person. One that cannot be read is passed
// over: asking for it again would bring the same.
func (s *statuses) see(conference string, m bus.Seen) {
	var d event.DelegateState
	if json.Unmarshal(m.Data, &d) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]map[string]string{}
	}
	if s.all[conference] == nil {
		s.all[conference] = map[string]string{}
	}
	s.all[conference][d.Delegate] = d.Status
}

// is tells whether a person is known to stand so.
func (s *statuses) is(conference, delegate, status string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all[conference][delegate] == status
}

// may tells whether a person may be told anything: whoever is accredited, and
// whoever is not known here. Notices go by the same rule.
func (s *statuses) may(conference, delegate string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	status, known := s.all[conference][delegate]
	return !known || status == event.Accredited
}

// those are the people of a conference who are known to stand so.
func (s *statuses) those(conference, status string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var who []string
	for delegate, is := range s.all[conference] {
		if is == status {
			who = append(who, delegate)
		}
	}
	return who
}

// count is how many these are.
func (s *statuses) count(conference, status string) int { return len(s.those(conference, status)) }

// HearPeople works an event about people through: whoever takes a seat gets the
// duties and the picks of whoever left it, and whoever may do nothing any more keeps none. It
// is what the bus calls, when Hint has had every state message put before.
// Repeating it does nothing, on any replica.
func (l *Conferences) HearPeople(ctx context.Context, e event.Envelope) error {
	switch e.Type {
	case event.DelegateSubstituted{}.Type():
		var s event.DelegateSubstituted
		if err := e.Into(&s); err != nil {
			return problem.New(problem.Malformed, "bad_payload", "%v", err)
		}
		return l.passOn(ctx, e, s)
	case event.DelegateErased{}.Type():
		var gone event.DelegateErased
		if err := e.Into(&gone); err != nil {
			return problem.New(problem.Malformed, "bad_payload", "%v", err)
		}
		return l.clear(ctx, e.Conference, gone.Delegate)
	case event.DelegateChanged{}.Type():
		var d event.DelegateChanged
		if err := e.Into(&d); err != nil {
			return problem.New(problem.Malformed, "bad_payload", "%v", err)
		}
		// The picks of somebody substituted wait for the event that says by whom.
		if d.Status == event.Removed || d.Status == event.Erased {
			return l.clear(ctx, e.Conference, d.Delegate)
		}
	}
	return nil // they may tell of more than we know yet
}

// passOn gives the deputy what the other had to do and had picked, and takes it
// from the other. The deputy's picks are written first: a crash in between
// leaves two who have them, of whom one is told.
func (l *Conferences) passOn(ctx context.Context, e event.Envelope, s event.DelegateSubstituted) error {
	c, err := l.find(e.Conference)
	if err != nil {
		return nil // nobody picked anything of a conference that is not there
	}
	if err := l.passDuties(ctx, c, e, s); err != nil {
		return fmt.Errorf("duties: %w", err)
	}
	if err := l.readPicks(ctx, c, e.Conference+"/"+s.Delegate); err != nil {
		return err
	}
	left := c.picksOf(e.Conference, s.Delegate).Picks
	if len(left) > 0 && !l.away(e.Conference, s.Deputy) {
		since := e.Time
		if from := s.From.Add(-c.facts.Load().ClockOffset); !s.From.IsZero() && from.After(since) {
			since = from
		}
		seen, err := l.revisionAt(ctx, c, since)
		if err != nil {
			return err
		}
		err = l.choose(ctx, e.Conference, s.Deputy, func(_ *conference, p *Picks) (bool, error) {
			return p.take(e.ID, left, seen, since), nil
		})
		if err != nil {
			return err
		}
	}
	return l.clear(ctx, e.Conference, s.Delegate)
}

// take adds the picks of somebody else's seat, once for each substitution. What
// the deputy picked before stays as it was. The others count as made at the
// substitution, with the agenda of that moment before the eyes: of later
// changes the deputy is told, of earlier ones not.
func (p *Picks) take(substitution string, left []programme.Pick, seen int64, at time.Time) bool {
	if slices.Contains(p.Took, substitution) {
		return false
	}
	p.Took = append(slices.Clone(p.Took), substitution)
	p.Took = p.Took[max(0, len(p.Took)-mostTook):]
	p.Picks = slices.Clone(p.Picks)
	for _, x := range left {
		if p.index(x.Session) < 0 && len(p.Picks) < maxPicks {
			p.Picks = append(p.Picks, programme.Pick{Session: x.Session, AgendaRevision: seen, At: at.UTC().Truncate(time.Millisecond)})
		}
	}
	return true
}

// clear leaves nothing of somebody's picks but the id they were kept under. The
// document stays for its revision: with a new one the numbers would begin again
// at one, and neither the bus nor a sibling believes a number it has passed.
//
// Somebody who has come back since keeps what they have.
func (l *Conferences) clear(ctx context.Context, id, delegate string) error {
	if l.people.is(id, delegate, event.Accredited) {
		return nil
	}
	if _, err := l.find(id); err != nil {
		return nil // as above
	}
	return l.choose(ctx, id, delegate, func(_ *conference, p *Picks) (bool, error) {
		held := len(p.Picks)+len(p.Took)+len(p.Feeds) > 0
		p.Picks, p.Took, p.Feeds = nil, nil, nil
		return held, nil
	})
}

// Accredited tells whether somebody takes part in a conference, as far as this
// replica has heard: of a change it hears within seconds.
func (l *Conferences) Accredited(id, delegate string) bool {
	return l.people.is(id, delegate, event.Accredited)
}

// away tells whether somebody is known to have left for good.
func (l *Conferences) away(id, delegate string) bool {
	return l.people.is(id, delegate, event.Removed) || l.people.is(id, delegate, event.Erased)
}

// ClearAway clears the picks of everybody who left for good and has some: their
// event expired before it was worked through, or they picked while it was. It
// is for when no event about people waits.
func (l *Conferences) ClearAway(ctx context.Context) error {
	for _, id := range l.IDs() {
		c, err := l.find(id)
		if err != nil {
			return err
		}
		for _, delegate := range c.pickers() {
			if !l.away(id, delegate) {
				continue
			}
			if err := l.clear(ctx, id, delegate); err != nil {
				return fmt.Errorf("picks of somebody who left: %w", err)
			}
		}
	}
	return nil
}

// pickers are the delegates who have picks, or calendars that follow them.
func (c *conference) pickers() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var who []string
	for delegate, p := range c.picks {
		if len(p.Picks)+len(p.Feeds) > 0 {
			who = append(who, delegate)
		}
	}
	return who
}

// revisionAt is how far the agenda had got at a moment of the wall clock. It
// walks back from the present: the moment is rarely long ago.
func (l *Conferences) revisionAt(ctx context.Context, c *conference, at time.Time) (int64, error) {
	if err := l.catchUp(ctx, c); err != nil {
		return 0, err
	}
	agenda := c.agenda.Load()
	for rev := agenda.Revision; rev > 0; rev-- {
		var r programme.Release
		err := l.releases.Get(ctx, programme.ReleaseID(agenda.Conference, rev), &r)
		switch {
		case errors.Is(err, store.ErrMissing):
			return rev, nil // older ones are not kept
		case err != nil:
			return 0, fmt.Errorf("release %d of %s: %w", rev, agenda.Conference, err)
		case !r.At.After(at):
			return rev, nil
		}
	}
	return 0, nil
}
