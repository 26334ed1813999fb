package httpd

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Names and values are in canonical form and kept as bytes: they go into every
// answer, and nothing is allocated for them.
var (
	headerRequestID   = []byte("X-Request-Id")
	headerTraceparent = []byte("Traceparent")

	standing = [...]struct{ name, value []byte }{
		{[]byte("X-Content-Type-Options"), []byte("nosniff")},
		{[]byte("Referrer-Policy"), []byte("no-referrer")},
		{[]byte("Content-Security-Policy"), []byte("default-src 'none'; frame-ancestors 'none'")},
		{[]byte("Cache-Control"), []byte("no-store")},
	}
)

// setStandingHeaders writes what every answer carries. A handler may overwrite
// any of the security headers: a page needs another policy, a cacheable answer
// another Cache-Control. Not saying anything is the safe choice.
func setStandingHeaders(h *fasthttp.ResponseHeader, t *trace) {
	h.SetCanonical(headerRequestID, t.text[spanFrom:spanTo])
	h.SetCanonical(headerTraceparent, t.text[:])
	for i := range standing {
		h.SetCanonical(standing[i].name, standing[i].value)
	}
}

// limitBodies gives single routes a larger body than the rest, decided when the
// header has been read and before the first byte of the body has.
func limitBodies(server *fasthttp.Server, limits map[string]int) {
	if len(limits) == 0 {
		return
	}
	type exception struct {
		method   string
		segments []string
		limit    int
	}
	var exceptions []exception
	for route, limit := range limits {
		method, path, _ := strings.Cut(route, " ")
		exceptions = append(exceptions, exception{method, strings.Split(path, "/"), limit})
	}
	server.HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
		for _, e := range exceptions {
			if string(h.Method()) == e.method && matches(path, e.segments) {
				return fasthttp.RequestConfig{MaxRequestBodySize: e.limit}
			}
		}
		return fasthttp.RequestConfig{}
	}
}

func matches(path []byte, segments []string) bool {
	for i, want := range segments {
		got, rest, more := bytes.Cut(path, []byte("/"))
		if more != (i < len(segments)-1) || !strings.HasPrefix(want, ":") && string(got) != want {
			return false
		}
		path = rest
	}
	return true
}

// refuseOddMethods answers methods Fiber has no table for. Fiber itself would
// send a line of plain text without asking the error handler.
func refuseOddMethods(app *fiber.App, e *edge) {
	known := make(map[string]bool)
	for _, m := range app.Config().RequestMethods {
		known[m] = true
	}
	next := app.Server().Handler
	app.Server().Handler = func(rc *fasthttp.RequestCtx) {
		if known[string(rc.Method())] {
			next(rc)
			return
		}
		rc.Request.Header.SetMethod(fiber.MethodGet) // Fiber cannot even hold the other
		c := app.AcquireCtx(rc)
		defer app.ReleaseCtx(c)
		_ = e.outside(c, fiber.ErrNotImplemented) // writes the answer, never fails
	}
}

// forwarded is the address a trusted proxy asks for: the last in the list that
// is not a proxy of ours itself. What stands before it, anybody may have
// written. It is empty when the request comes from no such proxy.
func forwarded(c *fiber.Ctx, proxies []netip.Prefix) string {
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
	}
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok || !trusted(peer) {
		return ""
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return ""
		}
		if !trusted(a) {
			return a.Unmap().String()
		}
	}
	return ""
}
