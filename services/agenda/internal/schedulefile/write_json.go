package schedulefile

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The objects of schedule.json version 1.
type (
	jsonFile struct {
		Generator jsonGenerator `json:"generator"`
		Schedule  any           `json:"schedule"`
	}
	jsonGenerator struct {
		Name string `json:"name"`
	}
	jsonSchedule struct {
		Version    string         `json:"version"`
		Conference jsonConference `json:"conference"`
	}
	jsonConference struct {
		Acronym  string     `json:"acronym"`
		Title    string     `json:"title"`
		Start    string     `json:"start"`
		End      string     `json:"end"`
		Count    int        `json:"daysCount"`
		Timeslot string     `json:"timeslot_duration"`
		Zone     string     `json:"time_zone_name"`
		Rooms    []jsonRoom `json:"rooms"`
		Days     []jsonDay  `json:"days"`
	}
	jsonRoom struct {
		Name     string `json:"name"`
		GUID     string `json:"guid"`
		Capacity *int   `json:"capacity"`
	}
	jsonDay struct {
		Index int                    `json:"index"`
		Date  string                 `json:"date"`
		Start string                 `json:"day_start"`
		End   string                 `json:"day_end"`
		Rooms map[string][]jsonEvent `json:"rooms"`
	}
	jsonEvent struct {
		ID          int          `json:"id"`
		GUID        string       `json:"guid"`
		Date        string       `json:"date"`
		Start       string       `json:"start"`
		Duration    string       `json:"duration"`
		Room        string       `json:"room"`
		Slug        string       `json:"slug"`
		Title       string       `json:"title"`
		Subtitle    string       `json:"subtitle"`
		Track       *string      `json:"track"`
		Type        string       `json:"type"`
		Language    string       `json:"language"`
		Abstract    string       `json:"abstract"`
		Description string       `json:"description"`
		Persons     []jsonPerson `json:"persons"`
		Links       []struct{}   `json:"links"`
		Attachments []struct{}   `json:"attachments"`
	}
	jsonPerson struct {
		ID   int    `json:"id"`
		Name string `json:"public_name"`
	}
)

// WriteJSON is s as schedule.json version 1. The same schedule is the same bytes.
func WriteJSON(s Schedule) ([]byte, error) {
	l := lay(s)
	doc := jsonSchedule{Version: l.Version, Conference: jsonConference{
		Acronym: l.acronym(), Title: printable(l.Conference.Title), Start: l.first(), End: l.last(), Count: len(l.days),
		Timeslot: timeslot, Zone: l.Conference.TimeZone, Rooms: []jsonRoom{}, Days: []jsonDay{},
	}}
	for _, r := range l.Rooms {
		doc.Conference.Rooms = append(doc.Conference.Rooms, jsonRoom{printable(r.Name), r.ID, capacity(r)})
	}
	for i, d := range l.days {
		out := jsonDay{Index: i + 1, Date: d.date, Start: l.date(d.start), End: l.date(d.end), Rooms: map[string][]jsonEvent{}}
		names, byRoom := d.version1()
		for _, name := range names {
			for _, x := range byRoom[name] {
				out.Rooms[printable(name)] = append(out.Rooms[printable(name)], l.jsonEvent(x))
			}
		}
		doc.Conference.Days = append(doc.Conference.Days, out)
	}
	return encoded(doc)
}

func (l layout) jsonEvent(s Session) jsonEvent {
	e := jsonEvent{
		ID: l.numbers[s.Key], GUID: s.GUID, Date: l.date(s.Start), Start: l.clock(s.Start), Duration: lasts(s),
		Room: printable(s.Room), Slug: l.slug(s), Title: printable(s.Title), Subtitle: printable(s.Subtitle),
		Track: orNull(printable(s.Track)), Type: s.Type, Language: s.Language, Abstract: printable(s.Abstract),
		Description: printable(s.Description), Persons: []jsonPerson{}, Links: []struct{}{}, Attachments: []struct{}{},
	}
	for _, name := range s.Persons {
		e.Persons = append(e.Persons, jsonPerson{number(name), printable(name)})
	}
	return e
}

func encoded(schedule any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is no part of a page
	if err := enc.Encode(jsonFile{jsonGenerator{generator}, schedule}); err != nil {
		return nil, fmt.Errorf("write a schedule: %w", err)
	}
	return b.Bytes(), nil
}

func capacity(r Venue) *int {
	if r.Capacity == 0 {
		return nil
	}
	return &r.Capacity
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
