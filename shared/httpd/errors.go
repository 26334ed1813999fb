package httpd

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/problem"
)

// statuses is the one place that knows which status a kind of failure has.
var statuses = map[problem.Kind]struct {
	status int
	title  string
}{
	problem.Internal:             {http.StatusInternalServerError, "Internal error"},
	problem.Malformed:            {http.StatusBadRequest, "Unreadable request"},
	problem.Invalid:              {http.StatusUnprocessableEntity, "Validation failed"},
	problem.Unauthenticated:      {http.StatusUnauthorized, "Not signed in"},
	problem.Forbidden:            {http.StatusForbidden, "Not permitted"},
	problem.NotFound:             {http.StatusNotFound, "Not found"},
	problem.Conflict:             {http.StatusConflict, "Conflict"},
	problem.Gone:                 {http.StatusGone, "Gone"},
	problem.Stale:                {http.StatusPreconditionFailed, "Changed meanwhile"},
	problem.TooLarge:             {http.StatusRequestEntityTooLarge, "Too large"},
	problem.Unsupported:          {http.StatusUnsupportedMediaType, "Unsupported media type"},
	problem.PreconditionRequired: {http.StatusPreconditionRequired, "Precondition required"},
	problem.TooMany:              {http.StatusTooManyRequests, "Too many requests"},
	problem.Unavailable:          {http.StatusServiceUnavailable, "Not available"},
}

// document is a problem on the wire (RFC 9457).
type document struct {
	Type      string          `json:"type"`
	Title     string          `json:"title"`
	Status    int             `json:"status"`
	Code      string          `json:"code"`
	Detail    string          `json:"detail,omitempty"`
	Instance  string          `json:"instance,omitempty"`
	RequestID string          `json:"requestId"`
	Errors    []problem.Field `json:"errors,omitempty"`
}

// fail writes err as the answer.
func (e *edge) fail(c *fiber.Ctx, r *request, err error) {
	p, status, title := read(err)
	if p.Kind == problem.NotFound && status == http.StatusNotFound {
		// What is hidden and what is not there must look the same, whoever
		// found out and whatever they would have liked to say about it.
		p = notFound.Because(p)
	}
	r.failure = p

	doc := document{
		Type: "/problems/" + strings.ReplaceAll(p.Code, "_", "-"), Title: title, Status: status, Code: p.Code,
		Detail: p.Detail, Instance: c.Path(), RequestID: r.trace.request(), Errors: p.Fields,
	}
	body, err := json.Marshal(doc)
	if err != nil { // only strings and ints: cannot happen, and must not end in silence
		body = []byte(`{"type":"/problems/internal","title":"Internal error","status":500,"code":"internal"}`)
	}
	h := &c.Response().Header
	h.SetContentType("application/problem+json")
	h.Set(fiber.HeaderCacheControl, "no-store")
	if status == http.StatusUnauthorized {
		h.Set(fiber.HeaderWWWAuthenticate, challenge(p))
	}
	if p.RetryAfter > 0 {
		h.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds()))))
	}
	if status == http.StatusRequestEntityTooLarge {
		linger(c)
	}
	c.Status(status)
	c.Response().SetBodyRaw(body)
}

// plainProblem answers a failure where no edge stands around the handlers.
func plainProblem(c *fiber.Ctx, err error) error {
	t := newTrace(nil)
	e, r := &edge{}, &request{trace: t}
	e.fail(c, r, err)
	return nil
}

var notFound = problem.Hidden()

// read finds the failure and its status in err: ours, Fiber's or the generated
// code's, or a foreign one.
func read(err error) (p *problem.Error, status int, title string) {
	if f, ok := errors.AsType[*fiber.Error](err); ok {
		p = fromFiber(f)
		if p.Kind == problem.Internal { // a status no kind of ours stands for, such as 405
			return p, f.Code, http.StatusText(f.Code)
		}
	} else {
		p = problem.From(err)
		if p.Kind == problem.Internal && errors.Is(err, errDeadline) {
			p = problem.New(problem.Unavailable, "deadline_exceeded", "This took too long. Try again in a moment.").After(time.Second).Because(err)
		}
	}
	s := statuses[p.Kind]
	return p, s.status, s.title
}

// fromFiber reads an error of the router, of fasthttp or of the generated
// parsers, which know nothing of problems and say it all in a status and a
// sentence. The sentence is theirs and often quotes the request: ours goes out.
func fromFiber(f *fiber.Error) *problem.Error {
	if p, ok := unpack(f.Message); ok {
		return p
	}
	switch f.Code {
	case fiber.StatusBadRequest:
		return parameterProblem(f.Message)
	case fiber.StatusNotFound:
		return notFound
	case fiber.StatusRequestEntityTooLarge:
		return problem.New(problem.TooLarge, "too_large", "The body has more bytes than this operation takes.")
	case fiber.StatusUnsupportedMediaType:
		return unsupported
	case fiber.StatusBadGateway: // what Fiber makes of a connection that broke while reading
		return problem.New(problem.Malformed, "malformed_request", "The request could not be read.")
	}
	code := strings.ReplaceAll(strings.ToLower(http.StatusText(f.Code)), " ", "_")
	return &problem.Error{Code: code, Detail: http.StatusText(f.Code) + "."}
}

var unsupported = problem.New(problem.Unsupported, "unsupported_media_type", "This operation does not read that media type or encoding.")

// How oapi-codegen words its complaints about parameters.
var (
	badFormat = regexp.MustCompile(`(?i)^(?:invalid format for|error unescaping path|error unmarshaling) parameter '?([\w-]+)`)
	missing   = regexp.MustCompile(`^(?:Header parameter|Query argument) ([\w-]+) is required`)
	tooMany   = regexp.MustCompile(`^Too many values for ParamName ([\w-]+)`)
	unset     = regexp.MustCompile(`query parameter '([\w-]+)' is required`)
)

func parameterProblem(message string) *problem.Error {
	field := func(re *regexp.Regexp) string {
		if m := re.FindStringSubmatch(message); m != nil {
			return m[1]
		}
		return ""
	}
	name, code, detail := field(unset), "required", "This parameter is missing."
	if name == "" {
		name = field(missing)
	}
	if name == "" {
		name, code, detail = field(tooMany), "too_many", "This parameter is given more than once."
	}
	if name == "" {
		name, code, detail = field(badFormat), "wrong_format", "This parameter does not have the format it should."
	}
	switch {
	case name == "":
		return problem.New(problem.Malformed, "malformed_request", "The request could not be read.")
	case name == fiber.HeaderIfMatch && code == "required":
		return errNoIfMatch
	}
	return badParameter.With(problem.Field{Parameter: name, Code: code, Detail: detail})
}

var badParameter = problem.New(problem.Malformed, "bad_parameter", "A parameter is not what it should be.")

// challenge is the WWW-Authenticate of a 401. Only a bearer token that was
// there and was refused is called invalid (RFC 6750, 3.1).
func challenge(p *problem.Error) string {
	if p.Code == codeTokenInvalid || p.Code == codeTokenExpired || p.Code == codeTokenRevoked {
		return `Bearer error="invalid_token"`
	}
	return "Bearer"
}
