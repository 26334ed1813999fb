package escalation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// A Step is how far up a case is.
type Step int

// The steps of a case, lowest first.
const (
	Deadline Step = iota // nobody is asked yet
	Liaisons             // of the delegation
	Officer              // of the host, for the delegation
	Desk                 // which has a call to make
)

// again is said instead of Deadline by the second alarm of one that rang late.
const again = -1

// late is how long after its time the alarm of a deadline may ring. Where it is
// later, nobody was there to acknowledge to.
const late = 30 * time.Second

// A Case is urgent news that the principals of one delegation have not
// acknowledged in time.
type Case struct {
	ID         string   `bson:"_id"`
	Conference string   `bson:"conference"`
	Delegation string   `bson:"delegation"`
	Notice     string   `bson:"notice"` // key
	Revision   int64    `bson:"revision"`
	Came       Step     `bson:"came"` // the step before At
	At         Step     `bson:"at"`
	Principals []string `bson:"principals"`
	// Asked are those who were told that somebody else has not seen it.
	Asked    []string  `bson:"asked"`
	OpenedAt time.Time `bson:"openedAt"` // wall clock
	EndedAt  time.Time `bson:"endedAt,omitempty"`
	EndedBy  string    `bson:"endedBy,omitempty"` // delegate id; empty when nobody had to
}

// Over says whether it has ended.
func (c Case) Over() bool { return !c.EndedAt.IsZero() }

// caseID is the same on every replica: of a notice, a delegation has one case.
func caseID(notice, delegation string) string {
	return push.NoticeID(notice + "/escalation/" + delegation)
}

// notice is the news of a case: what n is about, and whose people it is for, is named
// in it, but for meetings. Who is asked for two delegations is not to learn that they
// meet.
func (c Case) notice(n push.Notice, category string, now time.Time) push.Notice {
	about, to, urgency := push.Subject{Kind: push.Escalation, ID: c.ID}, int64(c.At), push.Urgent
	if category == Ended {
		to, urgency = int64(Desk)+1, push.Routine
	}
	out := push.Notice{
		Key: push.Key(c.Conference, about, to-1, to), Conference: c.Conference, Subject: about, From: to - 1, To: to,
		Urgency: urgency, Category: category, Zone: n.Zone, ExpiresAt: n.ExpiresAt,
	}
	if out.ExpiresAt.IsZero() {
		out.ExpiresAt = now.Add(24 * time.Hour).UTC()
	}
	if n.Subject.Kind != push.Meeting {
		out.After.Title, out.Texts, out.Delegation = n.After.Title, n.Texts, c.Delegation
	}
	return out
}

// patience is how long a step waits for the next: as long as the first was.
func patience(n push.Notice) time.Duration {
	return min(max(n.AckBy.Sub(n.At), 30*time.Second), 5*time.Minute)
}

// AckBy is when urgent news of something that begins after lead must have been
// acknowledged: there has to be time left to do something about it.
func AckBy(now time.Time, lead time.Duration) time.Time {
	return now.Add(min(max(lead/2, 30*time.Second), 5*time.Minute)).UTC()
}

// principal says whether holders of a rank must know.
func principal(rank string) bool {
	switch rank {
	case "head_of_state", "head_of_government", "minister", "vice_minister":
		return true
	}
	return false
}

// concerned are the principals among the readers of a notice who may still be
// told, by delegation.
func (l *Ladder) concerned(n push.Notice) map[string][]string {
	var duties []string
	if n.Subject.Kind == push.Session {
		duties = l.Duties(n.Conference, n.Subject.ID)
	}
	by := map[string][]string{}
	for _, delegate := range l.Ledger.Readers(n) {
		d, known := l.Roster.Of(n.Conference, delegate)
		if !known || d.Status != event.Accredited {
			continue
		}
		if n.Subject.Kind == push.Meeting || principal(d.Rank) || slices.Contains(duties, delegate) ||
			l.Roster.Head(n.Conference, d.Delegation) == delegate {
			by[d.Delegation] = append(by[d.Delegation], delegate)
		}
	}
	return by
}

// past says whether the news of a case matters no more: it is stale, or newer
// news took its place, or nobody is left who would have to know.
func (l *Ladder) past(n push.Notice, c Case) bool {
	if n.Expired(l.Now()) {
		return true
	}
	return !slices.ContainsFunc(c.Principals, func(delegate string) bool {
		newest, _ := l.Ledger.Latest(n.Conference, delegate, n.Subject)
		return l.Roster.May(n.Conference, delegate) && newest.To <= n.To
	})
}

