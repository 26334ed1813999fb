package httpd_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

func TestEveryFailureIsAProblemDocument(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{Service: "test", BodyLimit: 1 << 10, Deadline: time.Hour})
	app.Get("/ok", func(c *fiber.Ctx) error { return c.SendString("ok") })
	app.Get("/fails/:kind", func(c *fiber.Ctx) error {
		switch c.Params("kind") {
		case "conflict":
			return problem.New(problem.Conflict, "session_begun", "The session has begun.")
		case "stale":
			return problem.New(problem.Stale, "stale", "Read it again.")
		case "wait":
			return problem.New(problem.TooMany, "too_many_attempts", "Wait.").After(1500 * time.Millisecond)
		case "hidden":
			return problem.New(problem.NotFound, "delegate_unknown", "Delegate Ahn exists elsewhere.")
		case "late":
			return context.DeadlineExceeded
		case "panic":
			panic("secret of the house")
		}
		return errors.New("mongo: secret of the house")
	})

	for _, test := range []struct {
		method, path, body, code string
		status                   int
	}{
		{"GET", "/nowhere", "", "not_found", 404},
		{"GET", "/ok/", "", "not_found", 404},
		{"POST", "/ok", "", "method_not_allowed", 405},
		{"BREW", "/ok", "", "not_implemented", 501},
		{"GET", "/fails/conflict", "", "session_begun", 409},
		{"GET", "/fails/stale", "", "stale", 412},
		{"GET", "/fails/wait", "", "too_many_attempts", 429},
		{"GET", "/fails/hidden", "", "not_found", 404},
		{"GET", "/fails/late", "", "deadline_exceeded", 503},
		{"GET", "/fails/panic", "", "internal", 500},
		{"GET", "/fails/otherwise", "", "internal", 500},
	} {
		a := ask(t, app, test.method, test.path, test.body)
		if a.StatusCode != test.status || a.doc.Code != test.code || a.doc.Status != test.status {
			t.Errorf("%s %.20s = %d %q, want %d %q\n%s", test.method, test.path, a.StatusCode, a.doc.Code, test.status, test.code, a.body)
		}
		if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("%s %.20s: content type %q", test.method, test.path, ct)
		}
		if id := a.Header.Get("X-Request-Id"); id == "" || id != a.doc.RequestID {
			t.Errorf("%s %.20s: request id %q in the header, %q in the problem", test.method, test.path, id, a.doc.RequestID)
		}
		if strings.Contains(a.body, "secret") || strings.Contains(a.body, "Ahn") {
			t.Errorf("%s %.20s tells what it must not: %s", test.method, test.path, a.body)
		}
	}
	if a := ask(t, app, "GET", "/fails/wait", ""); a.Header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q, want whole seconds, rounded up", a.Header.Get("Retry-After"))
	}
	if a := ask(t, app, "POST", "/ok", ""); !strings.Contains(a.Header.Get("Allow"), "GET") {
		t.Errorf("405 without Allow: %v", a.Header)
	}
}

func TestWhatIsHiddenLooksLikeWhatIsNotThere(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{})
	app.Get("/hidden", func(*fiber.Ctx) error {
		return problem.New(problem.NotFound, "hidden", "You may not see this.").With(problem.Field{Parameter: "id", Code: "x"})
	})
	own := regexp.MustCompile(`"(instance|requestId)":"[^"]*"`)
	hidden := own.ReplaceAllString(ask(t, app, "GET", "/hidden", "").body, "")
	absent := own.ReplaceAllString(ask(t, app, "GET", "/absent", "").body, "")
	if hidden != absent {
		t.Errorf("hidden %s\nabsent %s", hidden, absent)
	}
}

func TestARequestIsTracedAndLoggedOnceWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	app, log := quiet(httpd.Config{Service: "test"})
	app.Get("/v1/people/:id", func(c *fiber.Ctx) error {
		if _, ok := c.UserContext().Deadline(); !ok {
			t.Error("the request has no deadline")
		}
		return c.SendString("ok")
	})
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	a := ask(t, app, "GET", "/v1/people/ahn-jung-geun?mail=ahn@example.org", "", "traceparent: "+parent, "Authorization: Bearer opensesame", "X-Request-Id: mine")

	id := a.Header.Get("X-Request-Id")
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(id) {
		t.Errorf("request id %q", id)
	}
	if want := "00-4bf92f3577b34da6a3ce929d0e0e4736-" + id + "-01"; a.Header.Get("traceparent") != want {
		t.Errorf("traceparent %q, want %q", a.Header.Get("traceparent"), want)
	}
	if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", a.Header)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || len(lines) != 1 {
		t.Fatalf("want one JSON line, got %v\n%s", err, log)
	}
	for key, want := range map[string]any{"service": "test", "method": "GET", "route": "/v1/people/:id", "status": 200.0, "request": id, "trace": "4bf92f3577b34da6a3ce929d0e0e4736"} {
		if line[key] != want {
			t.Errorf("log %s = %v, want %v", key, line[key], want)
		}
	}
	if regexp.MustCompile(`ahn|opensesame|mine`).MatchString(log.String()) {
		t.Errorf("the log tells too much: %s", log)
	}
}

