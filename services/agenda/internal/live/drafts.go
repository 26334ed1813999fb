package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// staleDraft refuses whoever has not seen what the draft has become.
var staleDraft = problem.New(problem.Stale, "stale", "The draft has changed since. Read it again.")

// Draft is the work in progress on a conference; with nothing in it when there
// is none. It is read from the store: a draft is edited by a few, and each of
// them must see what the others did.
func (l *Conferences) Draft(ctx context.Context, id string) (draft.Draft, error) {
	c, err := l.find(id)
	if err != nil {
		return draft.Draft{}, err
	}
	d, _, err := l.readDraft(ctx, c, id)
	return d, err
}

// EditDraft writes what change makes of the draft. expect is the revision of
// the draft that the caller has seen, or 0 for any: then change is called again
// when somebody else was faster, so it must look at what it is given only. A
// release that waited to be confirmed waits no more. Nothing is written when
// nothing is changed.
func (l *Conferences) EditDraft(ctx context.Context, id, actor string, expect int64, change func(draft.Draft, programme.Conference, programme.Agenda) (draft.Draft, error)) (draft.Draft, error) {
	c, err := l.find(id)
	if err != nil {
		return draft.Draft{}, err
	}
	for {
		was, _, err := l.readDraft(ctx, c, id)
		if err != nil {
			return draft.Draft{}, err
		}
		if expect != 0 && was.Revision != expect {
			return draft.Draft{}, staleDraft
		}
		agenda := *c.agenda.Load()
		d, err := change(was, *c.facts.Load(), agenda)
		if err != nil {
			return draft.Draft{}, err
		}
		same, err := sameDraft(was, d)
		if err != nil || same {
			return was, err
		}
		d.Hold = nil
		d.Seen = max(d.Seen, agenda.Revision)
		d, err = l.writeDraft(ctx, was.Revision, d)
		if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrExists) {
			if expect != 0 {
				return draft.Draft{}, staleDraft
			}
			continue
		}
		if err == nil {
			l.log.Info("the draft was edited", "conference", id, "actor", actor, "revision", d.Revision)
		}
		return d, err
	}
}

func sameDraft(a, b draft.Draft) (bool, error) {
	x, err := bson.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("draft of %s: %w", a.ID, err)
	}
	y, err := bson.Marshal(b)
	return bytes.Equal(x, y), err
}

// writeDraft writes d over the revision it was made of. Of any number who do,
// one succeeds, and the others get ErrStale or ErrExists.
func (l *Conferences) writeDraft(ctx context.Context, was int64, d draft.Draft) (draft.Draft, error) {
	d.Revision = was + 1
	doc, err := bson.Marshal(d)
	if err != nil {
		return d, fmt.Errorf("draft of %s: %w", d.ID, err)
	}
	if len(doc) > maxRelease {
		return d, problem.New(problem.TooLarge, "draft_too_large", "That is more than one draft can hold. Release what is there, then go on.")
	}
	if was == 0 {
		err = l.drafts.Insert(ctx, bson.Raw(doc))
	} else {
		err = l.drafts.Replace(ctx, d.ID, bson.M{"revision": was}, bson.Raw(doc))
	}
	if err != nil && !errors.Is(err, store.ErrStale) && !errors.Is(err, store.ErrExists) {
		err = fmt.Errorf("draft of %s: %w", d.ID, err)
	}
	return d, err
}

// readDraft is the draft as it stands, and the releases of it that came after
// it was last written. What they made true is out of it: whoever released it
// may have died before writing that down.
func (l *Conferences) readDraft(ctx context.Context, c *conference, id string) (draft.Draft, []programme.Release, error) {
	d := draft.Draft{ID: id}
	if err := l.drafts.Get(ctx, id, &d); err != nil && !errors.Is(err, store.ErrMissing) {
		return d, nil, fmt.Errorf("draft of %s: %w", id, err)
	}
	if err := l.Heard(ctx, id, d.Seen); err != nil {
		return d, nil, err
	}
	if d.Revision == 0 {
		return d, nil, nil
	}
	made, err := l.draftedSince(ctx, c, id, d.Seen)
	if err != nil {
		return d, nil, err
	}
	for _, r := range made {
		d = d.Settled(r)
	}
	return d, made, nil
}

// drafted are the revisions that were released from a draft, as far as they
// were applied here one by one: all after from.
type drafted struct {
	mu        sync.Mutex
	begun     bool
	from      int64
	revisions []int64
}

func (d *drafted) note(r programme.Release) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.begun {
		d.begun, d.from = true, r.Revision-1
	}
	if r.Kind == programme.Drafted {
		d.revisions = append(d.revisions, r.Revision)
	}
}

// after are the revisions after one that may be a draft's, none higher than last.
func (d *drafted) after(revision, last int64) []int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []int64
	known := d.from
	if !d.begun {
		known = last
	}
	for r := revision + 1; r <= known; r++ {
		out = append(out, r) // behind a snapshot: nobody knows without looking
	}
	for _, r := range d.revisions {
		if r > revision && r <= last {
			out = append(out, r)
		}
	}
	return out
}

// draftedSince fetches the releases of drafts after a revision of the agenda.
func (l *Conferences) draftedSince(ctx context.Context, c *conference, id string, revision int64) ([]programme.Release, error) {
	var made []programme.Release
	for _, rev := range c.drafted.after(revision, c.agenda.Load().Revision) {
		var r programme.Release
		if err := l.releases.Get(ctx, programme.ReleaseID(id, rev), &r); err != nil {
			return nil, fmt.Errorf("release %d of %s: %w", rev, id, err)
		}
		if r.Kind == programme.Drafted {
			made = append(made, r)
		}
	}
	return made, nil
}
