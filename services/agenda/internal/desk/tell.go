package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// owe tells how m stands and then what became of it: in this order, so that
// whoever acts upon the event, or finds that it missed one, reads a state at
// least as new.
func (d *Desk) owe(c *conference, m meeting.Meeting) {
	d.relay.Push(store.Owed{Name: "meeting " + m.ID, Tell: func(ctx context.Context) error {
		if err := d.step(stepTell); err != nil {
			return err
		}
		if err := d.putState(ctx, event.MeetingStateSubject(c.id, m.ID), m.Revision, d.state(m)); err != nil {
			return err
		}
		for _, f := range m.Owed {
			e, err := event.New(f.ID, c.id, m.ID, f.Revision, f.Actor, f.At, d.told(m, f))
			if err != nil {
				return err
			}
			if err := d.publish(ctx, e.For(f.Principal)); err != nil {
				return err
			}
		}
		err := d.meetings.Update(ctx, m.ID, bson.M{"revision": m.Revision}, bson.M{"$set": bson.M{"pending": false, "owed": []meeting.Fact{}}})
		if errors.Is(err, store.ErrStale) {
			return nil // the newer revision tells for itself
		}
		if err == nil {
			c.toldOf(m.ID, m.Revision)
		}
		return err
	}})
}

// toldOf notes that nothing is owed of a meeting at a revision.
func (c *conference) toldOf(id string, revision int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.meetings[id]; ok && e.m.Revision == revision {
		e.touched++
		e.m.Pending, e.m.Owed = false, nil
	}
}

func (d *Desk) state(m meeting.Meeting) event.MeetingState {
	s := event.MeetingState{
		Meeting: m.ID, Revision: m.Revision, Status: string(m.Status), Sides: sides(m), Slot: d.slot(m, m.Slot, m.Room),
	}
	if p := m.Proposal; p != nil {
		s.Proposal, s.Awaits, s.ExpiresAt = p.Kind, p.Awaits, p.ExpiresAt
	}
	if n := len(m.History); n > 0 {
		s.Verb, s.By = m.History[n-1].Verb, m.History[n-1].Delegation
	}
	return s
}

func (d *Desk) told(m meeting.Meeting, f meeting.Fact) event.MeetingTold {
	t := event.MeetingTold{
		Verb: f.Verb, Meeting: m.ID, Revision: f.Revision, Status: string(m.Status), By: f.Delegation, Sides: sides(m),
		Slot: d.slot(m, m.Slot, m.Room), Was: d.slot(m, f.Was, f.WasRoom), Left: f.Left,
		ReconfirmBy: f.ReconfirmBy,
	}
	if p := m.Proposal; p != nil {
		t.Proposal, t.Awaits, t.ExpiresAt = p.Kind, p.Awaits, p.ExpiresAt
		for _, s := range p.Slots {
			t.Proposed = append(t.Proposed, event.MeetingSlot{Start: s.Start.UTC(), End: s.End.UTC()})
		}
	}
	return t
}

func sides(m meeting.Meeting) []event.MeetingSide {
	var out []event.MeetingSide
	for _, s := range m.Sides {
		out = append(out, event.MeetingSide{Delegation: s.Delegation, People: s.People()})
	}
	return out
}

// slot is a slot as it is told, with the name of the room as it is now; nil for
// none. Where an informal meeting takes place is not told: somebody wrote that,
// and it may name somebody.
func (d *Desk) slot(m meeting.Meeting, s meeting.Slot, room string) *event.MeetingSlot {
	if s.IsZero() {
		return nil
	}
	told := event.MeetingSlot{Start: s.Start.UTC(), End: s.End.UTC()}
	if room != "" {
		if _, agenda, err := d.agenda.Conference(m.Conference); err == nil {
			r, _ := agenda.Room(room)
			told.RoomName, told.Zone = r.Name, r.Zone
		}
	}
	return &told
}

func (d *Desk) putState(ctx context.Context, subject string, revision int64, state any) error {
	data, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("state %s: %w", subject, err)
	}
	return d.bus.PutState(ctx, subject, revision, data)
}

// publish hands the event to the bus. One the bus refuses for good goes to the
// dead letters, so that it does not hold up everything behind it.
func (d *Desk) publish(ctx context.Context, e event.Envelope) error {
	err := d.bus.Publish(ctx, e)
	if errors.Is(err, bus.ErrRefused) {
		return d.bus.DeadLetter(ctx, "meetings-outbox", e.ID, err.Error(), e.Data)
	}
	return err
}
