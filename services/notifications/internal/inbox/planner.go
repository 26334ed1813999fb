// Package inbox turns what happened into notices: who is to hear of it, what
// the news is, and how urgent.
//
// A session's people are told the step from the state they know to the state
// that is, never the events in between. What they know is kept in the ledger
// under a revision, and everything here is guarded by it: an event that comes
// twice, late, or after a newer one finds that its news is told. Who may not have
// heard of it, because the carrier was away and they did not look, is told the next
// step in words that are right either way; see Planner.Heard. The news of an
// event that expired while this service was away is not lost: its session's state
// message is newer than what is told, and the step from one to the other is told.
//
// Who is told: the delegates who have a part in the session, before or after,
// and those who picked it before it changed. A pick
// says which revision of the agenda its delegate had seen, so it does not
// matter in which order picks and changes arrive here: one that comes late is
// told late, and one made in sight of the change is not told at all.
//
// Of a bilateral meeting each event is news of its own, and who hears of it
// differs from one to the next; see meetingRules. What a meeting is about, and
// who it is with, is nowhere in here.
package inbox

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// A Planner plans who is told what. One event or check is planned at a time.
type Planner struct {
	Ledger  *ledger.Ledger
	Devices *devices.Devices
	Mirror  *Mirror
	Roster  *roster.Roster
	// Sync waits until mirror and roster hold everything published before the call.
	Sync func(context.Context) error
	// Enqueue hands a notice to the senders; it returns when they are bound to
	// send it, and repeating it is harmless.
	Enqueue func(context.Context, push.Notice, []string) error
	// Filed hears of each notice that is in its inboxes, to tell the siblings.
	Filed func(context.Context, push.Notice, int) error
	// Heard answers which of some people have certainly heard of a notice that was
	// filed for them; others may have too. Nil is all of them.
	Heard func(ctx context.Context, n push.Notice, who []string) (map[string]bool, error)
	// Forget removes what the rooms beside this one keep of somebody who is erased,
	// while the ledger still knows what they were told; nil is nothing.
	Forget func(ctx context.Context, conference, delegate string) error
	Now    func() time.Time
	Log    *slog.Logger
	// Patience is how long an event of a meeting may come after its state message
	// before the state is told instead; zero is until the second check.
	Patience time.Duration
	// Windows says how long changes of a session are gathered.
	Windows Windows
	// Wake has Ring called at a time on the wall clock, also when this replica is
	// no more; a later call for the same session replaces it. It is not needed
	// without Windows.
	Wake func(ctx context.Context, conference, session string, at time.Time) error

	// Late has a signal when TellLate has something to tell.
	Late chan struct{}

	mu     sync.Mutex          // one event or check at a time
	untold map[untold]sighting // meetings of which no event has come yet
	looked time.Time           // when the windows of siblings were last looked for
	lateMu sync.Mutex
	lates  map[late]bool // nil when there are none
}

// Handle works an event of the agenda through; it is what the bus calls.
func (p *Planner) Handle(ctx context.Context, e event.Envelope) error {
	switch e.Type {
	case event.AgendaReleased{}.Type():
		return p.released(ctx, e)
	}
	if _, of := event.MeetingVerb(e.Type); of {
		return p.met(ctx, e)
	}
	return nil // the agenda may tell of more than we know yet
}

