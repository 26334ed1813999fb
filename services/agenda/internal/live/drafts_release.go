package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

var (
	errHeld = errors.New("held by the breaker")
	errVoid = problem.New(problem.Conflict, "draft_conflicts", "The agenda has changed since the release was held, so it no longer waits. Look at the draft and release it again.")

	wrongCount = problem.New(problem.Invalid, "wrong_count", "That is not how many notices it would send.").
			With(problem.Field{Pointer: "/count", Code: "wrong_count", Detail: "This is not the number that was shown."})
	countRequired = problem.New(problem.Invalid, "count_required", "Type how many notices it sends, or let another person confirm it.").
			With(problem.Field{Pointer: "/count", Code: "count_required", Detail: "The number is missing."})
	personRequired = problem.New(problem.Forbidden, "person_required", "Only a person can confirm this.")

	draftEmpty = problem.New(problem.Conflict, "draft_empty", "The draft changes nothing.")
)

// draftCommand is what a release of one revision of a draft is found by.
func draftCommand(id string, revision int64) string { return fmt.Sprintf("draft/%s/%d", id, revision) }

// confirmCommand is what a release is found by that was held at one revision of
// a draft. It is another than draftCommand, for a held roll-back leaves the draft
// at its revision, to be released by the same people.
func confirmCommand(id string, revision int64) string {
	return fmt.Sprintf("confirm/%s/%d", id, revision)
}

// ReleaseDraft makes the draft the next revision of the agenda, all of it at
// once, or holds it when the breaker trips and no person has typed the count. expect is
// the draft's revision that the actor has seen. Of two who release it, one does.
// Whoever lost the answer and asks again gets the release that was made.
func (l *Conferences) ReleaseDraft(ctx context.Context, id string, expect int64, o draft.Order) (draft.Outcome, error) {
	command := draftCommand(id, expect)
	c, read, done, err := l.attempt(ctx, id, command, expect, o.Actor)
	d := read.Draft
	switch {
	case err != nil:
		return draft.Outcome{}, err
	case done != nil && done.Kind == programme.Drafted:
		return draft.Outcome{Release: *done, Draft: d}, nil
	case d.Revision != expect:
		return draft.Outcome{}, staleDraft
	case d.Hold != nil:
		return draft.Outcome{}, releaseWaits
	case d.Empty():
		return draft.Outcome{}, draftEmpty
	}
	if o.Note != "" {
		d.Note = o.Note
	}
	r, hold, err := l.weigh(ctx, c, id, command, o, func(facts programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		return l.proposed(ctx, c, d, facts, a, &o.Acknowledged)
	})
	switch {
	case err != nil:
		return draft.Outcome{}, err
	case hold != nil:
		return l.hold(ctx, d, *hold)
	case r == nil:
		return draft.Outcome{}, draftEmpty // all of it has come true by other hands
	}
	l.settle(ctx, c, d, *r)
	return draft.Outcome{Release: *r, Draft: d}, nil
}

// attempt reads the draft for an order about one revision of it, and the release
// that an earlier attempt of the same person made, which may be settled since:
// then done is that, and the draft is settled.
func (l *Conferences) attempt(ctx context.Context, id, command string, expect int64, actor string) (c *conference, d reading, done *programme.Release, err error) {
	if c, err = l.find(id); err != nil {
		return nil, d, nil, err
	}
	if d, err = l.readDraft(ctx, c, id); err != nil {
		return nil, d, nil, err
	}
	made, maybe := d.made, int64(0)
	switch {
	case expect != d.Revision:
		maybe = d.Seen
	case d.void != nil:
		maybe = d.void.Agenda + 1
	}
	if maybe > 0 && maybe <= d.agenda.Revision && len(made) == 0 {
		r, err := l.releaseAt(ctx, id, maybe)
		if err != nil {
			return nil, d, nil, err
		}
		made = append(made, r)
	}
	for _, r := range made {
		if r.Command == command && (r.Actor == actor || r.Confirmed == actor) {
			l.settleDraft(ctx, c, id)
			return c, d, &r, nil
		}
	}
	return c, d, nil, nil
}

// proposed is what d makes of an agenda, if nothing stands against it. When the
// draft was released since it was read, by somebody else, there is nothing left
// to release. acknowledged nil stands for all.
func (l *Conferences) proposed(ctx context.Context, c *conference, d draft.Draft, facts programme.Conference, a programme.Agenda, acknowledged *[]string) (programme.Proposal, error) {
	made, err := l.draftedSince(ctx, c, d.ID, d.Seen, a.Revision)
	if err == nil && len(made) > 0 {
		err = staleDraft
	}
	if err != nil {
		return programme.Proposal{}, err
	}
	picked := l.Picked(d.ID)
	conflicts := d.Conflicts(facts, a, facts.Now(l.now()), func(session string) int { return picked[session] })
	blocked := problem.New(problem.Conflict, "draft_conflicts", "The draft cannot be released as it is.")
	unseen := problem.New(problem.Conflict, "not_acknowledged", "Somebody changed meanwhile what the draft changes too. Look at it first.")
	for _, x := range conflicts {
		params := map[string]string{"conflict": x.ID, "session": x.Session}
		switch {
		case x.Error:
			blocked = blocked.With(problem.Field{Code: string(x.Code), Detail: x.Detail, Params: params})
		case x.Blocks() && acknowledged != nil && !slices.Contains(*acknowledged, x.ID):
			unseen = unseen.With(problem.Field{Code: string(x.Code), Detail: x.Detail, Params: params})
		}
	}
	var seen []string
	if acknowledged != nil {
		seen = *acknowledged
	}
	for i, id := range seen {
		if !slices.ContainsFunc(conflicts, func(x draft.Conflict) bool { return x.ID == id }) {
			return programme.Proposal{}, problem.New(problem.Conflict, "conflict_unknown", "What is acknowledged is not what stands against the release now.").
				With(problem.Field{Pointer: "/acknowledged/" + strconv.Itoa(i), Code: "conflict_unknown", Detail: "There is no such conflict now."})
		}
	}
	switch {
	case len(blocked.Fields) > 0:
		return programme.Proposal{}, blocked
	case len(unseen.Fields) > 0:
		return programme.Proposal{}, unseen
	}
	p, _ := d.Proposal(a)
	return p, nil
}

