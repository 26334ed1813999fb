package schedulefile

import (
	"fmt"
	"strconv"
)

// Code says why a file was refused or what was odd about it. Codes are stable:
// callers and apps may branch on them.
type Code string

// Why a file is refused.
const (
	// NotASchedule: the file is something else, or another format of the family.
	NotASchedule Code = "not_a_schedule"
	// UnsupportedVersion: a schedule.json, but of version 2.
	UnsupportedVersion Code = "unsupported_version"
	// Malformed: not well-formed JSON, XML or iCalendar.
	Malformed Code = "malformed"
	// Truncated: the file ends before its end.
	Truncated Code = "truncated"
	// NotUTF8: the file has another character encoding.
	NotUTF8 Code = "not_utf8"
	// TooDeep: values or elements are nested deeper than MaxDepth.
	TooDeep Code = "too_deep"
	// DTDRefused: the XML declares a document type. Schedules need none, and
	// entity expansion hides in them.
	DTDRefused Code = "dtd_refused"
	// TooMany: more items, rooms or persons than the limits allow.
	TooMany Code = "too_many"
	// FieldTooLong: a text is longer than MaxName or MaxText allows.
	FieldTooLong Code = "field_too_long"
	// BadType: a needed value is of the wrong kind, such as a list for a title.
	BadType Code = "bad_type"
	// MissingStart: an item has no start.
	MissingStart Code = "missing_start"
	// MissingField: something else an item or a day needs is not there.
	MissingField Code = "missing_field"
	// BadStart: a start is not a date and time with its offset from UTC.
	BadStart Code = "bad_start"
	// BadDuration: a duration is not HH:MM or D:HH:MM, or exceeds MaxDuration.
	BadDuration Code = "bad_duration"
	// DuplicateItem: the same guid, start and room twice.
	DuplicateItem Code = "duplicate_item"
)

// What is odd but readable.
const (
	// NoItems: the file is a schedule without a single item.
	NoItems Code = "no_items"
	// RepeatedGUID: an item takes place several times; each is kept.
	RepeatedGUID Code = "repeated_guid"
	// RoomDiffers: an item names another room than the one it is listed under.
	// The room it is listed under is taken.
	RoomDiffers Code = "room_differs"
	// StartDiffers: the time of day beside the start disagrees with it. The
	// start, which has date and offset, is taken.
	StartDiffers Code = "start_differs"
	// FarFromDay: the start is more than two days from the day it is listed under.
	FarFromDay Code = "far_from_day"
	// NoDuration: the duration is zero; the item ends when it starts.
	NoDuration Code = "no_duration"
	// LongDuration: the item lasts a day or more.
	LongDuration Code = "long_duration"
	// DurationWithDays: a duration of three parts, which some software means as
	// HH:MM:SS, was read as D:HH:MM.
	DurationWithDays Code = "duration_with_days"
	// UnreadableField: a field an agenda can do without is of the wrong kind.
	UnreadableField Code = "unreadable_field"
	// LeftOut: an entry of a calendar that an agenda cannot hold.
	LeftOut Code = "left_out"
	// CancelledThere: the source has cancelled the event. It is left out, and so
	// it is for a person to decide what becomes of the session.
	CancelledThere Code = "cancelled_there"
	// NoSuchTime: the clocks were put forward over a start or an end.
	NoSuchTime Code = "no_such_time"
	// ControlCharacter: characters no text should have were left out.
	ControlCharacter Code = "control_character"
	// More: the list of warnings was cut at MaxWarnings.
	More Code = "more"
)

// Error says why a whole file was refused, and where. The first fault ends the
// reading.
type Error struct {
	Code Code
	// Place is a JSON pointer (RFC 6901), such as
	// /schedule/conference/days/2/rooms/Hall 1/14/date, or an XPath, such as
	// /schedule/day[3]/room[2]/event[15]/date; in a calendar it is written like
	// one, /VCALENDAR/VEVENT[15]/DTSTART. A missing value has the place where it
	// belongs. Empty means the file as a whole.
	Place string
	// Line counts from 1.
	Line   int
	Detail string
}

// Error reads as a sentence for the person who made the file.
func (e *Error) Error() string {
	at := "line " + strconv.Itoa(e.Line)
	if e.Place != "" {
		at = e.Place + " (" + at + ")"
	}
	return fmt.Sprintf("schedule file: %s: %s", at, e.Detail)
}

// Warning says what was odd about a file that could be read, and how it was
// read. Place and Line are as in Error.
type Warning struct {
	Code   Code
	Place  string
	Line   int
	Detail string
}
