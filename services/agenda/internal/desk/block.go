package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// blockPrefix begins the holder of a block's claims.
const blockPrefix = "block/"

// States of a block.
const (
	blockOpen   = "open"   // it is being claimed
	blockStands = "stands" // it has all its claims
	blockLifted = "lifted" // its claims are being deleted
)

// blockHolds are what a block has to itself.
func blockHolds(b meeting.Block) []meeting.Hold {
	return []meeting.Hold{{
		Resource: meeting.RoomResource(b.Room), From: meeting.Cell(b.Start),
		To: meeting.Cell(b.End.Add(meeting.CellMinutes*time.Minute - 1)), Attempt: b.Attempt,
	}}
}

func blockClaims(b meeting.Block) []Claim {
	return claimsOf(b.Conference, blockPrefix+b.ID, b.Attempt, blockHolds(b), b.At)
}

// Blocks are those that stand, by room and time.
func (d *Desk) Blocks(conference string) ([]meeting.Block, error) {
	c, err := d.find(conference)
	if err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]meeting.Block, 0, len(c.blocks))
	for _, b := range c.blocks {
		if b.State == blockStands {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b meeting.Block) int {
		if a.Room != b.Room {
			return strings.Compare(a.Room, b.Room)
		}
		return a.Start.Compare(b.Start)
	})
	return out, nil
}

// Block keeps meetings out of a room. What stands in the way is a Conflict,
// unless displace says that meetings have to make way, by the rules for that; a
// meeting that has begun does not, nor does a session. One that is there under
// the id is the answer, so that a request can be repeated.
func (d *Desk) Block(ctx context.Context, b meeting.Block, by meeting.By, displace bool) (meeting.Block, error) {
	c, err := d.find(b.Conference)
	if err != nil {
		return b, err
	}
	if there, err := d.readBlock(ctx, c, b.ID); err == nil && there.State == blockStands {
		return there, nil
	}
	b.Start, b.End = b.Start.UTC().Truncate(time.Millisecond), b.End.UTC().Truncate(time.Millisecond)
	b.By, b.At, b.State, b.Deadline = by.Actor, d.wall(), blockOpen, d.wall().Add(overdue+patience)
	b.Attempt = uuid.NewString()
	if err := d.clearable(c, b, displace); err != nil {
		return b, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience)
	defer cancel()
	if err := d.step(stepBlockInsert); err != nil {
		return b, err
	}
	switch err := d.blocks.Insert(ctx, b); {
	case errors.Is(err, store.ErrExists):
		return b, busy
	case err != nil:
		return b, fmt.Errorf("block: %w", err)
	}
	c.keepBlock(b)
	if err := d.claimBlock(ctx, c, b, by, displace); err != nil {
		ctx, cancel := d.begin(ctx) // its own time may be over
		defer cancel()
		return b, errors.Join(err, d.lift(ctx, c, b, blockOpen))
	}
	if err := d.step(stepBlockConfirm); err != nil {
		return b, err
	}
	if err := d.blocks.Update(ctx, b.ID, bson.M{"state": blockOpen}, bson.M{"$set": bson.M{"state": blockStands}}); err != nil {
		if errors.Is(err, store.ErrStale) {
			err = busy
		}
		return b, fmt.Errorf("block: %w", err)
	}
	b.State = blockStands
	c.keepBlock(b)
	d.tellRevision(event.MeetingBlockSubject(c.id, b.ID), 1)
	return b, nil
}

// clearable refuses a block while somebody is in its way who cannot make way,
// before anybody else is made to. What comes in between, and what is only about to
// be, is found when it is claimed; who has made way by then has done so.
func (d *Desk) clearable(c *conference, b meeting.Block, displace bool) error {
	d.noteSessions(c)
	w, err := d.world(c)
	if err != nil {
		return err
	}
	hold := blockHolds(b)[0]
	for _, taken := range c.firm.Taken(hold.Resource, hold.From, hold.To) {
		m, _, isMeeting := c.known(taken.Holder)
		switch {
		case taken.Holder == blockPrefix+b.ID: // of an earlier try
		case !displace, !isMeeting, !m.Slot.IsZero() && !w.Now.Before(m.Slot.Start):
			return errRoomInUse
		}
	}
	return nil
}