// weigh releases what propose makes of the agenda, unless the breaker trips and
// no person has typed the count: then it answers what is to be held. Both are nil
// when nothing would change.
func (l *Conferences) weigh(ctx context.Context, c *conference, id, command string, o draft.Order, propose func(programme.Conference, programme.Agenda) (programme.Proposal, error)) (*programme.Release, *draft.Hold, error) {
	var hold draft.Hold
	made, _, err := l.release(ctx, c, o.Actor, command, func(facts programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		p, err := propose(facts, a)
		if err != nil {
			return p, err
		}
		r, _ := a.Next(o.Actor, l.now(), p)
		changes := r.Changes()
		toll := l.toll(c, changes)
		trips := l.trips(c, a, changes, toll)
		switch {
		case len(trips) == 0:
		case o.Count == nil || o.Machine:
			hold = draft.Hold{By: o.Actor, At: r.At, Note: p.Note, Agenda: a.Revision, Restores: p.Restores, Trips: trips, Toll: toll}
			return p, errHeld
		case !toll.Confirms(*o.Count):
			return p, wrongCount
		default:
			p.Confirmed = o.Actor
		}
		return p, nil
	})
	if errors.Is(err, errHeld) {
		hold.Toll = l.withPhones(ctx, id, hold.Toll)
		return nil, &hold, nil
	}
	return made, nil, err
}

// ConfirmRelease releases what waits, exactly as it was held. Who wanted it
// types the count; another person need not. A machine is no person: to type a
// count it has computed itself would be to confirm without having looked.
func (l *Conferences) ConfirmRelease(ctx context.Context, id string, expect int64, o draft.Order) (draft.Outcome, error) {
	if o.Machine {
		return draft.Outcome{}, personRequired
	}
	command := confirmCommand(id, expect)
	c, read, done, err := l.attempt(ctx, id, command, expect, o.Actor)
	d := read.Draft
	switch {
	case err != nil:
		return draft.Outcome{}, err
	case done != nil:
		return draft.Outcome{Release: *done, Draft: d}, nil
	case d.Revision != expect:
		return draft.Outcome{}, staleDraft
	case read.void != nil:
		return draft.Outcome{}, errVoid
	case d.Hold == nil:
		return draft.Outcome{}, problem.Hidden()
	case o.Count == nil && o.Actor == d.Hold.By:
		return draft.Outcome{}, countRequired
	case o.Count != nil && *o.Count != d.Hold.Toll.Notices:
		return draft.Outcome{}, wrongCount
	}
	held := *d.Hold
	made, _, err := l.release(ctx, c, held.By, command, func(facts programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		if a.Revision != held.Agenda {
			return programme.Proposal{}, errVoid
		}
		p, err := l.heldProposal(ctx, c, d, facts, a)
		p.Note, p.Confirmed = held.Note, o.Actor
		return p, err
	})
	if err == nil && made == nil {
		err = draftEmpty
	}
	if err != nil {
		return draft.Outcome{}, err
	}
	l.settle(ctx, c, d, *made)
	return draft.Outcome{Release: *made, Draft: d}, nil
}

// heldProposal is what the hold of d would release.
func (l *Conferences) heldProposal(ctx context.Context, c *conference, d draft.Draft, facts programme.Conference, a programme.Agenda) (programme.Proposal, error) {
	if d.Hold.Restores == 0 {
		return l.proposed(ctx, c, d, facts, a, nil)
	}
	old, err := l.At(ctx, d.ID, d.Hold.Restores)
	if err != nil {
		return programme.Proposal{}, err
	}
	return a.RollBack(old, facts.Now(l.now()))
}

// WithdrawRelease takes back what waits; when nothing does there is nothing to do.
func (l *Conferences) WithdrawRelease(ctx context.Context, id string) error {
	c, err := l.find(id)
	if err != nil {
		return err
	}
	for {
		d, err := l.readDraft(ctx, c, id)
		if err != nil || d.Hold == nil {
			return err
		}
		d.Hold = nil
		if _, err = l.writeDraft(ctx, d.Revision, d.Draft); !errors.Is(err, store.ErrStale) {
			return err
		}
	}
}

// settle writes down what r made true of d, of which it was made, or of what
// somebody has made of d meanwhile.
func (l *Conferences) settle(ctx context.Context, c *conference, d draft.Draft, r programme.Release) {
	if r.Kind != programme.Drafted {
		return // and the hold is void
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if _, err := l.writeDraft(after, d.Revision, d.Settled(r)); err != nil {
		l.settleDraft(ctx, c, d.ID)
	}
}

// settleDraft writes down what releases made true of a draft. When it cannot,
// whoever reads the draft next works it out again.
func (l *Conferences) settleDraft(ctx context.Context, c *conference, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for {
		d, err := l.readDraft(ctx, c, id)
		if err == nil && len(d.made) > 0 {
			_, err = l.writeDraft(ctx, d.Revision, d.Draft)
		}
		switch {
		case errors.Is(err, store.ErrStale):
		case err != nil:
			l.log.Warn("a released draft is not settled yet", "conference", id, "err", err)
			return
		default:
			return
		}
	}
}
