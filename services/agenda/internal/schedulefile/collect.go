package schedulefile

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A field is one text of an item as the reader found it; the zero field is one
// that is not there.
type field struct {
	text string
	// name is the last step of the field's place: date, or @guid.
	name string
	line int
}

// A raw item has the texts of one item before anything is made of them.
type rawItem struct {
	guid, id, title, subtitle, abstract, description field
	track, kind, language, room, date, start, length field
	persons                                          []string
	listedRoom, day                                  string
	// from and lasts are given by a format that has instants; otherwise date and
	// length are read.
	from  time.Time
	lasts time.Duration
	place string
	line  int
}

// occurrence is what no two items of a file may share.
type occurrence struct {
	guid, room string
	start      int64
}

// A collector makes a File out of what a reader finds. All formats go through
// it, so that one event gives one agenda whichever format tells it.
type collector struct {
	file File
	// guidName and the rest of an item's names are how the format calls them.
	guidName string
	rooms    map[string]int
	starts   map[string]int
	seen     map[occurrence]string
	differs  map[[2]string]bool
	unlisted int
}

func newCollector(f Format, guidName string) *collector {
	return &collector{
		file: File{Format: f}, guidName: guidName,
		rooms: map[string]int{}, starts: map[string]int{},
		seen: map[occurrence]string{}, differs: map[[2]string]bool{},
	}
}

func (c *collector) warn(code Code, place string, line int, format string, args ...any) {
	if len(c.file.Warnings) == MaxWarnings-1 {
		c.unlisted++
		return
	}
	c.file.Warnings = append(c.file.Warnings, Warning{Code: code, Place: place, Line: line, Detail: fmt.Sprintf(format, args...)})
}

// addRoom takes a room of the file and returns its name, trimmed. A room that
// is named twice is one room.
func (c *collector) addRoom(name string, capacity int, place string, line int) (string, error) {
	name, err := c.clean(name, MaxName, place, line)
	if err != nil || name == "" {
		return "", err
	}
	i, known := c.rooms[name]
	if !known {
		if i = len(c.file.Rooms); i == MaxRooms {
			return "", &Error{Code: TooMany, Place: place, Line: line, Detail: fmt.Sprintf("the file has more than %d rooms", MaxRooms)}
		}
		c.rooms[name] = i
		c.file.Rooms = append(c.file.Rooms, Room{Name: name})
	}
	if capacity > 0 {
		c.file.Rooms[i].Capacity = capacity
	}
	return name, nil
}

// addItem checks a raw item and takes it into the file.
func (c *collector) addItem(r rawItem) error {
	if len(c.file.Items) == MaxItems {
		return &Error{Code: TooMany, Place: r.place, Line: r.line, Detail: fmt.Sprintf("the file has more than %d items", MaxItems)}
	}
	it := Item{Day: r.day, Place: r.place, Line: r.line}
	for _, f := range []struct {
		into *string
		from field
		most int
	}{
		{&it.GUID, r.guid, MaxName},
		{&it.ID, r.id, MaxName},
		{&it.Title, r.title, MaxName},
		{&it.Subtitle, r.subtitle, MaxName},
		{&it.Abstract, r.abstract, MaxText},
		{&it.Description, r.description, MaxText},
		{&it.Track, r.track, MaxName},
		{&it.Type, r.kind, MaxName},
		{&it.Language, r.language, MaxName},
		{&it.Room, r.room, MaxName},
	} {
		s, err := c.clean(f.from.text, f.most, r.at(f.from), f.from.line)
		if err != nil {
			return err
		}
		*f.into = s
	}
	for _, name := range r.persons {
		s, err := c.clean(name, MaxName, r.place+"/persons", r.line)
		if err != nil {
			return err
		}
		it.Persons = append(it.Persons, s)
	}
	if err := c.settleRoom(&it, r); err != nil {
		return err
	}
	if err := c.settleTime(&it, r); err != nil {
		return err
	}
	if it.GUID == "" {
		return r.missing(MissingField, c.guidName, r.guid, "the item has no "+strings.TrimPrefix(c.guidName, "@"))
	}
	if it.Title == "" {
		return r.missing(MissingField, "title", r.title, "the item has no title")
	}
	if err := c.settleRepeat(it); err != nil {
		return err
	}
	c.file.Items = append(c.file.Items, it)
	return nil
}

// settleRoom decides between the room an item is listed under and the one it
// names itself. Merged feeds list "1Komona headnut" and name "headnut"; the
// list has the names that are unique at the event.
func (c *collector) settleRoom(it *Item, r rawItem) error {
	named := it.Room
	if r.listedRoom != "" {
		it.Room = r.listedRoom
	}
	if it.Room == "" {
		return r.missing(MissingField, "room", r.room, "the item has no room")
	}
	if pair := [2]string{it.Room, named}; named != "" && named != it.Room && !c.differs[pair] {
		c.differs[pair] = true
		c.warn(RoomDiffers, r.at(r.room), r.room.line, "items listed under the room %q name the room %q; the former is taken", it.Room, named)
	}
	if _, known := c.rooms[it.Room]; !known {
		if _, err := c.addRoom(it.Room, 0, r.at(r.room), r.room.line); err != nil {
			return err
		}
	}
	return nil
}

