package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// The two conferences of the house in which the matrix is walked. Everybody who
// calls is of home; what is away is nobody's business here.
const (
	home = "london-2011"
	away = "seoul-2013"
)

// The delegations of each. Names say where somebody belongs, so that an answer
// which shows too much betrays itself.
var (
	hosts  = delegationOf{"host", "Host"}
	known  = delegationOf{"state", "Known"} // that of the callers who run nothing
	others = delegationOf{"state", "Quiet"} // nobody of it agreed to be found
)

type delegationOf struct{ kind, name string }

// attendee is somebody of a conference.
type attendee struct {
	id, conference, delegation, badge, code string
	roles                                   []string
}

// caller is somebody, or some system, who asks.
type caller struct {
	kind     string
	attendee // nobody for a system
	token    string
	scopes   []string // of a system
}

func (c caller) system() bool { return c.scopes != nil }

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// matrix is the house, with enough people in it for every cell.
type matrix struct {
	*testing.T
	url        string
	http       *http.Client
	people     map[string][]attendee // not used yet, by conference, delegation's name and role
	empty      map[string][]string   // delegations with nobody in them, by conference
	groups     map[string]string     // delegation's id, by conference and name
	agenda     map[string]sample.Conference
	office     map[string]caller   // of each conference; fixtures are made by them
	lists      map[string]int      // how many numbered lists each conference has
	stages     []string            // the operations upon sessions, in the order in which they got one
	slots      map[string]int      // how many slots meetings were asked for at, by conference
	principals map[string][]string // for whom confirmed meetings are, by conference and delegation's name
	left       map[string]thing    // things that nobody who is refused has changed, by how they were made
	held       int                 // how many notices the release that waits sends
	gone       string              // the session that an import no longer had
	serial     int
	secret     []string // ids that nobody who calls may see
	quiet      []string // ids of another delegation, for the office and the desk only
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	h := openHouse(t, "CONFERENCE", "none", "RATE_LIMIT", "off",
		"PASSKEY_DOMAIN", party.ID, "PASSKEY_ORIGINS", party.Origin)
	m := &matrix{
		T: t, url: h.place().URL, people: make(map[string][]attendee), empty: make(map[string][]string), groups: make(map[string]string),
		agenda: make(map[string]sample.Conference), office: make(map[string]caller), lists: make(map[string]int), slots: make(map[string]int), principals: make(map[string][]string), left: make(map[string]thing),
		http: &http.Client{Transport: &client.Checker{Report: t, Base: http.DefaultTransport, AllowBad: true}},
	}
	for _, conference := range []string{home, away} {
		c, err := sample.Make(conference, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		c.Picks, c.Devices, c.Meetings, c.Windows = nil, nil, nil, nil
		m.stage(&c)
		c.Delegations, c.Delegates = m.settle(conference)
		m.agenda[conference] = c
		if err := h.load(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for _, conference := range []string{home, away} {
		m.office[conference] = m.comes("the office", m.take(conference, hosts, "secretariat"))
	}
	// What lists must leave out is there before the first is read.
	m.secret = append(m.secret, m.key(away, "people:read").id, m.planned(m.take(away, hosts, "delegate")).id)
	m.quiet = append(m.quiet, m.planned(m.take(home, others, "delegate")).id)
	return m
}

// settle makes the people of a conference.
func (m *matrix) settle(conference string) (groups []sample.Delegation, people []sample.Delegate) {
	n := 0
	add := func(g delegationOf, id, role string, count int) {
		for range count {
			n++
			name := g.name
			if conference == away {
				name = "Abroad"
			}
			d := sample.Delegate{
				ID: m.id(), Delegation: id, Accreditation: fmt.Sprintf("%s-%05d", strings.ToUpper(conference[:3]), n), ActivationCode: fmt.Sprintf("CODE%06d", n),
				Name: fmt.Sprintf("%s Person %d", name, n), Roles: []string{"delegate"}, Languages: []string{"en"},
			}
			if role != "delegate" {
				d.Roles = append(d.Roles, role)
			}
			people = append(people, d)
			at := conference + g.name + role
			m.people[at] = append(m.people[at], attendee{id: d.ID, conference: conference, delegation: id, badge: d.Accreditation, code: d.ActivationCode, roles: d.Roles})
		}
	}
	for _, g := range []delegationOf{hosts, known, others} {
		id := m.id()
		groups = append(groups, sample.Delegation{ID: id, Designation: sample.Text{"en": g.name + " delegation of " + conference}, Kind: g.kind})
		m.groups[conference+g.name] = id
		for _, role := range []string{"delegate", "liaison", "desk", "secretariat"} {
			add(g, id, role, 100)
		}
		add(g, id, "delegate", 900)
	}
	for range 60 {
		id := m.id()
		groups = append(groups, sample.Delegation{ID: id, Designation: sample.Text{"en": "Nobody of " + conference}, Kind: "media"})
		m.empty[conference] = append(m.empty[conference], id)
	}
	return groups, people
}

// id is one that nothing has yet.
func (m *matrix) id() string {
	m.serial++
	return fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-%012x", m.serial)
}

// take is a person nobody has used yet.
func (m *matrix) take(conference string, g delegationOf, role string) attendee {
	m.Helper()
	at := conference + g.name + role
	if len(m.people[at]) == 0 {
		m.Fatalf("there is no %s of the %s delegation of %s left", role, g.name, conference)
	}
	p := m.people[at][0]
	m.people[at] = m.people[at][1:]
	return p
}

// comes signs p in.
func (m *matrix) comes(kind string, p attendee) caller {
	m.Helper()
	pair := m.pair(p)
	return caller{kind: kind, attendee: p, token: pair.Access}
}

type pair struct {
	Access  string `json:"accessToken"`
	Refresh string `json:"refreshToken"`
}

func (m *matrix) pair(p attendee) pair {
	m.Helper()
	var out pair
	m.read(m.ask("POST", "/v1/sign-ins", "", m.credentials(p)), 201, &out)
	return out
}

func (m *matrix) credentials(p attendee) content {
	return object{"conference": p.conference, "accreditation": p.badge, "activationCode": p.code}.json()
}

// system makes an API key of home with these scopes and signs in with it.
func (m *matrix) system(kind string, scopes ...string) caller {
	m.Helper()
	var out pair
	m.read(m.ask("POST", "/v1/sign-ins/api-key", "", object{"key": m.key(home, scopes...).secret}.json()), 201, &out)
	return caller{kind: kind, token: out.Access, scopes: scopes}
}

// content is a body and what it is.
type content struct{ media, text string }

type object map[string]any

func (o object) json() content { return content{"application/json", o.text()} }

func (o object) patch() content { return content{"application/merge-patch+json", o.text()} }

func (o object) text() string {
	b, err := json.Marshal(map[string]any(o))
	if err != nil {
		panic(err) // only texts, numbers and lists of them
	}
	return string(b)
}

// ask sends one request; headers are "Name: value".
func (m *matrix) ask(method, path, token string, c content, headers ...string) answer {
	m.Helper()
	req, err := http.NewRequestWithContext(m.Context(), method, m.url+path, strings.NewReader(c.text))
	if err != nil {
		m.Fatal(err)
	}
	if c.media == "" {
		req.Body = http.NoBody
	} else {
		req.Header.Set("Content-Type", c.media)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := m.http.Do(req)
	if err != nil {
		m.Fatal(err)
	}
	defer res.Body.Close()
	var from io.Reader = res.Body
	if res.Header.Get("Content-Type") == "text/event-stream" {
		from = io.LimitReader(from, 1) // it does not end
	}
	b, err := io.ReadAll(from)
	if err != nil {
		m.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(bytes.TrimSpace(b))}
}

// asOffice asks as the secretariat of a conference and wants success.
func (m *matrix) asOffice(conference, method, path string, c content, into any, headers ...string) answer {
	m.Helper()
	a := m.ask(method, path, m.office[conference].token, c, headers...)
	if a.status >= 300 {
		m.Fatalf("the office of %s: %s %s answers %d: %s", conference, method, path, a.status, a.body)
	}
	m.read(a, a.status, into)
	return a
}

func (m *matrix) read(a answer, want int, into any) {
	m.Helper()
	if a.status != want {
		m.Fatalf("answers %d: %s, want %d", a.status, a.body, want)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		m.Fatalf("%v in %s", err, a.body)
	}
}

// signInOf is the sign-in a token belongs to.
func (m *matrix) signInOf(token string) string {
	m.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		m.Fatalf("an access token has %d parts", len(parts))
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		m.Fatal(err)
	}
	var claims struct{ SID string }
	if err := json.Unmarshal(text, &claims); err != nil || claims.SID == "" {
		m.Fatalf("no sign-in in %s", text)
	}
	return claims.SID
}

// holds says whether somebody's roles are enough for a permission.
func (c caller) holds(permission string) bool {
	if permission == "party" {
		return c.holds("liaison") || c.holds("desk")
	}
	return permission == "delegate" || slices.Contains(c.roles, permission) || slices.Contains(c.roles, "secretariat")
}
