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

// owed says how long before a start somebody is to be reminded whose turn it can
// be at a time before it: by the lead they chose and their way, which may have
// become longer since that passed.
func owed(leads []time.Duration, way, before time.Duration) (when time.Duration, ok bool) {
	for _, lead := range leads {
		if lead <= before && before <= lead+way {
			when, ok = max(when, lead+way), true
		}
	}
	return when, ok
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
	case left > l.Before: // it was moved, and another replica had not heard yet; or clocks differ
		a.At = wall.Add(left - l.Before)
		return r.Set(ctx, a)
	case left <= 0, left <= l.Before-late:
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
		a.At, a.Data = wall.Add(soon), l.data()
		return r.Set(ctx, a)
	}
	if err := r.Ledger.Refresh(ctx, o.Conference); err != nil { // a sibling may have just told them
		return err
	}
	if who := r.due(o, l.Before, wall.Add(left)); len(who) > 0 {
		if err := r.Plan.File(ctx, n, who); err != nil {
			return fmt.Errorf("remind of %s: %w", o.Subject, err)
		}
	}
	return nil
}

// due are the people of o who are to be reminded at a time before it, and were
// told nothing of it since they were to be. start is on the wall clock.
func (r *Reminders) due(o inbox.Occasion, before time.Duration, start time.Time) []string {
	var who []string
	for _, delegate := range o.People {
		leads := r.Leads(o.Conference, delegate, o.Subject.Kind)
		when, ok := owed(leads, r.Plan.Mirror.Way(o, delegate), before)
		if ok && !r.Ledger.ToldSince(o.Conference, delegate, o.Subject, start.Add(-when)) {
			who = append(who, delegate)
		}
	}
	return who
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
	return push.Notice{
		Key: push.Key(o.Conference, o.Subject, o.Revision, o.Revision) + "/reminder/" + strconv.Itoa(int(before.Minutes())) +
			"/" + strconv.FormatInt(r.Plan.Mirror.Wall(o.Conference, o.Start).Unix(), 10),
		Conference: o.Conference, Subject: o.Subject, From: o.Revision, To: o.Revision, Urgency: push.Important, Category: category,
		After: o.State, Zone: o.Timezone, ExpiresAt: start, Lead: max(left.Round(time.Minute), time.Minute),
	}
}
