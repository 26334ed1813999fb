package schedulefile

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// The elements of schedule.xml, in the order of its schema.
type (
	xmlSchedule struct {
		XMLName    xml.Name      `xml:"schedule"`
		Generator  xmlGenerator  `xml:"generator"`
		Version    string        `xml:"version"`
		Conference xmlConference `xml:"conference"`
		Days       []xmlDay      `xml:"day"`
	}
	xmlGenerator struct {
		Name string `xml:"name,attr"`
	}
	xmlConference struct {
		Title    string `xml:"title"`
		Acronym  string `xml:"acronym"`
		Start    string `xml:"start,omitempty"`
		End      string `xml:"end,omitempty"`
		Days     int    `xml:"days"`
		Timeslot string `xml:"timeslot_duration"`
		Zone     string `xml:"time_zone_name"`
	}
	xmlDay struct {
		Index int       `xml:"index,attr"`
		Date  string    `xml:"date,attr"`
		Start string    `xml:"start,attr"`
		End   string    `xml:"end,attr"`
		Rooms []xmlRoom `xml:"room"`
	}
	xmlRoom struct {
		Name   string     `xml:"name,attr"`
		Events []xmlEvent `xml:"event"`
	}
	xmlEvent struct {
		ID          int         `xml:"id,attr"`
		GUID        string      `xml:"guid,attr"`
		Date        string      `xml:"date"`
		Start       string      `xml:"start"`
		Duration    string      `xml:"duration"`
		Room        string      `xml:"room"`
		Slug        string      `xml:"slug"`
		Title       string      `xml:"title"`
		Subtitle    string      `xml:"subtitle"`
		Track       string      `xml:"track"`
		Type        string      `xml:"type"`
		Language    string      `xml:"language"`
		Abstract    string      `xml:"abstract"`
		Description string      `xml:"description"`
		Persons     []xmlPerson `xml:"persons>person"`
	}
	xmlPerson struct {
		ID   int    `xml:"id,attr"`
		Name string `xml:",chardata"`
	}
)

// timeslot is the grid on which apps draw a schedule.
const timeslot = "00:05"

// generator is what we call ourselves in a file.
const generator = "Plenary"

// WriteXML is s as schedule.xml. The same schedule is the same bytes.
func WriteXML(s Schedule) ([]byte, error) {
	l := lay(s)
	doc := xmlSchedule{
		Generator: xmlGenerator{generator}, Version: l.Version,
		Conference: xmlConference{
			Title: printable(l.Conference.Title), Acronym: l.acronym(), Start: l.first(), End: l.last(),
			Days: len(l.days), Timeslot: timeslot, Zone: l.Conference.TimeZone,
		},
	}
	for i, d := range l.days {
		out := xmlDay{Index: i + 1, Date: d.date, Start: l.date(d.start), End: l.date(d.end)}
		names, byRoom := d.version1()
		for _, name := range names {
			room := xmlRoom{Name: printable(name)}
			for _, x := range byRoom[name] {
				room.Events = append(room.Events, l.xmlEvent(x))
			}
			out.Rooms = append(out.Rooms, room)
		}
		doc.Days = append(doc.Days, out)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write schedule.xml: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (l layout) xmlEvent(s Session) xmlEvent {
	e := xmlEvent{
		ID: l.numbers[s.Key], GUID: s.GUID, Date: l.date(s.Start), Start: l.clock(s.Start), Duration: lasts(s),
		Room: printable(s.Room), Slug: l.slug(s), Title: printable(s.Title), Subtitle: printable(s.Subtitle),
		Track: printable(s.Track), Type: s.Type, Language: s.Language, Abstract: printable(s.Abstract), Description: printable(s.Description),
	}
	for _, name := range s.Persons {
		e.Persons = append(e.Persons, xmlPerson{number(name), printable(name)})
	}
	return e
}
