package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	virtual "github.com/descope/virtualwebauthn"
)

// thing is what an operation is called upon. Whose it is, is what a cell varies.
type thing struct {
	id         string
	conference string
	of         attendee      // who has it, or in whose delegation it is; nobody for the conference's own
	etag       func() string // nil where there is none
	state      func() string // how it is now, as somebody sees it who may
	secret     string        // what opens it, shown once
}

// whose is whose thing a cell is about.
type whose string

const (
	own       whose = "their own"
	beside    whose = "of somebody beside them"
	elsewhere whose = "of another delegation"
	abroad    whose = "of another conference"
	nobodys   whose = "of nobody"
)

// What a thing can be: somebody's own, a delegation's, the conference's.
var (
	personal    = []whose{own, beside, elsewhere, abroad, nobodys}
	delegations = []whose{own, elsewhere, abroad, nobodys}
	conferences = []whose{own, abroad, nobodys}
)

// subject is something an operation is called upon, named by a variable of its
// path or by its body.
type subject struct {
	name  string
	kinds []whose
	body  bool
}

// named are the subjects in bodies.
var named = map[string][]subject{
	"createDelegation":    {{"officer", conferences, true}},
	"updateDelegation":    {{"head", conferences, true}},
	"createDelegate":      {{"delegation", delegations, true}},
	"updateDelegate":      {{"into", delegations, true}},
	"issueCodes":          {{"delegate", delegations, true}},
	"requestMeeting":      {{"asked", conferences, true}},
	"createAnnouncement":  {{"to", conferences, true}},
	"previewAnnouncement": {{"to", conferences, true}},
	"substitute":          {{"delegate", delegations, true}, {"deputy", delegations, true}},
}

// chosen are the variables whose values are the caller's to choose.
var chosen = map[string]string{"registerDevice": "installation"}

// subjects finds what an operation is called upon. An operation upon something
// nobody here can make is a fault, not an exception.
func (m *matrix) subjects(o declared) []subject {
	m.Helper()
	var out []subject
	for _, v := range o.variables {
		if v == "conference" || chosen[o.id] == v {
			continue
		}
		maker, ok := made(v)
		if !ok {
			m.Fatalf("nobody here can make a %s", v)
		}
		s := subject{name: v, kinds: maker.kinds}
		if o.id == "removeDelegation" { // only one without people can go, and that is nobody's own
			s.kinds = conferences
		}
		out = append(out, s)
	}
	return append(out, named[o.id]...)
}

// made is how things of a name are made.
func made(name string) (maker, bool) {
	for _, all := range []map[string]maker{makers, agendaMakers, meetingMakers, announcementMakers} {
		if x, ok := all[name]; ok {
			return x, true
		}
	}
	return maker{}, false
}

type maker struct {
	kinds []whose
	make  func(m *matrix, o declared, owner attendee) thing
}

