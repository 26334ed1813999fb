package fcm

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/push"
)

var quiet = slog.New(slog.DiscardHandler)

func sandbox(t testing.TB, cfg fcmsandbox.Config) *fcmsandbox.Sandbox {
	t.Helper()
	s := fcmsandbox.New(cfg)
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

func client(t testing.TB, cfg Config) *Client {
	t.Helper()
	c, err := New(t.Context(), cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	c.Warmed()
	t.Cleanup(c.Close)
	return c
}

func message(token push.Token, p push.Platform) push.Message {
	n := push.Notice{
		ID: "0b0a", Conference: "seoul-2013", Subject: push.Subject{Kind: "session", ID: "s1"}, To: 7, Seq: 9,
		Urgency: push.Important, Category: "session.moved", ExpiresAt: time.Unix(2_000_000_000, 0),
	}
	return push.Compose(n, push.Device{Token: token, Platform: p}, "Opening moved", "Now in hall B, 10:30", time.Unix(2_000_000_000-3600, 0))
}

// TestTheErrorTable goes through every answer FCM gives, row by row, through the
// real SDK.
func TestTheErrorTable(t *testing.T) {
	t.Parallel()
	s := sandbox(t, fcmsandbox.Config{Project: "p"})
	c := client(t, Config{ProjectID: "p", Endpoint: s.Endpoint(), Transports: 1})
	hasty := client(t, Config{ProjectID: "p", Endpoint: s.Endpoint(), Transports: 1, Deadline: 200 * time.Millisecond})
	type fault = fcmsandbox.Fault
	for _, row := range []struct {
		answer string
		fault  *fault
		token  push.Token
		want   push.Outcome
		after  time.Duration
		reason string
	}{
		{"200", nil, "a:1", push.Accepted, 0, ""},
		{"400 INVALID_ARGUMENT about the token", nil, "not a token", push.BadToken, 0, "INVALID_ARGUMENT"},
		{"400 with field violations", &fault{Status: 400}, "a:1", push.BadPayload, 0, "INVALID_ARGUMENT message.data"},
		{"401 UNAUTHENTICATED", &fault{Status: 401}, "a:1", push.Unauthenticated, 0, "UNAUTHENTICATED"},
		{"401 THIRD_PARTY_AUTH_ERROR", &fault{Status: 401, Code: "THIRD_PARTY_AUTH_ERROR"}, "a:1", push.PlatformAuth, 0, "THIRD_PARTY_AUTH_ERROR"},
		{"403 SENDER_ID_MISMATCH", &fault{Status: 403}, "a:1", push.SenderMismatch, 0, "SENDER_ID_MISMATCH"},
		{"403 without FcmError", &fault{Status: 403, Code: "none"}, "a:1", push.Unauthenticated, 0, "PERMISSION_DENIED"},
		{"404 UNREGISTERED with FcmError", &fault{Status: 404}, "a:1", push.Unregistered, 0, "UNREGISTERED"},
		{"404 without FcmError", &fault{Status: 404, Code: "none"}, "a:1", push.WrongProject, 0, "NOT_FOUND"},
		{"429", &fault{Status: 429}, "a:1", push.Throttled, 0, "QUOTA_EXCEEDED"},
		{"429 with Retry-After", &fault{Status: 429, RetryAfter: 30 * time.Second}, "a:1", push.Throttled, 30 * time.Second, "QUOTA_EXCEEDED"},
		{"500", &fault{Status: 500}, "a:1", push.Unwell, 0, "INTERNAL"},
		{"502 in HTML", &fault{Status: 502}, "a:1", push.Unwell, 0, "HTTP 502"},
		{"504 in HTML", &fault{Status: 504}, "a:1", push.Unwell, 0, "HTTP 504"},
		{"503", &fault{Status: 503}, "a:1", push.Ambiguous, 0, "UNAVAILABLE"},
		{"503 with Retry-After", &fault{Status: 503, RetryAfter: 5 * time.Second}, "a:1", push.Ambiguous, 5 * time.Second, "UNAVAILABLE"},
		{"timeout", &fault{Stall: true}, "a:1", push.Ambiguous, 0, "timeout"},
		{"reset", &fault{Drop: true}, "a:1", push.Ambiguous, 0, "network"},
	} {
		t.Run(row.answer, func(t *testing.T) {
			s.SetFaults()
			if row.fault != nil {
				s.SetFaults(*row.fault)
			}
			before, by := s.Stats().Requests, c
			if row.fault != nil && row.fault.Stall {
				by = hasty
			}
			got := by.Send(t.Context(), message(row.token, push.Android))
			if got.Outcome != row.want || got.RetryAfter != row.after || got.Reason != row.reason || got.NotSent {
				t.Errorf("got %+v (%s), want %s after %s, %q", got, got.Outcome, row.want, row.after, row.reason)
			}
			if n := s.Stats().Requests - before; n != 1 {
				t.Errorf("%d requests for one send: the SDK repeated it", n)
			}
		})
	}
}

func TestAnswersThatNoFCMGives(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		status int
		body   string
		want   push.Outcome
	}{
		"a captive portal's 200":       {200, "<html>please log in</html>", push.Ambiguous},
		"200 without a name":           {200, "{}", push.Ambiguous},
		"a redirect":                   {302, "", push.Unwell},
		"404 in HTML":                  {404, "<html>", push.WrongProject},
		"a 400 that blames two fields": {400, `{"error":{"status":"INVALID_ARGUMENT","details":[{"fieldViolations":[{"field":"message.token"},{"field":"message.data"}]}]}}`, push.BadPayload},
		"a 400 that blames the token":  {400, `{"error":{"status":"INVALID_ARGUMENT","details":[{"fieldViolations":[{"field":"message.token"}]}]}}`, push.BadToken},
		"a 400 that says nothing":      {400, "{}", push.BadPayload},
		"413":                          {413, "", push.BadPayload},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := client(t, Config{Endpoint: h2(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(row.status)
				_, _ = w.Write([]byte(row.body))
			}), Transports: 1})
			if got := c.Send(t.Context(), message("a:1", push.IOS)); got.Outcome != row.want {
				t.Errorf("got %s, want %s", got.Outcome, row.want)
			}
		})
	}
}