func TestABadTraceparentBeginsANewTrace(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{})
	valid := regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-00$`)
	for _, parent := range []string{
		"", "nonsense", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
	} {
		a := ask(t, app, "GET", "/", "", "traceparent: "+parent)
		if got := a.Header.Get("traceparent"); !valid.MatchString(got) || strings.Contains(got, "4bf92f") {
			t.Errorf("traceparent %q answered with %q", parent, got)
		}
	}
}

func TestRequestsAreCountedByTemplate(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	app, _ := quiet(httpd.Config{Service: "test", Registry: reg})
	again, _ := quiet(httpd.Config{Service: "other", Registry: reg}) // shares the registry
	for _, a := range []*fiber.App{app, again} {
		a.Get("/v1/sessions/:session", func(c *fiber.Ctx) error { return c.SendString(c.Params("session")) })
		ask(t, a, "GET", "/v1/sessions/opening", "")
		ask(t, a, "GET", "/v1/sessions/closing", "")
		ask(t, a, "GET", "/robots.txt", "")
	}
	metrics := httpd.MetricsServer(reg)
	if err := metrics.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer metrics.Stop(context.Background())
	text := get(t, "http://"+metrics.Addr()+"/metrics")
	for _, want := range []string{
		`plenary_http_requests_total{method="GET",route="/v1/sessions/:session",service="test",status="200"} 2`,
		`plenary_http_requests_total{method="GET",route="unmatched",service="other",status="404"} 1`,
		`plenary_http_request_duration_seconds_count{method="GET",route="/v1/sessions/:session",service="test"} 2`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

func TestAliveIsNotReady(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{})
	ready := errors.New("store: connection refused")
	httpd.Health(app, func(context.Context) error { return ready })
	if a := ask(t, app, "GET", "/healthz", ""); a.StatusCode != 200 {
		t.Errorf("healthz %d", a.StatusCode)
	}
	if a := ask(t, app, "GET", "/readyz", ""); a.StatusCode != 503 || a.doc.Code != "not_ready" || strings.Contains(a.body, "refused") {
		t.Errorf("readyz %d %s", a.StatusCode, a.body)
	}
	ready = nil
	if a := ask(t, app, "GET", "/readyz", ""); a.StatusCode != 200 {
		t.Errorf("readyz %d once ready", a.StatusCode)
	}
}

func TestSomeRoutesTakeMoreBytes(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{BodyLimit: 1 << 10, BodyLimits: map[string]int{"POST /v1/:conference/imports": 64 << 10}})
	app.Post("/v1/:conference/imports", func(c *fiber.Ctx) error { return c.SendString("taken") })
	app.Post("/v1/:conference/other", func(c *fiber.Ctx) error { return c.SendString("taken") })
	s := httpd.NewServer(app)
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	for _, test := range []struct {
		path   string
		bytes  int
		status int
	}{
		{"/v1/seoul/imports?dryRun=true", 60 << 10, 200},
		{"/v1/seoul/imports", 65 << 10, 413},
		{"/v1/seoul/other", 2 << 10, 413},
		// The answer arrives although the client is still sending: no reset.
		{"/v1/seoul/imports", 50 << 20, 413},
		{"/v1/seoul/imports/more", 2 << 10, 413},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr()+test.path, strings.NewReader(strings.Repeat("x", test.bytes)))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s with %d bytes: %v", test.path, test.bytes, err)
			continue
		}
		res.Body.Close()
		if res.StatusCode != test.status {
			t.Errorf("%s with %d bytes = %d, want %d", test.path, test.bytes, res.StatusCode, test.status)
		}
	}
}

func TestWhatTheConnectionRefusesIsAProblemToo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ sent, status, code string }{
		{"secret\r\n\r\n", "400", "malformed_request"},
		{"GET /?" + strings.Repeat("secret", 2<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431", "request_header_fields_too_large"},
		{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\nsecret", "413", "too_large"},
		{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: secret\r\n\r\n", "400", "malformed_request"},
	} {
		app, log := quiet(httpd.Config{})
		s := httpd.NewServer(app)
		if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		defer s.Stop(context.Background())
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, test.sent); err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(c) // until the server has had enough; a reset comes after the answer
		c.Close()
		for _, want := range []string{"HTTP/1.1 " + test.status, "application/problem+json", `"code":"` + test.code + `"`, "X-Request-Id: "} {
			if !strings.Contains(string(b), want) {
				t.Errorf("%.12q: no %s in %s", test.sent, want, b)
			}
		}
		if strings.Contains(string(b), "secret") || strings.Contains(log.String(), "secret") || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("%.12q: answered %s\nlogged %s", test.sent, b, log)
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOnlyOurProxiesMaySayWhoAsks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		proxies  []netip.Prefix
		header   string
		want     string
		wantPeer bool
	}{
		"nobody is trusted":              {nil, "198.51.100.7", "", true},
		"somebody else is trusted":       {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "198.51.100.7", "", true},
		"a proxy of ours":                {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "198.51.100.7", "198.51.100.7", false},
		"what the client wrote before":   {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "203.0.113.9, 198.51.100.7", "198.51.100.7", false},
		"a proxy of ours behind another": {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "198.51.100.7, 127.0.0.2", "198.51.100.7", false},
		"a proxy that says nothing":      {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "", "", true},
	} {
		app, _ := quiet(httpd.Config{Settings: httpd.Settings{Proxies: test.proxies}})
		app.Get("/", func(c *fiber.Ctx) error { return c.SendString(httpd.Address(c.UserContext())) })
		s := httpd.NewServer(app)
		if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		defer s.Stop(context.Background())
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", test.header)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		want := test.want
		if test.wantPeer {
			want = "127.0.0.1"
		}
		if string(b) != want {
			t.Errorf("%s: %q, want %q", name, b, want)
		}
	}
	if got := httpd.Address(t.Context()); got != "" {
		t.Errorf("outside a request: %q", got)
	}
}
