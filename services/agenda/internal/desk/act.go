package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// States of an act. One that is done is deleted.
const (
	actOpen      = "open"      // nothing is true yet; anybody may undo it once it is overdue
	actCommitted = "committed" // all of it is true; anybody may drive it on
	actUndone    = "undone"    // none of it will be; its claims are deleted, twice
)

// An act changes several meetings at one stroke.
type act struct {
	ID         string    `bson:"_id"`
	Conference string    `bson:"conference"`
	State      string    `bson:"state"`
	Deadline   time.Time `bson:"deadline"` // wall clock
	// Whole are the parts; in one piece, for a document of many small ones takes
	// the embedded store seconds.
	Whole []byte `bson:"whole"`

	parts []part
}

// A part of an act is what becomes of one meeting.
type part struct {
	Revision int64           `bson:"revision"` // that the meeting has before
	Next     meeting.Meeting `bson:"next"`
	// Wants are holds that nobody in the act has, under the act.
	Wants []meeting.Hold `bson:"wants"`
	// Gets are holds that another meeting of the act gives up for it.
	Gets []gain `bson:"gets"`
}

// A gain is a hold that changes hands. It is under the attempt it has before.
type gain struct {
	From string       `bson:"from"` // meeting
	Hold meeting.Hold `bson:"hold"`
}

type parts struct {
	Parts []part `bson:"parts"`
}

// newAct is what makes plans true of meetings as they stand. A plan with no verb
// leaves its meeting as it is, and a part away. pages have to be kept before, and
// its time is still to be said. What cannot be side by side is errLost.
func (d *Desk) newAct(c *conference, ms []meeting.Meeting, plans []meeting.Plan, by meeting.By) (a act, pages []*page, err error) {
	a = act{ID: uuid.NewString(), Conference: c.id, State: actOpen}
	freed := map[cell]gain{} // and by whom
	taken := map[cell]bool{} // by meetings that keep them
	var changes []change
	for i, m := range ms {
		holds := compare(m.Holds, plans[i].Holds)
		if plans[i].Told.Verb == "" {
			holds = change{kept: m.Holds}
		}
		changes = append(changes, holds)
		for k := range cells(holds.kept) {
			taken[k] = true
		}
		for k, attempt := range cells(holds.freed) {
			freed[k] = gain{m.ID, meeting.Hold{Resource: k.resource, From: k.n, To: k.n + 1, Attempt: attempt}}
		}
	}
	moved := map[cell]bool{}
	for i, m := range ms {
		if plans[i].Told.Verb == "" {
			continue
		}
		next, old := d.next(m, plans[i], by)
		pages = append(pages, old)
		p := part{Revision: m.Revision, Next: next}
		has, wants := cells(changes[i].kept), map[cell]string{}
		for k := range cells(changes[i].wanted) {
			if taken[k] {
				return a, nil, errLost // the meetings would be in each other's way
			}
			taken[k], has[k] = true, a.ID
			if g, given := freed[k]; given {
				p.Gets, moved[k] = append(p.Gets, g), true
			} else {
				wants[k] = a.ID
			}
		}
		p.Next.Holds, p.Wants = runs(has), runs(wants)
		a.parts = append(a.parts, p)
	}
	for i := range a.parts {
		a.parts[i].free(ms, changes, moved)
	}
	whole, err := bson.Marshal(parts{a.parts})
	if err == nil && len(whole) > maxAct {
		err = problem.New(problem.TooLarge, "act_too_large", "That is more than can be done at one stroke.")
	}
	a.Whole = whole
	return a, pages, err
}

// maxAct is how large an act may be, in bytes; MongoDB takes at most 16 MB.
const maxAct = 8 << 20

// free notes in a part what its meeting gives up to nobody in the act.
func (p *part) free(ms []meeting.Meeting, changes []change, moved map[cell]bool) {
	for i, m := range ms {
		if m.ID != p.Next.ID {
			continue
		}
		up := cells(changes[i].freed)
		for k := range up {
			if moved[k] {
				delete(up, k)
			}
		}
		p.Next.Freed = append(p.Next.Freed, runs(up)...)
	}
}

// readAct reads an act; store.ErrMissing when it is over.
func (d *Desk) readAct(ctx context.Context, id string) (act, error) {
	var a act
	if err := d.acts.Get(ctx, id, &a); err != nil {
		return a, err
	}
	return a, a.unpack()
}

func (a *act) unpack() error {
	var whole parts
	if err := bson.Unmarshal(a.Whole, &whole); err != nil {
		return fmt.Errorf("act %s: %w", a.ID, err)
	}
	a.parts = whole.Parts
	return nil
}

// wants are all claims that the act has to get.
func (a act) wants(at time.Time) []Claim {
	var all []Claim
	for _, p := range a.parts {
		all = append(all, claimsOf(a.Conference, p.Next.ID, a.ID, p.Wants, at)...)
	}
	inOrder(all)
	return all
}

// resolve does for a meeting that is marked with an act what is still to be done:
// nothing while whoever began it may go on with it.
func (d *Desk) resolve(ctx context.Context, c *conference, id, meeting string) error {
	a, err := d.readAct(ctx, id)
	switch {
	case errors.Is(err, store.ErrMissing):
		return d.unmark(ctx, c, id, meeting) // marked after it was undone
	case err != nil:
		return fmt.Errorf("act %s: %w", id, err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience) // what is begun is finished
	defer cancel()
	switch {
	case a.State == actUndone:
		return d.undone(ctx, c, a)
	case a.State == actCommitted && d.wall().After(a.Deadline.Add(driven-overdue)):
		return d.drive(ctx, c, a)
	case a.State == actOpen && d.wall().After(a.Deadline):
		return d.undo(ctx, c, a)
	}
	return nil
}

// driven is how long after its beginning an act that is true is left to whoever
// began it.
const driven = 2 * time.Second

// unmark takes the mark of an act from a meeting.
func (d *Desk) unmark(ctx context.Context, c *conference, act, id string) error {
	if err := d.step(stepUnmark); err != nil {
		return err
	}
	err := d.meetings.Update(ctx, id, bson.M{"act": act}, bson.M{"$unset": bson.M{"act": ""}})
	if err != nil && !errors.Is(err, store.ErrStale) {
		return fmt.Errorf("meeting %s: %w", id, err)
	}
	c.wants(id, nil)
	if _, err := d.fetch(ctx, c, id); err != nil && !problem.Is(err, problem.NotFound) {
		return err
	}
	return nil
}
