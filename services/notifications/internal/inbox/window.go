package inbox

import (
	"time"

	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/shared/event"
)

// most is how many untold states one window keeps. One that is full fires at
// once: its people are told rather than anything is forgotten.
const most = 24

// Windows says how long the changes of a session are gathered before its people
// are told what came of them. The further away its start, the longer: nobody is
// on the way yet, and whoever plans changes their mind. Half an hour before the
// start everything is told at once. The zero Windows tell all at once.
type Windows struct {
	Far  time.Duration // while the start is more than a day away
	Near time.Duration // while it is more than four hours away
	Soon time.Duration // while it is more than half an hour away
}

// due is when a window that was opened at a time has to fire, for a session that
// starts at another, both on one clock. The window shrinks as the start nears: it
// fires when it has been open for as long as is allowed at that moment.
func (w Windows) due(opened, start time.Time) time.Time {
	at := opened.Add(w.Far)
	for _, near := range []struct{ lead, open time.Duration }{
		{24 * time.Hour, w.Near}, {4 * time.Hour, w.Soon}, {30 * time.Minute, 0},
	} {
		end := opened.Add(near.open)
		if begins := start.Add(-near.lead); end.Before(begins) {
			end = begins
		}
		if end.Before(at) {
			at = end
		}
	}
	return at
}

// closes is when the untold states of a session have to be told, on the clock of
// its conference; opened is when the first of them came, on that clock too. What
// counts is the earliest start that anybody may have in mind.
func (w Windows) closes(opened time.Time, known event.SessionState, untold []ledger.Untold) time.Time {
	at := w.due(opened, untold[len(untold)-1].State.Start)
	if len(untold) >= most {
		return opened
	}
	sooner := func(s event.SessionState) {
		if s.Start.IsZero() {
			return
		}
		if end := w.due(opened, s.Start); end.Before(at) {
			at = end
		}
	}
	sooner(known)
	for _, u := range untold {
		sooner(u.State)
	}
	return at
}

// split parts the untold states of a window at a revision: those before it, the
// one of it, and those after it. A window that lacks the revision, because
// somebody told it already, has none of the former.
func split(untold []ledger.Untold, revision int64) (between []event.SessionState, to event.SessionState, rest []ledger.Untold) {
	for _, u := range untold {
		switch {
		case u.State.Revision < revision:
			between = append(between, u.State)
		case u.State.Revision == revision:
			to = u.State
		default:
			rest = append(rest, u)
		}
	}
	return between, to, rest
}

// A group is of those who know a session in the same state.
type group struct {
	knows event.SessionState
	who   []string
}

// grouped parts an audience by the state each person knows. steps are how the
// session was, oldest first: as its people were last told, and then the states
// nobody was told of. known answers which of them, by its place, somebody knows.
// States between which there is no news are one. The first group is of those who
// know what was told; it is there even when it is empty.
func grouped(steps []event.SessionState, audience []string, known func(delegate string) int) []group {
	same := make([]int, len(steps)) // the first state that is the same news
	groups := make([]group, len(steps))
	for i := range steps {
		same[i] = i
		for j := range i {
			if alike(steps[j], steps[i]) {
				same[i] = j
				break
			}
		}
		groups[i].knows = steps[i]
	}
	for _, delegate := range audience {
		at := same[known(delegate)]
		groups[at].who = append(groups[at].who, delegate)
	}
	some := groups[:1]
	for _, g := range groups[1:] {
		if len(g.who) > 0 {
			some = append(some, g)
		}
	}
	return some
}

// seenAt is the place of the state that somebody saw who looked at a revision of
// the agenda; the first when they saw an older one.
func seenAt(steps []event.SessionState, revision int64) int {
	at := 0
	for i, s := range steps {
		if s.Revision <= revision {
			at = i
		}
	}
	return at
}

// remembered is what is kept of the states a session went through, oldest first:
// those that differ in something that is news, the newest of them, and not who had
// a part in it.
func remembered(steps []event.SessionState) []event.SessionState {
	var kept []event.SessionState
	for _, s := range steps {
		if n := len(kept); n > 0 && alike(kept[n-1], s) {
			continue
		}
		s.Duties = nil
		kept = append(kept, s)
	}
	return kept[max(0, len(kept)-most):]
}

// alike says whether there is no news between two states, either way.
func alike(a, b event.SessionState) bool { return net(a, b) == "" && net(b, a) == "" }
