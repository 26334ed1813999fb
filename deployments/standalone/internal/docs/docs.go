// Package docs serves the pages of app developers: the API drawn from its own
// specification, a guide, and the documents themselves.
//
// Everything is in the binary and nothing is fetched from elsewhere, because
// who evaluates a conference's backend often sits behind a wall, and because a
// page that shows tokens must not talk to strangers. The policy sent along
// makes browsers hold us to that. The files in site are copies made by
// `make spec`; their sources lie in api-spec.
package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/httpd"
)

//go:embed site
var site embed.FS

const (
	html       = "text/html; charset=utf-8"
	javascript = "text/javascript; charset=utf-8"
	yaml       = "application/yaml; charset=utf-8"

	// What draws the API styles itself by script, hence the one exception.
	policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
		"font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

var pages = []struct{ path, file, media string }{
	{"/", "index.html", html},
	{"/guide", "guide.html", html},
	{"/openapi.yaml", "openapi.yaml", yaml},
	{"/openapi.json", "openapi.json", fiber.MIMEApplicationJSONCharsetUTF8},
	{"/asyncapi.yaml", "asyncapi.yaml", yaml},
	{"/docs/init.js", "init.js", javascript},
	{"/docs/scalar.js", "scalar.js.gz", javascript},
}

// Handler adds the pages to app. Where a problem's type leads (/problems/…) is
// the place of the guide that says what to do about it.
func Handler(app fiber.Router) {
	for _, p := range pages {
		f := &file{name: p.file, media: p.media}
		app.Get(p.path, f.serve)
	}
	app.Get("/problems/:code", func(c *fiber.Ctx) error {
		return c.Redirect("/guide#" + strings.Map(plain, c.Params("code")))
	})
}

// plain keeps the characters codes are made of: the rest of a path may be
// anything, and it goes into a header.
func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
		return r
	}
	return -1
}

// file is one page. It is read and packed when somebody first asks for it.
type file struct {
	name, media string

	once          sync.Once
	plain, packed []byte
	etag          string
	err           error
}

func (f *file) load() {
	body, err := site.ReadFile("site/" + f.name)
	if err != nil {
		f.err = fmt.Errorf("page %s: %w", f.name, err)
		return
	}
	if strings.HasSuffix(f.name, ".gz") {
		f.packed = body
		f.plain, f.err = unpack(body)
	} else {
		f.plain = body
		f.packed, f.err = pack(body)
	}
	sum := sha256.Sum256(f.plain)
	f.etag = hex.EncodeToString(sum[:8])
}

func (f *file) serve(c *fiber.Ctx) error {
	f.once.Do(f.load)
	if f.err != nil {
		return f.err
	}
	body, etag := f.plain, `"`+f.etag+`"`
	if c.Request().Header.HasAcceptEncoding("gzip") {
		body, etag = f.packed, `"`+f.etag+`-gzip"`
		c.Set(fiber.HeaderContentEncoding, "gzip")
	}
	c.Set(fiber.HeaderETag, etag)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	if httpd.NotModified(c.Get(fiber.HeaderIfNoneMatch), etag) {
		c.Response().Header.Del(fiber.HeaderContentEncoding)
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Response().Header.SetContentType(f.media)
	c.Response().SetBodyRaw(body)
	return nil
}

func pack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
