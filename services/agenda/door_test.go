package agenda_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

// An operation of the agenda, as anybody might call it.
type operation struct {
	name, method, path, media, body string
	desk                            bool // only the secretariat may
}

func operations(conference string) []operation {
	root := "/v1/conferences/" + conference
	return []operation{
		{"getConference", "GET", root, "", "", false},
		{"getAgenda", "GET", root + "/agenda", "", "", false},
		{"getSession", "GET", root + "/sessions/" + sessionID(0), "", "", false},
		{"getAgendaChanges", "GET", root + "/agenda/changes?since=0", "", "", false},
		{"changeSession", "PATCH", root + "/sessions/" + sessionID(0), "application/merge-patch+json", `{"roomId":"` + free + `"}`, true},
		{"cancelSession", "POST", root + "/sessions/" + sessionID(0) + "/cancel", "application/json", `{"reason":""}`, true},
		{"importSchedule", "POST", root + "/imports", "application/json", `{"schedule":{}}`, true},
		{"listPicks", "GET", "/v1/me/picks", "", "", false},
		{"pickSession", "PUT", "/v1/me/picks/" + sessionID(0), "", "", false},
		{"unpickSession", "DELETE", "/v1/me/picks/" + sessionID(0), "", "", false},
	}
}

// call makes one call with all the headers any operation needs; authorization
// is the whole header, empty for none. What comes back is held to the
// specification.
func call(t testing.TB, a *agenda.Service, o operation, authorization string) (*http.Response, client.Problem) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), o.method, "http://"+a.Addr()+o.path, strings.NewReader(o.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Authorization": authorization, "Content-Type": o.media, "If-Match": `"1-en"`, "Idempotency-Key": "0123456789abcdef",
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	res, err := (&client.Checker{Report: t, Base: http.DefaultTransport, AllowBad: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var p client.Problem
	if res.StatusCode >= 400 {
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatalf("%s: %d %s", o.name, res.StatusCode, b)
		}
	}
	return res, p
}

func TestOnlyAGoodTokenOpens(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	who := secretary("seoul-2013")
	but := func(name string, value any) claims {
		c := secretary("seoul-2013")
		c[name] = value
		return c
	}
	wall := s.clock.now()
	stranger := newSigner("ours")
	stranger.key = newSigner("theirs").key
	good := s.signer.token(who)
	head, _, _ := strings.Cut(good, ".")
	cases := []struct{ name, authorization, code string }{
		{"none", "", "token_missing"},
		{"an empty one", "Bearer ", "token_missing"},
		{"another scheme", "Basic ZGVzazpkZXNr", "token_missing"},
		{"forged", "Bearer " + stranger.token(who), "token_invalid"},
		{"of another key", "Bearer " + newSigner("theirs").token(who), "token_invalid"},
		{"expired", "Bearer " + s.signer.token(but("exp", wall.Add(-time.Second).Unix())), "token_expired"},
		{"without an end", "Bearer " + s.signer.token(but("exp", nil)), "token_invalid"},
		{"not yet good", "Bearer " + s.signer.token(but("nbf", wall.Add(time.Hour).Unix())), "token_invalid"},
		{"of algorithm none", "Bearer " + s.signer.tokenAs("none", who), "token_invalid"},
		{"of another algorithm", "Bearer " + s.signer.tokenAs("HS256", who), "token_invalid"},
		{"for another audience", "Bearer " + s.signer.token(but("aud", "elsewhere")), "token_invalid"},
		{"of another issuer", "Bearer " + s.signer.token(but("iss", "elsewhere")), "token_invalid"},
		{"of no conference", "Bearer " + s.signer.token(but("conference", "")), "token_invalid"},
		{"of nobody", "Bearer " + s.signer.token(but("sub", "")), "token_invalid"},
		{"with other claims", "Bearer " + head + "." + part(claims{"sub": "x"}) + good[strings.LastIndex(good, "."):], "token_invalid"},
		{"cut short", "Bearer " + good[:len(good)-2], "token_invalid"},
		{"words", "Bearer open sesame", "token_invalid"},
	}
	for _, x := range cases {
		for _, o := range operations("seoul-2013") {
			res, p := call(t, a, o, x.authorization)
			challenge := res.Header.Get("WWW-Authenticate")
			if res.StatusCode != http.StatusUnauthorized || p.Code != x.code || !strings.HasPrefix(challenge, "Bearer") {
				t.Errorf("%s, %s: %d %s, challenge %q", x.name, o.name, res.StatusCode, p.Code, challenge)
			}
			spoken(t, p)
		}
	}
	if got := deskOf(t, s, a).revision(); got != 1 {
		t.Errorf("somebody brought the agenda to revision %d", got)
	}
}

func TestATokenExpiresInUse(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	c := delegate("seoul-2013", "d1")
	c["exp"] = s.clock.now().Add(15 * time.Minute).Unix()
	bearer := "Bearer " + s.signer.token(c)
	read := operations("seoul-2013")[1]
	if res, _ := call(t, a, read, bearer); res.StatusCode != http.StatusOK {
		t.Fatalf("a fresh token: %d", res.StatusCode)
	}
	s.clock.set(s.clock.now().Add(15 * time.Minute))
	if res, p := call(t, a, read, bearer); res.StatusCode != http.StatusUnauthorized || p.Code != "token_expired" {
		t.Errorf("a quarter of an hour later: %d %s", res.StatusCode, p.Code)
	}
}

func TestDelegatesDoNotChangeTheAgenda(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 12))
	for name, c := range map[string]claims{
		"a delegate": delegate("seoul-2013", "d1"), "nobody in particular": {"sub": "d2", "conference": "seoul-2013"},
		"a liaison": {"sub": "d3", "conference": "seoul-2013", "roles": []string{"delegate", "liaison", "desk", "Secretariat"}},
	} {
		for _, o := range operations("seoul-2013") {
			res, p := call(t, a, o, "Bearer "+s.signer.token(c))
			switch {
			case o.desk && (res.StatusCode != http.StatusForbidden || p.Code != "not_permitted"):
				t.Errorf("%s, %s: %d %s", name, o.name, res.StatusCode, p.Code)
			case !o.desk && res.StatusCode >= 300:
				t.Errorf("%s, %s: %d %s", name, o.name, res.StatusCode, p.Code)
			}
		}
	}
	if got := deskOf(t, s, a).revision(); got != 1 {
		t.Errorf("the agenda is at revision %d", got)
	}
}

