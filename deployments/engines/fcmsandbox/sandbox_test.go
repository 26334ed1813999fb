package fcmsandbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func start(t *testing.T, cfg Config) *Sandbox {
	t.Helper()
	s := New(cfg)
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

type answer struct {
	status int
	header http.Header
	Error  struct {
		Code    int    `json:"code"`
		Status  string `json:"status"`
		Message string `json:"message"`
		Details []struct {
			Type            string      `json:"@type"`
			ErrorCode       string      `json:"errorCode"`
			FieldViolations []violation `json:"fieldViolations"`
		} `json:"details"`
	} `json:"error"`
	Name string `json:"name"`
}

func (a answer) fcm() string {
	for _, d := range a.Error.Details {
		if d.Type == "type.googleapis.com/google.firebase.fcm.v1.FcmError" {
			return d.ErrorCode
		}
	}
	return ""
}

func (a answer) fields() (all []string) {
	for _, d := range a.Error.Details {
		for _, v := range d.FieldViolations {
			all = append(all, v.Field)
		}
	}
	return all
}

func post(t *testing.T, s *Sandbox, project, bearer, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.Endpoint()+"/projects/"+project+"/messages:send", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(b, &a); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	}
	return a
}

func payload(token, notice, tag string, revision int, title string) string {
	return fmt.Sprintf(`{"message":{"token":%q,"data":{"noticeId":%q,"tag":%q,"revision":"%d","title":%q,"body":"b"},"android":{"priority":"high","ttl":"60s"}}}`,
		token, notice, tag, revision, title)
}

func TestAnswersAreFCMs(t *testing.T) {
	t.Parallel()
	s := start(t, Config{Project: "p", Access: "good"})
	long := strings.Repeat("x", 4097)
	for _, c := range []struct {
		name, project, bearer, body string
		status                      int
		fcm, field                  string
	}{
		{"a message is taken", "p", "good", payload("t:1", "n", "g", 1, "T"), 200, "", ""},
		{"no bearer token", "p", "", payload("t:1", "n", "g", 1, "T"), 401, "", ""},
		{"an expired bearer token", "p", "old", payload("t:1", "n", "g", 1, "T"), 401, "", ""},
		{"another project", "q", "good", payload("t:1", "n", "g", 1, "T"), 404, "", ""},
		{"no message", "p", "good", `{}`, 400, "INVALID_ARGUMENT", "message"},
		{"no JSON", "p", "good", `{"message"`, 400, "INVALID_ARGUMENT", ""},
		{"two values", "p", "good", `{"message":{"token":"a:b"}} {}`, 400, "INVALID_ARGUMENT", ""},
		{"no target", "p", "good", `{"message":{"data":{}}}`, 400, "INVALID_ARGUMENT", "message"},
		{"two targets", "p", "good", `{"message":{"token":"a","topic":"b"}}`, 400, "INVALID_ARGUMENT", "message"},
		{"no token at all", "p", "good", `{"message":{"token":"a b"}}`, 400, "INVALID_ARGUMENT", ""},
		{"a number in data", "p", "good", `{"message":{"token":"a:b","data":{"k":1}}}`, 400, "INVALID_ARGUMENT", "message.data"},
		{"a reserved key in data", "p", "good", `{"message":{"token":"a:b","data":{"from":"x"}}}`, 400, "INVALID_ARGUMENT", "message.data[from]"},
		{"an unknown member", "p", "good", `{"message":{"token":"a:b","colour":"red"}}`, 400, "INVALID_ARGUMENT", "message"},
		{"an Android priority", "p", "good", `{"message":{"token":"a:b","android":{"priority":"loud"}}}`, 400, "INVALID_ARGUMENT", "message.android.priority"},
		{"a TTL of five weeks", "p", "good", `{"message":{"token":"a:b","android":{"ttl":"3024000s"}}}`, 400, "INVALID_ARGUMENT", "message.android.ttl"},
		{"a TTL without unit", "p", "good", `{"message":{"token":"a:b","android":{"ttl":"60"}}}`, 400, "INVALID_ARGUMENT", "message.android.ttl"},
		{"an APNs priority", "p", "good", `{"message":{"token":"a:b","apns":{"headers":{"apns-priority":"9"},"payload":{"aps":{}}}}}`, 400, "INVALID_ARGUMENT", "message.apns.headers[apns-priority]"},
		{"a long collapse id", "p", "good", `{"message":{"token":"a:b","apns":{"headers":{"apns-collapse-id":"` + long[:65] + `"},"payload":{"aps":{}}}}}`, 400, "INVALID_ARGUMENT", "message.apns.headers[apns-collapse-id]"},
		{"an APNs payload without aps", "p", "good", `{"message":{"token":"a:b","apns":{"payload":{}}}}`, 400, "INVALID_ARGUMENT", "message.apns.payload"},
		{"a web push urgency", "p", "good", `{"message":{"token":"a:b","webpush":{"headers":{"Urgency":"very"}}}}`, 400, "INVALID_ARGUMENT", "message.webpush.headers[Urgency]"},
		{"over 4 KB", "p", "good", `{"message":{"token":"a:b","data":{"k":"` + long + `"}}}`, 400, "INVALID_ARGUMENT", "message"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := post(t, s, c.project, c.bearer, c.body)
			if a.status != c.status || a.fcm() != c.fcm || a.status != 200 && a.Error.Code != c.status {
				t.Errorf("status %d, FcmError %q (%s), want %d %q", a.status, a.fcm(), a.Error.Message, c.status, c.fcm)
			}
			if got := strings.Join(a.fields(), " "); got != c.field {
				t.Errorf("violations %q, want %q", got, c.field)
			}
		})
	}
	if n := len(s.All()); n != 1 {
		t.Errorf("%d messages recorded, want the one that was taken", n)
	}
}