func (p *Planner) released(ctx context.Context, e event.Envelope) error {
	var r event.AgendaReleased
	if err := e.Into(&r); err != nil {
		return problem.New(problem.Malformed, "bad_payload", "%v", err)
	}
	if err := p.Sync(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	handled, err := p.Ledger.Reached(ctx, e.Conference)
	if err != nil {
		return err
	}
	switch {
	case handled == 0 && r.Revision > 1:
		if err := p.adopt(ctx, e.Conference, &r); err != nil {
			return err
		}
	case r.Revision > handled+1:
		if err := p.reconcile(ctx, e.Conference); err != nil {
			return err
		}
	}
	var created []event.SessionState
	for _, c := range r.Changes {
		if c.Before == nil {
			// It may have been there before, and removed.
			if _, ok, err := p.Ledger.Told(ctx, e.Conference, c.Session); err != nil {
				return err
			} else if !ok {
				created = append(created, c.After)
				continue
			}
		}
		if err := p.tell(ctx, e.Conference, c.Before, c.After); err != nil {
			return err
		}
	}
	if err := p.Ledger.SetTold(ctx, e.Conference, created...); err != nil {
		return err
	}
	if r.Part < r.Parts {
		return nil
	}
	return p.Ledger.SetHandled(ctx, e.Conference, r.Revision)
}

// tell tells the people of a session the step to after from what they know, or
// gathers it in a window; before stands in where the ledger knows nothing of the
// session. Where nobody knows, the session came and changed while this service
// was away: whoever picked it in between hears how it is now.
func (p *Planner) tell(ctx context.Context, conference string, before *event.SessionState, after event.SessionState) error {
	var w ledger.Window
	var open bool
	var err error
	if p.Windows != (Windows{}) || p.Ledger.HasWindow(conference, after.Session) {
		// Before what is told is read: a sibling that shuts the window notes first
		// what it told.
		if w, open, err = p.Ledger.Window(ctx, conference, after.Session); err != nil {
			return err
		}
	}
	known, ok, err := p.Ledger.Told(ctx, conference, after.Session)
	switch {
	case err != nil:
		return err
	case ok && known.Revision >= after.Revision:
		return nil
	case !ok && before == nil:
		return p.settle(ctx, conference, event.SessionState{Session: after.Session, Status: event.SessionConfirmed}, nil, after)
	case !ok:
		known = *before
		if err := p.Ledger.SetTold(ctx, conference, known); err != nil {
			return err
		}
	}
	if !open && p.prompt(conference, known, after) {
		return p.settle(ctx, conference, known, nil, after)
	}
	return p.gather(ctx, w, known, after)
}

// prompt says whether a first change is told at once: because its window would be
// over as soon as it is opened, or because there is nothing to tell.
func (p *Planner) prompt(conference string, known, after event.SessionState) bool {
	if net(known, after) == "" {
		return true
	}
	now := clock(p.Mirror.Facts(conference), p.Now())
	return !now.Before(p.Windows.closes(now, known, []ledger.Untold{{State: after}}))
}

// plenary is the kind of the sessions that are for everybody.
const plenary = "plenary"

// audience are those who are to hear of the step: whoever picked the session
// before it, and whoever has or had a part in it; of a plenary, everybody; of
// these, those who may be told. Each is there once, in a fixed order. A part in a session that nobody
// knew of is no news: only who picked it wants to know how it stands.
func (p *Planner) audience(conference string, before, after event.SessionState) []string {
	who := p.Mirror.pickersBefore(conference, after.Session, after.Revision)
	if !before.Start.IsZero() {
		who = slices.Concat(who, before.Duties, after.Duties)
		if before.Kind == plenary || after.Kind == plenary {
			who = append(who, p.unaware(conference, after)...)
		}
		slices.Sort(who)
	}
	return p.present(conference, slices.Compact(who))
}

// unaware is everybody who is accredited, but for those who picked the session in
// sight of how it is now.
func (p *Planner) unaware(conference string, now event.SessionState) []string {
	return slices.DeleteFunc(p.Roster.Everybody(conference), func(delegate string) bool {
		saw, picked := p.Mirror.saw(conference, now.Session, delegate)
		return picked && saw >= now.Revision
	})
}

// news is the notice of a step; false when nobody would want to hear of it, or
// not any more.
func (p *Planner) news(conference string, before, after event.SessionState) (push.Notice, bool) {
	if before.Room == after.Room && after.RoomName != "" {
		before.RoomName = after.RoomName // a room under another name is where it was
	}
	facts := p.Mirror.Facts(conference)
	wall := p.Now()
	now := clock(facts, wall)
	category := net(before, after)
	if category == "" || over(before, after, now) {
		return push.Notice{}, false
	}
	about := subject(after.Session)
	return push.Notice{
		Key:        push.Key(conference, about, before.Revision, after.Revision),
		Conference: conference, Subject: about, From: before.Revision, To: after.Revision,
		Urgency: urgency(before, after, now), Category: category, Also: also(category, before, after),
		Before: told(before), After: told(after), Zone: facts.Timezone,
		ExpiresAt: wall.Add(end(before, after).Sub(now)).UTC(),
	}, true
}

// file brings n to the people's inboxes, then to the siblings', and last to the
// phones: whoever sends it knows by then that it is the newest.
func (p *Planner) file(ctx context.Context, n push.Notice, who []string) error {
	n.AckBy = p.deadline(n)
	n, who, err := p.Ledger.File(ctx, n, who)
	if err != nil {
		return err
	}
	if err := p.Filed(ctx, n, len(who)); err != nil {
		return err
	}
	phones := p.Devices.Phones(who)
	if len(phones) == 0 {
		return nil
	}
	return p.Enqueue(ctx, n, phones)
}
