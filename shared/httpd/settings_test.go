package httpd_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/httpd"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestSettingsOfTheEdge(t *testing.T) {
	t.Parallel()
	var s httpd.Settings
	if err := s.Read(env(nil)); err != nil || len(s.Proxies)+len(s.Origins) != 0 || s.Limits.Device.PerSecond != 30 || s.Limits.Account.Burst != 240 || s.Limits.Key.Burst != 200 {
		t.Errorf("of an empty environment: %+v, %v", s, err)
	}
	err := s.Read(env(map[string]string{
		"TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.0/24", "RATE_LIMIT": "off",
		"CORS_ORIGINS": "https://desk.plenary.example, http://localhost:5173,capacitor://localhost",
	}))
	if err != nil || len(s.Proxies) != 2 || strings.Join(s.Origins, " ") != "https://desk.plenary.example http://localhost:5173 capacitor://localhost" || s.Limits != (httpd.Limits{}) {
		t.Errorf("settings %+v, %v", s, err)
	}
	err = s.Read(env(map[string]string{"TRUSTED_PROXIES": "10.0.0.300/8", "RATE_LIMIT": "loose", "CORS_ORIGINS": "https://a.example, *"}))
	for _, want := range []string{`TRUSTED_PROXIES: "10.0.0.300/8"`, `RATE_LIMIT: "loose"`, `CORS_ORIGINS: "*"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s: %v", want, err)
		}
	}
	for _, origin := range []string{
		"https://*.example.org", "https://a.example/", "https://a.example/app", "a.example", "https://", "null", "HTTPS://a.example",
		"https://A.example", "https://u@a.example", "https://a.example?x", "https://a.example#x", "//a.example", "https://:8080",
	} {
		if err := s.Read(env(map[string]string{"CORS_ORIGINS": origin})); err == nil {
			t.Errorf("%s passes for an origin", origin)
		}
	}
}

// desk is an app one page may call, with one guarded route of its own Vary.
func desk(t *testing.T, settings httpd.Settings) (*fiber.App, string) {
	t.Helper()
	s := newSigner("ours")
	keys := httpd.NewKeys(nil)
	if err := keys.SetJWKS(jwks(s)); err != nil {
		t.Fatal(err)
	}
	app, _ := quiet(httpd.Config{Settings: settings, BodyLimit: 1 << 10})
	door := httpd.NewDoor(httpd.Rules{
		Permissions: map[string]string{"read": httpd.Delegate}, Routes: map[string]string{"GET /v1/:conference/agenda": "read"},
	}, keys)
	door.Router(app).Get("/v1/:conference/agenda", func(c *fiber.Ctx) error {
		c.Set("Vary", "Accept-Language") // as generated code does
		c.Set("ETag", `"1"`)
		return c.SendString("agenda")
	})
	return app, "Authorization: Bearer " + s.sign(t, claimsUntil(time.Now().Add(time.Minute)))
}

func TestPagesOfOtherOriginsAreLetInByName(t *testing.T) {
	t.Parallel()
	const ours, theirs = "Origin: https://desk.plenary.example", "Origin: https://desk.plenary.example.evil.test"
	app, token := desk(t, httpd.Settings{Origins: []string{"https://desk.plenary.example", "http://localhost:5173"}})
	plain, plainToken := desk(t, httpd.Settings{})
	for _, test := range []struct {
		name    string
		app     *fiber.App
		method  string
		path    string
		headers []string
		status  int
		allowed string
	}{
		{"a preflight without a token", app, "OPTIONS", "/v1/seoul-2013/agenda", []string{ours, "Access-Control-Request-Method: GET"}, 204, "https://desk.plenary.example"},
		{"a preflight of another page", app, "OPTIONS", "/v1/seoul-2013/agenda", []string{theirs, "Access-Control-Request-Method: GET"}, 204, ""},
		{"a read", app, "GET", "/v1/seoul-2013/agenda", []string{ours, token}, 200, "https://desk.plenary.example"},
		{"a read of another page", app, "GET", "/v1/seoul-2013/agenda", []string{theirs, token}, 200, ""},
		{"a read that is refused", app, "GET", "/v1/seoul-2013/agenda", []string{ours}, 401, "https://desk.plenary.example"},
		{"a read of nothing", app, "GET", "/nothing", []string{ours}, 404, "https://desk.plenary.example"},
		{"a read by an app", app, "GET", "/v1/seoul-2013/agenda", []string{token}, 200, ""},
		{"a read where no page is let in", plain, "GET", "/v1/seoul-2013/agenda", []string{ours, plainToken}, 200, ""},
		{"a preflight where no page is let in", plain, "OPTIONS", "/v1/seoul-2013/agenda", []string{ours, "Access-Control-Request-Method: GET"}, 405, ""},
	} {
		a := ask(t, test.app, test.method, test.path, "", test.headers...)
		if got := a.Header.Get("Access-Control-Allow-Origin"); a.StatusCode != test.status || got != test.allowed {
			t.Errorf("%s: %d for %q, want %d for %q", test.name, a.StatusCode, got, test.status, test.allowed)
		}
		if vary := strings.Join(a.Header.Values("Vary"), ","); strings.Contains(vary, "Origin") != (test.app == app) {
			t.Errorf("%s: Vary %q", test.name, vary)
		}
		if a.Header.Get("Access-Control-Allow-Credentials") != "" || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: headers %v", test.name, a.Header)
		}
	}
	preflight := ask(t, app, "OPTIONS", "/v1/seoul-2013/agenda", "", ours, "Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: if-match,x-odd")
	if h := preflight.Header; !strings.Contains(h.Get("Access-Control-Allow-Headers"), "If-Match") || strings.Contains(h.Get("Access-Control-Allow-Headers"), "odd") ||
		!strings.Contains(h.Get("Access-Control-Allow-Methods"), "PATCH") || h.Get("Access-Control-Max-Age") == "" {
		t.Errorf("preflight %v", h)
	}
	read := ask(t, app, "GET", "/v1/seoul-2013/agenda", "", ours, token)
	for _, name := range []string{"ETag", "Plenary-Revision", "X-Request-Id", "Retry-After", "Link", "Idempotency-Replayed", "WWW-Authenticate", "Content-Language"} {
		if !strings.Contains(read.Header.Get("Access-Control-Expose-Headers"), name) {
			t.Errorf("a page cannot read %s", name)
		}
	}
}

func TestAPageCanReadThatItsFileIsTooLarge(t *testing.T) {
	t.Parallel()
	app, _ := desk(t, httpd.Settings{Origins: []string{"https://desk.plenary.example"}})
	s := httpd.NewServer(app)
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	for origin, want := range map[string]string{"https://desk.plenary.example": "https://desk.plenary.example", "https://evil.test": ""} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr()+"/v1/seoul-2013/agenda", strings.NewReader(strings.Repeat("x", 2<<10)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != 413 || got != want {
			t.Errorf("%s: %d for %q, want 413 for %q", origin, res.StatusCode, got, want)
		}
	}
}

func TestWhoCallsTooOftenIsToldWhenToComeAgain(t *testing.T) {
	t.Parallel()
	app, token := desk(t, httpd.Settings{Limits: httpd.Limits{Device: httpd.Rate{PerSecond: 0.001, Burst: 3}}})
	for i := range 5 {
		path := "/v1/seoul-2013/agenda"
		if i == 1 {
			path = "/v1/london-2011/agenda" // guessing counts too
		}
		a := ask(t, app, "GET", path, "", token)
		switch {
		case i < 3 && a.StatusCode == 429, i >= 3 && (a.StatusCode != 429 || a.doc.Code != "too_many_requests" || a.Header.Get("Retry-After") == ""):
			t.Errorf("call %d: %d %s", i+1, a.StatusCode, a.body)
		}
		if a := ask(t, app, "GET", "/v1/seoul-2013/agenda", ""); a.StatusCode != 401 {
			t.Errorf("somebody at the same address: %d", a.StatusCode)
		}
	}
}