func TestDryRunsAreAnsweredAndNotRecorded(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	if a := post(t, s, "p", "x", `{"validate_only":true,"message":{"token":"a:b"}}`); a.status != 200 || !strings.HasPrefix(a.Name, "projects/p/messages/") {
		t.Errorf("dry run: %d %q", a.status, a.Name)
	}
	if a := post(t, s, "p", "x", `{"validate_only":true,"message":{"token":"a b"}}`); a.status != 400 {
		t.Errorf("wrong dry run: %d", a.status)
	}
	if st := s.Stats(); len(s.All()) != 0 || st.DryRuns != 1 || st.Received != 0 {
		t.Errorf("recorded: %+v", st)
	}
}

func TestFaultsStrikeWhomTheyShould(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	s.SetFaults(
		Fault{Token: "gone", Status: 404},
		Fault{Token: "elsewhere", Status: 404, Code: "none"},
		Fault{Token: "apple", Status: 401, Code: "THIRD_PARTY_AUTH_ERROR"},
		Fault{Token: "busy", Status: 429, RetryAfter: 1500 * time.Millisecond, First: 1},
		Fault{Token: "lost", Status: 503, Deliver: true},
		Fault{Token: "proxy", Status: 502},
	)
	for _, c := range []struct {
		token  string
		status int
		fcm    string
		after  string
		gets   int
	}{
		{"fine:1", 200, "", "", 1},
		{"gone:1", 404, "UNREGISTERED", "", 0},
		{"elsewhere:1", 404, "", "", 0},
		{"apple:1", 401, "THIRD_PARTY_AUTH_ERROR", "", 0},
		{"busy:1", 429, "QUOTA_EXCEEDED", "2", 0},
		{"busy:1", 200, "", "", 1},
		{"lost:1", 503, "UNAVAILABLE", "", 1},
		{"proxy:1", 502, "", "", 0},
	} {
		a := post(t, s, "p", "x", payload(c.token, "n", "g", 1, "T"))
		if a.status != c.status || a.fcm() != c.fcm || a.header.Get("Retry-After") != c.after {
			t.Errorf("%s: %d %q after %q, want %d %q %q", c.token, a.status, a.fcm(), a.header.Get("Retry-After"), c.status, c.fcm, c.after)
		}
		if n := len(s.Phone(c.token)); n != c.gets {
			t.Errorf("%s received %d, want %d", c.token, n, c.gets)
		}
	}
	s.SetFaults()
	s.SetQuota(1)
	if a, b := post(t, s, "p", "x", payload("fine:1", "n", "g", 1, "T")), post(t, s, "p", "x", payload("fine:1", "n", "g", 1, "T")); a.status != 200 || b.status != 429 || b.header.Get("Retry-After") != "1" {
		t.Errorf("quota of one: %d then %d", a.status, b.status)
	}
}

