package schedulefile

import (
	"encoding/xml"
	"strings"
)

// ReadXML reads a schedule.xml. Every failure is an *Error. A document type
// declaration is refused, and with it every entity but the five of XML.
func ReadXML(data []byte) (File, error) {
	data = trimBOM(data)
	if err := checkUTF8(data); err != nil {
		return File{}, err
	}
	x := newXMLReader(data)
	if err := x.root(); err != nil {
		return File{}, err
	}
	return x.out.done(), nil
}

func (x *xmlReader) root() error {
	start, ok, err := x.next()
	if err != nil {
		return err
	}
	if !ok {
		return x.fail(NotASchedule, "", "the file has no element")
	}
	if start.Name.Local != "schedule" {
		return x.fail(NotASchedule, "/"+short(start.Name.Local), "the file is XML, but not a schedule.xml: its root is "+short(start.Name.Local))
	}
	var conference bool
	err = x.within("schedule", func() error {
		return x.children(func(el xml.StartElement) error {
			switch el.Name.Local {
			case "version":
				return x.optional(&x.out.file.Version)
			case "generator":
				x.out.file.Generator = strings.TrimSpace(attr(el, "name") + " " + attr(el, "version"))
				return x.skip(el)
			case "conference":
				conference = true
				return x.conference()
			case "day":
				return x.day(el)
			}
			return x.skip(el)
		})
	})
	if err != nil {
		return err
	}
	if _, more, err := x.next(); err != nil {
		return err
	} else if more {
		return x.fail(Malformed, "", "something follows the end of the schedule")
	}
	if !conference {
		return x.fail(NotASchedule, "/schedule/conference", "the file is XML, but not a schedule.xml: there is no conference")
	}
	return nil
}

func (x *xmlReader) conference() error {
	c := &x.out.file.Conference
	return x.children(func(el xml.StartElement) error {
		switch el.Name.Local {
		case "title":
			return x.optional(&c.Title)
		case "acronym":
			return x.optional(&c.Acronym)
		case "time_zone_name":
			return x.optional(&c.TimeZone)
		case "start":
			return x.optional(&c.Start)
		case "end":
			return x.optional(&c.End)
		}
		return x.skip(el)
	})
}

func (x *xmlReader) day(el xml.StartElement) error {
	date := attr(el, "date")
	return x.children(func(el xml.StartElement) error {
		if el.Name.Local != "room" {
			return x.skip(el)
		}
		room, err := x.out.addRoom(attr(el, "name"), 0, x.place(), x.line())
		if err != nil {
			return err
		}
		return x.children(func(el xml.StartElement) error {
			if el.Name.Local != "event" {
				return x.skip(el)
			}
			return x.event(el, room, date)
		})
	})
}

func (x *xmlReader) event(el xml.StartElement, room, day string) error {
	line := x.line()
	r := rawItem{
		listedRoom: room, day: day, place: x.place(), line: line,
		guid: field{attr(el, "guid"), "@guid", line}, id: field{attr(el, "id"), "@id", line},
	}
	err := x.children(func(el xml.StartElement) error {
		switch el.Name.Local {
		case "title":
			return x.field(&r.title)
		case "date":
			return x.field(&r.date)
		case "duration":
			return x.field(&r.length)
		case "start":
			return x.field(&r.start)
		case "room":
			return x.field(&r.room)
		case "subtitle":
			return x.field(&r.subtitle)
		case "abstract":
			return x.field(&r.abstract)
		case "description":
			return x.field(&r.description)
		case "track":
			return x.field(&r.track)
		case "type":
			return x.field(&r.kind)
		case "language":
			return x.field(&r.language)
		case "persons":
			return x.persons(&r)
		}
		return x.skip(el)
	})
	if err != nil {
		return err
	}
	return x.out.addItem(r)
}

func (x *xmlReader) persons(r *rawItem) error {
	n := 0
	return x.children(func(el xml.StartElement) error {
		if el.Name.Local != "person" {
			return x.skip(el)
		}
		if n++; n > MaxPersons {
			return x.fail(TooMany, x.place(), "the item has more persons than can be meant")
		}
		var f field
		if err := x.field(&f); err != nil {
			return err
		}
		if f.text = strings.TrimSpace(f.text); f.text == "" {
			x.out.warn(UnreadableField, x.place(), f.line, "the person has no name and is left out")
			return nil
		}
		r.persons = append(r.persons, f.text)
		return nil
	})
}

func attr(el xml.StartElement, name string) string {
	for _, a := range el.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}
