package inbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// whereabouts is how long after the end of something its people are thought to be
// near where it was.
const whereabouts = time.Hour

// An Occasion is something that people mean to go to: a session that is on, or a
// confirmed meeting.
type Occasion struct {
	Conference string
	Subject    push.Subject
	Revision   int64     // of its newest state
	Start      time.Time // on the conference clock
	Zone       string    // of its room; empty where nobody said
	Timezone   string    // IANA name
	State      push.State
	// People are those who mean to go, and may be told: each once, in a fixed
	// order.
	People []string
}

// Occasion is how a session or a meeting stands; false when it is not one that
// anybody can go to. Of a meeting they are those named, and of a side that names
// nobody who may be told, whoever speaks for it.
func (p *Planner) Occasion(conference string, about push.Subject) (Occasion, bool) {
	o := Occasion{Conference: conference, Subject: about, Timezone: p.Mirror.Facts(conference).Timezone}
	switch about.Kind {
	case push.Session:
		s, pickers := p.Mirror.session(conference, about.ID)
		if !attended(s) {
			return o, false
		}
		o.Revision, o.Start, o.Zone, o.State = s.Revision, s.Start.UTC(), s.Zone, told(s)
		o.People = slices.Concat(pickers, s.Duties)
	case push.Meeting:
		m := p.Mirror.meeting(conference, about.ID)
		if !held(m) {
			return o, false
		}
		o.Revision, o.Start, o.Zone, o.State = m.Revision, m.Slot.Start.UTC(), m.Slot.Zone, meetingState(m.Status, m.Slot)
		for _, side := range m.Sides {
			come := p.present(conference, side.People)
			if len(come) == 0 {
				come = p.voices(conference, side)
			}
			o.People = append(o.People, come...)
		}
	default:
		return o, false
	}
	slices.Sort(o.People)
	o.People = p.present(conference, slices.Compact(o.People))
	return o, true
}

// Stands says whether what n reminds a delegate of is still when and where n says,
// and whether they still mean to go. It answers from memory.
func (p *Planner) Stands(n push.Notice, delegate string) bool {
	if n.Subject.Kind == push.Session {
		s, goes := p.Mirror.going(n.Conference, n.Subject.ID, delegate)
		return goes && attended(s) && !n.After.Elsewhere(told(s))
	}
	o, ok := p.Occasion(n.Conference, n.Subject) // a meeting, of a few people
	return ok && slices.Contains(o.People, delegate) && !n.After.Elsewhere(o.State)
}

// Picked is when a delegate picked o, on the wall clock, if it was in sight of how
// o is now; zero when they did not.
func (m *Mirror) Picked(o Occasion, delegate string) time.Time {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if r, ok := m.all[o.Conference]; ok && o.Subject.Kind == push.Session {
		for _, p := range r.picks[delegate].Picks {
			if p.Session == o.Subject.ID && p.AgendaRevision >= o.Revision {
				return p.At
			}
		}
	}
	return time.Time{}
}

// Told tells whether the people of o were told all there is to be told of its
// newest state.
func (p *Planner) Told(ctx context.Context, o Occasion) (bool, error) {
	if o.Subject.Kind == push.Meeting {
		known, ok, err := p.Ledger.Met(ctx, o.Conference, o.Subject.ID)
		return ok && known.Revision >= o.Revision, err
	}
	known, ok, err := p.Ledger.Told(ctx, o.Conference, o.Subject.ID)
	return ok && known.Revision >= o.Revision, err
}

// File brings a notice that is none of the planner's own to the people's inboxes
// and phones. One that is there already stays as it is, with the audience it has,
// and goes to whoever of it has not got it.
func (p *Planner) File(ctx context.Context, n push.Notice, who []string) error {
	return p.file(ctx, n, who)
}

