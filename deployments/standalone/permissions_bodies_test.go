package main

import (
	"fmt"
	"regexp"
	"strings"
)

// things makes what a cell is about: its subject as the cell has it, everything
// else the caller's own.
func (m *matrix) things(c cell) map[string]thing {
	m.Helper()
	out := make(map[string]thing)
	for _, s := range m.subjects(c.declared) {
		of := own
		if s.name == c.subject.name {
			of = c.of
		}
		out[s.name] = m.thing(c, s, of)
	}
	for _, with := range []string{"deputy", "head"} { // they must be of the same delegation
		if _, ok := out[with]; ok && c.of == elsewhere && c.subject.name != with {
			out[with] = aPerson(m, c.declared, out[c.subject.name].of)
		}
	}
	return out
}

// thing makes one. Who may not have one at all is called upon nothing: the
// answer must not depend on it.
func (m *matrix) thing(c cell, s subject, of whose) thing {
	m.Helper()
	who := c.who
	role := "delegate"
	if c.permission == "secretariat" && len(s.kinds) == len(personal) {
		role = "secretariat"
	}
	var owner attendee
	switch of {
	case own:
		switch {
		case s.name == "officer": // one of the host's
			owner = m.take(home, hosts, role)
		case who.id == "":
			owner = m.take(home, known, role)
		case s.name == "meeting": // one they take part in
			owner = who.attendee
		case len(s.kinds) != len(personal):
			owner = m.spare(who.attendee)
		case !who.holds(role):
			return thing{id: m.id(), conference: home}
		default:
			owner = who.attendee
		}
	case beside:
		g := known
		if m.groups[home+hosts.name] == who.delegation {
			g = hosts
		}
		owner = m.take(home, g, role)
	case elsewhere:
		owner = m.take(home, others, role)
	case abroad:
		owner = m.take(away, hosts, role)
	case nobodys:
		if s.name == "number" || s.name == "revision" {
			return thing{id: "99999", conference: home}
		}
		return thing{id: m.id(), conference: home}
	}
	how, _ := made(s.name)
	return m.spared(c, s, of, owner, func() thing {
		x := how.make(m, c.declared, owner)
		switch mine := len(s.kinds) == len(personal); {
		case s.name == "number" || s.name == "revision" || s.name == "delegation" || s.name == "into" || s.name == "asked" || of == own: // no secret
		case of == abroad || mine:
			m.secret = append(m.secret, x.id)
		case of == elsewhere:
			m.quiet = append(m.quiet, x.id)
		}
		return x
	})
}

// path fills in the variables of a path, and the query it must have.
func (m *matrix) path(c cell, with map[string]thing) string {
	m.Helper()
	query := queries[c.id] + m.meetingQuery(c)
	for _, name := range c.query {
		if !strings.Contains(query, name+"=") {
			m.Fatalf("nobody here gives it %s in the query", name)
		}
	}
	return variable.ReplaceAllStringFunc(c.path, func(v string) string {
		name := strings.Trim(v, "{}")
		switch {
		case name == "conference":
			return c.at
		case chosen[c.id] == name:
			return m.id()
		}
		return with[name].id
	}) + query
}

// queries are what an operation must be given, or look for what must not be
// found.
var queries = map[string]string{
	"searchDirectory": "?limit=100&q=" + others.name, "listPublicParticipants": "?limit=100&q=" + others.name,
	"getAgendaChanges": "?since=0", "compareRevisions": "?from=0&to=1",
}

var variable = regexp.MustCompile(`\{[a-zA-Z]+\}`)

// headers are those an operation must have.
func (m *matrix) headers(c cell, with map[string]thing) []string {
	m.Helper()
	etag := func() string { return `"1"` }
	for _, x := range with {
		if x.etag != nil {
			etag = x.etag
		}
	}
	if c.id == "updateMe" && c.who.id != "" {
		etag = func() string { return m.ask("GET", "/v1/me", c.who.token, content{}).header.Get("ETag") }
	}
	if c.id == "setPreferences" {
		etag = func() string { return m.ask("GET", "/v1/me/preferences", c.who.token, content{}).header.Get("ETag") }
	}
	switch {
	case strings.HasPrefix(c.path, "/v1/conferences/{conference}/draft"):
		etag = func() string { return m.tag(inHome + "/draft") }
	case m.meetingTag(c, with) != "":
		etag = func() string { return m.meetingTag(c, with) }
	case c.id == "updateConference":
		etag = func() string { return m.tag(inHome) }
	}
	var out []string
	for _, name := range c.headers {
		switch name {
		case "Idempotency-Key":
			m.serial++
			out = append(out, fmt.Sprintf("%s: the matrix, number %06d", name, m.serial))
		case "If-Match":
			out = append(out, name+": "+etag())
		default:
			m.Fatalf("nobody here knows what to put into %s", name)
		}
	}
	return out
}

// body is one an operation takes. One that nobody here knows is a fault.
func (m *matrix) body(c cell, with map[string]thing) content {
	m.Helper()
	if len(c.media) == 0 {
		return content{}
	}
	m.serial++
	word := fmt.Sprint("word ", m.serial)
	switch c.id {
	case "signIn":
		return m.credentials(m.take(home, known, "delegate"))
	case "completeSignIn":
		return m.assertion()
	case "refreshSignIn":
		return object{"refreshToken": m.pair(m.take(home, known, "delegate")).Refresh}.json()
	case "signInWithKey":
		return object{"key": m.key(home, "people:read").secret}.json()
	case "updateMe":
		return object{"languages": []string{"en"}, "consent": object{"participants": false}}.patch()
	case "addPasskey":
		if c.who.system() || !c.who.holds("secretariat") {
			return object{"challenge": word, "name": word, "credential": object{}}.json()
		}
		enrolment, _ := m.enrolment(c.who)
		return enrolment
	case "createDelegation":
		return object{"designation": object{"en": word}, "kind": "state", "officer": with["officer"].id}.json()
	case "updateDelegation":
		return object{"precedence": m.serial % 9999, "head": with["head"].id}.patch()
	case "createDelegate":
		return object{"name": word, "delegation": with["delegation"].id}.json()
	case "updateDelegate":
		return object{"function": word, "delegation": with["into"].id}.patch()
	case "importDelegations":
		return content{"text/csv", "externalId,kind,designation:en\r\n" + word + ",state," + word + "\r\n"}
	case "importDelegates":
		return content{"text/csv", "externalId,delegation,name\r\n" + word + ",none," + word + "\r\n"}
	case "issueCodes":
		return object{"delegates": []string{with["delegate"].id}}.json()
	case "substitute":
		return object{"delegate": with["delegate"].id, "deputy": with["deputy"].id}.json()
	case "createApiKey":
		return object{"name": word, "scopes": []string{"people:read"}}.json()
	case "registerDevice":
		return phone(word)
	case "testPush":
		return object{"validateOnly": true}.json()
	case "reportReceipts":
		return object{"items": []object{{"noticeId": m.id(), "state": "opened", "at": "2013-10-17T01:00:00Z"}}}.json()
	case "reportCalls":
		return object{"ids": []string{m.id()}}.json()
	case "markInboxRead":
		return object{"upTo": m.serial}.json()
	case "setPreferences":
		return object{"language": "ko"}.json()
	}
	if body, ok := m.aboutAgenda(c, word, with); ok {
		return body
	}
	if body, ok := m.aboutMeetings(c, word, with); ok {
		return body
	}
	if body, ok := m.aboutAnnouncements(c, word, with); ok {
		return body
	}
	m.Fatalf("nobody here knows a body for it")
	return content{}
}
