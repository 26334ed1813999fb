package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
)

// staged is how many sessions the matrix adds to a sample: enough that changing
// them all is held.
const staged = 30

// stage adds sessions to a sample, each in a room of its own from half an hour
// after it opens until late, so that none is in the way of another and each can
// be opened, delayed and closed; and one room with nothing in it.
func (m *matrix) stage(c *sample.Conference) {
	m.Helper()
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		m.Fatal(err)
	}
	day, err := time.ParseInLocation(time.DateOnly, c.Days[0], zone)
	if err != nil {
		m.Fatal(err)
	}
	for n := range staged + 1 {
		room := sample.Room{ID: m.id(), Name: fmt.Sprint("Stage ", n), Kind: "side", Capacity: 9}
		c.Rooms = append(c.Rooms, room)
		if n == staged {
			break
		}
		c.Sessions = append(c.Sessions, sample.Session{
			ID: m.id(), Kind: "panel", Title: sample.Text{"en": fmt.Sprint("On stage ", n)}, Room: room.ID,
			Start: day.Add(8*time.Hour + 30*time.Minute), End: day.Add(18 * time.Hour),
			Speakers: []string{"Somebody"}, Stream: "https://live.example/stage",
		})
	}
}

// session is one that nothing else happens to: each operation has its own.
func (m *matrix) session(conference string, o declared) sample.Session {
	m.Helper()
	all := m.agenda[conference].Sessions
	if !slices.Contains(m.stages, o.id) {
		m.stages = append(m.stages, o.id)
	}
	n := slices.Index(m.stages, o.id)
	if n >= staged {
		m.Fatalf("there are %d operations upon sessions, and %d sessions", n, staged)
	}
	return all[len(all)-1-n]
}

// beforehand is done by the office before somebody may do what an operation is
// there for.
func (m *matrix) beforehand(c cell) {
	m.Helper()
	switch c.id {
	case "addDraftSession", "addDraftRoom", "putDraftSession", "putDraftRoom", "removeDraftSession", "removeDraftRoom", "getDraftChanges", "discardDraft":
		m.discard()
	case "releaseDraft":
		m.discard()
		m.draft(m.session(home, c.declared))
	case "confirmRelease":
		m.discard()
		all := m.agenda[home].Sessions // more than one in five is held
		m.draft(all[len(all)-min(staged, len(all)/4):]...)
		var held struct{ Count int }
		m.read(m.ask("POST", inHome+"/draft/release", m.office[home].token, object{}.json(), "If-Match: "+m.tag(inHome+"/draft")), 202, &held)
		m.held = held.Count
	case "reinstateSession":
		path := inHome + "/sessions/" + m.session(home, c.declared).ID
		m.asOffice(home, "POST", path+"/cancel", object{"reason": ""}.json(), nil, "If-Match: "+m.tag(path))
	case "endSession":
		m.asOffice(home, "POST", inHome+"/sessions/"+m.session(home, c.declared).ID+"/start", content{}, nil)
	}
}

const inHome = "/v1/conferences/" + home

func (m *matrix) discard() {
	m.Helper()
	m.asOffice(home, "DELETE", inHome+"/draft/confirmation", content{}, nil)
	m.asOffice(home, "DELETE", inHome+"/draft", content{}, nil, "If-Match: "+m.tag(inHome+"/draft"))
}

// draft gives sessions a title they never had.
func (m *matrix) draft(sessions ...sample.Session) {
	m.Helper()
	tag := m.tag(inHome + "/draft")
	for _, s := range sessions {
		a := m.asOffice(home, "PUT", inHome+"/draft/sessions/"+s.ID, m.drafted(s), nil, "If-Match: "+tag)
		tag = a.header.Get("ETag")
	}
}

// drafted is a session with another title.
func (m *matrix) drafted(s sample.Session) content {
	m.serial++
	return object{
		"kind": "panel", "title": object{"en": fmt.Sprint("word ", m.serial)}, "roomId": s.Room, "startsAt": s.Start, "endsAt": s.End,
		"people": []object{{"role": "speaker", "name": "Somebody"}}, "stream": object{"url": "https://live.example/stage"},
	}.json()
}

// tag is what the office knows a thing of home by.
func (m *matrix) tag(path string) string {
	m.Helper()
	return m.asOffice(home, "GET", path, content{}, nil).header.Get("ETag")
}

// latest is the newest revision of a conference's agenda.
func (m *matrix) latest(conference string) int64 {
	m.Helper()
	var page struct{ Items []struct{ Revision int64 } }
	m.asOffice(conference, "GET", "/v1/conferences/"+conference+"/releases?limit=1", content{}, &page)
	if len(page.Items) == 0 {
		m.Fatalf("nothing was ever released in %s", conference)
	}
	return page.Items[0].Revision
}