// Coming are the occasions of a conference that begin after one moment and not
// after another, on its clock, with when they begin and where, and without who goes.
func (m *Mirror) Coming(conference string, after, until time.Time) []Occasion {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if !ok {
		return nil
	}
	var coming []Occasion
	add := func(kind, id, zone string, s push.State) {
		if s.Start.After(after) && !s.Start.After(until) {
			coming = append(coming, Occasion{Conference: conference, Subject: push.Subject{Kind: kind, ID: id}, Start: s.Start.UTC(), Zone: zone, State: s})
		}
	}
	for _, s := range r.sessions {
		if attended(s) {
			add(push.Session, s.Session, s.Zone, told(s))
		}
	}
	for _, x := range r.meetings {
		if held(x) {
			add(push.Meeting, x.Meeting, x.Slot.Zone, meetingState(x.Status, x.Slot))
		}
	}
	slices.SortFunc(coming, func(a, b Occasion) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Subject.String(), b.Subject.String()))
	})
	return coming
}

// Conferences are those there are.
func (m *Mirror) Conferences() []string {
	heads := m.conferences()
	ids := make([]string, 0, len(heads))
	for id := range heads {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Way is how long a delegate walks to o from what they go to before it, as far as
// anybody said; nothing when that was over long before.
func (m *Mirror) Way(o Occasion, delegate string) time.Duration {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[o.Conference]
	if !ok || len(r.facts.Walking) == 0 || o.Zone == "" {
		return 0
	}
	var last time.Time
	from := ""
	look := func(id, zone string, start, end time.Time) {
		if id != o.Subject.ID && start.Before(o.Start) && end.Add(whereabouts).After(o.Start) && !start.Before(last) {
			last, from = start, zone
		}
	}
	session := func(id string) {
		if s := r.sessions[id]; attended(s) || s.Status == event.SessionRunning || s.Status == event.SessionEnded {
			look(id, s.Zone, s.Start, s.End)
		}
	}
	for _, x := range r.picks[delegate].Picks {
		session(x.Session)
	}
	for about := range r.parts[delegate] {
		if x := r.meetings[about.ID]; about.Kind == push.Meeting && held(x) {
			look(about.ID, x.Slot.Zone, x.Slot.Start, x.Slot.End)
		} else if about.Kind == push.Session {
			session(about.ID)
		}
	}
	return walk(r.facts.Walking, from, o.Zone)
}

// Ways are how long it can take to walk to a zone of a conference from elsewhere.
func (m *Mirror) Ways(conference, zone string) []time.Duration {
	ways := []time.Duration{0}
	for _, w := range m.Facts(conference).Walking {
		if zone != "" && (w.From == zone || w.To == zone) {
			ways = append(ways, time.Duration(w.Minutes)*time.Minute)
		}
	}
	slices.Sort(ways)
	return slices.Compact(ways)
}

func walk(ways []event.Walk, from, to string) time.Duration {
	for _, w := range ways {
		if from != to && (w.From == from && w.To == to || w.From == to && w.To == from) {
			return time.Duration(w.Minutes) * time.Minute
		}
	}
	return 0
}

// session is how a session stands, and who picked it.
func (m *Mirror) session(conference, id string) (s event.SessionState, pickers []string) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if !ok {
		return s, nil
	}
	for delegate := range r.pickers[id] {
		pickers = append(pickers, delegate)
	}
	return r.sessions[id], pickers
}

// going is how a session stands, and whether a delegate means to go: they picked
// it or have a part in it.
func (m *Mirror) going(conference, id, delegate string) (s event.SessionState, goes bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if !ok {
		return s, false
	}
	s = r.sessions[id]
	_, goes = r.pickers[id][delegate]
	return s, goes || slices.Contains(s.Duties, delegate)
}

// meeting is how a meeting stands.
func (m *Mirror) meeting(conference, id string) event.MeetingState {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if r, ok := m.all[conference]; ok {
		return r.meetings[id]
	}
	return event.MeetingState{}
}

// takePart notes who has a part in something now, and who had.
func (r *reflection) takePart(about push.Subject, had, have []string) {
	for _, d := range had {
		delete(r.parts[d], about)
	}
	for _, d := range have {
		if r.parts[d] == nil {
			r.parts[d] = map[push.Subject]bool{}
		}
		r.parts[d][about] = true
	}
}

// attended says whether people can go to a session that is to come.
func attended(s event.SessionState) bool { return s.Status == event.SessionConfirmed }

// held says whether a meeting takes place, and when.
func held(m event.MeetingState) bool { return m.Status == isConfirmed && m.Slot != nil }
