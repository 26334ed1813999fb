// Package reminders tells people in time that something they mean to go to is
// about to begin: a session they picked or have a duty in, a meeting they take
// part in.
//
// When to remind whom changes until the last moment, because sessions move, people
// pick, and each has chosen how early to be told and comes from somewhere else. So
// an alarm says no more than that it is time to look: there is one for each
// session or meeting and each time before it that somebody could have to be
// reminded, and who has to be is found out when it rings. An alarm that is too
// much finds nobody.
//
// Alarms are set a while ahead only, from how things stand, by every replica. What
// a replica that died had still to set, the others set, or whoever starts next.
//
// A change supersedes the reminder: whoever heard anything of the session since
// they were to be reminded of it has been reminded by that. So somebody for whose
// session a change moves that time into the past hears the change alone. Whoever
// does not want to hear of changes is reminded of how the session is now, at once
// if it is time: they would stand before the wrong door.
package reminders

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"plenary.example/services/notifications/internal/inbox"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/schedule"
)

// Kind is of the alarms.
const Kind schedule.Kind = "reminder"

// Categories of reminders.
const (
	OfSession = push.Session + ".reminder"
	OfMeeting = push.Meeting + ".reminder"
)

const (
	// ahead is how long before they ring alarms are set. Nothing rings while no
	// replica is there, so one that is set later is lost no more than another.
	ahead = 2 * time.Hour
	// furthest is how long before a start anybody can be reminded: a day, and a way.
	furthest = 25 * time.Hour
	// early is how long before it is time whom to remind is found out, and all is made
	// ready, so that the phones of many sessions can buzz at one second.
	early = 2 * time.Second
	// late is how late a reminder may be. What should have been told before that is
	// dropped: the service was away, and much else is to be told now.
	late = 5 * time.Minute
	// skew is by how much the clocks of two replicas may differ.
	skew = 30 * time.Second
	// soon is until a reminder that waits for a change which people are about to
	// hear looks again, and enough how often it does. One that was not due but for
	// the change has time, and waits ever longer, up to slowly.
	soon   = time.Second
	slowly = 10 * time.Second
	enough = 90
)

// Reminders are those of one replica.
type Reminders struct {
	Plan   *inbox.Planner
	Ledger *ledger.Ledger
	// Set has an alarm ring, in place of any of its key, and Cancel takes it back.
	Set    func(context.Context, schedule.Alarm) error
	Cancel func(ctx context.Context, k schedule.Kind, key string) error
	// Leads are how long before something of a kind (push.Session, push.Meeting) a
	// delegate wants to be reminded, and AllLeads those of everybody together.
	Leads    func(conference, delegate, kind string) []time.Duration
	AllLeads func(conference, kind string) []time.Duration
	// Hears tells whether any phone of a delegate hears of a notice.
	Hears func(n push.Notice, delegate string) bool
	// Again gets a signal when something changed on which the alarms depend.
	Again <-chan struct{}
	Now   func() time.Time // wall clock
	Log   *slog.Logger

	set   map[string]schedule.Alarm // by key: those this replica has set
	slots map[string]push.State     // of what is to come, as it was when last planned
}

// a look is what an alarm carries: what to look at, and which time before it it
// is.
type look struct {
	Conference string       `json:"conference"`
	Subject    push.Subject `json:"subject"`
	// Before is 0 for those who should have been reminded of what was moved just
	// now, and was already near.
	Before time.Duration `json:"before"`
	// Set is when it was set, on the wall clock.
	Set time.Time `json:"set"`
	// Waited is how often it has rung and waited for a change to be told.
	Waited int `json:"waited,omitempty"`
}

// key is of the alarm: conference, what it is about, and minutes before it.
func (l look) key() string {
	return l.Conference + "/" + l.Subject.String() + "/" + strconv.Itoa(int(l.Before.Minutes()))
}

// alarm has l looked at, at a time on the wall clock.
func (l look) alarm(at time.Time) schedule.Alarm {
	return schedule.Alarm{Kind: Kind, Key: l.key(), At: at.UTC(), Data: l.data()}
}

func (l look) data() json.RawMessage {
	b, _ := json.Marshal(l) // of strings and numbers
	return b
}

// Replan sets alarms for what is to come in any conference, and takes back what
// this replica has set and is not wanted any more. It is not to be called side by
// side.
func (r *Reminders) Replan(ctx context.Context) error {
	wall := r.Now()
	if r.set == nil {
		r.set = map[string]schedule.Alarm{}
	}
	wanted, slots := map[string]schedule.Alarm{}, map[string]push.State{}
	for _, conference := range r.Plan.Mirror.Conferences() {
		r.want(wanted, slots, conference, wall)
	}
	for key, a := range r.set {
		if _, is := wanted[key]; is || !a.At.After(wall) {
			continue
		}
		if err := r.Cancel(ctx, Kind, key); err != nil {
			return fmt.Errorf("take back reminder: %w", err)
		}
		delete(r.set, key)
	}
	for key, a := range wanted {
		if was, is := r.set[key]; is && was.At.Equal(a.At) {
			continue
		}
		if err := r.Set(ctx, a); err != nil {
			return fmt.Errorf("set reminder: %w", err)
		}
		r.set[key] = a
	}
	r.slots = slots
	for key, a := range r.set {
		if !a.At.Add(2 * late).After(wall) {
			delete(r.set, key)
		}
	}
	return nil
}

// want adds the alarms of a conference, by key, and the slots of what is to come.
func (r *Reminders) want(wanted map[string]schedule.Alarm, slots map[string]push.State, conference string, wall time.Time) {
	m := r.Plan.Mirror
	now := m.Now(conference, wall)
	leads := map[string][]time.Duration{
		push.Session: r.AllLeads(conference, push.Session), push.Meeting: r.AllLeads(conference, push.Meeting),
	}
	for _, o := range m.Coming(conference, now, now.Add(ahead+furthest)) {
		l := look{Conference: conference, Subject: o.Subject, Set: wall}
		was, known := r.slots[l.key()]
		slots[l.key()] = o.State
		moved := known && was.Elsewhere(o.State)
		for _, before := range befores(leads[o.Subject.Kind], m.Ways(conference, o.Zone)) {
			at := o.Start.Add(-before - early)
			due := look{Conference: conference, Subject: o.Subject, Before: before, Set: wall}
			alarm := due.alarm(m.Wall(conference, at))
			switch {
			case at.After(now.Add(ahead)):
			case moved && !at.After(now):
				r.set[alarm.Key] = alarm // in place of it
				wanted[l.key()] = l.alarm(wall)
			case at.After(now.Add(-late)):
				wanted[alarm.Key] = alarm
			}
		}
	}
}
