package inbox

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// A Mirror is what this service knows of the agenda: the facts of each
// conference, how its sessions stand and who picked them, and how its bilateral
// meetings stand. It is fed by the state messages, which never expire, so it is whole again after any pause.
type Mirror struct {
	log *slog.Logger
	mu  sync.RWMutex
	all map[string]*reflection
	// OnPicks, if set before the first message, hears of a delegate's new picks.
	OnPicks func(conference string, picks event.PicksState)
}

type reflection struct {
	facts    event.ConferenceState
	head     int64
	sessions map[string]event.SessionState
	picks    map[string]event.PicksState // by delegate
	pickers  map[string]map[string]int64 // session -> delegate -> agenda revision
	back     map[string]map[string]int64 // session -> who took back their pick -> its revision then
	meetings map[string]event.MeetingState
	parts    map[string]map[push.Subject]bool // delegate -> sessions they have duties in, meetings they are named in
}

// NewMirror is an empty mirror.
func NewMirror(log *slog.Logger) *Mirror { return &Mirror{log: log, all: map[string]*reflection{}} }

// See takes a state message; it is what the bus's watch calls.
func (m *Mirror) See(s bus.Seen) {
	conference, kind, _ := event.SplitState(s.Subject)
	var err error
	switch kind {
	case "agenda.conference":
		var c event.ConferenceState
		if err = json.Unmarshal(s.Data, &c); err == nil {
			m.with(conference, func(r *reflection) { r.facts = c })
		}
	case "agenda.head":
		var h event.AgendaHead
		if err = json.Unmarshal(s.Data, &h); err == nil {
			m.with(conference, func(r *reflection) { r.head = max(r.head, h.Revision) })
		}
	case "agenda.session":
		var x event.SessionState
		if err = json.Unmarshal(s.Data, &x); err == nil {
			m.with(conference, func(r *reflection) { r.sit(x) })
		}
	case "agenda.meeting":
		var x event.MeetingState
		if err = json.Unmarshal(s.Data, &x); err == nil {
			m.with(conference, func(r *reflection) { r.meet(x) })
		}
	case "agenda.picks":
		var p event.PicksState
		if err = json.Unmarshal(s.Data, &p); err == nil {
			m.with(conference, func(r *reflection) { r.pick(p) })
			if m.OnPicks != nil {
				m.OnPicks(conference, p)
			}
		}
	}
	if err != nil {
		m.log.Error("state message not understood", "subject", s.Subject, "err", err)
	}
}

func (m *Mirror) with(conference string, f func(*reflection)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.all[conference]
	if !ok {
		r = &reflection{
			sessions: map[string]event.SessionState{}, picks: map[string]event.PicksState{},
			pickers: map[string]map[string]int64{}, meetings: map[string]event.MeetingState{},
			parts: map[string]map[push.Subject]bool{}, back: map[string]map[string]int64{},
		}
		m.all[conference] = r
	}
	f(r)
}

// sit makes x how a session stands.
func (r *reflection) sit(x event.SessionState) {
	r.takePart(subject(x.Session), r.sessions[x.Session].Duties, x.Duties)
	r.sessions[x.Session] = x
}

// meet makes x how a meeting stands, unless something newer is known.
func (r *reflection) meet(x event.MeetingState) {
	if old := r.meetings[x.Meeting]; old.Revision < x.Revision {
		r.takePart(push.Subject{Kind: push.Meeting, ID: x.Meeting}, named(old.Sides), named(x.Sides))
		r.meetings[x.Meeting] = x
	}
}

// pick makes p the delegate's picks, unless newer ones are known.
func (r *reflection) pick(p event.PicksState) {
	old := r.picks[p.Delegate]
	if old.Revision >= p.Revision {
		return
	}
	for _, x := range old.Picks {
		delete(r.pickers[x.Session], p.Delegate)
		if r.back[x.Session] == nil {
			r.back[x.Session] = map[string]int64{}
		}
		r.back[x.Session][p.Delegate] = r.sessions[x.Session].Revision
	}
	for _, x := range p.Picks {
		delete(r.back[x.Session], p.Delegate)
		if r.pickers[x.Session] == nil {
			r.pickers[x.Session] = map[string]int64{}
		}
		r.pickers[x.Session][p.Delegate] = x.AgendaRevision
	}
	r.picks[p.Delegate] = p
}

