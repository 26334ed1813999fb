package main

import (
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/services/agenda"
	"plenary.example/services/delegates"
	"plenary.example/services/notifications"
)

// walking is how far apart the zones of every sample are.
var walking = []agenda.Walk{{From: "north", To: "south", Minutes: 6}, {From: "north", To: "east", Minutes: 8}, {From: "south", To: "east", Minutes: 4}}

// agendaOf is the agenda's part of a sample. Its clock shows 08:00 of day one
// at the moment of loading.
func agendaOf(c sample.Conference) agenda.Seed {
	seed := agenda.Seed{
		Conference: c.ID, Name: c.Name, Timezone: c.Zone, Days: c.Days, Venue: c.Venue, Languages: c.Languages,
		Walking: walking, Picks: make(map[string][]string, len(c.Delegates)), ClockStart: c.Opens(),
	}
	for _, t := range c.Themes {
		seed.Themes = append(seed.Themes, agenda.Theme{ID: t.ID, Name: t.Name})
	}
	for _, r := range c.Rooms {
		seed.Rooms = append(seed.Rooms, agenda.Room{ID: r.ID, Name: r.Name, Kind: r.Kind, Capacity: r.Capacity, Zone: r.Zone})
	}
	for _, s := range c.Sessions {
		seed.Sessions = append(seed.Sessions, sessionOf(s))
	}
	for _, p := range c.Picks {
		seed.Picks[p.Delegate] = append(seed.Picks[p.Delegate], p.Session)
	}
	meetingsOf(c, &seed)
	return seed
}

// meetingsOf adds the bilateral meetings. Heads of state take longer to leave
// than others, and nobody has to answer a day before, for a sample lasts two.
func meetingsOf(c sample.Conference, seed *agenda.Seed) {
	seed.MeetingPolicy = agenda.MeetingPolicy{
		Quota: 12, BeforeHours: 2, Changeovers: map[agenda.MeetingLevel]int{agenda.HeadOfState: 15},
	}
	seed.MeetingWindows = map[string][]agenda.MeetingWindow{}
	for _, w := range c.Windows {
		seed.MeetingWindows[w.Delegation] = append(seed.MeetingWindows[w.Delegation], agenda.MeetingWindow{Principal: w.Principal, Start: w.Start, End: w.End})
	}
	for _, m := range c.Meetings {
		seed.Meetings = append(seed.Meetings, agenda.Meeting{
			ID: m.ID, Asking: m.Asking, Actor: m.Actor, Booked: m.Booked, MeetingAsked: agenda.MeetingAsked{
				Delegation: m.Asked, Level: agenda.MeetingLevel(m.Level), Principals: m.Principals, WithPrincipals: m.With,
				Topic: m.Topic, Starts: m.Starts, Place: m.Place,
			},
		})
	}
}

func sessionOf(s sample.Session) agenda.Session {
	out := agenda.Session{
		ID: s.ID, Kind: s.Kind, Title: s.Title, Theme: s.Theme, Room: s.Room, Start: s.Start, End: s.End,
		Status: agenda.Confirmed, Public: s.Public,
	}
	for _, name := range s.Speakers {
		out.People = append(out.People, agenda.Part{Role: agenda.Speaker, Name: name})
	}
	if s.Chair != "" {
		out.People = append(out.People, agenda.Part{Role: agenda.Chair, Delegate: s.Chair})
	}
	if s.Stream != "" {
		out.Stream = &agenda.Stream{URL: s.Stream}
	}
	return out
}

// delegatesOf is the delegates' part of a sample.
func delegatesOf(c sample.Conference) delegates.Seed {
	seed := delegates.Seed{Conference: c.ID, Delegates: make([]delegates.SeedDelegate, 0, len(c.Delegates))}
	for _, d := range c.Delegations {
		seed.Delegations = append(seed.Delegations, delegates.SeedDelegation{
			ID: d.ID, Designation: d.Designation, Kind: d.Kind, ExternalID: d.ExternalID, Head: d.Head, Officer: d.Officer,
		})
	}
	for _, d := range c.Delegates {
		seed.Delegates = append(seed.Delegates, delegates.SeedDelegate{
			ID: d.ID, Delegation: d.Delegation, Accreditation: d.Accreditation, ActivationCode: d.ActivationCode,
			Name: d.Name, Function: d.Function, Rank: d.Rank, Roles: d.Roles, Languages: d.Languages,
			ExternalID: d.ExternalID, Email: d.Email, Telephone: d.Telephone, Consent: delegates.Consent(d.Consent),
		})
	}
	return seed
}

// phonesOf is the notifications' part of a sample.
func phonesOf(c sample.Conference) notifications.Seed {
	seed := notifications.Seed{Conference: c.ID, Devices: make([]notifications.Device, 0, len(c.Devices))}
	for _, d := range c.Devices {
		seed.Devices = append(seed.Devices, notifications.Device{
			Installation: d.Installation, Delegate: d.Delegate, Conference: c.ID, Token: notifications.Token(d.Token),
			Platform: notifications.Platform(d.Platform), Locale: d.Locale, Rendering: d.Rendering,
		})
	}
	return seed
}
