package programme

import (
	"cmp"
	"strconv"

	"plenary.example/services/agenda/internal/schedulefile"
)

// Schedule is the agenda as it goes into a schedule file, in a language. What
// came from a file goes out under the guid it came with, so that taking it in
// again finds every session in its place.
func (a Agenda) Schedule(c Conference, language string) schedulefile.Schedule {
	out := schedulefile.Schedule{
		Version: strconv.FormatInt(a.Revision, 10), Zone: c.Location(), Days: c.Days,
		Conference: schedulefile.Conference{Title: c.Name.In(language), Acronym: c.ID, TimeZone: c.Zone},
	}
	named := map[string]bool{}
	for _, r := range a.Rooms() {
		if named[r.Name] {
			continue // in a file the name is all that tells rooms apart
		}
		named[r.Name] = true
		out.Rooms = append(out.Rooms, schedulefile.Venue{ID: r.ID, Room: schedulefile.Room{Name: r.Name, Capacity: r.Capacity}})
	}
	themes := make(map[string]string, len(c.Themes))
	for _, t := range c.Themes {
		themes[t.ID] = t.Name.In(language)
	}
	for _, s := range a.Sessions() {
		x := schedulefile.Session{
			Key: s.ID, Cancelled: s.Status == Cancelled, Delayed: s.Delayed,
			Item: schedulefile.Item{
				GUID: cmp.Or(s.External, s.ID), Title: s.Title.In(language), Abstract: s.Abstract.In(language),
				Track: cmp.Or(themes[s.Theme], s.Theme), Type: s.Kind, Language: s.Language,
				Room: a.rooms[s.Room].Name, Start: s.Start, End: s.End, Persons: s.Named(Speaker),
			},
		}
		for _, p := range s.People {
			if p.Name != "" {
				x.Participants = append(x.Participants, schedulefile.Participant{Name: p.Name, Role: p.Role})
			}
		}
		out.Sessions = append(out.Sessions, x)
	}
	return out
}
