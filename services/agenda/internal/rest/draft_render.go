package rest

import (
	"cmp"
	"slices"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
)

// document is the draft as it is answered: what it changes, in all languages.
func (v draftView) document() api.Draft {
	doc := api.Draft{
		Conference: v.ID, Revision: v.Revision, Base: cmp.Or(v.Base, v.agenda.Revision), Agenda: v.agenda.Revision, Note: v.Note,
		Sessions: []api.DraftSession{}, Rooms: []api.DraftRoom{}, Removed: []string{}, RemovedRooms: []string{},
		Conflicts: conflicts(v.conflicts), Review: []api.ReviewItem{},
	}
	for _, e := range v.Sessions {
		switch {
		case e.Mine == nil:
			doc.Removed = append(doc.Removed, e.ID)
		case e.Base != nil && len(programme.Differences(*e.Base, *e.Mine)) == 0: // what a source said, which changes nothing
		default:
			doc.Sessions = append(doc.Sessions, v.session(e.ID))
		}
	}
	for _, e := range v.Rooms {
		if e.Mine == nil {
			doc.RemovedRooms = append(doc.RemovedRooms, e.ID)
		} else {
			doc.Rooms = append(doc.Rooms, v.room(e.ID))
		}
	}
	for _, r := range v.Review {
		doc.Review = append(doc.Review, reviewed(v.agenda, r))
	}
	if v.Hold != nil {
		held := held(*v.Hold)
		doc.Held = &held
	}
	return doc
}

// session is one of the draft's as it would be released now.
func (v draftView) session(id string) api.DraftSession {
	s, ok := v.merged.Session(id)
	_, there := v.agenda.Session(id)
	if !ok {
		s, _ = v.agenda.Session(id)
	}
	return draftSession(s, there)
}

func draftSession(s programme.Session, there bool) api.DraftSession {
	out := api.DraftSession{
		ID: s.ID, Change: changeWord(there), Kind: s.Kind, Title: api.Worded(s.Title), Abstract: api.Worded(s.Abstract), Theme: s.Theme,
		RoomID: s.Room, StartsAt: s.Start, EndsAt: s.End, Status: string(s.Status), Language: s.Language,
		Interpretation: append([]string{}, s.Interpretation...), People: []api.Part{}, Documents: []api.DraftDocument{},
		Access: api.DraftAccess{Kind: cmp.Or(s.Access.Kind, programme.Open), Seats: s.Access.Seats, Delegations: s.Access.Delegations, Delegates: s.Access.Delegates},
		Public: s.Public, ExternalID: s.External,
	}
	if out.Title == nil {
		out.Title = api.Worded{}
	}
	if out.Abstract == nil {
		out.Abstract = api.Worded{}
	}
	for _, p := range s.People {
		out.People = append(out.People, api.Part{Role: p.Role, DelegateID: p.Delegate, Name: p.Name, Affiliation: p.Affiliation})
	}
	for _, d := range s.Documents {
		doc := api.DraftDocument{ID: d.ID, Title: api.Worded(d.Title), URL: d.URL}
		if !d.Embargo.IsZero() {
			doc.EmbargoUntil = &d.Embargo
		}
		out.Documents = append(out.Documents, doc)
	}
	if s.Stream != nil {
		out.Stream = &api.DraftStream{URL: s.Stream.URL}
		if !s.Stream.StartsAt.IsZero() {
			out.Stream.StartsAt = &s.Stream.StartsAt
		}
	}
	return out
}

func (v draftView) room(id string) api.DraftRoom {
	r, ok := v.merged.Room(id)
	_, there := v.agenda.Room(id)
	if !ok {
		r, _ = v.agenda.Room(id)
	}
	out := api.DraftRoom{ID: r.ID, Change: changeWord(there), Name: r.Name, Kind: r.Kind, Capacity: r.Capacity, Zone: r.Zone, Venue: r.Venue}
	for _, h := range r.Hours {
		out.Hours = append(out.Hours, api.OpeningHours{Day: h.Day, From: h.From, To: h.To})
	}
	return out
}

func changeWord(there bool) string {
	if there {
		return "changed"
	}
	return "created"
}

// edited answers one session after an edit, with what it conflicts with.
func (v draftView) edited(id string) api.EditedSession {
	return api.EditedSession{Draft: v.Revision, Session: v.session(id), Conflicts: conflicts(slices.DeleteFunc(slices.Clone(v.conflicts), func(c draft.Conflict) bool {
		return c.Session != id && c.Other != id
	}))}
}

func (v draftView) editedRoom(id string) api.EditedRoom {
	return api.EditedRoom{Draft: v.Revision, Room: v.room(id), Conflicts: conflicts(slices.DeleteFunc(slices.Clone(v.conflicts), func(c draft.Conflict) bool {
		return c.Room != id
	}))}
}

func conflicts(all []draft.Conflict) []api.DraftConflict {
	out := make([]api.DraftConflict, 0, len(all))
	for _, c := range all {
		x := api.DraftConflict{
			ID: c.ID, Code: string(c.Code), Severity: "warning", Sessions: []string{}, RoomID: c.Room, DelegateID: c.Delegate,
			Field: string(c.Field), Draft: c.Draft, Agenda: c.Agenda, Detail: c.Detail,
		}
		if c.Error {
			x.Severity = "error"
		}
		for _, id := range []string{c.Session, c.Other} {
			if id != "" {
				x.Sessions = append(x.Sessions, id)
			}
		}
		if len(c.Params) > 0 {
			x.Params = &c.Params
		}
		out = append(out, x)
	}
	return out
}

func reviewed(a programme.Agenda, r draft.Review) api.ReviewItem {
	s, _ := a.Session(r.Session)
	return api.ReviewItem{SessionID: r.Session, ExternalID: s.External, Title: s.Title.In(), Since: r.SeenAt.UTC(), Decision: r.Decision}
}