// makers make things, of somebody or of the conference of somebody.
var makers = map[string]maker{
	"delegate": {delegations, func(m *matrix, o declared, owner attendee) thing {
		p := m.spare(owner)
		x := thing{id: p.id, conference: p.conference, of: p}
		path := "/v1/conferences/" + p.conference + "/delegates/" + p.id
		x.etag = func() string { return m.asOffice(p.conference, "GET", path, content{}, nil).header.Get("ETag") }
		x.state = func() string { return m.asOffice(p.conference, "GET", path, content{}, nil).body }
		if o.id == "endDelegateSignIns" {
			token := m.pair(p).Access
			x.state = func() string { return m.works(token) }
		}
		return x
	}},
	"delegation": {delegations, func(m *matrix, o declared, owner attendee) thing {
		x := thing{id: owner.delegation, conference: owner.conference, of: owner}
		if o.id == "removeDelegation" {
			x.id, m.empty[owner.conference] = m.empty[owner.conference][0], m.empty[owner.conference][1:]
			x.of = attendee{}
		}
		path := "/v1/conferences/" + owner.conference + "/delegations/" + x.id
		x.etag = func() string { return m.asOffice(owner.conference, "GET", path, content{}, nil).header.Get("ETag") }
		x.state = func() string { return m.asOffice(owner.conference, "GET", path, content{}, nil).body }
		return x
	}},
	"substitution": {delegations, func(m *matrix, _ declared, owner attendee) thing { return m.planned(owner) }},
	"number": {conferences, func(m *matrix, _ declared, owner attendee) thing {
		least := 1
		if owner.conference == away { // a number that home does not have
			least = m.lists[home] + 1
		}
		for m.lists[owner.conference] < least {
			m.asOffice(owner.conference, "POST", "/v1/conferences/"+owner.conference+"/participant-lists", content{}, nil)
			m.lists[owner.conference]++
		}
		return thing{id: strconv.Itoa(m.lists[owner.conference]), conference: owner.conference}
	}},
	"head":    {conferences, aPerson},
	"officer": {conferences, aPerson},
	"deputy":  {delegations, aPerson},
	"into": {delegations, func(_ *matrix, _ declared, owner attendee) thing {
		return thing{id: owner.delegation, conference: owner.conference, of: owner}
	}},
	"apiKey": {conferences, func(m *matrix, _ declared, owner attendee) thing { return m.key(owner.conference, "people:read") }},
	"passkey": {personal, func(m *matrix, _ declared, owner attendee) thing {
		who := m.comes("", owner)
		id, _ := m.passkey(who)
		return thing{id: id, conference: owner.conference, of: owner, state: func() string {
			return m.ask("GET", "/v1/me/passkeys", who.token, content{}).body
		}}
	}},
	"signIn": {personal, func(m *matrix, _ declared, owner attendee) thing {
		token := m.pair(owner).Access
		return thing{id: m.signInOf(token), conference: owner.conference, of: owner, state: func() string { return m.works(token) }}
	}},
	// News of a meeting, which is told at once.
	"notice": {conferences, func(m *matrix, o declared, owner attendee) thing {
		all := "/v1/conferences/" + owner.conference + "/notices?limit=1"
		var page struct{ Items []struct{ ID string } }
		m.asOffice(owner.conference, "GET", all, content{}, &page)
		if len(page.Items) == 0 {
			m.meets(o, m.take(owner.conference, known, "delegate"))
		}
		for n := 0; n < 2000 && len(page.Items) == 0; n++ {
			m.asOffice(owner.conference, "GET", all, content{}, &page)
		}
		if len(page.Items) == 0 {
			m.Fatal("nobody was told of a meeting")
		}
		return thing{id: page.Items[0].ID, conference: owner.conference}
	}},
	"installation": {personal, func(m *matrix, _ declared, owner attendee) thing {
		who, id := m.comes("", owner), m.id()
		m.read(m.ask("PUT", "/v1/me/devices/"+id, who.token, phone(id)), 200, nil)
		return thing{id: id, conference: owner.conference, of: owner, state: func() string {
			return m.ask("GET", "/v1/me/devices", who.token, content{}).body
		}}
	}},
}

// planned is a substitution in the delegation of somebody.
func (m *matrix) planned(owner attendee) thing {
	m.Helper()
	var conference struct{ Now time.Time }
	m.asOffice(owner.conference, "GET", "/v1/conferences/"+owner.conference, content{}, &conference)
	var made struct{ ID string }
	all := "/v1/conferences/" + owner.conference + "/substitutions"
	p := m.spare(owner)
	seat := object{"delegate": p.id, "deputy": m.spare(p).id, "from": conference.Now.Add(3 * time.Hour)}.json()
	a := m.ask("POST", all, m.office[owner.conference].token, seat)
	for n := 0; n < 500 && strings.Contains(a.body, "in_the_past"); n++ { // who keeps the seats has not heard of the clock yet
		a = m.ask("POST", all, m.office[owner.conference].token, seat)
	}
	m.read(a, http.StatusCreated, &made)
	return thing{id: made.ID, conference: owner.conference, of: p, state: func() string {
		var page struct{ Items []struct{ ID, Status string } }
		m.asOffice(owner.conference, "GET", all+"?limit=100", content{}, &page)
		for _, s := range page.Items {
			if s.ID == made.ID {
				return s.Status
			}
		}
		return "gone"
	}}
}

