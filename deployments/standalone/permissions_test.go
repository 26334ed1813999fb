package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The permission matrix: every operation of the specification, called by
// everybody there is, upon things of their own, of somebody beside them, of
// another delegation, of another conference and upon nothing, in their own
// conference, in another and in none. What is expected follows from x-permission,
// x-owner and x-scope and from nothing else; what is hidden answers to the last
// byte like what is not there, and stays as it was.
func TestNobodyActsOutsideTheirConferenceDelegationOrRole(t *testing.T) {
	t.Parallel()
	all := declarations(t)
	m := newMatrix(t)
	nothing := mask(m.ask("GET", "/v1/nowhere", m.office[home].token, content{}))
	walked := 0
	for _, o := range all {
		t.Run(o.id, func(t *testing.T) {
			m.T = t
			cells := m.walk(o, nothing)
			if cells < 7 { // each kind of caller at least once
				t.Errorf("it was called %d times", cells)
			}
			walked += cells
		})
	}
	if len(all) < 59 {
		t.Errorf("there are %d operations: were they all read?", len(all))
	}
	t.Logf("%d operations, %d cells", len(all), walked)
}

// cell is one way of calling an operation.
type cell struct {
	declared
	who     caller
	at      string // the conference the path names
	subject subject
	of      whose
}

func (c cell) String() string {
	upon := ""
	if c.subject.name != "" {
		upon = fmt.Sprintf(", upon a %s %s", c.subject.name, c.of)
	}
	return fmt.Sprintf("%s, in %s%s", c.who.kind, c.at, upon)
}

// verdict is how a cell must end.
type verdict int

const (
	passes verdict = iota + 1
	signedOut
	forbidden
	absent
)

// expected is the verdict that the declarations ask for.
func (c cell) expected() verdict {
	switch {
	case c.permission == "public":
		if c.at != home && c.at != away {
			return absent
		}
		return passes
	case c.who.token == "":
		return signedOut
	case c.at != home:
		return absent
	case c.who.system() && (c.scope == "" || !slices.Contains(c.who.scopes, c.scope)):
		return forbidden
	case !c.who.system() && !c.who.holds(c.permission):
		return forbidden
	case c.of == own:
		return passes
	case c.of == abroad || c.of == nobodys || c.owner == "self":
		return absent
	case c.owner == "delegation" && c.of == elsewhere && !c.who.holds("desk"):
		return absent
	}
	return passes
}

// silent are the operations that answer as if they had done it when there is
// nothing to do: their description says so.
var silent = map[string]int{"removeDevice": http.StatusNoContent, "unpickSession": http.StatusNoContent}

// already are the operations that cannot be done in a house that runs.
var already = map[string]int{"createConference": http.StatusConflict}

// walk calls o in every way there is and returns how many those are.
func (m *matrix) walk(o declared, nothing string) (cells int) {
	m.Helper()
	subjects := m.subjects(o)
	if len(subjects) == 0 {
		subjects = []subject{{kinds: []whose{own}}}
	}
	for _, s := range subjects {
		unseen := "" // how the operation answers about nothing
		for _, of := range slices.Backward(s.kinds) {
			for _, who := range m.callers(o) {
				m.call(cell{o, who, home, s, of}, nothing, &unseen)
				cells++
			}
		}
	}
	if !o.inConference() {
		return cells
	}
	for _, at := range []string{away, "nowhere-2099"} {
		for _, who := range m.callers(o) {
			of := map[bool]whose{true: abroad, false: nobodys}[at == away]
			m.call(cell{o, who, at, subjects[0], of}, nothing, nil)
			cells++
		}
	}
	return cells
}

// callers are one of each kind. Whoever calls an operation upon themselves is
// somebody new each time: many of those end a sign-in.
func (m *matrix) callers(o declared) []caller {
	m.Helper()
	rest := slices.DeleteFunc([]string{"agenda:read", "agenda:write", "people:read", "people:write", "audit:read"}, func(s string) bool { return s == o.scope })
	with := []string{o.scope}
	if o.scope == "" { // no key will do, whatever it has
		with, rest = rest, rest[:1]
	}
	key := func(kind string, scopes ...string) caller {
		at := "key" + strings.Join(scopes, " ")
		if _, made := m.office[at]; !made {
			m.office[at] = m.system(kind, scopes...)
		}
		who := m.office[at]
		who.kind = kind
		return who
	}
	somebody := func(role string, g delegationOf) caller {
		if o.owner == "self" || o.permission == "public" {
			return m.comes(role, m.take(home, g, role))
		}
		if _, made := m.office[role]; !made {
			m.office[role] = m.comes(role, m.take(home, g, role))
		}
		return m.office[role]
	}
	return []caller{
		{kind: "somebody signed out"},
		somebody("delegate", known), somebody("liaison", known), somebody("desk", hosts), somebody("secretariat", hosts),
		key("a key with the scope", with...), key("a key without it", rest...),
	}
}