// h2 serves HTTP/2 without TLS and returns an endpoint.
func h2(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL + "/v1"
}

func TestNobodyListeningIsNotAnAttempt(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	c := client(t, Config{Endpoint: "http://" + l.Addr().String() + "/v1", Transports: 1})
	if got := c.Send(t.Context(), message("a:1", push.Web)); got.Outcome != push.Unwell || !got.NotSent {
		t.Errorf("got %+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := c.Send(ctx, message("a:1", push.Web)); !got.NotSent && got.Outcome != push.Ambiguous {
		t.Errorf("cancelled: %+v", got)
	}
}

func TestStartingWithoutIdentityIsAnError(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"neither":              {ProjectID: "p"},
		"no such file":         {ProjectID: "p", CredentialsFile: filepath.Join(t.TempDir(), "none.json")},
		"endpoint without /v1": {Endpoint: "http://127.0.0.1:1"},
		"endpoint without URL": {Endpoint: "127.0.0.1:1/v1"},
	} {
		if _, err := New(t.Context(), cfg, quiet); err == nil {
			t.Errorf("%s: started", name)
		}
	}
}

func TestEachPlatformGetsItsShape(t *testing.T) {
	t.Parallel()
	s := sandbox(t, fcmsandbox.Config{})
	c := client(t, Config{Endpoint: s.Endpoint(), Transports: 1, Now: func() time.Time { return time.Unix(2_000_000_000-3600, 0) }})
	system := message("system:1", push.Android)
	system.Device.Rendering = push.System
	silent := message("silent:1", push.IOS)
	silent.Silent = true
	tag := system.Tag
	for _, m := range []push.Message{message("data:1", push.Android), system, message("ios:1", push.IOS), message("web:1", push.Web), silent} {
		if r := c.Send(t.Context(), m); r.Outcome != push.Accepted {
			t.Fatalf("%s: %+v", m.Device.Token, r)
		}
	}
	want := map[string][]string{
		"data:1":   {`"priority":"high"`, `"ttl":"3600s"`, `"title":"Opening moved"`, `"noticeId":"0b0a"`, `"revision":"7"`, `"sequence":"9"`, `"subjectId":"s1"`},
		"system:1": {`"notification":{"title":"Opening moved"`, `"tag":"` + tag + `"`, `"channel_id":"important"`},
		"ios:1":    {`"apns-collapse-id":"` + tag + `"`, `"apns-push-type":"alert"`, `"apns-priority":"10"`, `"apns-expiration":"2000000000"`, `"mutable-content":1`, `"thread-id":"seoul-2013/session"`, `"interruption-level":"active"`, `"sound":"default"`},
		"web:1":    {`"TTL":"3600"`, `"tag":"` + tag + `"`, `"renotify":true`},
		"silent:1": {`"interruption-level":"passive"`, `"silent":"true"`, `"apns-priority":"5"`},
	}
	for token, parts := range want {
		got := s.Phone(token)[0]
		for _, p := range parts {
			if !strings.Contains(string(got.Message), p) {
				t.Errorf("%s lacks %s: %s", token, p, got.Message)
			}
		}
		if strings.Contains(string(got.Message), "collapse_key") {
			t.Errorf("%s has a collapse key", token)
		}
		if got.Tag != tag || got.Title != "Opening moved" || got.Body != "Now in hall B, 10:30" || got.Revision != 7 || got.NoticeID != "0b0a" {
			t.Errorf("%s shows %+v", token, got)
		}
	}
	if strings.Contains(string(s.Phone("silent:1")[0].Message), `"sound"`) {
		t.Error("the silent one sounds")
	}
}

