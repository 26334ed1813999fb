// Package wording puts a notice into words, in the language of a phone and the
// time of the conference. A minister reads it in a corridor: first what
// happened to which session, then where to be and when, then what it was.
//
// Why are there two texts of one notice? A phone on a table shows its card to
// everybody around it, and carriers read it before that. So of a bilateral
// meeting the card says that there is news and nothing else; what the news is
// stands in the inbox, behind the sign-in.
package wording

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"plenary.example/services/notifications/internal/push"
)

// longest is how many characters of a foreign text (a title, a reason) fit a
// lock screen.
const longest = 120

// Render puts n into the words of a card on a phone, for a locale (BCP 47). A
// language without a catalogue is told in English. Of a bilateral meeting it says
// nothing that anybody could learn from: every such card is the same.
func Render(n push.Notice, locale string) (title, body string) {
	if n.Subject.Kind == push.Meeting {
		c := spoken(locale)
		return c.meetingNews.title, c.meetingNews.body
	}
	return RenderItem(n, locale)
}

// RenderItem puts n into the words of an item of its reader's inbox. Of a
// bilateral meeting it says when and where, never with whom or what about.
func RenderItem(n push.Notice, locale string) (title, body string) {
	c := spoken(locale)
	t := telling{c, n, zone(n.Zone)}
	switch n.Subject.Kind {
	case push.SignIn:
		return c.signInEnded.title, c.signInEnded.body
	case push.Meeting:
		return t.meetingTitle(), t.meetingBody()
	}
	return t.title(), t.body()
}

// Language is the language both answer for a locale, as BCP 47.
func Language(locale string) string {
	return spoken(locale).tag.String()
}

func spoken(locale string) catalogue {
	_, index := language.MatchStrings(matcher, locale)
	return catalogues[index]
}

// zones are the time zones of the conferences told of so far: loading one reads
// a file, and a move is told to a thousand phones.
var zones sync.Map // IANA name -> *time.Location

// zone is UTC for a name this machine does not know.
func zone(iana string) *time.Location {
	if loc, ok := zones.Load(iana); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(iana)
	if err != nil {
		loc = time.UTC
	}
	zones.Store(iana, loc)
	return loc
}

type telling struct {
	c   catalogue
	n   push.Notice
	loc *time.Location
}

func (t telling) title() string {
	label, known := t.c.labels[t.n.Category]
	switch {
	case t.n.Category == "session.moved" && (t.onlyRoom() || t.alike()):
		label = t.c.onlyRoom
	case !known:
		label = t.c.labels["session.changed"]
	}
	return label + ": " + t.text(t.n.After.Title)
}

func (t telling) body() string {
	before, after := t.n.Before, t.n.After
	var s string
	switch {
	case after.Status == "cancelled" || after.Status == "removed":
		if before.Start.IsZero() {
			before = after
		}
		s = t.c.cancelled(t.slot(before), before.Room)
		if after.Status == "removed" {
			s = t.c.removed(t.slot(before), before.Room)
		}
	case before.Status == "cancelled" || before.Status == "removed":
		s = t.c.reinstated(t.slot(after), after.Room)
	case before.Start.IsZero(), t.n.Category == "session.moved" && t.alike():
		s = t.c.isNow(t.slot(after), after.Room)
	case t.onlyRoom():
		s = t.c.otherRoom(after.Room, before.Room, t.slot(after))
	case !before.Start.Equal(after.Start) && before.Room != after.Room:
		s = t.c.otherBoth(t.slot(after), after.Room, t.slot(before), before.Room)
	case !before.Start.Equal(after.Start) || !before.End.Equal(after.End):
		s = t.c.otherTime(t.slot(after), t.slot(before), after.Room)
	case around(t.n.Category):
		s = t.around(t.n.Category) + " " + t.slot(after) + ", " + after.Room + "."
	default:
		s = t.c.otherTitle(t.text(before.Title))
	}
	s += " " + t.c.zone(t.n.Zone)
	for _, category := range t.n.Also {
		if around(category) {
			s += " " + t.around(category)
		} else if category == "session.changed" {
			s += " " + t.c.otherTitle(t.text(before.Title))
		}
	}
	if after.Reason != "" {
		s += " " + t.c.reason(clean(after.Reason))
	}
	return s
}

// around says whether a category is of what stays when and where it was.
func around(category string) bool {
	switch category {
	case "session.access", "session.speakers", "session.language", "session.stream":
		return true
	}
	return false
}

// around says what is different about such a session, in one of these categories.
func (t telling) around(category string) string {
	before, after := t.n.Before, t.n.After
	switch category {
	case "session.access":
		if before.Access == after.Access {
			return t.c.admitted[after.Access]
		}
		return t.c.access[after.Access]
	case "session.stream":
		return t.c.stream[after.Stream]
	case "session.language":
		var said []string
		if before.Language != after.Language && after.Language != "" {
			said = append(said, t.c.spoken(t.named(after.Language)))
		}
		if !slices.Equal(before.Interpretation, after.Interpretation) {
			said = append(said, t.c.interpreted(t.named(after.Interpretation...)))
		}
		return strings.Join(said, " ")
	}
	return t.c.speakers
}

// named are languages, BCP 47, as the catalogue's own language calls them.
func (t telling) named(languages ...string) string {
	names := make([]string, 0, len(languages))
	for _, l := range languages {
		name := display.Tags(t.c.tag).Name(language.Make(l))
		if name == "" {
			name = l
		}
		names = append(names, clean(name))
	}
	return strings.Join(names, ", ")
}

// alike says whether nobody could tell from when and where it was to where it
// is: what moved then went to a room that is signposted as the old one is.
func (t telling) alike() bool {
	b, a := t.n.Before, t.n.After
	return b.Start.Equal(a.Start) && b.End.Equal(a.End) && b.Room == a.Room
}

func (t telling) onlyRoom() bool {
	b, a := t.n.Before, t.n.After
	return !b.Start.IsZero() && b.Start.Equal(a.Start) && b.End.Equal(a.End) && b.Room != a.Room
}

func (t telling) slot(s push.State) string {
	start, end := s.Start.In(t.loc), s.End.In(t.loc)
	text := t.c.day(start) + " " + start.Format("15:04") + "–"
	if start.YearDay() != end.YearDay() {
		text += t.c.day(end) + " "
	}
	return text + end.Format("15:04")
}

// text is a title in the language of the catalogue, else in any there is.
func (t telling) text(titles map[string]string) string {
	for _, l := range []string{t.c.tag.String(), "en"} {
		if s, ok := titles[l]; ok {
			return clean(s)
		}
	}
	var any string
	for _, s := range titles {
		if any == "" || s < any {
			any = s
		}
	}
	return clean(any)
}

// clean takes what could break a line or turn its direction out of a foreign
// text, and cuts it to what a lock screen shows.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	if r := []rune(strings.TrimSpace(s)); len(r) > longest {
		return strings.TrimSpace(string(r[:longest-1])) + "…"
	}
	return strings.TrimSpace(s)
}