// call is one cell.
func (m *matrix) call(c cell, nothing string, unseen *string) {
	m.Helper()
	if c.expected() == passes {
		m.beforehand(c)
	}
	with := m.things(c)
	body, headers, path := m.body(c, with), m.headers(c, with), m.path(c, with)
	want, before := c.expected(), make(map[string]string)
	for name, x := range with {
		if want != passes && c.changes() && x.state != nil {
			before[name] = x.state()
		}
	}
	a := m.ask(c.method, path, c.who.token, body, headers...)
	if c.id == "createParticipantList" && a.status == c.success {
		m.lists[c.at]++
	}
	if status := c.status(want, a.status); a.status != status {
		m.Errorf("%s: %d %.300s, want %d", c, a.status, a.body, status)
		return
	}
	if want == absent {
		m.looksAbsent(c, a, nothing, unseen)
	}
	for name, was := range before {
		if is := with[name].state(); is != was {
			m.Errorf("%s: %d, and yet the %s is not as it was:\n%s\n%s", c, a.status, name, was, is)
		}
	}
	m.tells(c, a)
}

// status is the one a verdict shows in. What a body names and is not there may
// be said in the words of the operation.
func (c cell) status(want verdict, got int) int {
	switch want {
	case passes:
		if status, ok := already[c.id]; ok {
			return status
		}
		if c.subject.name == "deputy" && c.of == elsewhere { // both must be of one delegation
			return http.StatusUnprocessableEntity
		}
		return c.success
	case signedOut:
		return http.StatusUnauthorized
	case forbidden:
		return http.StatusForbidden
	case absent:
	}
	if s, ok := silent[c.id]; ok {
		return s
	}
	if c.subject.body && c.at == home && got == http.StatusUnprocessableEntity {
		return got
	}
	return http.StatusNotFound
}

// looksAbsent holds an answer about what is hidden to one about what is not
// there.
func (m *matrix) looksAbsent(c cell, a answer, nothing string, unseen *string) {
	m.Helper()
	shown := mask(a)
	if a.status == http.StatusNotFound && shown != nothing {
		m.Errorf("%s: what is hidden answers\n%s, and what is not there\n%s", c, shown, nothing)
	}
	switch {
	case unseen == nil:
	case *unseen == "":
		*unseen = shown
	case *unseen != shown:
		m.Errorf("%s: answers\n%s, and upon one of nobody\n%s", c, shown, *unseen)
	}
}

// mask is an answer without what differs from one request to the next.
func mask(a answer) string {
	body := varying.ReplaceAllString(a.body, `"$1":"…"`)
	var headers []string
	for _, name := range []string{"Content-Type", "Cache-Control", "Vary", "Etag", "Www-Authenticate", "Retry-After", "Content-Language", "Allow"} {
		headers = append(headers, a.header.Values(name)...)
	}
	return fmt.Sprintf("%d %q %s", a.status, headers, body)
}

var varying = regexp.MustCompile(`"(instance|requestId)":"[^"]*"`)

// tells finds names and ids in an answer that are not for its reader.
func (m *matrix) tells(c cell, a answer) {
	m.Helper()
	body := varying.ReplaceAllString(a.body, "")
	if c.permission == "public" && c.at == away {
		return
	}
	if strings.Contains(body, "Abroad") || strings.Contains(body, away) {
		m.Errorf("%s: the answer tells of another conference: %.300s", c, body)
	}
	secret := m.secret
	if !c.who.system() && !c.who.holds("desk") {
		secret = slices.Concat(secret, m.quiet, []string{others.name + " Person"})
	}
	for _, word := range secret {
		if strings.Contains(body, word) {
			m.Errorf("%s: the answer shows %s, which is not for them: %.300s", c, word, body)
		}
	}
}
