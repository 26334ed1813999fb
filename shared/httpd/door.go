package httpd

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// Permissions an operation may declare. Any other word opens to nobody.
const (
	Public      = "public"
	Delegate    = "delegate"    // whoever is signed in
	Liaison     = "liaison"     // who holds that role, and the secretariat
	Desk        = "desk"        // who holds that role, and the secretariat
	Party       = "party"       // a liaison, the desk and the secretariat
	Secretariat = "secretariat" // who holds that role
)

// Owners an operation may declare: whose things it is about. The door knows
// whose conference it is; the rest is for the operation to see to.
const (
	Self       = "self"       // the caller's own; never another system's
	Delegation = "delegation" // the caller's delegation's
	Conference = "conference" // the caller's conference's
)

// Rules are what the spec promises of a service's operations; the generated
// package has all but Deadlines. Operations are named by their operationId,
// with either case of the first letter.
type Rules struct {
	Permissions map[string]string   // operation → Public, Delegate, Liaison, Desk, Party or Secretariat
	Owners      map[string]string   // operation → Self, Delegation or Conference; none is Conference
	Scopes      map[string]string   // operation → what an API key must hold; none: no key may call it
	Routes      map[string]string   // "GET /v1/me" → operation, paths as Fiber writes them
	MediaTypes  map[string][]string // operation with a body → what it reads
	// Deadlines are the operations that may take another time than Config says.
	Deadlines map[string]time.Duration
}

// A Door lets requests in to the operations of one service, or does not.
type Door struct {
	keys       *Keys
	operations map[string]operation // by route
}

type operation struct {
	id       string
	roles    []string // who may call it, any of them; nil = whoever is signed in
	scope    string   // what an API key must hold; "" = no key may call it
	public   bool
	closed   bool // to everybody
	deadline time.Duration

	mediaTypes []string
}

// NewDoor makes the door of a service. Tokens are verified by keys.
func NewDoor(rules Rules, keys *Keys) *Door {
	d := &Door{keys: keys, operations: make(map[string]operation)}
	permissions, owners, scopes := byID(rules.Permissions), byID(rules.Owners), byID(rules.Scopes)
	media, deadlines := byID(rules.MediaTypes), byID(rules.Deadlines)
	for route, id := range rules.Routes {
		id = lowerFirst(id)
		op := operation{id: id, scope: scopes[id], deadline: deadlines[id], mediaTypes: media[id]}
		switch permissions[id] {
		case Public:
			op.public = true
		case Delegate:
		case Liaison:
			op.roles = []string{caller.Liaison, caller.Secretariat}
		case Desk:
			op.roles = []string{caller.Desk, caller.Secretariat}
		case Party:
			op.roles = []string{caller.Liaison, caller.Desk, caller.Secretariat}
		case Secretariat:
			op.roles = []string{caller.Secretariat}
		default:
			op.closed = true
		}
		if owners[id] == Self {
			op.scope = ""
		}
		d.operations[route] = op
	}
	return d
}

// byID is a table by the operations' ids as this package spells them.
func byID[V any](table map[string]V) map[string]V {
	out := make(map[string]V, len(table))
	for id, v := range table {
		out[lowerFirst(id)] = v
	}
	return out
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return string(unicode.ToLower(rune(s[0]))) + s[1:]
}

// Router is r with a doorkeeper at every route registered through it: who may
// not call an operation is answered before anything of the request is parsed. A
// route the rules do not know is closed.
func (d *Door) Router(r fiber.Router) fiber.Router { return &router{Router: r, door: d} }

type router struct {
	fiber.Router
	door *Door
}

func (r *router) guard(method, path string, handlers []fiber.Handler) []fiber.Handler {
	op, known := r.door.operations[method+" "+path]
	op.closed = op.closed || !known
	return append([]fiber.Handler{func(c *fiber.Ctx) error { return r.door.admit(c, &op) }}, handlers...)
}

// The methods by which generated code registers its handlers.

func (r *router) Get(path string, h ...fiber.Handler) fiber.Router {
	return r.Router.Get(path, r.guard(fiber.MethodGet, path, h)...)
}

func (r *router) Post(path string, h ...fiber.Handler) fiber.Router {
	return r.Router.Post(path, r.guard(fiber.MethodPost, path, h)...)
}

