package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// staleDraft refuses whoever has not seen what the draft has become.
var staleDraft = problem.New(problem.Stale, "stale", "The draft has changed since. Read it again.")

var releaseWaits = problem.New(problem.Conflict, "release_waits", "A release waits to be confirmed. Confirm it or take it back first.")

// Draft is the work in progress on a conference; with nothing in it when there
// is none. It is read from the store: a draft is edited by a few, and each of
// them must see what the others did.
func (l *Conferences) Draft(ctx context.Context, id string) (draft.Draft, error) {
	c, err := l.find(id)
	if err != nil {
		return draft.Draft{}, err
	}
	d, err := l.readDraft(ctx, c, id)
	return d.Draft, err
}

// EditDraft writes what change makes of the draft. expect is the revision of
// the draft that the caller has seen, or 0 for any: then change is called again
// when somebody else was faster, so it must look at what it is given only.
// Nothing is written when nothing is changed, and nothing is edited while a
// release waits to be confirmed.
func (l *Conferences) EditDraft(ctx context.Context, id, actor string, expect int64, change func(draft.Draft, programme.Conference, programme.Agenda) (draft.Draft, error)) (draft.Draft, error) {
	c, err := l.find(id)
	if err != nil {
		return draft.Draft{}, err
	}
	for {
		was, err := l.readDraft(ctx, c, id)
		if err != nil {
			return draft.Draft{}, err
		}
		if expect != 0 && was.Revision != expect {
			return draft.Draft{}, staleDraft
		}
		if was.Hold != nil {
			return draft.Draft{}, releaseWaits
		}
		d, err := change(was.Draft, *c.facts.Load(), was.agenda)
		if err != nil {
			return draft.Draft{}, err
		}
		same, err := sameDraft(was.Draft, d)
		if err != nil || same {
			return was.Draft, err
		}
		d.Seen = max(d.Seen, was.agenda.Revision)
		d, err = l.writeDraft(ctx, was.Revision, d)
		if errors.Is(err, store.ErrStale) {
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

// sameDraft says whether two drafts would be stored alike. Texts are written in
// any order of their languages, so that the bytes differ says nothing yet; that
// there are more of them does.
func sameDraft(a, b draft.Draft) (bool, error) {
	x, err := bson.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("draft of %s: %w", a.ID, err)
	}
	y, err := bson.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("draft of %s: %w", a.ID, err)
	}
	if len(x) != len(y) || bytes.Equal(x, y) {
		return len(x) == len(y), nil
	}
	stored, err := unordered(x)
	if err != nil {
		return false, fmt.Errorf("draft of %s: %w", a.ID, err)
	}
	wanted, err := unordered(y)
	if err != nil {
		return false, fmt.Errorf("draft of %s: %w", a.ID, err)
	}
	return reflect.DeepEqual(stored, wanted), nil
}

// unordered is a document with no order among its members.
func unordered(doc []byte) (bson.M, error) {
	in := bson.NewDecoder(bson.NewDocumentReader(bytes.NewReader(doc)))
	in.DefaultDocumentM()
	var m bson.M
	err := in.Decode(&m)
	return m, err
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
	if err = l.drafts.Put(ctx, d.ID, was, bson.Raw(doc)); err != nil && !errors.Is(err, store.ErrStale) {
		err = fmt.Errorf("draft of %s: %w", d.ID, err)
	}
	return d, err
}

// A reading is a draft as it stands upon an agenda. made are the releases of it
// since it was last written; what they made true is out of it, for whoever
// released it may have died before writing that down.
type reading struct {
	draft.Draft
	agenda programme.Agenda
	made   []programme.Release
	// void is the hold that something released since has ended.
	void *draft.Hold
}

func (l *Conferences) readDraft(ctx context.Context, c *conference, id string) (reading, error) {
	d := reading{Draft: draft.Draft{ID: id}}
	if err := l.drafts.Get(ctx, id, &d.Draft); err != nil && !errors.Is(err, store.ErrMissing) {
		return d, fmt.Errorf("draft of %s: %w", id, err)
	}
	seen := d.Seen
	if d.Hold != nil {
		seen = max(seen, d.Hold.Agenda)
	}
	if err := l.Heard(ctx, id, seen); err != nil {
		return d, err
	}
	d.agenda = *c.agenda.Load()
	if d.Revision == 0 {
		return d, nil
	}
	var err error
	if d.made, err = l.draftedSince(ctx, c, id, d.Seen, d.agenda.Revision); err != nil {
		return d, err
	}
	if d.Hold != nil && d.agenda.Revision != d.Hold.Agenda {
		d.void, d.Hold = d.Hold, nil // what was shown is not what it would do now
	}
	for _, r := range d.made {
		d.Draft = d.Settled(r)
	}
	return d, nil
}

// drafted are the revisions that were released from a draft, as far as they
// were applied here one by one or looked at: all after from.
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

// after are the revisions after one that may be a draft's, none higher than
// last. Of those up to known nobody knows without looking: they lie behind the
// snapshot that was loaded.
func (d *drafted) after(revision, last int64) (out []int64, known int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known = d.from
	if !d.begun {
		known = last
	}
	for r := revision + 1; r <= known; r++ {
		out = append(out, r)
	}
	for _, r := range d.revisions {
		if r > revision && r <= last {
			out = append(out, r)
		}
	}
	return out, known
}

// learn takes that of all revisions after one, up to known, these were a draft's.
func (d *drafted) learn(revision, known int64, made []programme.Release) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.begun {
		d.begun, d.from = true, known
	}
	if d.from != known || revision >= known {
		return // somebody else has looked meanwhile
	}
	d.from = revision
	for _, r := range made {
		if r.Revision <= known {
			d.revisions = append(d.revisions, r.Revision)
		}
	}
	slices.Sort(d.revisions)
}

// draftedSince fetches the releases of drafts after a revision of the agenda,
// up to last.
func (l *Conferences) draftedSince(ctx context.Context, c *conference, id string, revision, last int64) ([]programme.Release, error) {
	var made []programme.Release
	maybe, known := c.drafted.after(revision, last)
	for _, rev := range maybe {
		r, err := l.releaseAt(ctx, id, rev)
		if err != nil {
			return nil, err
		}
		if r.Kind == programme.Drafted {
			made = append(made, r)
		}
	}
	c.drafted.learn(revision, known, made)
	return made, nil
}
