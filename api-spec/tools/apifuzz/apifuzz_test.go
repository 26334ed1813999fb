package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// rooms is a right server for testdata/rooms.yaml, but for one planted fault.
type rooms struct{ plant string }

const etag = `"7"`

func (s rooms) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v1/sign-ins":
		s.signIn(w, r)
		return
	case "/tables":
		s.table(w, r)
		return
	}
	room := strings.TrimPrefix(r.URL.Path, "/rooms/")
	switch {
	case r.Header.Get("Authorization") != "Bearer good" && s.plant != "open door":
		s.problem(w, 401, "token_missing")
	case r.URL.RawQuery != "", utf8.RuneCountInString(room) > 8:
		s.problem(w, 400, "bad_parameter")
	case room != "hall":
		s.problem(w, 404, "not_found")
	case r.Method == http.MethodPut:
		s.put(w, r)
	default:
		s.get(w)
	}
}

// signIn gives the good token to who knows the word.
func (s rooms) signIn(w http.ResponseWriter, r *http.Request) {
	if b, err := io.ReadAll(r.Body); err != nil || string(b) != `{"word":"friend"}` {
		s.problem(w, 401, "sign_in_refused")
		return
	}
	_, _ = io.WriteString(w, `{"accessToken":"good"}`)
}

// table takes a table and answers with another.
func (s rooms) table(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	query := r.URL.Query()
	columns := query["columns"]
	query.Del("columns")
	switch {
	case err != nil:
	case r.Header.Get("Authorization") != "Bearer good":
		s.problem(w, 401, "token_missing")
	case r.Header.Get("Content-Type") != "text/csv":
		s.problem(w, 415, "unsupported_media_type")
	case len(query) > 0, slices.ContainsFunc(columns, func(c string) bool { return utf8.RuneCountInString(c) < 2 || len(c) > 9 }), len(columns) > 3:
		s.problem(w, 400, "bad_parameter")
	case !strings.Contains(string(b), ";"):
		s.problem(w, 400, "not_a_table")
	default:
		media := map[bool]string{true: "text/html", false: "text/csv; charset=utf-8"}[len(columns) == 0]
		if s.plant == "table as text" {
			media = "text/plain"
		}
		w.Header().Set("Content-Type", media)
		_, _ = io.WriteString(w, "seats;\"a\r\n")
	}
}

func (s rooms) get(w http.ResponseWriter) {
	body, media := `{"name":"Hall","seats":900}`, "application/json"
	switch s.plant {
	case schema:
		body = `{"name":"Hall","seats":"900"}`
	case "success as text":
		media = "text/plain"
	}
	if s.plant != "header left out" {
		w.Header().Set("ETag", etag)
	}
	w.Header().Set("Content-Type", media)
	_, _ = io.WriteString(w, body)
}

var tag = regexp.MustCompile(`^"[0-9]+"$`)

func (s rooms) put(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var in map[string]any
	switch {
	case r.Header.Get("Content-Type") != "application/json":
		s.problem(w, 415, "unsupported_media_type")
	case !tag.MatchString(r.Header.Get("If-Match")), json.Unmarshal(b, &in) != nil:
		s.problem(w, 400, "unreadable")
	case r.Header.Get("If-Match") != etag:
		s.problem(w, 412, "stale")
	case s.plant == "no answer":
		panic(http.ErrAbortHandler)
	case s.plant == "teapot":
		s.problem(w, 418, "teapot")
	default:
		s.keep(w, in)
	}
}

func (s rooms) keep(w http.ResponseWriter, in map[string]any) {
	name, isText := in["name"].(string)
	seats, isNumber := in["seats"].(float64)
	_, given := in["seats"]
	for k := range in {
		if k != "name" && k != "seats" && s.plant != "unknown members" {
			s.problem(w, 400, "unknown_member")
			return
		}
	}
	longest := map[bool]int{true: 10, false: 20}[s.plant == refused]
	switch n := utf8.RuneCountInString(name); {
	case s.plant == broken && n > 15:
		s.problem(w, 500, "internal")
	case !isText && s.plant != "any type", n < 1 && isText, n > longest:
		s.problem(w, 422, "validation_failed")
	case given && (!isNumber || seats < 1 || seats > 500) && s.plant != accepted:
		s.problem(w, 422, "validation_failed")
	case given && seats == 1:
		s.problem(w, 422, "too_small")
	case given && seats == 2:
		s.problem(w, 422, "validation_failed", "odd")
	case given && seats > 2 && seats < 400 && s.plant == "an unnamed rule":
		s.problem(w, 422, "validation_failed", "odd", "even")
	case given && seats == 500:
		w.Header().Set("Retry-After", "1")
		s.problem(w, 503, "behind")
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s rooms) problem(w http.ResponseWriter, status int, code string, places ...string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if s.plant == mediaType {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	var errors []map[string]string
	for _, c := range places {
		errors = append(errors, map[string]string{"pointer": "/seats", "code": c})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "code": code, "errors": errors})
}

func fuzz(t *testing.T, plant string, seed uint64) ([]finding, string) {
	t.Helper()
	server := httptest.NewServer(rooms{plant})
	t.Cleanup(server.Close)
	var said strings.Builder
	found, err := run(t.Context(), config{
		spec: "testdata/rooms.yaml", base: server.URL, token: "good", seed: seed, n: 120, known: values{"room": {"hall"}},
	}, &said)
	if err != nil {
		t.Fatal(err)
	}
	return found, said.String()
}

func TestARightServerHasNoFaults(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		if found, said := fuzz(t, "", seed); len(found) > 0 {
			t.Errorf("found faults that are none:\n%s", said)
		}
	}
}