// above is the next step of a case at which there is somebody to ask.
func (l *Ladder) above(c Case, from Step) (next Step, who []string) {
	for next = from + 1; next < Desk; next++ {
		c.At = next
		if who = l.toAsk(c); len(who) > 0 {
			return next, who
		}
	}
	return Desk, nil
}

// toAsk are those to ask at the step a case is at.
func (l *Ladder) toAsk(c Case) []string {
	switch c.At {
	case Liaisons:
		return l.Roster.Liaisons(c.Conference, c.Delegation)
	case Officer:
		if one := l.Roster.Officer(c.Conference, c.Delegation); one != "" {
			return []string{one}
		}
	case Deadline, Desk:
	}
	return nil
}

// answers says whether somebody answers for the delegation of a case.
func (l *Ladder) answers(c Case, delegate string) bool {
	return slices.Contains(c.Principals, delegate) || slices.Contains(c.Asked, delegate) ||
		slices.Contains(l.Roster.Liaisons(c.Conference, c.Delegation), delegate)
}

// Calls are the cases of a conference in which a call has to be made, the one
// that waits longest first. News that matters no more is not in it.
func (l *Ladder) Calls(conference string) []Case {
	l.mu.RLock()
	var all []Case
	for _, c := range l.cases {
		if c.Conference == conference && c.At == Desk {
			all = append(all, c)
		}
	}
	l.mu.RUnlock()
	all = slices.DeleteFunc(all, func(c Case) bool {
		n, ok := l.About(c)
		return !ok || l.past(n, c)
	})
	slices.SortFunc(all, func(a, b Case) int {
		return cmp.Or(a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// About is the notice of a case, as far as this replica knows it.
func (l *Ladder) About(c Case) (push.Notice, bool) {
	return l.Ledger.ByID(c.Conference, push.NoticeID(c.Notice))
}

// Of are the open cases that name somebody.
func (l *Ladder) Of(conference, delegate string) []Case {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var all []Case
	for _, c := range l.cases {
		if c.Conference == conference && (slices.Contains(c.Principals, delegate) || slices.Contains(c.Asked, delegate)) {
			all = append(all, c)
		}
	}
	return all
}

// kept is how long a case outlives its end, or its news: what comes late finds it.
const kept = 7 * 24 * time.Hour

// Sweep removes the cases that are over for long. It costs nothing when there is
// none.
func (l *Ladder) Sweep(ctx context.Context) error {
	before := l.Now().Add(-kept)
	var old []string
	l.mu.RLock()
	for id, at := range l.ended {
		if at.Before(before) {
			old = append(old, id)
		}
	}
	for id, c := range l.cases {
		if n, ok := l.About(c); ok && n.Expired(before) {
			old = append(old, id)
		}
	}
	l.mu.RUnlock()
	for _, id := range old {
		if err := l.docs.Delete(ctx, id, nil); err != nil {
			return fmt.Errorf("sweep case %s: %w", id, err)
		}
		l.mu.Lock()
		delete(l.cases, id)
		delete(l.ended, id)
		l.mu.Unlock()
	}
	return nil
}

// Forget takes somebody who is erased out of the cases that name them, of all
// that there ever were. Repeating it does nothing.
func (l *Ladder) Forget(ctx context.Context, conference, delegate string) error {
	all, err := store.All[Case](ctx, l.docs, bson.M{"conference": conference})
	if err != nil {
		return fmt.Errorf("forget somebody's cases: %w", err)
	}
	for _, c := range all {
		if err := l.strike(ctx, c, delegate); err != nil {
			return fmt.Errorf("case %s: %w", c.ID, err)
		}
	}
	return nil
}

func (l *Ladder) strike(ctx context.Context, c Case, delegate string) error {
	is := func(d string) bool { return d == delegate }
	for slices.ContainsFunc(c.Principals, is) || slices.ContainsFunc(c.Asked, is) || c.EndedBy == delegate {
		c.Principals, c.Asked = slices.DeleteFunc(c.Principals, is), slices.DeleteFunc(c.Asked, is)
		if c.EndedBy == delegate {
			c.EndedBy = ""
		}
		c.Revision++
		err := l.docs.Replace(ctx, c.ID, bson.M{"revision": c.Revision - 1}, c)
		if err == nil {
			l.keep(c)
			l.Changed(c)
			return nil
		}
		if !errors.Is(err, store.ErrStale) {
			return err
		}
		c = Case{ID: c.ID}
		if err := l.docs.Get(ctx, c.ID, &c); err != nil {
			return err
		}
	}
	return nil
}

func union(a, b []string) []string {
	both := slices.Concat(a, b)
	slices.Sort(both)
	return slices.Compact(both)
}
