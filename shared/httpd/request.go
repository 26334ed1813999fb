package httpd

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// edge is what every request of one app passes through.
type edge struct {
	deadline time.Duration
	metrics  *metrics
	proxies  []netip.Prefix
	origins  []string
	next     fiber.Handler // the rest of the chain, reached through crossing
	limits   *limiter
}

// request is what the edge knows of a request while it is under way. It is the
// request's context too, so that what it knows can be asked for behind the edge.
type request struct {
	lazyDeadline
	edge      *edge
	trace     trace
	start     time.Time
	operation string        // as authorised; empty until then
	caller    caller.Caller // as verified; only when known
	known     bool
	failure   *problem.Error // as answered; nil for success
	stack     []byte         // of a panic
	from      net.Addr       // who is at the other end of the connection
	forwarded string         // who a trusted proxy says it asks for
}

type requestKey struct{}

// Value gives the request itself to whoever has the key, and its caller.
func (r *request) Value(key any) any {
	switch key.(type) {
	case requestKey:
		return r
	case caller.ContextKey:
		if r.known {
			return &r.caller
		}
	}
	return r.lazyDeadline.Value(key)
}

// Address is the address a request came from: the other end of the connection,
// or what a trusted proxy says. It is empty outside a request.
func Address(ctx context.Context) string {
	r, ok := ctx.Value(requestKey{}).(*request)
	switch {
	case !ok || r.from == nil:
		return ""
	case r.forwarded != "":
		return r.forwarded
	}
	if tcp, ok := r.from.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().String()
	}
	return r.from.String()
}

func requestOf(c *fiber.Ctx) *request {
	r, _ := c.Locals(requestKey{}).(*request)
	return r
}

// around is the one middleware: id, trace, headers, deadline, recovery, the
// problem document, metrics and the log line. One function, because each of
// them must see what the others did, also after a panic.
func (e *edge) around(c *fiber.Ctx) error {
	own := c.Route()
	r := e.begin(c)
	r.at = r.start.Add(e.deadline)
	defer r.over()
	c.SetUserContext(r)

	if err := e.guarded(c, r); err != nil {
		e.fail(c, r, err)
	}
	route := c.Route()
	if route == own {
		route = nil
	}
	e.end(c, r, route)
	return nil
}

// begin gives the request its identity and the answer its standing headers.
func (e *edge) begin(c *fiber.Ctx) *request {
	r := &request{edge: e, start: time.Now(), from: c.Context().RemoteAddr()}
	if len(e.proxies) > 0 {
		r.forwarded = forwarded(c, e.proxies)
	}
	r.trace = newTrace(c.Request().Header.Peek("traceparent"))
	c.Locals(requestKey{}, r)
	setStandingHeaders(&c.Response().Header, &r.trace)
	return r
}

// guarded runs the rest of the chain and turns a panic into an error.
func (e *edge) guarded(c *fiber.Ctx, r *request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			r.stack = debug.Stack()
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return e.next(c)
}

// outside is Fiber's ErrorHandler. Around has dealt with what handlers and the
// router return, so what comes here never reached it: headers too large, a body
// over the limit, a request that is not HTTP.
func (e *edge) outside(c *fiber.Ctx, err error) error {
	r := requestOf(c)
	if r == nil {
		r = e.begin(c)
	}
	e.fail(c, r, err)
	e.showOutside(c)
	e.end(c, r, nil)
	return nil
}

// end counts and logs. The line names the route, never the path or the query:
// those may hold what a log must not.
func (e *edge) end(c *fiber.Ctx, r *request, route *fiber.Route) {
	status, took := c.Response().StatusCode(), time.Since(r.start)
	template := "unmatched"
	if route != nil {
		template = route.Path
	}
	log := e.metrics.observe(template, c.Method(), status, took)

	level := slog.LevelInfo
	switch {
	case status >= fiber.StatusInternalServerError && status != fiber.StatusServiceUnavailable:
		level = slog.LevelError
	case template == healthPath || template == readyPath:
		level = slog.LevelDebug
	}
	ctx := context.Background()
	if !log.Enabled(ctx, level) {
		return
	}
	// A record made by hand: Logger would look up its caller, who is always this
	// function.
	line := slog.NewRecord(r.start.Add(took), level, "request", 0)
	line.AddAttrs(
		slog.Int64("micros", took.Microseconds()),
		slog.String("request", r.trace.request()),
	)
	if r.trace.continued() {
		line.AddAttrs(slog.String("trace", r.trace.trace()))
	}
	if r.failure != nil {
		line.AddAttrs(slog.String("code", r.failure.Code))
		if status >= fiber.StatusInternalServerError {
			line.AddAttrs(slog.String("err", r.failure.Error()))
		}
	}
	if r.stack != nil {
		line.AddAttrs(slog.String("stack", string(r.stack)))
	}
	_ = log.Handle(ctx, line) // there is nowhere to complain about a log that fails
}
