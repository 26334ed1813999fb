package live

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// maxRelease is how large a release document may be, in bytes; MongoDB takes
// at most 16 MB.
const maxRelease = 8 << 20

// Release makes the next revision of the agenda of what decide proposes, and
// answers the agenda that holds it. decide may be called again, on a newer
// agenda, when somebody else released in between; so it must look at the
// agenda it is given and at nothing it saw before. When nothing would change
// there is no release and released is false.
//
// An error that is not a problem of decide's leaves open whether the release
// was stored; if it was, it will be told.
func (l *Conferences) Release(ctx context.Context, id, actor, command string, decide func(programme.Conference, programme.Agenda) (programme.Proposal, error)) (after programme.Agenda, released bool, err error) {
	c, err := l.find(id)
	if err != nil {
		return programme.Agenda{}, false, err
	}
	made, after, err := l.release(ctx, c, actor, command, decide)
	return after, made != nil, err
}

// release is Release that also answers what it made; nil when nothing changes.
func (l *Conferences) release(ctx context.Context, c *conference, actor, command string, decide func(programme.Conference, programme.Agenda) (programme.Proposal, error)) (*programme.Release, programme.Agenda, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	for {
		agenda := *c.agenda.Load()
		p, err := decide(*c.facts.Load(), agenda)
		if err != nil {
			return nil, agenda, err
		}
		r, changes := agenda.Next(actor, l.now(), p)
		if !changes {
			return nil, agenda, nil
		}
		r.Command = command
		settle, err := l.holdRooms(ctx, agenda, r)
		if err != nil {
			return nil, agenda, err
		}
		err = l.insert(ctx, c, r)
		var catchErr error
		if errors.Is(err, store.ErrExists) {
			catchErr = l.catchUpHeld(ctx, c)
		}
		settle()
		switch {
		case err == nil:
			return &r, *c.agenda.Load(), nil
		case !errors.Is(err, store.ErrExists):
			return nil, agenda, err
		case catchErr != nil:
			return nil, agenda, fmt.Errorf("release of %s: %w", agenda.Conference, catchErr)
		}
	}
}

// insert writes r and makes it the present. When the store's answer is lost
// the release may be there all the same: then it is taken up at once, so that
// this replica neither serves nor tells less than the store holds.
func (l *Conferences) insert(ctx context.Context, c *conference, r programme.Release) error {
	doc, err := bson.Marshal(r)
	if err != nil {
		return fmt.Errorf("release %s: %w", r.ID, err)
	}
	if len(doc) > maxRelease {
		return problem.New(problem.TooLarge, "release_too_large", "That is more than one release can hold. Make it in several steps.")
	}
	err = l.releases.Insert(ctx, bson.Raw(doc))
	switch {
	case err == nil:
		if err := c.apply(r); err != nil {
			return err
		}
		l.oweRelease(c, r)
		return nil
	case errors.Is(err, store.ErrExists):
		return err
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if catchErr := l.catchUpHeld(after, c); catchErr != nil {
		l.log.Warn("an answer was lost", "release", r.ID, "err", catchErr)
	}
	return fmt.Errorf("release %s: %w", r.ID, err)
}

// ByCommand finds the release that answered a command, among those after the
// given revision; a sibling may have made it, or a write whose answer was lost.
func (l *Conferences) ByCommand(ctx context.Context, id, command string, after int64) (programme.Release, bool, error) {
	c, err := l.find(id)
	if err != nil {
		return programme.Release{}, false, err
	}
	if err := l.catchUp(ctx, c); err != nil {
		return programme.Release{}, false, fmt.Errorf("releases of %s: %w", id, err)
	}
	for rev := after + 1; rev <= c.agenda.Load().Revision; rev++ {
		var r programme.Release
		if err := l.releases.Get(ctx, programme.ReleaseID(id, rev), &r); err != nil {
			return programme.Release{}, false, fmt.Errorf("release %d of %s: %w", rev, id, err)
		}
		if r.Command == command {
			return r, true, nil
		}
	}
	return programme.Release{}, false, nil
}
