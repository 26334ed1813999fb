package httpd

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
)

// What pages of other origins may send and read. Credentials are none of it: a
// token is sent by who has it, and there are no cookies to steal.
const (
	corsMethods = "GET,HEAD,POST,PUT,PATCH,DELETE"
	corsTakes   = "Authorization,Content-Type,Accept-Language,If-Match,If-None-Match,Idempotency-Key,Last-Event-ID,Plenary-Revision,Traceparent"
	corsShows   = "ETag,Plenary-Revision,X-Request-Id,Retry-After,Link,Idempotency-Replayed,WWW-Authenticate,Content-Language,Content-Disposition,Location"
	corsSeconds = 3600 // a browser remembers a preflight
)

// crossing lets pages of the given origins in and goes on; a preflight it
// answers itself, before any door asks for a token.
func crossing(origins []string) fiber.Handler {
	if len(origins) == 0 {
		return func(c *fiber.Ctx) error { return c.Next() }
	}
	h := cors.New(cors.Config{
		AllowOrigins: strings.Join(origins, ","), AllowMethods: corsMethods, AllowHeaders: corsTakes,
		ExposeHeaders: corsShows, MaxAge: corsSeconds,
	})
	return func(c *fiber.Ctx) error {
		err := h(c)
		c.Vary(fiber.HeaderOrigin) // a handler may have put its own in place of it
		return err
	}
}

// showOutside lets a page of ours read an answer given before any handler was
// reached: that its file is too large, say.
func (e *edge) showOutside(c *fiber.Ctx) {
	if from := c.Get(fiber.HeaderOrigin); slices.Contains(e.origins, from) {
		c.Set(fiber.HeaderAccessControlAllowOrigin, from)
		c.Set(fiber.HeaderAccessControlExposeHeaders, corsShows)
		c.Vary(fiber.HeaderOrigin)
	}
}
