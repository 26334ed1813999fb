package draft

import (
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// A Clash is a field that the draft and somebody else changed differently since
// the edit was made. Field is empty when one side removed the thing.
type Clash struct {
	Session, Room string // the id of one of the two
	Field         programme.Field
}

// Proposal is what the draft makes of an agenda, and where it would overrule
// what happened since. Edits that came true by other hands propose nothing.
func (d Draft) Proposal(a programme.Agenda) (programme.Proposal, []Clash) {
	p := programme.Proposal{Note: d.Note, Kind: programme.Drafted}
	var clashes []Clash
	for _, e := range d.Sessions {
		present, there := a.Session(e.ID)
		switch {
		case e.Mine == nil:
			if !there {
				continue
			}
			p.Removed = append(p.Removed, e.ID)
			if len(programme.Differences(*e.Base, present)) > 0 {
				clashes = append(clashes, Clash{Session: e.ID})
			}
		case !there && e.Base != nil: // removed meanwhile
			back := *e.Mine
			back.Sequence = a.Returning()
			p.Sessions = append(p.Sessions, back)
			clashes = append(clashes, Clash{Session: e.ID})
		case !there:
			p.Sessions = append(p.Sessions, *e.Mine)
		case e.Base == nil: // released already, with whatever came after
		default:
			merged, fields := merge(*e.Base, *e.Mine, present)
			p.Sessions = append(p.Sessions, merged)
			for _, f := range fields {
				clashes = append(clashes, Clash{Session: e.ID, Field: f})
			}
		}
	}
	return p, append(clashes, d.proposeRooms(a, &p)...)
}

// proposeRooms takes rooms as a whole: two who change one room have to talk.
func (d Draft) proposeRooms(a programme.Agenda, p *programme.Proposal) (clashes []Clash) {
	for _, e := range d.Rooms {
		present, there := a.Room(e.ID)
		clash := e.Base != nil && (!there || !present.Same(*e.Base))
		switch {
		case e.Mine == nil && !there, e.Base == nil && there, e.Mine != nil && there && present.Same(*e.Mine):
			continue
		case e.Mine == nil:
			p.RemovedRooms = append(p.RemovedRooms, e.ID)
		default:
			p.Rooms = append(p.Rooms, *e.Mine)
		}
		if clash {
			clashes = append(clashes, Clash{Room: e.ID})
		}
	}
	return clashes
}

// Merged is the agenda as the draft would make it. Its revision is one that
// does not exist yet, unless the draft changes nothing.
func (d Draft) Merged(a programme.Agenda) programme.Agenda {
	p, _ := d.Proposal(a)
	r, changes := a.Next("", time.Time{}, p)
	if !changes {
		return a
	}
	next, err := a.With(r)
	if err != nil {
		return a // cannot be: r was made of a
	}
	return next
}

// Settled is d after r, a release of it: what r made true is no edit any more,
// and what was edited since stands upon it.
func (d Draft) Settled(r programme.Release) Draft {
	after := make(map[string]programme.Session, len(r.After))
	for _, s := range r.After {
		after[s.ID] = s
	}
	rooms := make(map[string]programme.Room, len(r.Rooms))
	for _, x := range r.Rooms {
		rooms[x.ID] = x
	}
	sessions := indexed(d.Sessions)
	for _, e := range d.Sessions {
		now, told := after[e.ID]
		switch {
		case e.Mine == nil && slices.ContainsFunc(r.Removed, func(s programme.Session) bool { return s.ID == e.ID }):
			sessions.forget(e.ID)
		case e.Mine == nil || !told:
		case e.Base == nil && len(programme.Differences(now, *e.Mine)) == 0:
			sessions.forget(e.ID)
		case e.Base == nil:
			sessions.set(Edit[programme.Session]{ID: e.ID, Base: &now, Mine: e.Mine})
		default:
			merged, _ := merge(*e.Base, *e.Mine, now)
			sessions.forget(e.ID)
			if len(programme.Differences(now, merged)) > 0 {
				sessions.set(Edit[programme.Session]{ID: e.ID, Base: &now, Mine: &merged})
			}
		}
	}
	kept := indexed(d.Rooms)
	for _, e := range d.Rooms {
		now, told := rooms[e.ID]
		switch {
		case e.Mine == nil && slices.ContainsFunc(r.RemovedRooms, func(x programme.Room) bool { return x.ID == e.ID }), told && e.Mine != nil && now.Same(*e.Mine):
			kept.forget(e.ID)
		case told:
			kept.set(Edit[programme.Room]{ID: e.ID, Base: &now, Mine: e.Mine})
		}
	}
	d.Sessions, d.Rooms, d.Hold, d.Imported = sessions.list(), kept.list(), nil, nil
	d.Review = slices.DeleteFunc(slices.Clone(d.Review), func(v Review) bool { return v.Decision == Cancel && after[v.Session].Status == programme.Cancelled })
	d.Base, d.Seen = 0, max(d.Seen, r.Revision)
	if d.Empty() {
		d.Note = ""
		return d
	}
	d.Base = r.Revision
	return d
}

// merge is present with what lies between base and mine, and the fields that
// were changed differently on both sides; there mine goes first. The length of
// a session is a thing of its own: who moves it does not undo who prolonged it.
func merge(base, mine, present programme.Session) (merged programme.Session, clashes []programme.Field) {
	ours := programme.Differences(base, mine)
	theirs := programme.Differences(base, present)
	apart := programme.Differences(present, mine)
	merged = present
	length := present.End.Sub(present.Start)
	for _, f := range ours {
		if slices.Contains(theirs, f) && slices.Contains(apart, f) {
			clashes = append(clashes, f)
		}
		if f == programme.End {
			length = mine.End.Sub(mine.Start)
		}
		take(&merged, mine, f)
	}
	merged.End = merged.Start.Add(length)
	if mine.Reason != base.Reason {
		merged.Reason = mine.Reason
	}
	if !mine.Source.Same(base.Source) {
		merged.Source = mine.Source
	}
	return merged, clashes
}

// take gives s one field of from; of the end only the start matters, because
// the length is kept apart.
func take(s *programme.Session, from programme.Session, f programme.Field) {
	switch f {
	case programme.Time:
		s.Start, s.Delayed = from.Start, from.Delayed
	case programme.InRoom:
		s.Room = from.Room
	case programme.Titled:
		s.Title = from.Title
	case programme.Abstract:
		s.Abstract = from.Abstract
	case programme.Themed:
		s.Theme = from.Theme
	case programme.OfKind:
		s.Kind = from.Kind
	case programme.InStatus:
		s.Status = from.Status
	case programme.Spoken:
		s.Language = from.Language
	case programme.Interpreted:
		s.Interpretation = from.Interpretation
	case programme.Speakers:
		s.People = from.People
	case programme.Admission:
		s.Access = from.Access
	case programme.Streamed:
		s.Stream = from.Stream
	case programme.Documented:
		s.Documents = from.Documents
	case programme.Published:
		s.Public = from.Public
	case programme.Created, programme.Removed, programme.End: // of the whole session, or of its length
	}
}