func (r *router) Put(path string, h ...fiber.Handler) fiber.Router {
	return r.Router.Put(path, r.guard(fiber.MethodPut, path, h)...)
}

func (r *router) Patch(path string, h ...fiber.Handler) fiber.Router {
	return r.Router.Patch(path, r.guard(fiber.MethodPatch, path, h)...)
}

func (r *router) Delete(path string, h ...fiber.Handler) fiber.Router {
	return r.Router.Delete(path, r.guard(fiber.MethodDelete, path, h)...)
}

// admit decides about one request: token, then how often its holder comes, then
// conference, then role or scope, then whether its body can be read at all.
func (d *Door) admit(c *fiber.Ctx, op *operation) error {
	r := requestOf(c)
	switch {
	case op.closed:
		return errForbidden
	case !op.public:
		who, err := d.authenticate(c)
		if err != nil {
			return err
		}
		if err := r.edge.limits.let(&who, r.start); err != nil {
			return err
		}
		if !sameConference(c, who) {
			return notFound
		}
		if err := op.permit(who); err != nil {
			return err
		}
		r.caller, r.known = who, true
	}
	if err := readable(c, op); err != nil {
		return err
	}
	if op.deadline > 0 {
		r.at = r.start.Add(op.deadline) // nobody has waited yet
	}
	r.operation = op.id
	return c.Next()
}

// permit says whether who may call the operation: a person by role, another
// system by scope.
func (op *operation) permit(who caller.Caller) error {
	switch {
	case who.Key != "" && (op.scope == "" || !who.May(op.scope)):
		return errScope
	case who.Key == "" && op.roles != nil && !slices.ContainsFunc(op.roles, who.Is):
		return errForbidden
	}
	return nil
}

// One code for both: an app that meets it can do nothing about it.
var (
	errForbidden = problem.New(problem.Forbidden, "not_permitted", "Your role does not permit this.")
	errScope     = problem.New(problem.Forbidden, "not_permitted", "The scopes of this API key do not permit this.")
)

var bearer = []byte("bearer ")

func (d *Door) authenticate(c *fiber.Ctx) (caller.Caller, error) {
	h := c.Request().Header.Peek(fiber.HeaderAuthorization)
	if len(h) <= len(bearer) || !bytes.EqualFold(h[:len(bearer)], bearer) {
		return caller.Caller{}, errTokenMissing
	}
	return d.keys.Verify(utils.UnsafeString(bytes.TrimSpace(h[len(bearer):])))
}

// sameConference holds where the path names no conference, or the caller's.
func sameConference(c *fiber.Ctx, who caller.Caller) bool {
	named := c.Params("conference")
	if strings.Contains(named, "%") {
		plain, err := url.PathUnescape(named)
		if err != nil {
			return false
		}
		named = plain
	}
	return named == "" || named == who.Conference
}

// readable refuses a body in a language the operation does not read. Fiber
// would take a form or XML for JSON's twin, and would unpack what is compressed
// without a limit.
func readable(c *fiber.Ctx, op *operation) error {
	if len(op.mediaTypes) == 0 {
		return nil
	}
	if enc := c.Request().Header.Peek(fiber.HeaderContentEncoding); len(enc) > 0 && string(enc) != "identity" {
		return unsupported
	}
	media, _, _ := bytes.Cut(c.Request().Header.ContentType(), []byte(";"))
	if !slices.Contains(op.mediaTypes, strings.ToLower(string(bytes.TrimSpace(media)))) {
		p := *unsupported
		p.Detail = "This operation reads " + strings.Join(op.mediaTypes, ", ") + "."
		return &p
	}
	return nil
}

// Strict is the middleware of the generated strict server: it makes sure the
// request came through a Door and holds the parsed request to the constraints
// of the spec. Each generated package has a handler type H of its own:
//
//	api.NewStrictHandler(h, []api.StrictMiddlewareFunc{httpd.Strict[api.StrictHandlerFunc]})
func Strict[H ~func(*fiber.Ctx, any) (any, error)](next H, operationID string) H {
	return func(c *fiber.Ctx, args any) (any, error) {
		// The generator writes CreateAPIKey where the spec has createApiKey.
		if r := requestOf(c); r == nil || !strings.EqualFold(r.operation, operationID) {
			return nil, fmt.Errorf("operation %s was reached without passing the door", operationID)
		}
		if err := check(c, args); err != nil {
			return nil, err
		}
		return next(c, args)
	}
}
