package sample

import (
	"fmt"
	"strconv"
	"time"
)

// An edition is a conference in the making, with what is known about who came.
type edition struct {
	Conference
	prefix        string // of accreditations
	host          string // English designation of the host state
	participants  int
	states        int
	organisations int
	ministers     int // ministers and vice-ministers among the heads of delegation
	secretariat   int // people of the host who run the conference
	desk          int // those of them who sit at the rooms desk
	devices       int

	maker maker
	loc   *time.Location
}

// newEdition begins an edition in its zone.
func newEdition(m maker, c Conference) edition {
	c.ID = m.conference
	loc, err := time.LoadLocation(c.Zone)
	if err != nil {
		loc = time.UTC
	}
	return edition{Conference: c, maker: m, loc: loc}
}

// room adds a room and returns its id.
func (e *edition) room(name, kind string, capacity int, zone string) string {
	id := e.maker.id("room", name)
	e.Rooms = append(e.Rooms, Room{ID: id, Name: name, Kind: kind, Capacity: capacity, Zone: zone})
	return id
}

// at is a local time of a day, "1 09:30".
func (e *edition) at(text string) time.Time {
	var day, hour, minute int
	if _, err := fmt.Sscanf(text, "%d %d:%d", &day, &hour, &minute); err != nil || day < 1 || day > len(e.Days) {
		return time.Time{} // a test finds every session on a day of its conference
	}
	d, err := time.ParseInLocation(time.DateOnly, e.Days[day-1], e.loc)
	if err != nil {
		return time.Time{}
	}
	return time.Date(d.Year(), d.Month(), d.Day(), hour, minute, 0, 0, e.loc).UTC()
}

// session adds an item of the programme; the name makes its id.
func (e *edition) session(name, kind, room, from string, minutes, draw int, theme string, title Text, speakers ...string) {
	start := e.at(from)
	e.Sessions = append(e.Sessions, Session{
		ID: e.maker.id("session", name), Kind: kind, Title: title, Theme: theme, Room: room,
		Start: start, End: start.Add(time.Duration(minutes) * time.Minute), Speakers: speakers, draw: draw,
		Public: kind == "plenary" || kind == "ceremony",
	})
}

// fill adds workshops until there are 200 sessions for each unit of size. A
// conference at its historical size, or without a programme, has none.
func (e *edition) fill(m maker) {
	if m.times == 1 || len(e.Sessions) == 0 {
		return
	}
	const slots = 18 // half hours from 09:00 to 18:00
	missing := m.times*200 - len(e.Sessions)
	var room string
	for i := range max(0, missing) {
		slot, day := i%slots, i/slots%len(e.Days)
		if slot == 0 && day == 0 {
			room = e.room(fmt.Sprintf("Workshop Room %d", i/(slots*len(e.Days))+1), "side", 60, "annex")
		}
		topic := topics[i%len(topics)]
		title := Text{}
		for language, name := range workshop {
			title[language] = name + " " + strconv.Itoa(i+1) + ": " + topic[language]
		}
		e.session("workshop "+strconv.Itoa(i+1), "side_event", room,
			fmt.Sprintf("%d %d:%02d", day+1, 9+slot/2, slot%2*30), 30, aFew, e.themeFor(i), only(title, e.Languages))
	}
}

// themeFor deals the themes out in turn.
func (e *edition) themeFor(i int) string {
	if len(e.Themes) == 0 {
		return ""
	}
	return e.Themes[i%len(e.Themes)].ID
}