var errRoomInUse = problem.New(problem.Conflict, "room_in_use", "The room is in use in that time.")

// claimBlock claims what a block wants, and has meetings make way if displace
// says so. A meeting that is about to be in its way is waited for: it may fail.
func (d *Desk) claimBlock(ctx context.Context, c *conference, b meeting.Block, by meeting.By, displace bool) error {
	for all := blockClaims(b); len(all) > 0; {
		got, taken, err := d.claim(ctx, all)
		if err != nil || taken == "" {
			return err
		}
		all = all[len(got):]
		claim, worth, err := d.weigh(ctx, c, taken)
		switch {
		case ctx.Err() != nil:
			return busy.Because(ctx.Err())
		case err != nil:
			return fmt.Errorf("block: %w", err)
		case worth == nobodys:
		case claim.Holder == agendaHolder, strings.HasPrefix(claim.Holder, blockPrefix), worth == held && !displace:
			return errRoomInUse
		case worth == held:
			if err := d.displace(ctx, c, claim, by); err != nil {
				return err
			}
		}
	}
	return nil
}

// displace has a meeting make way that holds by a claim, unless it does so anyway.
func (d *Desk) displace(ctx context.Context, c *conference, claim Claim, by meeting.By) error {
	_, err := d.Do(ctx, c.id, claim.Holder, 0, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		if !has(c.id, m.Holds, claim) {
			return meeting.Plan{}, meeting.ErrNothing // the claim is about to go
		}
		p, err := w.Displace(m, by)
		if errors.Is(err, meeting.ErrNothing) {
			err = errRoomInUse
		}
		return p, err
	})
	if errors.Is(err, meeting.ErrNothing) || isBusy(err) {
		return nil // whoever is at it may be about to move it
	}
	return err
}

// Unblock gives the room back to meetings. A block that is not there is hidden.
func (d *Desk) Unblock(ctx context.Context, conference, id string) error {
	c, err := d.find(conference)
	if err != nil {
		return err
	}
	b, err := d.readBlock(ctx, c, id)
	if err != nil {
		return err
	}
	if b.State != blockStands {
		return problem.Hidden()
	}
	return d.lift(ctx, c, b, blockStands)
}

// lift ends a block that is in a state, then deletes its claims and forgets it.
func (d *Desk) lift(ctx context.Context, c *conference, b meeting.Block, state string) error {
	if err := d.step(stepBlockLift); err != nil {
		return err
	}
	err := d.blocks.Update(ctx, b.ID, bson.M{"state": state}, bson.M{"$set": bson.M{"state": blockLifted}})
	if errors.Is(err, store.ErrStale) {
		there, err := d.readBlock(ctx, c, b.ID)
		if err == nil && there.State == blockLifted { // by whoever may not have got further
			d.forgetSoon(c, there)
		}
		if problem.Is(err, problem.NotFound) {
			return nil
		}
		return err
	}
	if err != nil {
		return fmt.Errorf("block: %w", err)
	}
	b.State = blockLifted
	c.keepBlock(b)
	d.forgetSoon(c, b)
	d.tellRevision(event.MeetingBlockSubject(c.id, b.ID), 2)
	return nil
}

func (d *Desk) forgetSoon(c *conference, b meeting.Block) {
	d.broom.Push(store.Owed{Name: "block " + b.ID, Tell: func(ctx context.Context) error { return d.forgetBlock(ctx, c, b) }})
}

