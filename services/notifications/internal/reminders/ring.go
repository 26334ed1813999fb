package reminders

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"plenary.example/services/notifications/internal/inbox"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/schedule"
)

// befores are the times before a start at which somebody could have to be
// reminded: any of the leads, and as much earlier as they may have to walk.
func befores(leads, ways []time.Duration) []time.Duration {
	var all []time.Duration
	for _, lead := range leads {
		for _, way := range ways {
			if lead > 0 {
				all = append(all, lead+way)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// owed is the lead, of those somebody chose (shortest first), for which it can be
// their turn at a time before a start: they are reminded as much earlier as they
// have to walk, and their way may have become longer since that passed. Of two
// leads it is the nearer: for the other they were reminded.
func owed(leads []time.Duration, way, before time.Duration) (lead time.Duration, ok bool) {
	for _, lead := range leads {
		if lead <= before && before <= lead+way {
			return lead, true
		}
	}
	return 0, false
}

// overdue is the lead of which the time has come when so much is left until a
// start, at last or long ago; the longest there is.
func overdue(leads []time.Duration, way, left time.Duration) (lead time.Duration, ok bool) {
	for _, lead := range slices.Backward(leads) {
		if lead > 0 && left <= lead+way+early {
			return lead, true
		}
	}
	return 0, false
}

// Ring looks whom to remind, and does. It is what the alarm clock calls, more than
// once if need be.
func (r *Reminders) Ring(ctx context.Context, a schedule.Alarm) error {
	var l look
	if err := json.Unmarshal(a.Data, &l); err != nil {
		r.Log.Error("reminder not understood", "err", err) // asking again would not help
		return nil
	}
	if err := r.Plan.Sync(ctx); err != nil {
		return err
	}
	o, ok := r.Plan.Occasion(l.Conference, l.Subject)
	if !ok {
		return nil
	}
	wall := r.Now()
	left := o.Start.Sub(r.Plan.Mirror.Now(l.Conference, wall))
	switch {
	case left <= 0:
		return nil
	case l.Before == 0:
	case left > l.Before+early: // it was moved, and another replica had not heard yet; or clocks differ
		a.At = wall.Add(left - l.Before - early)
		return r.Set(ctx, a)
	case left <= l.Before-late:
		return nil
	}
	n := r.notice(o, l.Before, left, wall)
	switch there, filed, err := r.Ledger.Notice(ctx, n.Key); {
	case err != nil:
		return err
	case filed && there.At.Before(l.Set.Add(-skew)):
		return nil // by another alarm, which rings until all is sent
	case filed:
		return r.Plan.File(ctx, n, nil) // it may not have been sent
	}
	if told, err := r.Plan.Told(ctx, o); err != nil {
		return err
	} else if !told && l.Waited < enough {
		l.Waited++
		return r.Set(ctx, l.alarm(wall.Add(l.patience())))
	}
	if err := r.Ledger.Refresh(ctx, o.Conference); err != nil { // a sibling may have just told them
		return err
	}
	if who := r.due(o, l, left, wall.Add(left)); len(who) > 0 {
		if err := r.Plan.File(ctx, n, who); err != nil {
			return fmt.Errorf("remind of %s: %w", o.Subject, err)
		}
	}
	return nil
}

// patience is until l is looked at again, after it has waited once more.
func (l look) patience() time.Duration {
	if l.Before > 0 {
		return soon
	}
	return min(time.Duration(l.Waited)*soon, slowly)
}

// due are the people of o whose turn it is when l is looked at, and who do not know
// since they were to be reminded. start is on the wall clock, and so much is left
// until then.
func (r *Reminders) due(o inbox.Occasion, l look, left time.Duration, start time.Time) []string {
	var who []string
	for _, delegate := range o.People {
		leads, way := r.Leads(o.Conference, delegate, o.Subject.Kind), r.Plan.Mirror.Way(o, delegate)
		lead, ok := owed(leads, way, l.Before)
		if l.Before == 0 {
			lead, ok = overdue(leads, way, left)
		}
		if ok && !r.knows(o, delegate, start.Add(-lead-way-early), start.Add(-lead)) {
			who = append(who, delegate)
		}
	}
	return who
}

// knows says whether a delegate has heard since a time on the wall clock when and
// where o is now, or has picked it since another in sight of that.
func (r *Reminders) knows(o inbox.Occasion, delegate string, heard, picked time.Time) bool {
	for _, n := range r.Ledger.Since(o.Conference, delegate, o.Subject, heard) { // the newest first
		if n.Reminds() || r.Hears(n, delegate) {
			return !n.After.Elsewhere(o.State)
		}
	}
	return !r.Plan.Mirror.Picked(o, delegate).Before(picked)
}

// notice is the reminder of o, left before it begins. Its key names what is
// reminded of, at which revision, when that begins and which time before it this
// is: what was moved there and back is reminded of anew, and so it is when the
// clock of a rehearsal was put back.
func (r *Reminders) notice(o inbox.Occasion, before, left time.Duration, wall time.Time) push.Notice {
	category := OfSession
	if o.Subject.Kind == push.Meeting {
		category = OfMeeting
	}
	start := wall.Add(left).UTC()
	var due time.Time
	if in := left - before; before > 0 && in > 0 {
		due = wall.Add(in).UTC()
	}
	return push.Notice{
		Key: push.Key(o.Conference, o.Subject, o.Revision, o.Revision) + "/reminder/" + strconv.Itoa(int(before.Minutes())) +
			"/" + strconv.FormatInt(r.Plan.Mirror.Wall(o.Conference, o.Start).Unix(), 10),
		Conference: o.Conference, Subject: o.Subject, From: o.Revision, To: o.Revision, Urgency: push.Important, Category: category,
		After: o.State, Zone: o.Timezone, ExpiresAt: start, NotBefore: due, Lead: max(left.Round(time.Minute), time.Minute),
	}
}
