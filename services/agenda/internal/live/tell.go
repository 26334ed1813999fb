package live

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// partSize keeps one event well under what the bus takes at once (1 MB).
const partSize = 200 << 10

// oweRelease tells of r: how each changed session stands, how far the agenda
// has got, and then the event. In this order, so that whoever acts upon the
// event, or finds that it missed one, reads a state at least as new. r has just
// been applied; whatever came before it is told or owed already.
func (l *Conferences) oweRelease(c *conference, r programme.Release) {
	var agenda *programme.Agenda // held on to until it is told, so only when it is to be stored
	if r.Revision%snapshotEvery == 0 {
		agenda = c.agenda.Load()
	}
	l.relay.Push(store.Owed{Name: "release " + r.ID, Tell: func(ctx context.Context) error {
		changes := told(c.facts.Load(), c.agenda.Load(), r)
		for _, change := range changes {
			if err := l.putState(ctx, event.SessionStateSubject(r.Conference, change.Session), r.Revision, change.After); err != nil {
				return err
			}
		}
		head := event.AgendaHead{Conference: r.Conference, Revision: r.Revision}
		if err := l.putState(ctx, event.AgendaHeadSubject(r.Conference), r.Revision, head); err != nil {
			return err
		}
		parts := inParts(changes)
		for i, part := range parts {
			payload := event.AgendaReleased{Revision: r.Revision, Part: i + 1, Parts: len(parts), Changes: part}
			id := fmt.Sprintf("%s/agenda/%d/%d", r.Conference, r.Revision, i+1)
			e, err := event.New(id, r.Conference, r.Conference, r.Revision, r.Actor, r.At, payload)
			if err != nil {
				return err
			}
			if err := l.publish(ctx, e); err != nil {
				return err
			}
		}
		if agenda != nil {
			l.leaveSnapshot(ctx, agenda)
		}
		return l.settled(ctx, l.releases, r.ID, r.Revision)
	}})
}

func (l *Conferences) oweConference(c programme.Conference) {
	l.relay.Push(store.Owed{Name: "conference " + c.ID, Tell: func(ctx context.Context) error {
		if err := l.putState(ctx, event.ConferenceStateSubject(c.ID), c.Revision, factsOf(c)); err != nil {
			return err
		}
		return l.settled(ctx, l.conferences, c.ID, c.Revision)
	}})
}

// factsOf is what others are told of a conference.
func factsOf(c programme.Conference) event.ConferenceState {
	state := event.ConferenceState{
		Conference: c.ID, Revision: c.Revision, Name: c.Name, Timezone: c.Zone,
		Languages: c.Languages, Days: c.Days, ClockOffset: int64(c.ClockOffset.Seconds()),
	}
	for _, w := range c.Walking {
		state.Walking = append(state.Walking, event.Walk{From: w.From, To: w.To, Minutes: w.Minutes})
	}
	return state
}

// tellRest tells of a conference once more when the bus has it without the days
// it takes place on, or the ways between its rooms, as it was told before others
// asked for them.
func (l *Conferences) tellRest(ctx context.Context, id string, m bus.Seen) error {
	c, err := l.find(id)
	if err != nil {
		return nil // there is nothing to tell of it
	}
	facts := *c.facts.Load()
	var told event.ConferenceState
	if json.Unmarshal(m.Data, &told) != nil || facts.Revision != m.Revision {
		return nil
	}
	if (len(told.Days) > 0 || len(facts.Days) == 0) && (len(told.Walking) > 0 || len(facts.Walking) == 0) {
		return nil
	}
	facts.Revision, facts.Pending = m.Revision+1, true // the bus takes nothing under a revision it has
	err = l.conferences.Update(ctx, id, bson.M{"revision": m.Revision}, bson.M{"$set": bson.M{"revision": facts.Revision, "pending": true}})
	switch {
	case errors.Is(err, store.ErrStale):
		return nil // a sibling was faster
	case err != nil:
		return fmt.Errorf("rest of %s: %w", id, err)
	}
	c.facts.Store(&facts)
	l.oweConference(facts)
	return nil
}

func (l *Conferences) owePicks(p Picks) {
	l.relay.Push(store.Owed{Name: "picks " + p.ID, Tell: func(ctx context.Context) error {
		if err := l.putState(ctx, event.PicksStateSubject(p.Conference, p.Delegate), p.Revision, p.state()); err != nil {
			return err
		}
		return l.settled(ctx, l.picks, p.ID, p.Revision)
	}})
}

// settled takes the pending mark away, unless the document has moved on: then
// its newer revision has a mark and a telling of its own.
func (l *Conferences) settled(ctx context.Context, docs *store.Collection, id string, revision int64) error {
	err := docs.Update(ctx, id, bson.M{"revision": revision}, bson.M{"$set": bson.M{"pending": false}})
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}

func (l *Conferences) putState(ctx context.Context, subject string, revision int64, state any) error {
	data, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("state %s: %w", subject, err)
	}
	return l.bus.PutState(ctx, subject, revision, data)
}

