package client_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plenary.example/shared/client"
)

// complaints is a Reporter that keeps what it hears.
type complaints []string

func (*complaints) Helper() {}

func (c *complaints) Errorf(format string, args ...any) {
	*c = append(*c, fmt.Sprintf(format, args...))
}

const (
	id = "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a"

	goodSession = `{"id":"` + id + `","revision":3,"kind":"panel","title":"T","roomId":"r","roomName":"Hall B","startsAt":"2013-10-17T05:00:00Z",
		"endsAt":"2013-10-17T06:00:00Z","timezone":"Asia/Seoul","status":"confirmed","speakers":[],"delayed":false,"public":false,"sequence":0}`
	goodProblem = `{"type":"/problems/stale","title":"Changed meanwhile","status":412,"code":"stale","requestId":"0123456789abcdef"}`
)

// serve answers everything with one answer.
func serve(t *testing.T, status int, body string, headers ...string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "0123456789abcdef")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

var sessionHeaders = []string{
	"Content-Type", "application/json", "ETag", `"3-en"`, "Content-Language", "en", "Cache-Control", "private, no-cache", "Vary", "Accept-Language",
}

func TestAnswersAreHeldToTheSpecification(t *testing.T) {
	t.Parallel()
	problem := []string{"Content-Type", "application/problem+json"}
	for _, c := range []struct {
		name    string
		status  int
		body    string
		headers []string
		want    string // part of the complaint; empty for none
	}{
		{"a right answer", 200, goodSession, sessionHeaders, ""},
		{"a new kind of session", 200, strings.Replace(goodSession, "panel", "hackathon", 1), sessionHeaders, ""},
		{"an unknown member", 200, strings.Replace(goodSession, `"kind"`, `"mood":1,"kind"`, 1), sessionHeaders, ""},
		{"a right problem", 404, strings.ReplaceAll(goodProblem, "412", "404"), problem, ""},
		{"a missing member", 200, strings.Replace(goodSession, `"title":"T",`, "", 1), sessionHeaders, "title"},
		{"a wrong type", 200, strings.Replace(goodSession, `"revision":3`, `"revision":"3"`, 1), sessionHeaders, "revision"},
		{"an id that is none", 200, strings.Replace(goodSession, id, "7", 1), sessionHeaders, "id"},
		{"an instant that is none", 200, strings.Replace(goodSession, "2013-10-17T05:00:00Z", "tomorrow", 1), sessionHeaders, "startsAt"},
		{"a missing header", 200, goodSession, sessionHeaders[:6], "Cache-Control"},
		{"an undeclared status", 418, goodProblem, problem, "418"},
		{"a problem that calls itself JSON", 404, goodProblem, sessionHeaders, "content"},
		{"a success that calls itself text", 200, goodSession, append([]string{"Content-Type", "text/plain"}, sessionHeaders[2:]...), "content"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var heard complaints
			_, err := client.NewChecked(&heard, serve(t, c.status, c.body, c.headers...), "token").
				GetSessionWithResponse(t.Context(), "seoul-2013", id, nil)
			if err != nil && c.want == "" {
				t.Fatal(err)
			}
			if all := strings.Join(heard, "\n"); (c.want == "") != (all == "") || !strings.Contains(strings.ToLower(all), strings.ToLower(c.want)) {
				t.Errorf("heard %q, want it to name %q", all, c.want)
			}
		})
	}
}

func TestRequestsAreHeldToTheSpecification(t *testing.T) {
	t.Parallel()
	url := serve(t, 412, goodProblem, "Content-Type", "application/problem+json")
	long := strings.Repeat("x", 501)
	bad := client.SessionPatch{Reason: &long}

	var heard complaints
	params := &client.ChangeSessionParams{IfMatch: `"3-en"`}
	if _, err := client.NewChecked(&heard, url, "token").ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", id, params, bad); err != nil {
		t.Fatal(err)
	}
	if len(heard) != 1 || !strings.Contains(heard[0], "reason") {
		t.Errorf("heard %q, want a complaint about the reason", heard)
	}

	heard = nil
	checked := client.NewChecked(&heard, url, "token", client.AllowBadRequests)
	if _, err := checked.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "seoul-2013", id, params, bad); err != nil {
		t.Fatal(err)
	}
	if len(heard) != 0 {
		t.Errorf("heard %q of a request that was meant to be bad", heard)
	}
}

func TestTheTokenAndTheBodyArrive(t *testing.T) {
	t.Parallel()
	var token, body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 1024)
		n, _ := r.Body.Read(b)
		token, body = r.Header.Get("Authorization"), string(b[:n])
		w.Header().Set("X-Request-Id", "0123456789abcdef")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"installation":"` + id + `","platform":"ios","locale":"ko","rendering":"app","registeredAt":"2013-10-17T05:00:00Z"}`))
	}))
	t.Cleanup(s.Close)
	res, err := client.NewChecked(t, s.URL, "secret").RegisterDeviceWithResponse(t.Context(), id, client.Registration{Token: "abc", Platform: "ios", Locale: "ko"})
	if err != nil {
		t.Fatal(err)
	}
	if token != "Bearer secret" || !strings.Contains(body, `"token":"abc"`) {
		t.Errorf("the server saw %q and %q", token, body)
	}
	if res.JSON200 == nil || res.JSON200.Platform != "ios" {
		t.Errorf("the answer read as %+v", res.JSON200)
	}
}
