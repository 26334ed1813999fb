package main

import (
	"fmt"
	"strings"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
)

// meets makes a bilateral meeting of somebody's delegation with another one, as
// an operation needs it.
func (m *matrix) meets(o declared, owner attendee) thing {
	m.Helper()
	path := "/v1/conferences/" + owner.conference + "/meetings"
	if o.id == "evictMeeting" && m.group(owner) == hosts { // whom nobody evicts
		owner = m.take(owner.conference, known, "delegate")
	}
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
	case "cancelMeeting", "rescheduleMeeting", "extendMeeting", "reconfirmMeeting", "swapMeetings", "assignRoom", "evictMeeting": // for what is confirmed people must be free
		asking = m.liaison(owner.conference, m.group(owner))
		nobody := m.empty[owner.conference]
		asked["delegation"] = nobody[len(nobody)-1-m.slots[owner.conference]%23] // prime to the rest
		asked["principals"] = []string{m.principal(owner)}
		if o.permission == "desk" {
			delete(asked, "place")
			asked["level"] = "expert"
		}
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
	case "cancelMeeting", "rescheduleMeeting", "extendMeeting", "reconfirmMeeting", "swapMeetings", "assignRoom", "evictMeeting":
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
		return object{"in": m.spare(m.sender(with)).id}.json(), true
	case "swapMeetings":
		other := m.spared(c, subject{name: "the other of a swap"}, own, m.sender(with), func() thing { return m.meets(c.declared, m.sender(with)) })
		return object{"with": other.id}.json(), true
	case "extendMeeting":
		return object{"cells": 1}.json(), true
	case "bookMeeting":
		level, start := m.when(home)
		nobody := m.empty[home]
		return object{
			"asking": m.groups[home+known.name], "asked": nobody[len(nobody)-1-m.slots[home]%23], "level": level, "startsAt": start, "place": "outside",
			"principals": []string{m.take(home, known, "delegate").id},
		}.json(), true
	case "assignRoom":
		return object{"roomId": m.largest(home)}.json(), true
	case "evictMeeting":
		agreed := m.spared(c, subject{name: "the one that evicts"}, own, attendee{}, func() thing { return thing{id: m.agreed()} })
		return object{"for": agreed.id}.json(), true
	case "blockCells":
		return m.blocked(home), true
	case "setMeetingPolicy":
		return object{}.json(), true
	case "planAllocation":
		return object{"include": "agreed"}.json(), true
	case "setAvailability":
		return object{"optedIn": true, "windows": []object{}}.json(), true
	case "acceptMeeting":
		return object{}.json(), true
	case "declineMeeting", "withdrawMeeting", "cancelMeeting":
		return object{"reason": word}.json(), true
	}
	return content{}, false
}

// principal is somebody of a delegation who is free whenever the next meeting is:
// there are 37 of them, and 40 starts.
func (m *matrix) principal(owner attendee) string {
	m.Helper()
	at := owner.conference + m.group(owner).name
	n := m.slots[owner.conference] % 37
	for len(m.principals[at]) <= n {
		m.principals[at] = append(m.principals[at], m.spare(owner).id)
	}
	return m.principals[at][n]
}

// largest is the bilateral room that nobody gets who does not ask for it.
func (m *matrix) largest(conference string) string {
	m.Helper()
	var best sample.Room
	for _, r := range m.agenda[conference].Rooms {
		if r.Kind == "bilateral" && r.Capacity >= best.Capacity {
			best = r
		}
	}
	if best.ID == "" {
		m.Fatalf("%s has no room for meetings", conference)
	}
	return best.ID
}

// agreed is a meeting of the host that has no slot yet.
func (m *matrix) agreed() string {
	m.Helper()
	level, start := m.when(home)
	asking := m.liaison(home, hosts)
	var made struct{ ID string }
	m.read(m.ask("POST", inHome+"/meetings", m.office["liaison "+asking.id].token, object{
		"delegation": m.groups[home+others.name], "level": level, "principals": []string{m.spare(asking).id}, "slots": []object{{"startsAt": start}},
		"withPrincipals": []string{m.take(home, others, "delegate").id},
	}.json()), 201, &made)
	path := inHome + "/meetings/" + made.ID
	m.asOffice(home, "POST", path+"/accept", object{"leaveToDesk": true}.json(), nil, "If-Match: "+m.tag(path))
	return made.ID
}