// publish hands the event to the bus. One the bus refuses for good goes to the
// dead letters, so that it does not hold up everything behind it.
func (l *Conferences) publish(ctx context.Context, e event.Envelope) error {
	err := l.bus.Publish(ctx, e)
	if errors.Is(err, bus.ErrRefused) {
		return l.bus.DeadLetter(ctx, "agenda-outbox", e.ID, err.Error(), e.Data)
	}
	return err
}

// told turns the changes of r into the words of events; rooms go by the names
// they have in agenda.
func told(facts *programme.Conference, agenda *programme.Agenda, r programme.Release) []event.SessionChange {
	signs := signposts(facts, agenda, r)
	at := facts.Now(r.At)
	state := func(s programme.Session) event.SessionState {
		room, _ := agenda.Room(s.Room)
		papers, embargoed := papersOf(s, at)
		return event.SessionState{
			Documents: papers, Embargoed: embargoed,
			Session: s.ID, Revision: s.Revision, Kind: s.Kind, Title: s.Title, Room: s.Room, RoomName: signs[s.Room], Zone: room.Zone,
			Start: s.Start, End: s.End, Status: string(s.Status), Reason: s.Reason, Delayed: s.Delayed,
			Language: s.Language, Interpretation: s.Interpretation, Stream: streamOf(s), Access: accessTo(s.Access), People: peopleOf(s), Duties: s.Duties(),
		}
	}
	changes := r.Changes()
	out := make([]event.SessionChange, 0, len(changes))
	for _, c := range changes {
		t := event.SessionChange{Session: c.Session}
		if c.After != nil {
			t.After = state(*c.After)
		} else { // no more: it is told as it last was
			t.After = state(*c.Before)
			t.After.Status, t.After.Revision = event.SessionRemoved, r.Revision
		}
		for _, f := range c.Fields {
			t.Fields = append(t.Fields, string(f))
		}
		if c.Before != nil {
			before := state(*c.Before)
			t.Before = &before
		}
		out = append(out, t)
	}
	return out
}

// signposts are what the rooms of an agenda, and those that r takes out of it,
// are called by id: the venue too where two rooms have one name, or a session
// that moves between them would seem to stay.
func signposts(facts *programme.Conference, agenda *programme.Agenda, r programme.Release) map[string]string {
	rooms, called := map[string]programme.Room{}, map[string]int{}
	for _, room := range slices.Concat(r.RemovedRooms, agenda.Rooms()) {
		rooms[room.ID] = room
	}
	for _, room := range rooms {
		called[room.Name]++
	}
	signs := make(map[string]string, len(rooms))
	for id, room := range rooms {
		signs[id] = room.Name
		for _, v := range facts.Venues {
			if v.ID == room.Venue && called[room.Name] > 1 {
				signs[id] += ", " + v.Name.In()
			}
		}
	}
	return signs
}

func streamOf(s programme.Session) string {
	switch {
	case s.Stream == nil:
		return event.StreamNone
	case s.Stream.Started:
		return event.StreamStarted
	}
	return event.StreamPlanned
}

func accessTo(a programme.Access) string {
	kind := cmp.Or(a.Kind, programme.Open)
	a.Kind = ""
	if a.Seats == 0 && len(a.Delegations)+len(a.Delegates) == 0 {
		return kind
	}
	if len(a.Delegations) == 0 {
		a.Delegations = nil // which is stored alike and must not differ in the mark
	}
	if len(a.Delegates) == 0 {
		a.Delegates = nil
	}
	return kind + "/" + mark(a)
}

func peopleOf(s programme.Session) string {
	if len(s.People) == 0 {
		return "nobody"
	}
	return mark(s.People)
}

// lately is how long an embargo that has ended is still told: whoever watches for
// its end may be a moment late.
const lately = time.Minute

// papersOf are marks of the documents of a session that can be read at a time, on
// the conference clock, and of those under an embargo.
func papersOf(s programme.Session, at time.Time) (papers []string, embargoed []event.Embargo) {
	for _, d := range s.Documents {
		of := mark([]string{d.ID, d.URL, d.Embargo.UTC().Format(time.RFC3339Nano)})
		if d.Released(at) {
			papers = append(papers, of)
		}
		if d.Embargo.After(at.Add(-lately)) {
			embargoed = append(embargoed, event.Embargo{Document: of, From: d.Embargo.UTC()})
		}
	}
	return papers, embargoed
}

// mark is short, and another one when v is another.
func mark(v any) string {
	b, _ := json.Marshal(v) // of strings and numbers
	return hash(b)[:12]
}

// inParts cuts changes into runs that each fit an event; at least one, so that
// a release that only brings rooms is an event too.
func inParts(changes []event.SessionChange) [][]event.SessionChange {
	parts, size := [][]event.SessionChange{{}}, 0
	for _, c := range changes {
		b, _ := json.Marshal(c)
		if size > 0 && size+len(b) > partSize {
			parts, size = append(parts, nil), 0
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], c)
		size += len(b)
	}
	return parts
}
