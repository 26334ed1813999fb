package draft

import (
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// What a person decides of a session that vanished from its source.
const (
	Undecided = ""
	Keep      = "keep"   // it stays; the next import that lacks it asks again
	Cancel    = "cancel" // the draft cancels it
	Ignore    = "ignore" // it stays, and no import asks again
)

// A Review is a session of the agenda that an import lacked. Absence is no
// cancellation, so a person decides.
type Review struct {
	Session  string    `bson:"session"`
	Decision string    `bson:"decision,omitempty"`
	SeenAt   time.Time `bson:"seenAt"` // wall clock of the import that first lacked it
}

// Vanished is d after an import that lacked these sessions and no others. Who
// came back need not be decided upon any more.
func (d Draft) Vanished(at time.Time, sessions ...string) Draft {
	lacking := make(map[string]bool, len(sessions))
	for _, id := range sessions {
		lacking[id] = true
	}
	var review []Review
	for _, r := range d.Review {
		if r.Decision == Ignore || lacking[r.Session] {
			review = append(review, r)
		}
		delete(lacking, r.Session)
	}
	for _, id := range sessions {
		if lacking[id] {
			review = append(review, Review{Session: id, SeenAt: at.UTC().Truncate(time.Millisecond)})
			delete(lacking, id)
		}
	}
	d.Review = review
	return d
}

// Decide settles one of the sessions under review. reason is told with a
// cancellation. A decision may be changed; a cancellation is then taken out of
// the draft with all else that it does to the session.
func (d Draft) Decide(a programme.Agenda, session, decision, reason string) (Draft, error) {
	i := slices.IndexFunc(d.Review, func(r Review) bool { return r.Session == session })
	if i < 0 {
		return d, problem.Hidden()
	}
	d.Review = slices.Clone(d.Review)
	if d.Review[i].Decision == Cancel && decision != Cancel {
		edits := indexed(d.Sessions)
		edits.forget(session)
		d.Sessions = edits.list()
		d = d.begun(a)
	}
	d.Review[i].Decision = decision
	switch decision {
	case Keep:
		d.Review = slices.Delete(d.Review, i, i+1)
	case Cancel:
		s, there := d.Merged(a).Session(session)
		if !there {
			return d, problem.New(problem.Conflict, "session_removed", "The session is no longer in the agenda.")
		}
		s.Status, s.Reason = programme.Cancelled, reason
		d = d.put(a, false, s) // who decides has not seen what else was changed
	}
	return d, nil
}