// blocked are cells before anybody meets, others each time.
func (m *matrix) blocked(conference string) content {
	m.Helper()
	c := m.agenda[conference]
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		m.Fatal(err)
	}
	day, err := time.ParseInLocation(time.DateOnly, c.Days[1], zone)
	if err != nil {
		m.Fatal(err)
	}
	m.slots["blocks"]++
	start := day.Add(time.Duration(m.slots["blocks"]*5) * time.Minute)
	return object{"roomId": m.largest(conference), "startsAt": start, "endsAt": start.Add(5 * time.Minute), "reason": "A committee"}.json()
}

// meetingQuery is what an operation on meetings must be told in its query.
func (m *matrix) meetingQuery(c cell) string {
	switch c.id {
	case "findMeetingSlots":
		return "?level=expert&with=" + m.groups[home+others.name]
	case "listMeetingSearches":
		return "?delegation=" + m.groups[home+known.name]
	case "getMeetingGrid":
		return "?day=" + m.agenda[home].Days[0]
	}
	return ""
}

// sender is somebody of the delegation that a meeting is of, or of the caller's.
func (m *matrix) sender(with map[string]thing) attendee {
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

// spared is a thing that make makes, or, for a cell that must leave it as it is,
// the one that another such cell has left so. It was made in the same way, and
// belongs to the same delegation; what is a person's own is never shared.
func (m *matrix) spared(c cell, s subject, of whose, owner attendee, make func() thing) thing {
	if c.expected() == passes || of == own && len(s.kinds) == len(personal) {
		return make()
	}
	at := fmt.Sprint(c.id, " ", s.name, " ", of, " ", owner.delegation)
	if s.name == "meeting" {
		at = fmt.Sprint(footing(c.declared), " ", of, " ", owner.delegation)
	}
	x, left := m.left[at]
	if !left {
		x = make()
		m.left[at] = x
	}
	return x
}

// footing is how far a meeting has come for an operation to do something to it;
// one stands for all those that are refused.
func footing(o declared) string {
	switch o.id {
	case "evictMeeting":
		return "evicted"
	case "acceptMeeting", "counterMeeting", "declineMeeting":
		return "asked by the other"
	case "cancelMeeting", "rescheduleMeeting", "extendMeeting", "reconfirmMeeting", "swapMeetings", "assignRoom":
		return "confirmed for the " + o.permission
	}
	return "asked for by the " + o.permission
}

// meetingMakers make what operations on meetings are about.
var meetingMakers = map[string]maker{
	"meeting": {delegations, (*matrix).meets},
	"block": {conferences, func(m *matrix, _ declared, owner attendee) thing {
		all := "/v1/conferences/" + owner.conference + "/meeting-blocks"
		var made struct{ ID string }
		m.asOffice(owner.conference, "POST", all, m.blocked(owner.conference), &made)
		return thing{id: made.ID, conference: owner.conference, state: func() string {
			return fmt.Sprint(strings.Contains(m.asOffice(owner.conference, "GET", all, content{}, nil).body, made.ID))
		}}
	}},
	"allocation": {conferences, func(m *matrix, _ declared, owner attendee) thing {
		var made struct{ ID string }
		all := "/v1/conferences/" + owner.conference + "/meeting-allocations"
		m.asOffice(owner.conference, "POST", all, object{"include": "agreed"}.json(), &made)
		return thing{id: made.ID, conference: owner.conference, state: func() string {
			return m.asOffice(owner.conference, "GET", all+"/"+made.ID, content{}, nil).body
		}}
	}},
	"asked": {conferences, func(m *matrix, _ declared, owner attendee) thing {
		other := hosts
		if m.groups[owner.conference+hosts.name] == owner.delegation {
			other = known
		}
		return thing{id: m.groups[owner.conference+other.name], conference: owner.conference}
	}},
}
