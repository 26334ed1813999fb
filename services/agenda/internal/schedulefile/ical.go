package schedulefile

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
)

// maxHead is the most bytes of a line before its value: a name and parameters.
// The library looks at the rest of the line once for each parameter.
const maxHead = 2_000

// maxLine is the most bytes of an unfolded line. A text has four bytes for a
// character at most and may be escaped throughout.
const maxLine = 8*MaxText + maxHead

// maxComponents is the most components of any kind: each event may have some
// alarms. A line of them costs a microsecond, and 16 MB hold a million.
const maxComponents = 3 * MaxItems

// ReadICalendar reads an iCalendar object (RFC 5545). Every failure is an
// *Error, with a place such as /VCALENDAR/VEVENT[3]/DTSTART.
//
// A calendar may hold what an agenda cannot: whole days, rules by which an event
// repeats, events without a place, tasks. It is left out and reported, each with
// its place. So is an event the source has cancelled; whether people are told to
// stay at home is not for a file to decide.
//
// Why not the library's own ParseCalendar: it knows no lines, sets no bound to
// nesting, and reads a time without a zone by the zone of the machine.
func ReadICalendar(data []byte) (File, error) {
	lines := &icalLines{rest: trimBOM(data)}
	c := &icalReader{lines: lines, stream: ics.NewCalendarStream(lines), out: newCollector(ICalendar, "UID"), zones: newZones()}
	if err := c.root(); err != nil {
		return File{}, err
	}
	return c.out.done(), nil
}

// icalLines hands out one line at a read, without empty ones, and so knows which
// line the library is at: it looks one ahead, to see whether it is folded.
type icalLines struct {
	rest []byte
	// line is the number of the one that was handed out last; midway says that
	// there is more of it.
	line   int
	midway bool
}

func (l *icalLines) Read(p []byte) (int, error) {
	if !l.midway {
		l.line++
		for len(l.rest) > 0 && (l.rest[0] == '\n' || bytes.HasPrefix(l.rest, []byte("\r\n"))) {
			l.rest = l.rest[bytes.IndexByte(l.rest, '\n')+1:]
			l.line++
		}
	}
	if len(l.rest) == 0 {
		return 0, io.EOF
	}
	part := l.rest[:min(len(l.rest), len(p))]
	end := bytes.IndexByte(part, '\n')
	if l.midway = end < 0; !l.midway {
		part = part[:end+1]
	}
	l.rest = l.rest[len(part):]
	return copy(p, part), nil
}

// A property is one line of a calendar; a component begins and ends with one.
type property struct {
	name   string // in capitals
	params map[string][]string
	value  string // as it is written
	line   int
}

// text is the value of a property that is written as a text.
func (p property) text() string { return ics.FromText(p.value) }

// An icalReader walks the file once, line by line, and always knows the place
// it is at.
type icalReader struct {
	lines  *icalLines
	stream *ics.CalendarStream
	path   []string
	// at is the number of the line that was read last, next that of the one
	// after. ended says that the last one was not closed by a line end.
	at, next int
	ended    bool
	out      *collector
	zones    zones
	// components counts those that have begun.
	components int
	// events wait for the end, because zones may be told after them.
	events []*event
	// cancels is set by METHOD:CANCEL.
	cancels bool
}

// read is the next property; it answers false at the end of the file.
func (c *icalReader) read() (property, bool, error) {
	c.at = max(c.next, 1)
	line, err := c.stream.ReadLine()
	c.next, c.ended = c.lines.line, err != nil
	if line == nil || len(*line) == 0 {
		return property{}, false, nil
	}
	p, err := c.parse(strings.TrimSuffix(string(*line), "\r"))
	return p, err == nil, err
}

func (c *icalReader) parse(line string) (property, error) {
	if len(line) > maxLine {
		return property{}, c.fail(FieldTooLong, c.place(), "the line is longer than any text may be")
	}
	if !utf8.ValidString(line) { // in pieces it need not be: a fold may go through a character
		return property{}, c.fail(NotUTF8, "", notUTF8)
	}
	colon, quoted := -1, false
	for i := 0; i < len(line) && colon < 0; i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			colon = i
		}
	}
	if colon > maxHead {
		return property{}, c.fail(FieldTooLong, c.place(), "the line has more parameters than can be meant")
	}
	bad := c.fail(Malformed, c.place(), fmt.Sprintf("%q is not a line of a calendar, such as SUMMARY:Opening", short(line)))
	if colon < 0 {
		return property{}, bad
	}
	parsed, err := ics.ParseProperty(ics.ContentLine(line[:colon+1]))
	if err != nil || parsed == nil || parsed.IANAToken != line[:min(len(parsed.IANAToken), len(line))] {
		return property{}, bad
	}
	p := property{name: strings.ToUpper(parsed.IANAToken), params: map[string][]string{}, value: line[colon+1:], line: c.at}
	for name, values := range parsed.ICalParameters {
		p.params[strings.ToUpper(name)] = values
	}
	return p, nil
}