// missed is a session of home that the last import no longer had.
func (m *matrix) missed() string {
	m.Helper()
	path := inHome + "/imports"
	take := func(file string) {
		m.serial++
		m.asOffice(home, "POST", path, content{"application/json", file}, nil, fmt.Sprintf("Idempotency-Key: the matrix, number %06d", m.serial))
	}
	if m.gone == "" {
		m.discard()
		take(schedule)
		m.asOffice(home, "POST", inHome+"/draft/release", object{}.json(), nil, "If-Match: "+m.tag(inHome+"/draft"))
	}
	take(strings.NewReplacer("2b1c6a8e", "2b1c6a8f", "The one", "Another one").Replace(schedule))
	var draft struct {
		Review []struct {
			SessionID string `json:"sessionId"`
		}
	}
	m.asOffice(home, "GET", inHome+"/draft", content{}, &draft)
	if len(draft.Review) > 0 {
		m.gone = draft.Review[0].SessionID
	}
	return m.gone
}

// speaker is who has a part in a session of home.
func (m *matrix) speaker(id string) string {
	m.Helper()
	var s struct{ People []struct{ Name string } }
	m.asOffice(home, "GET", inHome+"/sessions/"+id, content{}, &s)
	if len(s.People) == 0 {
		m.Fatalf("nobody has a part in session %s", id)
	}
	return s.People[0].Name
}

// aboutAgenda are bodies of operations on the agenda.
func (m *matrix) aboutAgenda(c cell, word string, with map[string]thing) (content, bool) {
	m.Helper()
	at := home
	if x, ok := with["session"]; ok {
		at = x.conference
	}
	switch c.id {
	case "changeSession":
		return object{"roomId": m.session(at, c.declared).Room}.patch(), true
	case "cancelSession", "reinstateSession":
		return object{"reason": word}.json(), true
	case "delaySession":
		return object{"minutes": 1, "scope": "session"}.json(), true
	case "swapSessions":
		return object{"with": m.session(at, declared{id: "the other of a swap"}).ID, "what": "room"}.json(), true
	case "replaceSpeaker":
		out := "Somebody"
		if c.expected() == passes {
			out = m.speaker(with["session"].id)
		}
		return object{"out": object{"name": out}, "in": object{"name": word}}.json(), true
	case "createConference":
		return object{"id": home, "name": object{"en": word}, "timezone": "Europe/London", "days": []string{"2011-11-01"}, "languages": []string{"en"}}.json(), true
	case "updateConference":
		return object{"venue": word}.patch(), true
	case "addDraftSession", "putDraftSession":
		return m.drafted(m.session(at, c.declared)), true
	case "addDraftRoom", "putDraftRoom":
		return object{"name": word, "kind": "side"}.json(), true
	case "releaseDraft", "rollBack":
		return object{"note": word}.json(), true
	case "confirmRelease":
		return object{"count": m.held}.json(), true
	case "reviewVanished":
		return object{"decision": "keep"}.json(), true
	case "importSchedule":
		return content{"application/json", schedule}, true
	}
	return content{}, false
}

// agendaMakers make things of the agenda.
var agendaMakers = map[string]maker{
	"session": {conferences, func(m *matrix, o declared, owner attendee) thing {
		id := m.session(owner.conference, o).ID
		if o.id == "reviewVanished" && owner.conference == home {
			id = m.missed()
		}
		path := "/v1/conferences/" + owner.conference + "/sessions/" + id
		return thing{
			id: id, conference: owner.conference,
			etag:  func() string { return m.asOffice(owner.conference, "GET", path, content{}, nil).header.Get("ETag") },
			state: func() string { return m.asOffice(owner.conference, "GET", path, content{}, nil).body },
		}
	}},
	"room": {conferences, func(m *matrix, _ declared, owner attendee) thing {
		all := m.agenda[owner.conference].Rooms
		return thing{id: all[len(all)-1].ID, conference: owner.conference}
	}},
	// A number alone: every conference has the same ones.
	"revision": {[]whose{own, nobodys}, func(m *matrix, _ declared, owner attendee) thing {
		return thing{id: strconv.FormatInt(m.latest(owner.conference), 10), conference: owner.conference}
	}},
	"feed": {personal, func(m *matrix, _ declared, owner attendee) thing {
		who := m.comes("", owner)
		var made struct{ ID string }
		m.read(m.ask("POST", "/v1/me/calendar-feeds", who.token, content{}), 201, &made)
		return thing{id: made.ID, conference: owner.conference, of: owner, state: func() string {
			return m.ask("GET", "/v1/me/calendar-feeds", who.token, content{}).body
		}}
	}},
	// Whoever has one may read it: it is nobody's but its holder's.
	"token": {[]whose{own}, func(m *matrix, _ declared, owner attendee) thing {
		var made struct{ URL string }
		m.read(m.ask("POST", "/v1/me/calendar-feeds", m.comes("", owner).token, content{}), 201, &made)
		return thing{id: made.URL[strings.LastIndex(made.URL, "/")+1:], conference: owner.conference}
	}},
}
