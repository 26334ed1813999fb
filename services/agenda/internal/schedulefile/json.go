package schedulefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadJSON reads a schedule.json of version 1. Every failure is an *Error.
func ReadJSON(data []byte) (File, error) {
	data = trimBOM(data)
	if err := checkUTF8(data); err != nil {
		return File{}, err
	}
	j := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1, out: newCollector(JSON, "guid")}
	j.dec.UseNumber()
	if err := j.root(); err != nil {
		return File{}, err
	}
	return j.out.done(), nil
}

// A jsonReader walks the file once, token by token, and always knows the
// pointer of the value it is about to read.
type jsonReader struct {
	data []byte
	dec  *json.Decoder
	path []string
	// line is the number of the line that holds data[counted].
	line, counted int
	out           *collector
	// What the first fault of the whole would be, known only at the end.
	members                []string
	conference, days, flat bool
	roomless               string
	roomlessLine           int
}

func (j *jsonReader) root() error {
	err := j.object(func(key string) error {
		switch key {
		case "schedule":
			return j.schedule()
		case "generator":
			return j.generator()
		}
		if !j.conference {
			j.note(key)
		}
		return j.skip()
	})
	if err != nil {
		return err
	}
	if _, err := j.dec.Token(); !errors.Is(err, io.EOF) {
		return j.fail(Malformed, "", "something follows the end of the schedule")
	}
	return j.judge()
}

// judge refuses a file that is well-formed and yet no schedule.json version 1.
func (j *jsonReader) judge() error {
	found := "; found instead: " + strings.Join(j.members, ", ")
	switch {
	case !j.conference:
		return j.fail(NotASchedule, "/schedule/conference", "the file is JSON, but not a schedule.json: there is no conference"+found)
	case j.flat && (!j.days || j.roomless != ""):
		return j.fail(UnsupportedVersion, "/schedule/events", "the file is a schedule.json of version 2; export version 1, whose days have rooms, or schedule.xml")
	case !j.days:
		return j.fail(NotASchedule, "/schedule/conference/days", "the file is JSON, but not a schedule.json: the conference has no days"+found)
	case j.roomless != "":
		return &Error{Code: MissingField, Place: j.roomless, Line: j.roomlessLine, Detail: "the day has no rooms"}
	}
	return nil
}

// note remembers the name of a member that stands where another was expected.
func (j *jsonReader) note(key string) {
	const enough = 8
	if len(j.members) < enough {
		j.members = append(j.members, strconv.Quote(short(key)))
	}
}

func (j *jsonReader) schedule() error {
	return j.object(func(key string) (err error) {
		f := &j.out.file
		switch key {
		case "conference":
			j.conference, j.members = true, nil
			return j.readConference()
		case "version":
			f.Version, err = j.optional()
			return err
		case "generator":
			return j.generator()
		case "events":
			j.flat = true
		}
		if !j.conference {
			j.note(key)
		}
		return j.skip()
	})
}

func (j *jsonReader) generator() error {
	return j.lenient('{', func() error {
		var name, version string
		err := j.object(func(key string) (err error) {
			switch key {
			case "name":
				name, err = j.optional()
			case "version":
				version, err = j.optional()
			default:
				err = j.skip()
			}
			return err
		})
		j.out.file.Generator = strings.TrimSpace(name + " " + version)
		return err
	})
}

func (j *jsonReader) readConference() error {
	c := &j.out.file.Conference
	return j.object(func(key string) (err error) {
		switch key {
		case "title":
			c.Title, err = j.optional()
		case "acronym":
			c.Acronym, err = j.optional()
		case "time_zone_name":
			c.TimeZone, err = j.optional()
		case "start":
			c.Start, err = j.optional()
		case "end":
			c.End, err = j.optional()
		case "rooms":
			err = j.lenient('[', j.roomList)
		case "days":
			j.days = true
			err = j.array(func(int) error { return j.day() })
		default:
			if !j.days {
				j.note(key)
			}
			err = j.skip()
		}
		return err
	})
}

// roomList reads the rooms pretalx lists beside the days, for their capacity.
func (j *jsonReader) roomList() error {
	return j.array(func(int) error {
		return j.lenient('{', func() error {
			name, seats, place := "", 0, j.pointer()
			err := j.object(func(key string) (err error) {
				switch key {
				case "name":
					name, err = j.optional()
				case "capacity":
					var s string
					if s, err = j.optional(); err == nil {
						seats, _ = digits(s, 6)
					}
				default:
					err = j.skip()
				}
				return err
			})
			if err == nil {
				_, err = j.out.addRoom(name, seats, place, j.lineNow())
			}
			return err
		})
	})
}

const notUTF8 = "the text is not in UTF-8; save the file in that encoding"

// checkUTF8 finds the first byte that is not UTF-8. Guessing the encoding would
// turn names into other names.
func checkUTF8(data []byte) error {
	if utf8.Valid(data) {
		return nil
	}
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return &Error{Code: NotUTF8, Line: 1 + bytes.Count(data[:at], []byte("\n")), Detail: notUTF8}
}