func TestAnotherConferenceLooksLikeNone(t *testing.T) {
	t.Parallel()
	london := seed("london-2011", 12)
	london.Sessions[11].ID = sessionID(500) // only there
	s, a := loaded(t, seed("seoul-2013", 11), london)
	for name, c := range map[string]claims{"a delegate": delegate("seoul-2013", "d1"), "the secretariat": secretary("seoul-2013")} {
		bearer := "Bearer " + s.signer.token(c)
		there, nowhere := operations("london-2011"), operations("nowhere-1999")
		for n := range there {
			if strings.Contains(there[n].path, "/me/") {
				continue // names no conference
			}
			res, p := call(t, a, there[n], bearer)
			none, q := call(t, a, nowhere[n], bearer)
			if res.StatusCode != http.StatusNotFound || p.Code != "not_found" {
				t.Errorf("%s, %s: %d %s", name, there[n].name, res.StatusCode, p.Code)
			}
			p.Instance, q.Instance, p.RequestID, q.RequestID = "", "", "", ""
			if x, y := same(t, p), same(t, q); x != y || headers(res) != headers(none) {
				t.Errorf("%s, %s: tells them apart\n%s %s\n%s %s", name, there[n].name, x, headers(res), y, headers(none))
			}
		}
		// Nor does a session of theirs exist for ours, under any verb.
		for _, o := range []operation{
			{"getSession", "GET", "/v1/conferences/seoul-2013/sessions/" + sessionID(500), "", "", false},
			{"pickSession", "PUT", "/v1/me/picks/" + sessionID(500), "", "", false},
		} {
			if res, p := call(t, a, o, bearer); res.StatusCode != http.StatusNotFound || p.Code != "not_found" {
				t.Errorf("%s, %s of theirs: %d %s", name, o.name, res.StatusCode, p.Code)
			}
		}
	}
	// A token of a conference that is gone opens nothing, and says no more.
	for _, o := range operations("nowhere-1999") {
		if res, p := call(t, a, o, "Bearer "+s.signer.token(secretary("nowhere-1999"))); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s without a conference: %d %s", o.name, res.StatusCode, p.Code)
		}
	}
}

func same(t testing.TB, p client.Problem) string {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// headers are those of an answer that are not of one request only.
func headers(r *http.Response) string {
	var lines []string
	for name, values := range r.Header {
		switch name {
		case "X-Request-Id", "Traceparent", "Date", "Content-Length": // the length is that of the path, which the caller knows
		default:
			lines = append(lines, name+": "+strings.Join(values, ","))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}
