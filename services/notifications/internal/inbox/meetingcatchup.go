package inbox

import (
	"context"
	"time"

	"plenary.example/shared/event"
)

// An untold is a meeting whose state is newer than what its people know of it.
type untold struct{ conference, meeting string }

// A sighting is when it was first seen at a revision.
type sighting struct {
	revision int64
	since    time.Time // wall clock
}

// checkMeetings tells of meetings whose events will not come any more. The state
// of a meeting is told before its event, so one that is only a moment ahead is
// given time; p.mu is held, and the consumer has nothing left to work through.
func (p *Planner) checkMeetings(ctx context.Context) error {
	seen := map[untold]sighting{}
	var due []func() error
	p.Mirror.untold(p.Ledger.MetRevision, func(conference string, s event.MeetingState) {
		key := untold{conference, s.Meeting}
		first, known := p.untold[key]
		if !known || first.revision != s.Revision {
			first = sighting{s.Revision, p.Now()}
		} else if p.Now().Sub(first.since) >= p.Patience {
			due = append(due, func() error { return p.catchUp(ctx, conference, s) })
		}
		seen[key] = first
	})
	p.untold = seen
	for _, tell := range due {
		if err := tell(); err != nil {
			return err
		}
	}
	return nil
}

// catchUp tells the step from what a meeting's people know to how it stands, in
// one notice: which events are missing in between, and who did it, nobody knows
// any more. What happened last is known, though, and where it left the meeting as
// it was it is the news: its room will be given away, or a session clashes with
// it. That a meeting of which nobody heard will not be is no news.
func (p *Planner) catchUp(ctx context.Context, conference string, now event.MeetingState) error {
	known, ok, err := p.Ledger.Met(ctx, conference, now.Meeting)
	if err != nil || ok && known.Revision >= now.Revision {
		return err
	}
	category, rule := MeetingChanged, changed()
	facets := differing(known, now)
	switch {
	case !ok && nothing(now):
		return p.Ledger.SetMet(ctx, conference, now)
	case facets == 0 && now.Verb != known.Verb && unseen(now.Verb):
		category, rule = ruleOf(now.Verb)
	case facets == 0:
		return p.Ledger.SetMet(ctx, conference, now)
	case facets == proposal && now.Verb != "clashed":
		rule.named = false // those who negotiate are told
	}
	p.Log.Warn("events of a meeting are missing; telling its state instead",
		"conference", conference, "meeting", now.Meeting, "known", known.Revision, "revision", now.Revision)
	return p.tellMeeting(ctx, meetingNews{
		conference: conference, category: category, rule: rule, at: p.Now(), known: known, now: now,
	})
}

// unseen says whether a verb tells of what cannot be seen in how a meeting stands.
func unseen(verb string) bool { return verb == "warned" || verb == "clashed" || verb == "reconfirmed" }

// adoptMeetings takes the meetings of a conference this service knows nothing of
// as they stand; see adopt.
func (p *Planner) adoptMeetings(ctx context.Context, conference string) error {
	var all []event.MeetingState
	p.Mirror.untold(p.Ledger.MetRevision, func(of string, s event.MeetingState) {
		if of == conference {
			all = append(all, s)
		}
	})
	for _, s := range all {
		if err := p.Ledger.SetMet(ctx, conference, s); err != nil {
			return err
		}
	}
	return nil
}

// nothing says whether nothing will become of the meeting any more.
func nothing(s event.MeetingState) bool {
	switch s.Status {
	case "declined", "withdrawn", "expired", "cancelled":
		return true
	}
	return false
}
