// Package schedulefile reads the formats in which conference software publishes
// its schedule: schedule.json version 1 and schedule.xml, the family that frab,
// pretalx and the tools around them write, and iCalendar, which everything else
// writes. Bytes go in, one File comes out; the package knows neither our agenda
// nor where the bytes came from.
//
// A secretariat that imports a file wants it whole or not at all, so there are
// three ways to meet what a file contains:
//
//   - What every item needs and we cannot do without (guid, title, room, start,
//     duration) refuses the whole file when it is missing or unreadable. The
//     Error names the place, so that the person who exported the file can mend
//     it. Nothing is ever half read.
//   - What is odd but has one sensible reading (no duration, a guid at two
//     starts, a room spelled differently in the item) is read that way and
//     reported as a Warning with its place.
//   - Members and elements the formats allow and an agenda does not need (logos,
//     links, recording licences, anything unknown) are passed over.
//
// Other exports of the same family, such as schedule.json version 2 or a raw
// dump of pretalx's database, carry items under other names. Guessing at them
// would lose some of the items silently; they are refused with the names that
// were found instead of the expected ones.
//
// Why not encoding/json's and encoding/xml's Unmarshal: they forget where a
// value stood, lose the order of the rooms, and drop the first of two rooms
// with the same name. Reading token by token keeps all three and bounds depth
// and memory by the limits below.
package schedulefile

import (
	"bytes"
	"time"
)

// The limits of what is read. The size of a whole file is for the caller to
// bound; what is held in memory is a small multiple of it.
const (
	// MaxItems is the most items a file may have: ten times the largest
	// conference we know.
	MaxItems = 20_000
	// MaxRooms is the most rooms a file may name.
	MaxRooms = 2_000
	// MaxPersons is the most persons one item may name.
	MaxPersons = 500
	// MaxDepth is how deep values or elements may be nested. The formats need 8.
	MaxDepth = 64
	// MaxName is the most characters of a title, a name or an id.
	MaxName = 1_000
	// MaxText is the most characters of an abstract or a description.
	MaxText = 100_000
	// MaxWarnings is the most warnings that are listed; the last one then says
	// how many more there were.
	MaxWarnings = 1_000
	// MaxDuration is the longest an item may last. A longer one is a slip of
	// the pen: no session of a conference outlasts it.
	MaxDuration = 96 * time.Hour
)

// Format says which of the formats a File was read from.
type Format string

// The formats.
const (
	JSON      Format = "schedule.json"
	XML       Format = "schedule.xml"
	ICalendar Format = "iCalendar"
)

// File is a published schedule. All texts are free of surrounding white space,
// their lines end in "\n", and they are valid UTF-8.
type File struct {
	Format Format
	// Generator and Version are what the writing software calls itself and its
	// release of the schedule; either may be empty.
	Generator, Version string
	Conference         Conference
	// Rooms in the order in which the file first names them, also those without
	// an item.
	Rooms []Room
	// Items in the order of the file: by day, then by room.
	Items    []Item
	Warnings []Warning
}

// Conference is what the file says about the event as a whole. Nothing in it
// is needed to read the items, so all of it may be empty.
type Conference struct {
	Title, Acronym string
	// TimeZone is an IANA name. Older software does not tell it.
	TimeZone string
	// Start and End are the first and the last day, as the file spells them.
	Start, End string
}

// Room is one room. Name is its identity within the file.
type Room struct {
	Name string
	// Capacity in persons; 0 means that the file does not tell.
	Capacity int
}

// Item is one thing that happens at one time in one room.
type Item struct {
	// GUID is what the source calls the item for good. Real files repeat one
	// for an item that takes place several times; GUID, Start and Room together
	// are unique.
	GUID string
	// ID is the source's short number. It may be empty.
	ID                    string
	Title, Subtitle       string
	Abstract, Description string
	Track, Type, Language string
	// Room is the Name of one of the File's Rooms.
	Room string
	// Day is the conference day under which the file lists the item, which for
	// a session after midnight is the day before. It may be empty.
	Day string
	// Start and End are instants, in UTC and whole seconds. They are equal for
	// an item without a duration.
	Start, End time.Time
	// Persons are the names of the speakers, in the order of the file.
	Persons []string
	// Place is where the item stands, as in an Error; Line counts from 1.
	Place string
	Line  int
}

// Read reads a schedule in any of the formats, told apart by how it begins.
// Every failure is an *Error.
func Read(data []byte) (File, error) {
	switch first := firstByte(data); first {
	case '{', '[':
		return ReadJSON(data)
	case '<':
		return ReadXML(data)
	case 'B', 'b':
		return ReadICalendar(data)
	default:
		return File{}, &Error{Code: NotASchedule, Line: 1, Detail: unlike(data)}
	}
}

// unlike says what a file is that is neither JSON nor XML, for the few kinds
// that people pick by mistake.
func unlike(data []byte) string {
	body := trimBOM(data)
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return "the file is empty"
	case bytes.HasPrefix(body, []byte("\x1f\x8b")), bytes.HasPrefix(body, []byte("PK\x03\x04")):
		return "the file is compressed; unpack it first"
	default:
		return "the file begins like none of schedule.json, schedule.xml and iCalendar"
	}
}

func firstByte(data []byte) byte {
	if b := bytes.TrimLeft(trimBOM(data), " \t\r\n"); len(b) > 0 {
		return b[0]
	}
	return 0
}

func trimBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }
