package docs

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/httpd"
)

func app() *fiber.App {
	a := httpd.New(httpd.Config{Log: slog.New(slog.DiscardHandler), Service: "docs"})
	Handler(a)
	return a
}

func get(t *testing.T, a *fiber.App, path string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://docs.test"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := a.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

func TestEveryPageIsThere(t *testing.T) {
	t.Parallel()
	a := app()
	for path, want := range map[string]string{
		"/": "<title>Plenary", "/guide": "Five minutes", "/openapi.yaml": "openapi: 3.1.0", "/openapi.json": `"openapi": "3.1.0"`,
		"/asyncapi.yaml": "asyncapi: 3.0.0", "/docs/init.js": "createApiReference", "/docs/scalar.js": "createApiReference",
	} {
		res, body := get(t, a, path)
		if res.StatusCode != 200 || !bytes.Contains(body, []byte(want)) {
			t.Errorf("%s: %d, %d bytes, no %q", path, res.StatusCode, len(body), want)
		}
		if res.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s comes compressed to whom did not ask", path)
		}
		media := res.Header.Get("Content-Type")
		if wrong := strings.HasSuffix(path, ".js") != strings.HasPrefix(media, "text/javascript"); wrong {
			t.Errorf("%s comes as %s", path, media)
		}
		if p := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'") || strings.Contains(p, "http") || strings.Contains(p, "*") {
			t.Errorf("%s has the policy %q", path, p)
		}

		packed, small := get(t, a, path, "Accept-Encoding", "gzip")
		r, err := gzip.NewReader(bytes.NewReader(small))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, body) {
			t.Errorf("%s compressed is not %s plain: %v", path, path, err)
		}
		if packed.Header.Get("ETag") == res.Header.Get("ETag") {
			t.Errorf("%s has one strong ETag for two texts", path)
		}
		again, nothing := get(t, a, path, "If-None-Match", res.Header.Get("ETag"))
		if again.StatusCode != 304 || len(nothing) != 0 {
			t.Errorf("%s unchanged: %d, %d bytes", path, again.StatusCode, len(nothing))
		}
	}
}

func TestNoPageLeadsOutside(t *testing.T) {
	t.Parallel()
	outside := regexp.MustCompile(`(?i)(src|href|url\()\s*=?\s*["']?(https?:)?//`)
	for _, name := range []string{"index.html", "guide.html", "init.js"} {
		text, err := fs.ReadFile(site, "site/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if found := outside.Find(text); found != nil {
			t.Errorf("%s has %s", name, found)
		}
		if bytes.Contains(text, []byte("<script>")) {
			t.Errorf("%s has a script inside, which its policy forbids", name)
		}
	}
}

func TestAProblemLeadsToItsPlaceInTheGuide(t *testing.T) {
	t.Parallel()
	a := app()
	guide, err := fs.ReadFile(site, "site/guide.html")
	if err != nil {
		t.Fatal(err)
	}
	// What the specification names, the guide explains.
	spec, err := fs.ReadFile(site, "site/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`type: /problems/([a-z-]+)`).FindAllSubmatch(spec, -1)
	if len(codes) < 10 {
		t.Fatalf("the specification names %d problems", len(codes))
	}
	for _, code := range codes {
		if !bytes.Contains(guide, []byte(`id="`+string(code[1])+`"`)) {
			t.Errorf("the guide does not explain %s", code[1])
		}
	}
	res, _ := get(t, a, "/problems/stale")
	if res.StatusCode != 302 || res.Header.Get("Location") != "/guide#stale" {
		t.Errorf("/problems/stale leads to %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	res, _ = get(t, a, "/problems/%0d%0aSet-Cookie:x=1")
	if res.Header.Get("Set-Cookie") != "" || strings.ContainsAny(res.Header.Get("Location"), "\r\n:") {
		t.Errorf("a path came through into a header: %v", res.Header)
	}
}