// param is the only value of a parameter, empty when there is none.
func (p property) param(name string) string {
	if v := p.params[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (c *icalReader) root() error {
	first, ok, err := c.read()
	if err != nil || !ok || first.name != "BEGIN" || !strings.EqualFold(strings.TrimSpace(first.value), "VCALENDAR") {
		return c.fail(NotASchedule, "", "the file is not an iCalendar: it does not begin with BEGIN:VCALENDAR")
	}
	counts := map[string]int{}
	err = c.component("VCALENDAR", 0, c.property, func(name string) error {
		kind := name
		if kind != "VEVENT" && kind != "VTIMEZONE" {
			kind = "" // however many names there are
		}
		counts[kind]++
		n, line := counts[kind], c.at
		switch kind {
		case "VEVENT":
			return c.event(n)
		case "VTIMEZONE":
			return c.zone(n)
		}
		err := c.component(name, 0, nil, c.pass)
		if err == nil {
			c.out.warn(LeftOut, "/VCALENDAR/"+short(name), line, "a %s is nothing an agenda has; it is left out", short(name))
		}
		return err
	})
	if err != nil {
		return err
	}
	if _, more, err := c.read(); err != nil || more {
		return c.fail(Malformed, "", "something follows the end of the calendar")
	}
	for _, e := range c.events {
		if err := c.take(e); err != nil {
			return err
		}
	}
	return nil
}

// property takes what the calendar says of itself.
func (c *icalReader) property(p property) error {
	f := &c.out.file
	switch p.name {
	case "PRODID":
		f.Generator = p.text()
	case "X-WR-CALNAME", "NAME":
		f.Conference.Title = p.text()
	case "X-WR-TIMEZONE":
		f.Conference.TimeZone = p.text()
	case "METHOD":
		c.cancels = strings.EqualFold(p.value, "CANCEL")
	}
	return nil
}

// component reads to the end of a component that has begun, the n-th of its kind
// or 0 where that is not counted. property is called for each of its own, nested
// for each component in it, which has to be read.
func (c *icalReader) component(name string, n int, property func(property) error, nested func(name string) error) error {
	if len(c.path) == MaxDepth {
		return c.fail(TooDeep, "", fmt.Sprintf("components are nested more than %d deep", MaxDepth))
	}
	if c.components++; c.components > maxComponents {
		return c.fail(TooMany, c.place(), fmt.Sprintf("the calendar has more than %d components", maxComponents))
	}
	step := short(name)
	if n > 0 {
		step += "[" + strconv.Itoa(n) + "]"
	}
	c.path = append(c.path, step)
	defer func() { c.path = c.path[:len(c.path)-1] }()
	for {
		p, ok, err := c.read()
		switch {
		case err != nil:
			return err
		case !ok:
			return c.fail(Truncated, c.place(), "the file ends before the end of the "+short(name))
		case p.name == "BEGIN":
			if err := nested(strings.ToUpper(strings.TrimSpace(p.value))); err != nil {
				return err
			}
		case p.name == "END":
			if !strings.EqualFold(strings.TrimSpace(p.value), name) {
				return c.fail(Malformed, c.place(), fmt.Sprintf("END:%s is needed here", short(name)))
			}
			return nil
		case property != nil:
			if err := property(p); err != nil {
				return err
			}
		}
	}
}

// pass reads over a component.
func (c *icalReader) pass(name string) error { return c.component(name, 0, nil, c.pass) }

func (c *icalReader) place() string {
	if len(c.path) == 0 {
		return ""
	}
	return "/" + strings.Join(c.path, "/")
}

// fail is a fault at the line that was read last. A file that ends with a fault
// has most likely lost the rest.
func (c *icalReader) fail(code Code, place, detail string) *Error {
	if code == Malformed && c.ended && len(c.path) > 0 {
		code, detail = Truncated, "the file ends in the middle of a line"
	}
	return &Error{Code: code, Place: place, Line: max(c.at, 1), Detail: detail}
}
