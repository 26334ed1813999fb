package live

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// Create brings a conference without an agenda. again says that an earlier
// attempt may have brought it: then the same facts are no conflict.
func (l *Conferences) Create(ctx context.Context, facts programme.Conference, again bool) (programme.Conference, error) {
	exists := problem.New(problem.Conflict, "conference_exists", "The conference is there already.")
	if _, err := time.LoadLocation(facts.Zone); err != nil || facts.Zone == "" || facts.Zone == "Local" {
		return facts, problem.New(problem.Invalid, "timezone_unknown", "This is not an IANA time zone.").
			With(problem.Field{Pointer: "/timezone", Code: "timezone_unknown", Detail: "This is not an IANA time zone."})
	}
	facts.Revision, facts.Pending = 1, true
	err := l.conferences.Insert(ctx, facts)
	if errors.Is(err, store.ErrExists) {
		if err := l.refresh(ctx, facts.ID, 1); err != nil {
			return facts, err
		}
		there, _, err := l.Conference(facts.ID)
		there.Pending, facts.Pending = false, false
		if err != nil || !again || !reflect.DeepEqual(there, facts) {
			return there, errors.Join(err, exists)
		}
		return there, nil
	}
	if err != nil {
		return facts, fmt.Errorf("create %s: %w", facts.ID, err)
	}
	if _, err := l.adopt(ctx, facts); err != nil {
		return facts, fmt.Errorf("create %s: %w", facts.ID, err)
	}
	return facts, nil
}

// ChangeConference writes what change makes of the facts of a conference, as
// they are at the revision the caller has seen, and tells of it. Nothing is
// written when nothing is changed.
func (l *Conferences) ChangeConference(ctx context.Context, id string, expect int64, change func(programme.Conference, programme.Agenda) (programme.Conference, error)) (programme.Conference, error) {
	c, err := l.find(id)
	if err != nil {
		return programme.Conference{}, err
	}
	stale := problem.New(problem.Stale, "stale", "The conference has changed since. Read it again.")
	if c.facts.Load().Revision < expect {
		if err := l.refresh(ctx, id, expect); err != nil {
			return programme.Conference{}, fmt.Errorf("conference %s: %w", id, err)
		}
	}
	was := *c.facts.Load()
	if was.Revision != expect {
		return was, stale
	}
	facts, err := change(was, *c.agenda.Load())
	if err != nil || reflect.DeepEqual(was, facts) {
		return was, err
	}
	facts.Revision, facts.Pending = was.Revision+1, true
	switch err := l.conferences.Replace(ctx, id, bson.M{"revision": was.Revision}, facts); {
	case errors.Is(err, store.ErrStale):
		return was, errors.Join(stale, l.refresh(ctx, id, was.Revision+1))
	case err != nil:
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel() // it may have been stored
		return was, errors.Join(fmt.Errorf("conference %s: %w", id, err), l.refresh(after, id, was.Revision+1))
	}
	c.facts.Store(&facts)
	l.oweConference(facts)
	return facts, nil
}