func (c *collector) settleTime(it *Item, r rawItem) error {
	if !r.from.IsZero() {
		c.span(it, r, r.from, r.lasts)
		return nil
	}
	date, length := strings.TrimSpace(r.date.text), strings.TrimSpace(r.length.text)
	if date == "" {
		return r.missing(MissingStart, "date", r.date, "the item has no start: a date with time and offset is needed here")
	}
	if length == "" {
		return r.missing(MissingField, "duration", r.length, "the item has no duration")
	}
	start, err := parseStart(date)
	if err != nil {
		return &Error{Code: BadStart, Place: r.at(r.date), Line: r.date.line, Detail: err.Error()}
	}
	lasts, err := parseDuration(length)
	if err != nil {
		return &Error{Code: BadDuration, Place: r.at(r.length), Line: r.length.line, Detail: err.Error()}
	}
	c.span(it, r, start, lasts)
	c.crossCheck(start, date, r)
	return nil
}

// span gives the item its time, and says what is odd about the length of it.
func (c *collector) span(it *Item, r rawItem, start time.Time, lasts time.Duration) {
	it.Start, it.End = start, start.Add(lasts)
	switch {
	case lasts == 0:
		c.warn(NoDuration, r.at(r.length), r.length.line, "the duration is zero; the item ends when it starts")
	case strings.Count(r.length.text, ":") == 2:
		c.warn(DurationWithDays, r.at(r.length), r.length.line, "%q is read as days, hours and minutes: %s", strings.TrimSpace(r.length.text), hours(lasts))
	case lasts >= 24*time.Hour:
		c.warn(LongDuration, r.at(r.length), r.length.line, "the item lasts %s", hours(lasts))
	}
}

// crossCheck holds the start against what else the file says about it.
func (c *collector) crossCheck(start time.Time, date string, r rawItem) {
	if m, ok := clockTime(strings.TrimSpace(r.start.text)); ok {
		// The eleventh character of every layout is T or a space, the time follows.
		if d, ok := clockTime(date[11:16]); ok && d != m {
			c.warn(StartDiffers, r.at(r.start), r.start.line, "the start says %s, the date %s; the date is taken", r.start.text, date)
		}
	}
	if day, err := time.Parse(time.DateOnly, r.day); err == nil && start.Sub(day).Abs() > 48*time.Hour {
		c.warn(FarFromDay, r.at(r.date), r.date.line, "the item is listed under %s and starts %s", r.day, date)
	}
}

func (c *collector) settleRepeat(it Item) error {
	o := occurrence{it.GUID, it.Room, it.Start.Unix()}
	if first, twice := c.seen[o]; twice {
		return &Error{
			Code: DuplicateItem, Place: it.Place, Line: it.Line,
			Detail: fmt.Sprintf("the guid %s stands at the same start and room as at %s", short(it.GUID), first),
		}
	}
	c.seen[o] = it.Place
	if c.starts[it.GUID]++; c.starts[it.GUID] > 1 {
		c.warn(RepeatedGUID, it.Place, it.Line, "the guid %s takes place for the %d. time; each is kept", short(it.GUID), c.starts[it.GUID])
	}
	return nil
}

// clean trims a text, gives it our line ends and refuses one that is too long.
func (c *collector) clean(s string, most int, place string, line int) (string, error) {
	s = strings.TrimSpace(s)
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if strings.ContainsFunc(s, control) {
		s = strings.TrimSpace(strings.Map(func(r rune) rune {
			if control(r) {
				return -1
			}
			return r
		}, s))
		c.warn(ControlCharacter, place, line, "control characters in the text are left out")
	}
	if len(s) > most && utf8.RuneCountInString(s) > most {
		return "", &Error{Code: FieldTooLong, Place: place, Line: line, Detail: "the text has more than " + strconv.Itoa(most) + " characters"}
	}
	return s, nil
}

// done returns the file when its last item is in.
func (c *collector) done() File {
	if len(c.file.Items) == 0 {
		c.warn(NoItems, "", 1, "the schedule has no items")
	}
	if c.unlisted > 0 {
		c.file.Warnings = append(c.file.Warnings, Warning{
			Code: More, Line: 1, Detail: fmt.Sprintf("%d more warnings are not listed", c.unlisted),
		})
	}
	return c.file
}

// missing is the error for a field that is empty or not there at all.
func (r rawItem) missing(code Code, name string, f field, detail string) error {
	if f.name == "" {
		f.name, f.line = name, r.line
	}
	return &Error{Code: code, Place: r.at(f), Line: f.line, Detail: detail}
}

func (r rawItem) at(f field) string { return r.place + "/" + f.name }

func control(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }

func hours(d time.Duration) string {
	return fmt.Sprintf("%d:%02d hours", d/time.Hour, d%time.Hour/time.Minute)
}
