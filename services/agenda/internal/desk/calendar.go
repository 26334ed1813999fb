package desk

import (
	"plenary.example/services/agenda/internal/meeting"
)

// With are the meetings with which a delegate has, or had, something to do, over
// or not, by id: they take part, were expected once, or are proposed as somebody's
// substitute.
func (d *Desk) With(conference, delegate string) ([]meeting.Meeting, error) {
	c, err := d.find(conference)
	if err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return list(c.with[delegate], func(m meeting.Meeting) bool { return m.Concerns(delegate) }), nil
}

// concern notes whom a meeting concerns; c.mu is held. Nobody is struck out: who
// asks looks at the meeting.
func (c *conference) concern(e *entry) {
	note := func(delegate string) {
		if delegate == "" {
			return
		}
		if c.with[delegate] == nil {
			c.with[delegate] = map[string]*entry{}
		}
		c.with[delegate][e.m.ID] = e
	}
	for _, s := range e.m.Sides {
		for _, d := range s.Principals {
			note(d)
		}
		for _, d := range s.Interpreters {
			note(d)
		}
	}
	for _, f := range e.m.Former {
		note(f.Delegate)
	}
	if p := e.m.Proposal; p != nil {
		note(p.In)
	}
}