func aPerson(m *matrix, _ declared, owner attendee) thing {
	p := m.spare(owner)
	return thing{id: p.id, conference: p.conference, of: p}
}

// spare is somebody nobody has used yet, beside p.
func (m *matrix) spare(p attendee) attendee {
	for _, g := range []delegationOf{hosts, known, others} {
		if m.groups[p.conference+g.name] == p.delegation {
			return m.take(p.conference, g, "delegate")
		}
	}
	m.Fatalf("nobody knows the delegation of %v", p)
	return attendee{}
}

// works says whether a token still opens something.
func (m *matrix) works(token string) string {
	return strconv.Itoa(m.ask("GET", "/v1/me", token, content{}).status)
}

// key makes an API key.
func (m *matrix) key(conference string, scopes ...string) thing {
	m.Helper()
	var made struct{ ID, Key string }
	all := "/v1/conferences/" + conference + "/api-keys"
	m.serial++
	m.asOffice(conference, "POST", all, object{"name": fmt.Sprint("System ", m.serial), "scopes": scopes}.json(), &made)
	return thing{id: made.ID, secret: made.Key, conference: conference, state: func() string {
		_, after, _ := strings.Cut(m.asOffice(conference, "GET", all, content{}, nil).body, made.ID)
		mine, _, _ := strings.Cut(after, `"id"`)
		return fmt.Sprint(strings.Contains(mine, "endedAt"))
	}}
}

var party = virtual.RelyingParty{ID: "localhost", Name: "Plenary", Origin: "http://localhost"}

// device holds one passkey.
type device struct {
	virtual.Authenticator
	key virtual.Credential
}

type challenge struct {
	Challenge string
	Options   map[string]any
}

// enrolment is what adds a passkey for who.
func (m *matrix) enrolment(who caller) (content, *device) {
	m.Helper()
	var c challenge
	m.read(m.ask("POST", "/v1/me/passkeys/challenges", who.token, content{}), 201, &c)
	d := &device{virtual.NewAuthenticator(), virtual.NewCredential(virtual.KeyTypeEC2)}
	options, err := virtual.ParseAttestationOptions(object(c.Options).text())
	if err != nil {
		m.Fatal(err)
	}
	credential := virtual.CreateAttestationResponse(party, d.Authenticator, d.key, *options)
	return content{"application/json", fmt.Sprintf(`{"challenge":%q,"name":"Key","credential":%s}`, c.Challenge, credential)}, d
}

// passkey adds one.
func (m *matrix) passkey(who caller) (id string, d *device) {
	m.Helper()
	body, d := m.enrolment(who)
	var made struct{ ID string }
	m.read(m.ask("POST", "/v1/me/passkeys", who.token, body), 201, &made)
	return made.ID, d
}

// assertion is what completes a sign-in of somebody with a passkey.
func (m *matrix) assertion() content {
	m.Helper()
	who := m.comes("", m.take(home, hosts, "secretariat"))
	_, d := m.passkey(who)
	var c challenge
	m.read(m.ask("POST", "/v1/sign-ins", "", m.credentials(who.attendee)), http.StatusAccepted, &c)
	options, err := virtual.ParseAssertionOptions(object(c.Options).text())
	if err != nil {
		m.Fatal(err)
	}
	d.key.Counter++
	return content{"application/json", fmt.Sprintf(`{"challenge":%q,"credential":%s}`, c.Challenge, virtual.CreateAssertionResponse(party, d.Authenticator, d.key, *options))}
}

func phone(id string) content {
	return object{"token": "token of " + id, "platform": "ios", "locale": "en"}.json()
}
