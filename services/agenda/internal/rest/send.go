package rest

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"plenary.example/shared/httpd"
)

// The headers of the agenda in the form in which they are kept, so that nothing
// is spelled anew for each of many readers.
var (
	headerETag         = []byte("Etag")
	headerCacheControl = []byte("Cache-Control")
	headerVary         = []byte("Vary")
	headerLanguage     = []byte("Content-Language")

	cacheControlBytes, varyBytes = []byte(cacheControl), []byte(vary)
)

// send sends the page without touching it, or 304 to whom has it already.
func (p *page) send(c *fiber.Ctx, ifNoneMatch string, cacheControl []byte) error {
	h := &c.Response().Header
	h.SetCanonical(headerETag, utils.UnsafeBytes(p.etag))
	h.SetCanonical(headerCacheControl, cacheControl)
	h.SetCanonical(headerVary, varyBytes)
	if httpd.NotModified(ifNoneMatch, p.etag) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	h.SetCanonical(headerLanguage, p.language)
	h.SetContentType(fiber.MIMEApplicationJSON)
	body := p.plain
	if takesGzip(c.Request().Header.Peek(fiber.HeaderAcceptEncoding)) {
		h.SetContentEncoding("gzip")
		body = p.gzipped
	}
	c.Response().SetBodyRaw(body)
	return nil
}
