// Package draft holds the rules of work in progress on the agenda: what a
// secretariat has edited and not yet released, how that lies over an agenda
// that goes on changing, and what stands against releasing it.
//
// A draft is one document of edits, not a copy of the agenda. Each edit
// remembers the state it was made upon, so that what happens live meanwhile is
// neither lost nor undone by the release: of each field the side that changed
// it wins, and where both did, a person decides.
package draft

import (
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// A Draft is what is to become of a conference's agenda. It is never changed:
// each method answers the next one.
type Draft struct {
	ID string `bson:"_id"` // the conference's
	// Revision counts the writes of this document; 0 means it was never written.
	Revision int64 `bson:"revision"`
	// Base is the agenda's revision when the oldest edit was made, and Seen when
	// the document was last written: a release of it has a higher one.
	Base     int64                     `bson:"base"`
	Seen     int64                     `bson:"seen"`
	Sessions []Edit[programme.Session] `bson:"sessions"`
	Rooms    []Edit[programme.Room]    `bson:"rooms"`
	Note     string                    `bson:"note,omitempty"`
	// Review are the sessions that vanished from an imported source.
	Review []Review `bson:"review,omitempty"`
	// Hold is set while a release waits to be confirmed.
	Hold *Hold `bson:"hold,omitempty"`
	// Imported is the import that brought the draft to what it is, if one did.
	Imported *Imported `bson:"imported,omitempty"`
}

// An Edit is what a draft does to one session or room.
type Edit[T any] struct {
	ID   string `bson:"id"`
	Base *T     `bson:"base,omitempty"` // as it was; nil for a new one
	Mine *T     `bson:"mine,omitempty"` // as it shall be; nil for one that goes
}

// A Hold is a release that waits for a second person, or for the first to type
// how many it tells. Whatever is written to the draft, or released meanwhile,
// ends it.
type Hold struct {
	By   string    `bson:"by"` // delegate id
	At   time.Time `bson:"at"` // wall clock
	Note string    `bson:"note,omitempty"`
	// Agenda is the revision it was weighed against.
	Agenda int64 `bson:"agenda"`
	// Restores is the revision a held roll-back goes back to; 0 for the draft's.
	Restores int64            `bson:"restores,omitempty"`
	Trips    []programme.Trip `bson:"trips"`
	Toll     programme.Toll   `bson:"toll"`
}

// Empty says whether there is nothing to release.
func (d Draft) Empty() bool { return len(d.Sessions)+len(d.Rooms) == 0 }

// Put has the sessions be so. What is equal to the agenda already is no edit,
// whatever it was in between. A time that is set here is no delay any more.
func (d Draft) Put(a programme.Agenda, sessions ...programme.Session) Draft {
	return d.put(a, true, sessions...)
}

// put is Put. Only a person has seen what was changed meanwhile: unless one
// edits, an edit stays upon the state it was made upon.
func (d Draft) put(a programme.Agenda, seen bool, sessions ...programme.Session) Draft {
	edits := indexed(d.Sessions)
	for _, s := range sessions {
		s.Start, s.End = s.Start.UTC().Truncate(time.Millisecond), s.End.UTC().Truncate(time.Millisecond)
		present, there := a.Session(s.ID)
		switch {
		case !there:
			edits.set(Edit[programme.Session]{ID: s.ID, Base: edits.base(s.ID), Mine: &s})
		case len(programme.Differences(present, s)) == 0 && s.Source.Same(present.Source):
			edits.forget(s.ID)
		default:
			s.Delayed = present.Delayed && s.Start.Equal(present.Start)
			base := &present
			if was := edits.base(s.ID); was != nil && !seen {
				base = was
			}
			edits.set(Edit[programme.Session]{ID: s.ID, Base: base, Mine: &s})
		}
	}
	d.Sessions = edits.list()
	return d.begun(a)
}

// Drop has a session be no more; one that is only in the draft leaves it.
func (d Draft) Drop(a programme.Agenda, id string) Draft {
	edits := indexed(d.Sessions)
	if present, there := a.Session(id); there {
		edits.set(Edit[programme.Session]{ID: id, Base: &present})
	} else {
		edits.forget(id)
	}
	d.Sessions = edits.list()
	return d.begun(a)
}

// PutRoom has the rooms be so.
func (d Draft) PutRoom(a programme.Agenda, rooms ...programme.Room) Draft {
	edits := indexed(d.Rooms)
	for _, r := range rooms {
		present, there := a.Room(r.ID)
		switch {
		case !there:
			edits.set(Edit[programme.Room]{ID: r.ID, Base: edits.base(r.ID), Mine: &r})
		case present.Same(r):
			edits.forget(r.ID)
		default:
			edits.set(Edit[programme.Room]{ID: r.ID, Base: &present, Mine: &r})
		}
	}
	d.Rooms = edits.list()
	return d.begun(a)
}

// DropRoom has a room be no more.
func (d Draft) DropRoom(a programme.Agenda, id string) Draft {
	edits := indexed(d.Rooms)
	if present, there := a.Room(id); there {
		edits.set(Edit[programme.Room]{ID: id, Base: &present})
	} else {
		edits.forget(id)
	}
	d.Rooms = edits.list()
	return d.begun(a)
}

// Discarded is d without its edits. What was decided to be ignored from now on
// stays decided.
func (d Draft) Discarded() Draft {
	d.Sessions, d.Rooms, d.Note, d.Hold, d.Imported = nil, nil, "", nil, nil
	d.Review = slices.DeleteFunc(slices.Clone(d.Review), func(r Review) bool { return r.Decision != Ignore })
	return d.begun(programme.Agenda{})
}

// begun remembers where the edits began.
func (d Draft) begun(a programme.Agenda) Draft {
	switch {
	case d.Empty():
		d.Base = 0
	case d.Base == 0:
		d.Base = a.Revision
	}
	return d
}

// edits are a list of which one looks things up by id, in the order they came.
type edits[T any] struct {
	all []Edit[T]
	at  map[string]int
}

func indexed[T any](list []Edit[T]) *edits[T] {
	e := &edits[T]{slices.Clone(list), make(map[string]int, len(list))}
	for i := range list {
		e.at[list[i].ID] = i
	}
	return e
}

func (e *edits[T]) set(x Edit[T]) {
	if i, ok := e.at[x.ID]; ok {
		e.all[i] = x
		return
	}
	e.at[x.ID] = len(e.all)
	e.all = append(e.all, x)
}

// base is what an edit was made upon; nil when that was nothing. An edit keeps it
// while the thing itself is gone, which may come back as it was.
func (e *edits[T]) base(id string) *T {
	if i, ok := e.at[id]; ok {
		return e.all[i].Base
	}
	return nil
}

// forget leaves a gap, which list closes.
func (e *edits[T]) forget(id string) {
	if i, ok := e.at[id]; ok {
		e.all[i] = Edit[T]{}
		delete(e.at, id)
	}
}

func (e *edits[T]) list() []Edit[T] {
	return slices.DeleteFunc(e.all, func(x Edit[T]) bool { return x.Base == nil && x.Mine == nil })
}
