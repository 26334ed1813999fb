package main

import "net/http"

// announcementMakers make announcements, and whom they are for.
var announcementMakers = map[string]maker{
	"announcement": {conferences, func(m *matrix, o declared, owner attendee) thing {
		all := "/v1/conferences/" + owner.conference + "/announcements"
		var made struct{ ID string }
		body := m.announced(m.empty[owner.conference][len(m.empty[owner.conference])-1])
		if o.id != "recallAnnouncement" {
			body["sendAt"] = "2013-10-30T00:00:00Z" // ahead on the clocks of both samples, and by less than two years
		}
		m.read(m.ask("POST", all, m.office[owner.conference].token, body.json()), http.StatusCreated, &made)
		path := all + "/" + made.ID
		return thing{
			id: made.ID, conference: owner.conference,
			etag:  func() string { return m.asOffice(owner.conference, "GET", path, content{}, nil).header.Get("ETag") },
			state: func() string { return m.asOffice(owner.conference, "GET", path, content{}, nil).body },
		}
	}},
	// Nobody is of the delegation it is for: who is told is not what is walked here.
	"to": {conferences, func(m *matrix, _ declared, owner attendee) thing {
		return thing{id: m.empty[owner.conference][len(m.empty[owner.conference])-1], conference: owner.conference}
	}},
}

func (m *matrix) announced(delegation string) object {
	m.serial++
	return object{
		"texts":    object{"en": object{"title": "Announced", "body": "Announced"}},
		"audience": object{"delegations": []string{delegation}}, "urgency": "routine",
	}
}

// aboutAnnouncements is a body of an operation upon announcements.
func (m *matrix) aboutAnnouncements(c cell, word string, with map[string]thing) (content, bool) {
	switch c.id {
	case "createAnnouncement", "previewAnnouncement":
		return m.announced(with["to"].id).json(), true
	case "updateAnnouncement":
		return object{"texts": object{"en": object{"title": word}}}.patch(), true
	case "recallAnnouncement":
		return object{"reason": word}.json(), true
	}
	return content{}, false
}