func TestEveryFaultIsFound(t *testing.T) {
	t.Parallel()
	for plant, want := range map[string]string{
		broken: broken, "no answer": broken,
		accepted: accepted, "unknown members": accepted, "any type": accepted, "open door": accepted,
		refused: refused, "an unnamed rule": refused,
		schema: schema, "header left out": schema,
		"teapot":  undeclared,
		mediaType: mediaType, "success as text": mediaType, "table as text": mediaType,
	} {
		t.Run(plant, func(t *testing.T) {
			t.Parallel()
			found, said := fuzz(t, plant, 1)
			for _, f := range found {
				if f.fault != want {
					t.Errorf("found %s, planted %s:\n%s", f.fault, want, said)
				}
			}
			if len(found) == 0 {
				t.Errorf("found nothing:\n%s", said)
			}
		})
	}
}

func TestTheSameSeedSendsTheSame(t *testing.T) {
	t.Parallel()
	_, first := fuzz(t, broken, 3)
	if _, second := fuzz(t, broken, 3); first != second {
		t.Errorf("first:\n%s\nthen:\n%s", first, second)
	}
	if _, other := fuzz(t, broken, 4); first == other {
		t.Errorf("another seed found the same to the last digit:\n%s", other)
	}
}

func TestARunThatProvesNothingFails(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(rooms{})
	t.Cleanup(server.Close)
	c := config{spec: "testdata/rooms.yaml", base: server.URL, token: "bad", n: 20, known: values{}}
	if _, err := run(t.Context(), c, io.Discard); err == nil || !strings.Contains(err.Error(), "token") {
		t.Errorf("a bad token gave %v, want a complaint about it", err)
	}
}

func TestItSignsInByItself(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(rooms{})
	t.Cleanup(server.Close)
	c := config{spec: "testdata/rooms.yaml", base: server.URL, signIn: `{"word":"friend"}`, seed: 1, n: 40, known: values{"room": {"hall"}}}
	var said strings.Builder
	if found, err := run(t.Context(), c, &said); err != nil || len(found) > 0 {
		t.Errorf("%v, %d findings:\n%s", err, len(found), &said)
	}
	c.signIn = `{"word":"foe"}`
	if _, err := run(t.Context(), c, io.Discard); err == nil {
		t.Error("a refused sign-in was no reason to stop")
	}
}

func TestItTakesWhatTheServerGives(t *testing.T) {
	t.Parallel()
	d, err := load("testdata/rooms.yaml", "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	f := &fuzzer{document: d, dice: newDice(1, values{})}
	made := operation{path: "/rooms", method: http.MethodPost}
	for i := range 2 * keep {
		f.learn(made, 201, fmt.Appendf(nil, `{"id":"room %d","refreshToken":"token %d"}`, i, i))
	}
	f.learn(made, 409, []byte(`{"id":"refused"}`))
	f.learn(operation{path: "/rooms", method: http.MethodGet}, 200, []byte(`{"id":"read"}`))
	for name, want := range map[string]string{"room": "room 15", "refreshToken": "token 15"} {
		if got := f.learnt[name]; len(got) != keep || got[keep-1] != want {
			t.Errorf("%s: learnt %q, want the last %d, ending with %s", name, got, keep, want)
		}
	}
}

func TestOnlyServersOnThisMachine(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://[::1]:8080": true, "http://localhost:1": true,
		"https://example.org": false, "http://10.0.0.1": false, "http://127.0.0.1.example.org": false, "http://localhost.example.org": false,
	} {
		if got := loopback(base) == nil; got != want {
			t.Errorf("loopback(%q) allowed = %v, want %v", base, got, want)
		}
	}
}

func TestATagIsOfTheThingThatCanBeRead(t *testing.T) {
	t.Parallel()
	f := &fuzzer{document: &document{readable: map[string]bool{"/v1/rooms/{room}": true, "/v1/draft": true}}}
	for _, c := range []struct{ template, path, want string }{
		{"/v1/rooms/{room}", "/v1/rooms/7", "/v1/rooms/7"},
		{"/v1/rooms/{room}/close", "/v1/rooms/7/close", "/v1/rooms/7"},
		{"/v1/draft/rooms/{room}", "/v1/draft/rooms/7", "/v1/draft"},
		{"/v1/halls", "/v1/halls", "/v1/halls"}, // nothing above it can be read
	} {
		if got := f.thing(operation{path: c.template}, c.path); got != c.want {
			t.Errorf("%s is about %s, want %s", c.path, got, c.want)
		}
	}
}
