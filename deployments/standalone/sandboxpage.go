package main

import (
	"bufio"
	"context"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/valyala/fasthttp/fasthttpadaptor"
)

// mountSandbox shows the phones below /sandbox/. The page's live stream cannot
// go through Fiber's adaptor, which waits for the end of an answer; it is
// written as it comes, until the reader leaves or ctx ends.
func mountSandbox(ctx context.Context, app *fiber.App, pages http.Handler) {
	const root = "/sandbox"
	pages = http.StripPrefix(root, pages)
	app.Get(root, func(c *fiber.Ctx) error { return c.Redirect(root + "/") })
	app.Get(root+"/events", func(c *fiber.Ctx) error {
		var r http.Request
		if err := fasthttpadaptor.ConvertRequest(c.Context(), &r, true); err != nil {
			return err
		}
		// The request's buffers are reused before the stream begins.
		u := *r.URL
		u.Path, u.RawPath, u.RawQuery = strings.Clone(u.Path), "", strings.Clone(u.RawQuery)
		again := (&http.Request{Method: http.MethodGet, URL: &u, Header: http.Header{}}).WithContext(ctx)
		again.Header.Set("Last-Event-ID", strings.Clone(r.Header.Get("Last-Event-ID")))
		c.Set(fiber.HeaderContentType, "text/event-stream")
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			pages.ServeHTTP(&stream{out: w, header: http.Header{}}, again)
		})
		return nil
	})
	page := adaptor.HTTPHandler(pages)
	app.All(root+"/*", func(c *fiber.Ctx) error {
		// The adaptor adds headers to those there are, and a browser obeys the
		// strictest of two policies: the page brings its own.
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", fiber.HeaderCacheControl} {
			c.Response().Header.Del(name)
		}
		return page(c)
	})
}

// A stream is an http.ResponseWriter whose head has been sent already.
type stream struct {
	out    *bufio.Writer
	header http.Header
}

// Header implements http.ResponseWriter; what is set comes too late to be sent.
func (s *stream) Header() http.Header { return s.header }

// WriteHeader implements http.ResponseWriter.
func (s *stream) WriteHeader(int) {}

// Write implements http.ResponseWriter.
func (s *stream) Write(p []byte) (int, error) { return s.out.Write(p) }

// FlushError sends what has been written; its error says that the reader left.
func (s *stream) FlushError() error { return s.out.Flush() }
