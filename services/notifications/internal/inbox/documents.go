package inbox

import (
	"context"
	"slices"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// papersNews is for how long it is news that an embargo has ended.
const papersNews = 24 * time.Hour

// sentBy is how long after it is filed a notice is filed again: whoever did may
// have died before it was queued.
const sentBy = time.Minute

// checkDocuments tells the people of each session of the documents whose embargo
// has ended. Of those that a release brings they are told with it. No event tells
// of the end of an embargo, and nobody minds hearing of it seconds later, so every
// replica looks; the key lets it be told once. p.mu is held.
func (p *Planner) checkDocuments(ctx context.Context) {
	wall := p.Now()
	for conference := range p.Mirror.conferences() {
		now := p.Mirror.Now(conference, wall)
		for _, s := range p.Mirror.sessions(conference) {
			from := opened(s, now)
			if from.IsZero() || gone(s) || !now.Before(s.End) {
				continue
			}
			if err := p.tellDocuments(ctx, conference, s, from, wall.Add(s.End.Sub(now))); err != nil {
				p.Log.Warn("documents not told of yet", "session", s.Session, "err", err) // a sibling may be at it
			}
		}
	}
}

// opened is when the last embargo of a session ended, if that is news at now; both
// are on the conference clock. It is zero when there is none.
func opened(s event.SessionState, now time.Time) (from time.Time) {
	for _, e := range s.Embargoed {
		if !now.Before(e.From) && now.Sub(e.From) < papersNews && e.From.After(from) {
			from = e.From
		}
	}
	return from
}

func (p *Planner) tellDocuments(ctx context.Context, conference string, s event.SessionState, from, until time.Time) error {
	about := push.Subject{Kind: push.Documents, ID: s.Session}
	n := push.Notice{
		Key: push.Key(conference, about, 0, from.Unix()), Conference: conference, Subject: about, To: from.Unix(),
		Urgency: push.Routine, Category: Documents, After: told(s), Zone: p.Mirror.Facts(conference).Timezone, ExpiresAt: until.UTC(),
	}
	switch old, filed, err := p.Ledger.Notice(ctx, n.Key); {
	case err != nil:
		return err
	case filed && p.Now().Sub(old.At) > sentBy:
		return nil
	}
	who := p.Mirror.Attend(conference, s.Session)
	if s.Kind == plenary {
		who = append(who, p.Roster.Everybody(conference)...)
	}
	slices.Sort(who)
	return p.file(ctx, n, p.present(conference, slices.Compact(who)))
}
