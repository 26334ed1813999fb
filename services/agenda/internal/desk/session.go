package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/store"
)

// Sessions in rooms where meetings take place claim their cells too, all under
// one holder, for sessions may overlap each other. The attempt of such a claim
// begins with the revision of the release for which it was made: once the agenda
// has got there, the claim is worth what the agenda says.
const (
	agendaHolder  = "agenda"
	sessionPrefix = "session/" // in the diary, where each is for itself
)

// abandoned is how old a claim must be of a release that did not come, before it
// is nobody's.
const abandoned = time.Minute

func attemptOf(revision int64) string { return fmt.Sprintf("%d/%s", revision, uuid.NewString()) }

// revisionOf is the revision an agenda's claim was made for.
func revisionOf(attempt string) int64 {
	n, _, _ := strings.Cut(attempt, "/")
	revision, _ := strconv.ParseInt(n, 10, 64)
	return revision
}

// forMeetings says whether meetings take place in a room.
func forMeetings(p meeting.Policy, r programme.Room) bool {
	if len(p.Rooms) == 0 {
		return r.Kind == "bilateral"
	}
	return slices.ContainsFunc(p.Rooms, func(rule meeting.RoomRule) bool { return rule.Room == r.ID })
}

// sessionHolds are what a session needs of a room where meetings take place, from
// a moment on; none where it needs nothing.
func sessionHolds(p meeting.Policy, a programme.Agenda, s programme.Session, from time.Time) []meeting.Hold {
	room, known := a.Room(s.Room)
	if !known || s.Status == programme.Cancelled || !s.End.After(from) || !forMeetings(p, room) {
		return nil
	}
	return []meeting.Hold{{
		Resource: meeting.RoomResource(room.ID), From: meeting.Cell(s.Start),
		To: meeting.Cell(s.End.Add(meeting.CellMinutes*time.Minute - 1)),
	}}
}

// needed are all cells that sessions need.
func needed(p meeting.Policy, a programme.Agenda, from time.Time) map[cell]string {
	all := map[cell]string{}
	for _, s := range a.Sessions() {
		for k := range cells(sessionHolds(p, a, s, from)) {
			all[k] = s.ID
		}
	}
	return all
}

// HoldRooms claims, for a release that is about to be made of an agenda, the
// rooms its sessions need. When a meeting or a block has one of them, or a meeting
// is to lose its room by it, it fails with Conflict, and says no more than which
// room, and when. settle is to be called when it is known whether the release came true
// and the agenda has got as far; it gives back whatever is not needed.
func (d *Desk) HoldRooms(ctx context.Context, before programme.Agenda, r programme.Release) (settle func(context.Context), err error) {
	none, attempt := func(context.Context) {}, attemptOf(r.Revision)
	c, err := d.find(r.Conference)
	if err != nil {
		return none, nil // there are no meetings of a conference that is not there
	}
	w, err := d.world(c)
	if err != nil {
		return none, err
	}
	after, err := before.With(r)
	if err != nil {
		return none, err
	}
	then := w
	w.Agenda, then.Agenda = before, after
	if err := w.Evicts(then, c.standing()); err != nil {
		return none, err
	}
	has, wants := needed(w.Policy, before, w.Now), needed(w.Policy, after, w.Now)
	touched := map[cell]string{}
	claim := map[cell]string{}
	for k, session := range wants {
		if _, is := has[k]; !is {
			claim[k], touched[k] = session, ""
		}
	}
	for k := range has {
		if _, is := wants[k]; !is {
			touched[k] = ""
		}
	}
	settle = func(ctx context.Context) {
		d.noteSessions(c)
		if err := d.reconcile(ctx, c, touched, attempt); err != nil {
			d.log.Warn("rooms of sessions are not settled yet", "conference", c.id, "err", err)
			c.unsettled(touched)
		}
	}
	if len(claim) == 0 {
		return settle, nil
	}
	if err := d.claimRooms(ctx, c, after, claim, attempt); err != nil {
		settle(context.WithoutCancel(ctx))
		return none, err
	}
	return settle, nil
}

