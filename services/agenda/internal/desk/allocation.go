package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// sheet is a page of an allocation. The lines are in one piece, for a document of
// many small ones takes the embedded store seconds.
type sheet struct {
	ID    string `bson:"_id"` // <run>/<page>, from 0
	Whole []byte `bson:"whole"`
	Done  bool   `bson:"done"`
}

type lines struct {
	Lines []meeting.Line `bson:"lines"`
}

const (
	// metPage is how many lines are applied before that is noted, and restPage how
	// many others one page holds.
	metPage, restPage = 50, 500
)

func sheetID(run string, n int) string { return fmt.Sprintf("%s/%d", run, n) }

// PlanAllocation finds slots and rooms for the meetings that wait for them, under
// an id of the caller's choosing: one that is there is the answer, so that it can
// be repeated. The same meetings in the same world and the same seed, which is
// not negative, give the same plan. Nothing comes of it until ApplyAllocation.
// One plan at a time is made here; the others wait.
func (d *Desk) PlanAllocation(ctx context.Context, conference, id, actor, include string, seed int64) (meeting.Allocation, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Allocation{}, err
	}
	if a, err := d.fetchAllocation(ctx, c, id); !problem.Is(err, problem.NotFound) {
		return a, err
	}
	select {
	case d.solving <- struct{}{}:
		defer func() { <-d.solving }()
	case <-ctx.Done():
		return meeting.Allocation{}, ctx.Err()
	}
	w, err := d.world(c)
	if err != nil {
		return meeting.Allocation{}, err
	}
	c.mu.RLock()
	waiting := list(c.meetings, func(m meeting.Meeting) bool {
		return w.Open(m) && m.Attempt == nil && m.Act == "" && (include == meeting.AllOpen || m.Status == meeting.Agreed)
	})
	c.mu.RUnlock()
	r, all := newMarket(w, waiting).solve(seed)
	a := meeting.Allocation{
		Key: c.id + "/" + id, ID: id, Conference: c.id, Revision: 1, State: meeting.Planned, Include: include, Seed: seed, PlannedBy: actor, PlannedAt: d.wall(),
		Wishes: len(all), Met: len(r.Met), Worth: r.Worth, FirstCome: r.FirstCome, FirstComeMet: r.FirstComeMet, Bound: r.Bound, Run: uuid.NewString(),
	}
	return d.insertAllocation(ctx, c, a, all)
}

// insertAllocation writes the pages and then what they are of.
func (d *Desk) insertAllocation(ctx context.Context, c *conference, a meeting.Allocation, all []meeting.Line) (meeting.Allocation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*d.options.Patience)
	defer cancel()
	var docs []any
	for _, part := range slices.Concat(slices.Collect(slices.Chunk(all[:a.Met], metPage)), slices.Collect(slices.Chunk(all[a.Met:], restPage))) {
		whole, err := bson.Marshal(lines{part})
		if err != nil {
			return a, fmt.Errorf("allocation %s: %w", a.ID, err)
		}
		docs = append(docs, sheet{ID: sheetID(a.Run, len(docs)), Whole: whole})
	}
	a.Pages = (a.Met + metPage - 1) / metPage
	a.Rest = len(docs) - a.Pages
	if err := d.step(stepPlanPages); err != nil {
		return a, err
	}
	if err := d.sheets.InsertAll(ctx, docs); len(docs) > 0 && err != nil {
		return a, fmt.Errorf("allocation %s: %w", a.ID, err)
	}
	if err := d.step(stepPlan); err != nil {
		return a, err
	}
	switch err := d.allocations.Insert(ctx, a); {
	case errors.Is(err, store.ErrExists): // it was asked for twice
		return d.fetchAllocation(ctx, c, a.ID)
	case err != nil:
		return a, fmt.Errorf("allocation %s: %w", a.ID, err)
	}
	c.keepAllocation(a)
	d.tellRevision(event.MeetingAllocationSubject(c.id, a.ID), a.Revision)
	return a, nil
}

// Allocations are those of a conference, the newest first. Old ones are not kept.
func (d *Desk) Allocations(conference string) ([]meeting.Allocation, error) {
	c, err := d.find(conference)
	if err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	all := make([]meeting.Allocation, 0, len(c.allocations))
	for _, a := range c.allocations {
		if a.State != meeting.Shed {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b meeting.Allocation) int {
		return cmp.Or(b.PlannedAt.Compare(a.PlannedAt), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Allocation is one with all its lines: those it has something for in the order
// in which they were asked for, then the others. One that is not there is hidden.
func (d *Desk) Allocation(ctx context.Context, conference, id string) (meeting.Allocation, []meeting.Line, error) {
	c, err := d.find(conference)
	if err != nil {
		return meeting.Allocation{}, nil, err
	}
	a, err := d.fetchAllocation(ctx, c, id)
	if err != nil {
		return a, nil, err
	}
	all := make([]meeting.Line, 0, a.Wishes)
	for n := range a.Pages + a.Rest {
		_, some, err := d.sheet(ctx, a, n)
		switch {
		case errors.Is(err, store.ErrMissing): // it has been shed since
			return a, nil, problem.Hidden()
		case err != nil:
			return a, nil, err
		}
		all = append(all, some...)
	}
	return a, all, nil
}

// sheet reads a page of an allocation.
func (d *Desk) sheet(ctx context.Context, a meeting.Allocation, n int) (sheet, []meeting.Line, error) {
	var p sheet
	var l lines
	err := d.sheets.Get(ctx, sheetID(a.Run, n), &p)
	if err == nil {
		err = bson.Unmarshal(p.Whole, &l)
	}
	if err != nil {
		return p, nil, fmt.Errorf("allocation %s, page %d: %w", a.ID, n, err)
	}
	return p, l.Lines, nil
}

// fetchAllocation reads what an allocation has come to; one that is not there is
// hidden.
func (d *Desk) fetchAllocation(ctx context.Context, c *conference, id string) (meeting.Allocation, error) {
	var a meeting.Allocation
	c.mu.RLock()
	run := c.allocations[id].Run
	c.mu.RUnlock()
	switch err := d.allocations.Get(ctx, c.id+"/"+id, &a); {
	case errors.Is(err, store.ErrMissing):
		c.dropAllocation(id, run) // a sibling has deleted it
		return a, problem.Hidden()
	case err != nil:
		return a, fmt.Errorf("allocation %s: %w", id, err)
	}
	c.keepAllocation(a)
	if a.State == meeting.Shed {
		return a, problem.Hidden()
	}
	return a, nil
}

func (c *conference) keepAllocation(a meeting.Allocation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.Revision > c.allocations[a.ID].Revision {
		c.allocations[a.ID] = a
	}
}

// dropAllocation forgets an allocation that is deleted, unless another one is there
// under its id by now.
func (c *conference) dropAllocation(id, run string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.allocations[id].Run == run {
		delete(c.allocations, id)
	}
}

func (d *Desk) hearAllocation(ctx context.Context, conference, id string, revision int64) error {
	c, err := d.find(conference)
	if err != nil {
		return err
	}
	c.mu.RLock()
	known := c.allocations[id].Revision
	c.mu.RUnlock()
	if known >= revision {
		return nil
	}
	_, err = d.fetchAllocation(ctx, c, id)
	return err
}