// forgetBlock deletes the claims of a block that is lifted, and it. A claim that
// arrives later is found to be nobody's.
func (d *Desk) forgetBlock(ctx context.Context, c *conference, b meeting.Block) error {
	if err := d.release(ctx, blockClaims(b)); err != nil {
		return err
	}
	if err := d.step(stepBlockForget); err != nil {
		return err
	}
	err := d.blocks.Delete(ctx, b.ID, bson.M{"state": blockLifted, "attempt": b.Attempt})
	if errors.Is(err, store.ErrStale) { // gone, or another one by now
		_, err = d.readBlock(ctx, c, b.ID)
		if problem.Is(err, problem.NotFound) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("block: %w", err)
	}
	return nil
}

// keepBlock notes how a block stands, as this replica has just written it.
func (c *conference) keepBlock(b meeting.Block) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(b)
}

// keepRead notes how a block stands as it was read when so much was known of
// blocks; false when more is known by now, so that what was read may be older.
func (c *conference) keepRead(b meeting.Block, known uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.blockings != known {
		return false
	}
	c.note(b)
	return true
}

// ofBlocks is how much is known of blocks.
func (c *conference) ofBlocks() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.blockings
}

// note takes how a block stands; c.mu is held.
func (c *conference) note(b meeting.Block) {
	if was, known := c.blocks[b.ID]; known != (b.State != blockLifted) || was.State != b.State && known || was.Attempt != b.Attempt && known {
		c.blockings++
	}
	if b.State == blockLifted {
		delete(c.blocks, b.ID)
		c.occupies(blockPrefix+b.ID, nil)
		return
	}
	c.blocks[b.ID] = b
	c.occupies(blockPrefix+b.ID, blockHolds(b))
}

// readBlock reads a block into memory; one that is not there is hidden.
func (d *Desk) readBlock(ctx context.Context, c *conference, id string) (meeting.Block, error) {
	for {
		var b meeting.Block
		known, hidden := c.ofBlocks(), error(nil)
		switch err := d.blocks.Get(ctx, id, &b); {
		case errors.Is(err, store.ErrMissing):
			b, hidden = meeting.Block{ID: id, State: blockLifted}, problem.Hidden()
		case err != nil:
			return b, fmt.Errorf("block: %w", err)
		case b.Conference != c.id:
			return b, problem.Hidden()
		}
		if c.keepRead(b, known) {
			return b, hidden
		}
	}
}

// blockStands says what a claim of a block is worth.
func (d *Desk) blockStands(ctx context.Context, c *conference, claim Claim) (standing, error) {
	b, err := d.readBlock(ctx, c, strings.TrimPrefix(claim.Holder, blockPrefix))
	switch {
	case problem.Is(err, problem.NotFound):
		return nobodys, nil
	case err != nil:
		return 0, err
	case b.State == blockStands:
		return held, nil
	case b.State == blockOpen && d.wall().Before(b.Deadline):
		return wanted, nil
	case b.State == blockOpen:
		return nobodys, d.lift(ctx, c, b, blockOpen)
	}
	return nobodys, nil
}

// sweepBlocks ends what is left of blocks that never came to stand, or were
// lifted.
func (d *Desk) sweepBlocks(ctx context.Context, c *conference) error {
	c.mu.RLock()
	var late []meeting.Block
	for _, b := range c.blocks {
		if b.State == blockOpen && d.wall().After(b.Deadline) {
			late = append(late, b)
		}
	}
	c.mu.RUnlock()
	var errs error
	for _, b := range late {
		errs = errors.Join(errs, d.lift(ctx, c, b, blockOpen))
	}
	return errs
}

// loadBlocks takes up every block there is.
func (d *Desk) loadBlocks(ctx context.Context) error {
	all, err := store.All[meeting.Block](ctx, d.blocks, nil)
	for _, b := range all {
		c := d.adopt(b.Conference)
		c.keepBlock(b)
		if b.State == blockLifted {
			d.forgetSoon(c, b)
		}
	}
	return err
}

// hearBlock takes what became of a block at a sibling.
func (d *Desk) hearBlock(ctx context.Context, conference, id string) error {
	c, err := d.find(conference)
	if err != nil {
		return err
	}
	_, err = d.readBlock(ctx, c, id)
	return err
}