// pickersBefore lists who picked the session with an older revision of the
// agenda before their eyes, in a fixed order.
func (m *Mirror) pickersBefore(conference, session string, revision int64) []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if !ok {
		return nil
	}
	var who []string
	for delegate, saw := range r.pickers[session] {
		if saw < revision {
			who = append(who, delegate)
		}
	}
	slices.Sort(who)
	return who
}

// saw is the agenda's revision a delegate had seen when picking the session.
func (m *Mirror) saw(conference, session, delegate string) (int64, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if !ok {
		return 0, false
	}
	rev, ok := r.pickers[session][delegate]
	return rev, ok
}

// Picks tells whether the delegate has the session among their picks now.
func (m *Mirror) Picks(conference, delegate, session string) bool {
	_, ok := m.saw(conference, session, delegate)
	return ok
}

// TookBack tells whether a delegate took back their pick of a session after it
// came to a revision, and nothing else ties them to it. What happened before the
// start is not known.
func (m *Mirror) TookBack(conference, delegate, session string, revision int64) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if !ok || r.parts[delegate][subject(session)] || r.sessions[session].Kind == plenary {
		return false
	}
	at, back := r.back[session][delegate]
	return back && revision <= at
}

// Revision is the newest revision of a session that has been published.
func (m *Mirror) Revision(conference, session string) int64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if r, ok := m.all[conference]; ok {
		return r.sessions[session].Revision
	}
	return 0
}

// Session tells whether a conference has a session, even one that was removed.
func (m *Mirror) Session(conference, session string) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if ok {
		_, ok = r.sessions[session]
	}
	return ok
}

// conferences lists those there are, with the revision of each agenda.
func (m *Mirror) conferences() map[string]int64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	heads := make(map[string]int64, len(m.all))
	for id, r := range m.all {
		heads[id] = r.head
	}
	return heads
}

// sessions are all sessions as they stand, oldest change first.
func (m *Mirror) sessions(conference string) []event.SessionState {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if !ok {
		return nil
	}
	return slices.SortedFunc(maps.Values(r.sessions), func(a, b event.SessionState) int {
		return int(a.Revision - b.Revision)
	})
}

// untold calls f for each meeting that stands at a newer revision than told says.
func (m *Mirror) untold(told func(conference, meeting string) int64, f func(conference string, x event.MeetingState)) {
	m.mu.RLock()
	var found []func()
	for id, r := range m.all {
		for _, x := range r.meetings {
			if x.Revision > told(id, x.Meeting) {
				found = append(found, func() { f(id, x) })
			}
		}
	}
	m.mu.RUnlock()
	for _, call := range found {
		call()
	}
}

// Facts answers what is known of a conference.
func (m *Mirror) Facts(conference string) event.ConferenceState {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if r, ok := m.all[conference]; ok {
		return r.facts
	}
	return event.ConferenceState{}
}

// Now is the time on the clock of a conference, at a time on the wall clock.
func (m *Mirror) Now(conference string, wall time.Time) time.Time {
	return clock(m.Facts(conference), wall)
}

// Wall is the time on the wall clock, at a time on the clock of a conference.
func (m *Mirror) Wall(conference string, at time.Time) time.Time {
	return at.Add(-time.Duration(m.Facts(conference).ClockOffset) * time.Second)
}

// picked calls f for each pick of each delegate.
func (m *Mirror) picked(f func(conference string, p event.PicksState)) {
	m.mu.RLock()
	var all []func()
	for id, r := range m.all {
		for _, p := range r.picks {
			all = append(all, func() { f(id, p) })
		}
	}
	m.mu.RUnlock()
	for _, call := range all {
		call()
	}
}

// clock is the conference clock at the given wall time.
func clock(c event.ConferenceState, wall time.Time) time.Time {
	return wall.Add(time.Duration(c.ClockOffset) * time.Second)
}