// claimRooms claims cells for sessions, whose ids are beside them.
func (d *Desk) claimRooms(ctx context.Context, c *conference, after programme.Agenda, wants map[cell]string, attempt string) error {
	all, sessions := []Claim{}, map[string]string{}
	for k, session := range wants {
		id := meeting.ClaimID(c.id, k.resource, k.n)
		all, sessions[id] = append(all, Claim{id, agendaHolder, attempt, d.wall()}), session
	}
	inOrder(all)
	for try := 0; len(all) > 0; {
		got, taken, err := d.claim(ctx, all)
		if err != nil || taken == "" {
			return err
		}
		all = all[len(got):]
		switch renewed, err := d.renew(ctx, taken, attempt); {
		case err != nil:
			return err
		case renewed:
			all = all[1:]
			continue
		}
		if err := d.meet(ctx, c, taken); err != nil {
			return err
		}
		if try++; try <= tries {
			var claim Claim
			if err := d.claims.Get(ctx, taken, &claim); errors.Is(err, store.ErrMissing) {
				continue // it was nobody's
			} else if err != nil {
				return fmt.Errorf("room of a session: %w", err)
			}
		}
		return roomInUse(after, sessions[taken])
	}
	return nil
}

// renew makes a claim of the agenda one of an attempt; false when it is somebody
// else's. One for the same revision is of another replica's release, and one of
// the two comes true: that other one is waited for, because when it does not come
// it gives its claims back.
func (d *Desk) renew(ctx context.Context, id, attempt string) (bool, error) {
	waited, cancel := context.WithTimeout(ctx, waits)
	defer cancel()
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		var claim Claim
		switch err := d.claims.Get(ctx, id, &claim); {
		case errors.Is(err, store.ErrMissing):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("room of a session: %w", err)
		case claim.Holder != agendaHolder:
			return false, nil
		case revisionOf(claim.Attempt) > revisionOf(attempt):
			return true, nil // ours has been passed
		case revisionOf(claim.Attempt) == revisionOf(attempt) && claim.Attempt != attempt && rest(waited, pause):
			continue
		}
		err := d.claims.Update(ctx, id, bson.M{"meeting": agendaHolder, "attempt": claim.Attempt},
			bson.M{"$set": bson.M{"attempt": attempt, "at": d.wall()}})
		if !errors.Is(err, store.ErrStale) {
			return err == nil, err
		}
	}
}

// openRooms claims, for a policy that is about to be set, what sessions need of
// the rooms it opens to meetings. It fails with Conflict where coming meetings
// would lose their room. The claims are made as for the next release, so they
// are given back when neither comes.
func (d *Desk) openRooms(ctx context.Context, c *conference, w meeting.World, p meeting.Policy) error {
	then := w
	then.Policy = p
	if err := w.Evicts(then, c.standing()); err != nil {
		return err
	}
	has, claim := needed(w.Policy, w.Agenda, w.Now), map[cell]string{}
	for k, session := range needed(p, w.Agenda, w.Now) {
		if _, is := has[k]; !is {
			claim[k] = session
		}
	}
	return d.claimRooms(ctx, c, w.Agenda, claim, attemptOf(w.Agenda.Revision+1))
}

func roomInUse(a programme.Agenda, session string) error {
	s, _ := a.Session(session)
	room, _ := a.Room(s.Room)
	return meeting.RoomInUse(room, s.Start, s.End)
}

// agendaStands says what a claim of the agenda is worth. It must not wait for the
// agenda, for a release may be waiting for it.
func (d *Desk) agendaStands(ctx context.Context, c *conference, claim Claim) (standing, error) {
	w, err := d.world(c)
	if err != nil {
		return 0, err
	}
	d.noteSessions(c)
	for k := range needed(w.Policy, w.Agenda, w.Now) {
		if meeting.ClaimID(c.id, k.resource, k.n) == claim.ID {
			return held, nil
		}
	}
	if revisionOf(claim.Attempt) <= w.Agenda.Revision {
		return nobodys, nil
	}
	if d.wall().Before(claim.At.Add(abandoned)) {
		return wanted, nil // the release is on its way
	}
	var r programme.Release
	switch err := d.releases.Get(ctx, programme.ReleaseID(c.id, revisionOf(claim.Attempt)), &r); {
	case errors.Is(err, store.ErrMissing):
		return nobodys, nil
	case err != nil:
		return 0, fmt.Errorf("release: %w", err)
	}
	return wanted, nil // it has come, and not got here yet
}
