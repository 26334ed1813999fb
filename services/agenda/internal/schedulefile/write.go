package schedulefile

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// A Schedule is an agenda on its way out. Three kinds of file are made of it:
// schedule.xml and schedule.json version 1, which EventFahrplan, Giggity and the
// video people of chaos events read, and schedule2, the successor.
//
// The formats are what their readers make of them, so these are the customs:
//
//   - Numbers. Apps keep what somebody marked by the number of the event, so a
//     session keeps its number for good, and a number is positive and fits 31 bits.
//   - Instants are written with the offset of the conference on that day.
//   - A day ends at six in the morning: what begins before belongs to the evening
//     before. Giggity assumes six where it is not told, and EventFahrplan reads it
//     from the end of the day; other hours would put the session on a wrong day.
//   - Cancelled sessions are left out of version 1: an app that knows no such
//     thing would show them as taking place.
//   - Nothing is said that we do not know, such as the address of a page.
//
// schedule2 has no member for the state of an event in its published schema.
// status (CONFIRMED, DELAYED, CANCELED) is written nevertheless: readers pass
// over what they do not know, and those that look for it find it.
type Schedule struct {
	// Version is what readers compare to find that there is something new.
	Version string
	// Conference needs Title, Acronym and TimeZone.
	Conference Conference
	Zone       *time.Location
	// Days are the dates of the conference, as 2006-01-02, in order. Sessions on
	// other days bring theirs.
	Days  []string
	Rooms []Venue
	// Sessions in the order of their start.
	Sessions []Session
}

// A Venue is a room with what the file tells about it.
type Venue struct {
	ID string // a UUID
	Room
}

// A Session is an item as we publish it. Its GUID is the source's, where there
// is one: whoever merges several schedules knows it by that.
type Session struct {
	Item
	// Key is the session's own id, which never changes.
	Key string
	// Participants are everybody with a part who has a name; Persons the speakers
	// among them.
	Participants       []Participant
	Cancelled, Delayed bool
}

// A Participant has a part in a session.
type Participant struct{ Name, Role string }

// dayEnds is the hour at which a conference goes to bed.
const dayEnds = 6

// layout is what the writers share: the sessions by day, with their numbers.
type layout struct {
	Schedule
	numbers map[string]int // by Key
	days    []day
}

type day struct {
	date       string
	start, end time.Time
	sessions   []Session
}

func lay(s Schedule) layout {
	l := layout{Schedule: s, numbers: numbers(s.Sessions)}
	byDate := map[string][]Session{}
	for _, date := range s.Days {
		byDate[date] = nil
	}
	for _, x := range s.Sessions {
		date := dayOf(x.Start, s.Zone)
		byDate[date] = append(byDate[date], x)
	}
	for date, sessions := range byDate {
		on, err := time.Parse(time.DateOnly, date)
		if err != nil {
			continue // not a day anybody could come on
		}
		l.days = append(l.days, day{
			date: date, sessions: sessions,
			start: time.Date(on.Year(), on.Month(), on.Day(), dayEnds, 0, 0, 0, s.Zone),
			end:   time.Date(on.Year(), on.Month(), on.Day()+1, dayEnds, 0, 0, 0, s.Zone),
		})
	}
	slices.SortFunc(l.days, func(a, b day) int { return strings.Compare(a.date, b.date) })
	return l
}

// dayOf is the conference day an instant belongs to.
func dayOf(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	if t.Hour() < dayEnds {
		t = time.Date(t.Year(), t.Month(), t.Day()-1, 12, 0, 0, 0, zone)
	}
	return t.Format(time.DateOnly)
}

// numbers gives each session a positive number of 31 bits, made of its key. Of
// two keys with the same sum the later has to make way: keys begin with the time
// of their making, so no newcomer changes what apps know an older session by.
func numbers(sessions []Session) map[string]int {
	keys := make([]string, 0, len(sessions))
	for _, s := range sessions {
		keys = append(keys, s.Key)
	}
	slices.Sort(keys)
	given := make(map[string]int, len(keys))
	taken := make(map[int]bool, len(keys))
	for _, key := range slices.Compact(keys) {
		n := number(key)
		for again := 1; taken[n]; again++ {
			n = number(fmt.Sprintf("%s/%d", key, again))
		}
		given[key], taken[n] = n, true
	}
	return given
}

func number(s string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s)) // a hash never fails
	return int(max(1, h.Sum32()&0x7fffffff))
}

// personID is for the formats that want one: the same name is the same person.
func personID(name string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("plenary:person:"+name)).String()
}

// acronym is the conference's id in the letters the formats allow.
func (l layout) acronym() string { return strings.ReplaceAll(slugged(l.Conference.Acronym), "-", "_") }

// slug is unique within the file, for it has the number in it.
func (l layout) slug(s Session) string {
	return strings.TrimSuffix(fmt.Sprintf("%s-%d-%s", l.acronym(), l.numbers[s.Key], slugged(s.Title)), "-")
}

// slugged is what ASCII a text has in small letters; it may be nothing.
func slugged(s string) string {
	const most = 48
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(s) {
		if r >= utf8.RuneSelf || !('a' <= r && r <= 'z' || '0' <= r && r <= '9') {
			gap = true
			continue
		}
		if b.Len() >= most {
			break
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// date is an instant with the offset of the conference.
func (l layout) date(t time.Time) string { return t.In(l.Zone).Format(time.RFC3339) }

// clock is the time of day an instant has at the conference.
func (l layout) clock(t time.Time) string { return t.In(l.Zone).Format("15:04") }

// lasts is HH:MM; what lasts longer than a day has more hours than 24. Begun
// minutes count.
func lasts(s Session) string {
	minutes := (s.End.Sub(s.Start) + time.Minute - 1) / time.Minute
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

// first and last are the outer dates; the schedule of nothing has none.
func (l layout) first() string {
	if len(l.days) == 0 {
		return ""
	}
	return l.days[0].date
}

func (l layout) last() string {
	if len(l.days) == 0 {
		return ""
	}
	return l.days[len(l.days)-1].date
}

// version1 are the sessions of a day that version 1 tells of, by the name of
// their room and start; rooms without any are not among the names.
func (d day) version1() (names []string, byRoom map[string][]Session) {
	byRoom = map[string][]Session{}
	for _, s := range d.sessions {
		if !s.Cancelled {
			byRoom[s.Room] = append(byRoom[s.Room], s)
		}
	}
	for name, sessions := range byRoom {
		names = append(names, name)
		slices.SortStableFunc(sessions, func(a, b Session) int {
			return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Key, b.Key))
		})
	}
	slices.Sort(names)
	return names, byRoom
}

// printable is a text without the characters that XML cannot hold and that no
// reader keeps.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if control(r) || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
