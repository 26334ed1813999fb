package rest

import (
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
)

func room(r programme.Room) api.Room {
	out := api.Room{ID: r.ID, Name: r.Name, Kind: r.Kind, Capacity: r.Capacity, Zone: r.Zone, Venue: r.Venue}
	for _, h := range r.Hours {
		out.Hours = append(out.Hours, api.OpeningHours{Day: h.Day, From: h.From, To: h.To})
	}
	return out
}

// session is x as any delegate may read it at the moment of s: with the streams
// and documents that are open by then, and without the names of those invited.
func session(s seen, x programme.Session) api.Session {
	r, _ := s.agenda.Room(x.Room)
	out := api.Session{
		ID: x.ID, Revision: x.Revision, Kind: x.Kind, Title: x.Title.In(s.language), Abstract: x.Abstract.In(s.language),
		Theme: x.Theme, RoomID: x.Room, RoomName: r.Name, StartsAt: x.Start, EndsAt: x.End, Timezone: s.facts.Zone,
		Status: string(x.Status), Delayed: x.Delayed, Language: x.Language, Interpretation: x.Interpretation,
		Speakers: x.Named(programme.Speaker), People: parts(x.People), Access: access(x.Access), Stream: stream(s, x),
		Documents: documents(s, x.Documents), Public: x.Public, Sequence: x.Sequence, ExternalID: x.External,
	}
	if out.Speakers == nil {
		out.Speakers = []string{}
	}
	if x.Status == programme.Cancelled {
		out.CancellationReason = x.Reason
	}
	if !x.ChangedAt.IsZero() {
		at := x.ChangedAt.UTC()
		out.ChangedAt = &at
	}
	return out
}

func parts(people []programme.Part) []api.Part {
	out := make([]api.Part, 0, len(people))
	for _, p := range people {
		out = append(out, api.Part{Role: p.Role, DelegateID: p.Delegate, Name: p.Name, Affiliation: p.Affiliation})
	}
	return out
}

func access(a programme.Access) *api.SessionAccess {
	if a.Kind == "" || a.Kind == programme.Open {
		return nil
	}
	return &api.SessionAccess{Kind: a.Kind, Seats: a.Seats}
}

func stream(s seen, x programme.Session) *api.SessionStream {
	if x.Stream == nil {
		return nil
	}
	out := &api.SessionStream{StartsAt: x.StreamsFrom().UTC(), Live: x.Live(s.now)}
	if out.Live {
		out.URL = x.Stream.URL
	}
	return out
}

func documents(s seen, all []programme.Document) []api.SessionDocument {
	out := make([]api.SessionDocument, 0, len(all))
	for _, d := range all {
		doc := api.SessionDocument{ID: d.ID, Title: d.Title.In(s.language)}
		if d.Released(s.now) {
			doc.URL = d.URL
		}
		if !d.Embargo.IsZero() {
			at := d.Embargo.UTC()
			doc.EmbargoUntil = &at
		}
		out = append(out, doc)
	}
	return out
}

// forAnybody is a session as whoever is not signed in may read it: delegates
// are not named by their ids.
func forAnybody(x api.Session) api.Session {
	outside := x.People[:0] // ours, made for this answer
	for _, p := range x.People {
		if p.DelegateID == "" {
			outside = append(outside, p)
		}
	}
	x.People = outside
	return x
}

// conference is the facts of s as they are at its moment.
func conference(s seen) api.Conference {
	grid := s.facts.Grid.Usual()
	out := api.Conference{
		ID: s.facts.ID, Name: s.facts.Name.In(s.language), Timezone: s.facts.Zone, Venue: s.facts.Venue, Venues: venues(s),
		Days: s.facts.Days, Languages: s.facts.Languages, Revision: s.agenda.Revision, Themes: themes(s),
		Grid: &api.Grid{Cell: grid.Cell, Meeting: grid.Meeting, Changeover: grid.Changeover},
		Now:  s.now.UTC().Truncate(time.Second), ClockOffset: int64(s.facts.ClockOffset.Seconds()),
	}
	for _, w := range s.facts.Walking {
		out.Walking = append(out.Walking, api.Walk{From: w.From, To: w.To, Minutes: w.Minutes})
	}
	return out
}

func venues(s seen) []api.Venue {
	out := make([]api.Venue, 0, len(s.facts.Venues))
	for _, v := range s.facts.Venues {
		out = append(out, api.Venue{ID: v.ID, Name: v.Name.In(s.language), Address: v.Address})
	}
	return out
}

func themes(s seen) []api.Theme {
	out := make([]api.Theme, 0, len(s.facts.Themes))
	for _, t := range s.facts.Themes {
		out = append(out, api.Theme{ID: t.ID, Name: t.Name.In(s.language)})
	}
	return out
}
