package main

import (
	"fmt"
	"time"
)

// meets makes a bilateral meeting of somebody's delegation with another one, as
// an operation needs it.
func (m *matrix) meets(o declared, owner attendee) thing {
	m.Helper()
	path := "/v1/conferences/" + owner.conference + "/meetings"
	other := hosts
	if m.groups[owner.conference+hosts.name] == owner.delegation {
		other = known
	}
	level, start := m.when(owner.conference)
	asked := object{"level": level, "place": "outside", "slots": []object{{"startsAt": start}}}
	var asking attendee
	switch o.id {
	case "acceptMeeting", "counterMeeting", "declineMeeting": // those who answer were asked by the other
		asking = m.liaison(owner.conference, other)
		asked["delegation"] = owner.delegation
	case "cancelMeeting", "rescheduleMeeting", "extendMeeting", "reconfirmMeeting", "swapMeetings": // for what is confirmed people must be free
		asking = m.liaison(owner.conference, m.group(owner))
		nobody := m.empty[owner.conference]
		asked["delegation"] = nobody[len(nobody)-1-m.slots[owner.conference]%23] // prime to the rest
		asked["principals"] = []string{m.spare(owner).id}
	default:
		asking = m.liaison(owner.conference, m.group(owner))
		asked["delegation"] = m.groups[owner.conference+other.name]
		if o.permission == "delegate" {
			asked["principals"] = []string{owner.id}
		}
	}
	var made struct{ ID string }
	m.read(m.ask("POST", path, m.office["liaison "+asking.id].token, asked.json()), 201, &made)
	path += "/" + made.ID
	tag := func() string { return m.asOffice(owner.conference, "GET", path, content{}, nil).header.Get("ETag") }
	switch o.id {
	case "cancelMeeting", "rescheduleMeeting", "extendMeeting", "reconfirmMeeting", "swapMeetings":
		m.asOffice(owner.conference, "POST", path+"/accept", object{}.json(), nil, "If-Match: "+tag())
	}
	return thing{id: made.ID, conference: owner.conference, of: owner, etag: tag, state: func() string {
		var now struct {
			Revision int
			Status   string
		}
		m.asOffice(owner.conference, "GET", path, content{}, &now)
		return fmt.Sprint(now)
	}}
}

// when is the level and the start of another meeting each time, for as long as
// there are any: two that are at one time or one after another have two levels,
// so that a delegation has time for both.
func (m *matrix) when(conference string) (level string, start time.Time) {
	m.Helper()
	c := m.agenda[conference]
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		m.Fatal(err)
	}
	m.slots[conference]++
	n, days := m.slots[conference], len(c.Days)
	day, err := time.ParseInLocation(time.DateOnly, c.Days[n%days], zone)
	if err != nil {
		m.Fatal(err)
	}
	const cells = 20 // from nine o'clock on
	level = []string{"head_of_state", "minister", "vice_minister", "senior_official", "expert"}[(n/days+n/days/cells)%5]
	return level, day.Add(9*time.Hour + time.Duration(n/days%cells)*30*time.Minute)
}

// liaison is the one of a delegation that the fixtures are made by.
func (m *matrix) liaison(conference string, g delegationOf) attendee {
	m.Helper()
	at := "liaison of " + conference + g.name
	if _, made := m.office[at]; !made {
		who := m.comes("", m.take(conference, g, "liaison"))
		m.office[at], m.office["liaison "+who.id] = who, who
	}
	return m.office[at].attendee
}

// group is the delegation of somebody.
func (m *matrix) group(p attendee) delegationOf {
	m.Helper()
	for _, g := range []delegationOf{hosts, known, others} {
		if m.groups[p.conference+g.name] == p.delegation {
			return g
		}
	}
	m.Fatalf("nobody knows the delegation of %v", p)
	return delegationOf{}
}

// aboutMeetings are bodies of operations on meetings.
func (m *matrix) aboutMeetings(c cell, word string, with map[string]thing) (content, bool) {
	m.Helper()
	switch c.id {
	case "requestMeeting":
		level, start := m.when(home)
		return object{
			"delegation": with["asked"].id, "level": level, "topic": word, "place": "outside", "slots": []object{{"startsAt": start}},
		}.json(), true
	case "counterMeeting", "rescheduleMeeting":
		_, start := m.when(home)
		return object{"slots": []object{{"startsAt": start}}}.json(), true
	case "substitutePrincipal":
		return object{"in": m.spare(m.sender(c, with)).id}.json(), true
	case "swapMeetings":
		return object{"with": m.meets(c.declared, m.sender(c, with)).id}.json(), true
	case "extendMeeting":
		return object{"cells": 1}.json(), true
	case "setMeetingPolicy":
		return object{}.json(), true
	case "setAvailability":
		return object{"optedIn": true, "windows": []object{}}.json(), true
	case "acceptMeeting":
		return object{}.json(), true
	case "declineMeeting", "withdrawMeeting", "cancelMeeting":
		return object{"reason": word}.json(), true
	}
	return content{}, false
}

// sender is somebody of the delegation that a meeting is of, or of the caller's.
func (m *matrix) sender(c cell, with map[string]thing) attendee {
	if x := with["meeting"]; x.of.id != "" {
		return x.of
	}
	return attendee{conference: home, delegation: m.groups[home+known.name]}
}

// meetingTag is what the office knows by which something about meetings is
// changed; empty where it is not that.
func (m *matrix) meetingTag(c cell, with map[string]thing) string {
	m.Helper()
	switch x := with["delegation"]; {
	case c.id == "setMeetingPolicy":
		return m.tag(inHome + "/meeting-policy")
	case c.id == "setAvailability" && x.of.conference == home:
		return m.tag(inHome + "/meeting-availability/" + x.id)
	case c.id == "setAvailability":
		return `"0"`
	}
	return ""
}

// meetingMakers make what operations on meetings are about.
var meetingMakers = map[string]maker{
	"meeting": {delegations, (*matrix).meets},
	"asked": {conferences, func(m *matrix, _ declared, owner attendee) thing {
		other := hosts
		if m.groups[owner.conference+hosts.name] == owner.delegation {
			other = known
		}
		return thing{id: m.groups[owner.conference+other.name], conference: owner.conference}
	}},
}
