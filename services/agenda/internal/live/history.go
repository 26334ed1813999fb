package live

import (
	"context"
	"errors"
	"fmt"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// At is the agenda as it was at a revision; 0 is the empty one. A revision
// there is none of is hidden.
func (l *Conferences) At(ctx context.Context, id string, revision int64) (programme.Agenda, error) {
	if err := l.known(ctx, id, revision); err != nil {
		return programme.Agenda{}, err
	}
	_, agenda, err := l.Conference(id)
	if err != nil || agenda.Revision == revision {
		return agenda, err
	}
	agenda = programme.Empty(id)
	for rev := revision - revision%snapshotEvery; rev > 0; rev -= snapshotEvery {
		var s programme.Snapshot
		err := l.snapshots.Get(ctx, programme.ReleaseID(id, rev), &s)
		if errors.Is(err, store.ErrMissing) {
			continue
		}
		if err != nil {
			return agenda, fmt.Errorf("revision %d of %s: %w", rev, id, err)
		}
		agenda = s.Agenda()
		break
	}
	for agenda.Revision < revision {
		r, err := l.releaseAt(ctx, id, agenda.Revision+1)
		if err != nil {
			return agenda, err
		}
		if agenda, err = agenda.With(r); err != nil {
			return agenda, err
		}
	}
	return agenda, nil
}

// ReleaseAt is the release that brought a revision; one there is not is hidden.
func (l *Conferences) ReleaseAt(ctx context.Context, id string, revision int64) (programme.Release, error) {
	if err := l.known(ctx, id, revision); err != nil {
		return programme.Release{}, err
	}
	return l.releaseAt(ctx, id, revision)
}

func (l *Conferences) releaseAt(ctx context.Context, id string, revision int64) (programme.Release, error) {
	var r programme.Release
	switch err := l.releases.Get(ctx, programme.ReleaseID(id, revision), &r); {
	case errors.Is(err, store.ErrMissing):
		return r, problem.Hidden() // not kept for so long
	case err != nil:
		return r, fmt.Errorf("release %d of %s: %w", revision, id, err)
	}
	return r, nil
}

// known refuses revisions there are none of.
func (l *Conferences) known(ctx context.Context, id string, revision int64) error {
	if err := l.Heard(ctx, id, revision); err != nil {
		return err
	}
	_, agenda, err := l.Conference(id)
	if err == nil && (revision < 0 || revision > agenda.Revision) {
		return problem.Hidden()
	}
	return err
}

// RollBack makes a release with which the agenda is as it was at an older
// revision, or holds it when the breaker trips and no person has typed the count. What
// has begun stays as it is. When nothing would change, the newest release is
// the answer. command is what the release is found by; again says that an
// earlier attempt may have got so far, at revision since or after.
func (l *Conferences) RollBack(ctx context.Context, id string, revision int64, command string, since int64, again bool, o draft.Order) (draft.Outcome, error) {
	c, err := l.find(id)
	if err != nil {
		return draft.Outcome{}, err
	}
	if again {
		if r, found, err := l.ByCommand(ctx, id, command, since); err != nil || found {
			return draft.Outcome{Release: r}, err
		}
	}
	old, err := l.At(ctx, id, revision)
	if err != nil {
		return draft.Outcome{}, err
	}
	d, err := l.readDraft(ctx, c, id)
	switch {
	case err != nil:
		return draft.Outcome{}, err
	case d.Hold != nil && again && d.Hold.Restores == revision && d.Hold.By == o.Actor:
		return draft.Outcome{Held: d.Hold, Draft: d.Draft}, nil
	case d.Hold != nil:
		return draft.Outcome{}, releaseWaits
	}
	r, hold, err := l.weigh(ctx, c, id, command, o, func(facts programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		p, err := a.RollBack(old, facts.Now(l.now()))
		p.Note = o.Note
		return p, err
	})
	switch {
	case err != nil:
		return draft.Outcome{}, err
	case hold != nil:
		return l.hold(ctx, d.Draft, *hold)
	case r == nil:
		newest, err := l.releaseAt(ctx, id, c.agenda.Load().Revision)
		return draft.Outcome{Release: newest, Draft: d.Draft}, err
	}
	return draft.Outcome{Release: *r, Draft: d.Draft}, nil
}

// hold writes down that a release of d, or a roll-back beside it, waits.
func (l *Conferences) hold(ctx context.Context, d draft.Draft, hold draft.Hold) (draft.Outcome, error) {
	d.Hold = &hold
	d, err := l.writeDraft(ctx, d.Revision, d)
	if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrExists) {
		return draft.Outcome{}, staleDraft
	}
	return draft.Outcome{Held: &hold, Draft: d}, err
}