func TestEveryBodyFitsAndEndsWithACharacter(t *testing.T) {
	t.Parallel()
	s := sandbox(t, fcmsandbox.Config{})
	c := client(t, Config{Endpoint: s.Endpoint(), Transports: 1})
	for i, text := range []string{strings.Repeat("x", 9000), strings.Repeat("회의", 3000), strings.Repeat("🕊", 3000), strings.Repeat("<\x01>", 3000), strings.Repeat("\xff", 5000), strings.Repeat(`"\`, 4000)} {
		for _, p := range []push.Platform{push.Android, push.IOS, push.Web} {
			m := message(push.Token(fmt.Sprintf("long:%d%s", i, p)), p)
			m.Title, m.Body = text, text
			if r := c.Send(t.Context(), m); r.Outcome != push.Accepted {
				t.Errorf("%s %.12q: %+v", p, text, r)
				continue
			}
			got := s.Phone(string(m.Device.Token))[0]
			if len(got.Body) < 400 || !strings.HasSuffix(got.Body, "…") || i != 4 && strings.ContainsRune(got.Body, '\uFFFD') {
				t.Errorf("%s %.12q: body of %d bytes ends %q", p, text, len(got.Body), got.Body[len(got.Body)-6:])
			}
		}
	}
	m := message("big:1", push.Android)
	m.Data["more"] = strings.Repeat("x", 4000)
	if r := c.Send(t.Context(), m); r.Outcome != push.BadPayload || !r.NotSent {
		t.Errorf("data over 4 KB: %+v", r)
	}
}

func TestSlotsBoundWhatIsInFlight(t *testing.T) {
	t.Parallel()
	s := sandbox(t, fcmsandbox.Config{})
	c := client(t, Config{Endpoint: s.Endpoint(), Transports: 2})
	release := s.Hold()
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() { c.Send(t.Context(), message(push.Token(fmt.Sprintf("t:%d", i)), push.Android)) })
	}
	if err := s.Wait(t.Context(), func(st fcmsandbox.Stats) bool { return st.InFlight == 160 }); err != nil {
		t.Fatal(err)
	}
	release()
	all.Wait()
	if st := s.Stats(); st.Peak != 160 || st.Connections != 2 || st.Received != 300 {
		t.Errorf("%+v", st)
	}
}

// TestNewCredentialsNeedNoRestart replaces the file of a service account whose
// key was revoked, as an operator would.
func TestNewCredentialsNeedNoRestart(t *testing.T) {
	t.Parallel()
	var refused atomic.Int64
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/old") {
			refused.Add(1)
			w.WriteHeader(400)
			_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
			return
		}
		_, _ = w.Write([]byte(`{"access_token":"fresh","token_type":"Bearer","expires_in":3600}`))
	}))
	t.Cleanup(tokens.Close)
	s := sandbox(t, fcmsandbox.Config{Project: "p", Access: "fresh"})
	file := filepath.Join(t.TempDir(), "account.json")
	account(t, file, tokens.URL+"/old")
	c, err := New(t.Context(), Config{CredentialsFile: file, Transports: 1}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.Warmed()
	// Google's address must not be met: the same client, pointed at the sandbox.
	m, rt, err := transport(t.Context(), s.Endpoint(), "p", withCredentials(c))
	if err != nil {
		t.Fatal(err)
	}
	c.clients[0], c.rts[0] = m, rt
	if got := c.Send(t.Context(), message("a:1", push.Android)); got.Outcome != push.Unauthenticated || !got.NotSent || refused.Load() == 0 {
		t.Errorf("revoked key: %+v", got)
	}
	account(t, file, tokens.URL+"/new")
	if got := c.Probe(t.Context()); got.Outcome != push.Accepted {
		t.Errorf("probe with the new file: %+v", got)
	}
	if got := c.Send(t.Context(), message("a:1", push.Android)); got.Outcome != push.Accepted {
		t.Errorf("new key: %+v", got)
	}
}

func account(t *testing.T, file, tokenURL string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "p", "client_email": "push@p.iam.example", "private_key_id": "k",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": tokenURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzAnswers sends foreign bytes through guard, SDK and judge: no answer may
// panic, forget a device it does not blame, or count as accepted without a name.
func FuzzAnswers(f *testing.F) {
	f.Add(200, "", []byte(`{"name":"projects/p/messages/1"}`))
	f.Add(404, "", []byte(`{"error":{"status":"NOT_FOUND","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}}`))
	f.Add(400, "5", []byte(`{"error":{"message":"The registration token is not a valid FCM registration token","details":[{"fieldViolations":[{"field":"message.token"}]}]}}`))
	f.Add(503, "Wed, 21 Oct 2015 07:28:00 GMT", []byte(`<html>`))
	f.Add(429, "-1", []byte(`{"error":null}`))
	f.Add(599, "99999999999", []byte(`[]`))
	f.Fuzz(func(t *testing.T, code int, after string, body []byte) {
		if code < 200 || code > 595 {
			code = 200 + (code%396+396)%396
		}
		c := &Client{bodies: newBodies(), slots: make(chan int, 1), deadline: time.Second, now: time.Now, log: quiet}
		c.slots <- 0
		m, err := fake(t, code, after, body)
		if err != nil {
			t.Fatal(err)
		}
		c.clients = append(c.clients, m)
		got := c.Send(t.Context(), message("a:1", push.Android))
		if got.Outcome == 0 || got.RetryAfter < 0 || got.RetryAfter > longest || len(got.Reason) > 200 {
			t.Errorf("%+v", got)
		}
		if got.Outcome == push.Accepted && (code >= 300 || !named(body)) {
			t.Errorf("%d %q counts as accepted", code, body)
		}
		if got.Outcome.Forget() && !bytes.Contains(body, []byte("UNREGISTERED")) && !bytes.Contains(body, []byte("SENDER_ID_MISMATCH")) &&
			!bytes.Contains(bytes.ToLower(body), []byte("token")) && !bytes.Contains(body, []byte(`\u`)) {
			t.Errorf("%d %q forgets the device", code, body)
		}
	})
}