func TestHeldSendsArriveWhenReleased(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	release := s.Hold()
	got := make(chan answer, 1)
	go func() { got <- post(t, s, "p", "x", payload("a:b", "n", "g", 1, "T")) }()
	if err := s.Wait(t.Context(), func(st Stats) bool { return st.InFlight == 1 }); err != nil {
		t.Fatal(err)
	}
	if len(s.All()) != 0 {
		t.Error("a held send was recorded")
	}
	release()
	if a := <-got; a.status != 200 || len(s.Phone("a:b")) != 1 {
		t.Errorf("released: %d, %d received", a.status, len(s.Phone("a:b")))
	}
}

func TestALaterRevisionReplacesTheCard(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	for _, body := range []string{
		payload("a:b", "n1", "session-1", 1, "first"), payload("a:b", "n2", "session-1", 2, "second"),
		payload("a:b", "n2", "session-1", 2, "second"), payload("a:b", "n9", "session-2", 1, "other"), payload("c:d", "n9", "session-2", 1, "other"),
	} {
		if a := post(t, s, "p", "x", body); a.status != 200 {
			t.Fatal(a.Error.Message)
		}
	}
	phones := s.Phones(10, "", 0)
	if len(phones) != 2 || phones[0].Token != "c:d" || phones[1].Token != "a:b" {
		t.Fatalf("newest first: %+v", phones)
	}
	cards := phones[1].Cards
	if len(cards) != 2 || cards[0].Title != "other" || cards[1].Title != "second" || cards[1].Count != 3 || cards[1].Repeats != 1 || cards[1].Stale {
		t.Errorf("cards: %+v", cards)
	}
	post(t, s, "p", "x", payload("a:b", "n1", "session-1", 1, "first"))
	if c := s.Phones(1, "", 0)[0].Cards[0]; !c.Stale || c.Title != "first" {
		t.Errorf("an older revision after a newer one looks like this: %+v", c)
	}
	if n := len(s.Phones(10, "C:D", 0)); n != 1 {
		t.Errorf("search found %d", n)
	}
}

func TestLooks(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	for token, m := range map[string]string{
		"ios:1":    `"apns":{"headers":{"apns-collapse-id":"g"},"payload":{"aps":{"alert":{"title":"T","body":"B"},"mutable-content":1}}}`,
		"web:1":    `"webpush":{"notification":{"title":"T","body":"B","tag":"g"}}`,
		"system:1": `"android":{"notification":{"title":"T","body":"B","tag":"g"}}`,
		"data:1":   `"android":{},"data":{"title":"T","body":"B","tag":"g"}`,
	} {
		if a := post(t, s, "p", "x", `{"message":{"token":"`+token+`",`+m+`}}`); a.status != 200 {
			t.Fatal(a.Error.Message)
		}
		if r := s.Phone(token)[0]; r.Title != "T" || r.Body != "B" || r.Tag != "g" {
			t.Errorf("%s: %+v", token, r)
		}
	}
}

func same(t *testing.T, got, want []Received) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d messages after the restart, want %d", len(got), len(want))
	}
	for i := range got {
		if a, b := fmt.Sprint(got[i]), fmt.Sprint(want[i]); a != b {
			t.Fatalf("message %d after the restart: %.200s, want %.200s", i, a, b)
		}
	}
}

func TestTheJournalSurvivesAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "phones.jsonl")
	s := start(t, Config{File: file})
	for i := range 30 {
		if a := post(t, s, "p", "x", payload(fmt.Sprintf("t:%d", i%3), fmt.Sprint("n", i), "g", i, "T")); a.status != 200 {
			t.Fatal(a.Error.Message)
		}
	}
	if err := s.Describe("t:1", Owner{Delegate: "Anna Kovács", Device: "iPhone"}); err != nil {
		t.Fatal(err)
	}
	// What a killed process leaves: everything answered, and half a line.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(t.TempDir(), "torn.jsonl")
	if err := os.WriteFile(torn, append(text, `{"n":31,"tok`...), 0o600); err != nil {
		t.Fatal(err)
	}
	again := start(t, Config{File: torn})
	same(t, again.All(), s.All())
	if p := again.Phones(10, "kovács", 0); len(p) != 1 || p[0].Token != "t:1" {
		t.Errorf("owner forgotten: %+v", p)
	}
	post(t, again, "p", "x", payload("t:0", "n31", "g", 31, "T"))
	if all := again.All(); len(all) != 31 || all[30].N != 31 {
		t.Errorf("%d after the kill, want 31", len(all))
	}
}

func TestMemoryAndJournalAreBounded(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "phones.jsonl")
	s := start(t, Config{File: file, Keep: 50})
	if err := s.Describe("t:0", Owner{Delegate: "D"}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for k := range 16 {
		all.Go(func() {
			for i := range 800 {
				body := []byte(payload(fmt.Sprintf("t:%d", i), "n", "g", i%7, "T"))
				if _, err := s.clerk.take(body, fmt.Sprintf("t:%d", i)); err != nil {
					t.Error(k, err)
				}
			}
		})
	}
	all.Wait()
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := s.All()
	if len(got) != 50 || got[49].N != 16*800 || len(s.clerk.book.contents) > 7 {
		t.Errorf("%d kept, last %d, %d contents", len(got), got[len(got)-1].N, len(s.clerk.book.contents))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n > 2*50+10_000+2048 {
		t.Errorf("journal of %d lines", n)
	}
	again := start(t, Config{File: file, Keep: 50})
	same(t, again.All(), got)
}

func TestThePageIsLiveAndSelfContained(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	get := func(path string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+s.Addr()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	html, _ := io.ReadAll(get("/").Body)
	for _, foreign := range []string{"http://", "https://", "src=", "href=", "@import", "url("} {
		if bytes.Contains(html, []byte(foreign)) {
			t.Errorf("the page has %q", foreign)
		}
	}
	live := bufio.NewScanner(get("/events").Body)
	line := func() string {
		for live.Scan() {
			if d, ok := strings.CutPrefix(live.Text(), "data: "); ok {
				return d
			}
		}
		t.Fatal("stream ended")
		return ""
	}
	if first := line(); !strings.Contains(first, `"phones":[]`) {
		t.Errorf("first event: %s", first)
	}
	post(t, s, "p", "x", payload("a:b", "n", "g", 3, "Opening moved"))
	if next := line(); !strings.Contains(next, "Opening moved") {
		t.Errorf("event: %s", next)
	}
	if resp := get("/phones/a:b"); resp.StatusCode != 200 {
		t.Errorf("phone: %d", resp.StatusCode)
	}
	if resp := get("/phones/nobody"); resp.StatusCode != 404 {
		t.Errorf("unknown phone: %d", resp.StatusCode)
	}
}

func TestFaultsAreSetOverHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	put := func(kind, body string) int {
		r, _ := http.NewRequestWithContext(t.Context(), "PUT", "http://"+s.Addr()+"/faults", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if got := put("application/json", `{"latency":"1ms","faults":[{"token":"a","status":503,"retryAfter":"2s"}]}`); got != 200 {
		t.Fatal(got)
	}
	if a := post(t, s, "p", "x", payload("a:b", "n", "g", 1, "T")); a.status != 503 || a.header.Get("Retry-After") != "2" {
		t.Errorf("fault not set: %d", a.status)
	}
	for body, want := range map[string]int{`{"faults":[{"status":200}]}`: 400, `{"latency":"soon"}`: 400, `{"colour":1}`: 400} {
		if got := put("application/json", body); got != want {
			t.Errorf("%s: %d", body, got)
		}
	}
	if got := put("text/plain", `{}`); got != 415 {
		t.Errorf("a form from elsewhere: %d", got)
	}
}
