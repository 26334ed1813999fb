// Package rest speaks HTTP for the agenda: it reads what the spec lets in,
// calls the rules, and renders the answer in the caller's language.
package rest

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// importLimit is how large an imported file may be, in bytes.
const importLimit = 16 << 20

// BodyLimits are the routes that take more than an app's usual body.
func BodyLimits() map[string]int {
	return map[string]int{"POST /v1/conferences/:conference/imports": importLimit}
}

// Conferences is what the routes stand for: all that package live keeps, said
// here in parts so that no handler comes near the store or the bus.
type Conferences interface {
	agendas
	desk
	picks
	calendars
	drafts
	history
	founder
}

// agendas are read from memory, and brought up to what a client has seen.
type agendas interface {
	Conference(id string) (programme.Conference, programme.Agenda, error)
	Reach(ctx context.Context, id string, revision int64) error
	Heard(ctx context.Context, id string, revision int64) error
	Since(ctx context.Context, id string, from, to int64) (programme.Agenda, programme.Delta, error)
}

// desk is where the secretariat's changes become releases.
type desk interface {
	Release(ctx context.Context, id, actor, command string, decide func(programme.Conference, programme.Agenda) (programme.Proposal, error)) (after programme.Agenda, released bool, err error)
	Accredited(id, delegate string) bool
	Count(id string, changes []programme.Change) programme.Toll
	ByCommand(ctx context.Context, id, command string, after int64) (programme.Release, bool, error)
	Once(ctx context.Context, id, commandID string, body []byte, do func(since int64, again bool) ([]byte, error)) (answer []byte, replayed bool, err error)
}

// picks are what each delegate chose.
type picks interface {
	PicksOf(id, delegate string) ([]programme.Pick, error)
	Pick(ctx context.Context, id, delegate, session string, seen *int64) error
	Unpick(ctx context.Context, id, delegate, session string) error
}

// names says who delegates are, as far as that can be had at once.
type names interface {
	People(ctx context.Context, conference, purpose string, languages []string, delegates ...string) map[string]event.Person
}

// Mount adds the routes to an app made by httpd.New.
func Mount(app *fiber.App, c Conferences, m meetings, n names, keys *httpd.Keys, now func() time.Time) {
	door := httpd.NewDoor(httpd.Rules{
		Permissions: api.Permissions, Owners: api.Owners, Scopes: api.Scopes, Routes: api.Routes, MediaTypes: api.MediaTypes,
		Deadlines: deadlines,
	}, keys)
	h := &handler{
		agendas: c, desk: c, picks: c, calendars: c, drafts: c, history: c, founder: c, meetings: m, names: n,
		now: now, pages: newPages(), tongues: newTongues(), synced: newSynced(), searchers: newSearchers(),
	}
	strict := api.NewStrictHandler(h, []api.StrictMiddlewareFunc{httpd.Strict[api.StrictHandlerFunc]})
	router := door.Router(app)
	router.Get(agendaRoute, h.quickAgenda)
	api.RegisterHandlers(router, strict)
}

type handler struct {
	agendas   agendas
	desk      desk
	picks     picks
	calendars calendars
	drafts    drafts
	history   history
	founder   founder
	meetings  meetings
	names     names
	now       func() time.Time
	pages     *pages
	tongues   *tongues
	synced    *synced
	searchers *searchers
}

// seen is a conference as one request sees it.
type seen struct {
	facts    programme.Conference
	agenda   programme.Agenda
	language string
	now      time.Time // on the conference clock
}

// sees is what is seen by whom sends an Accept-Language header, empty for none.
func (h *handler) sees(c programme.Conference, a programme.Agenda, acceptLanguage []byte) seen {
	return seen{c, a, h.tongues.choose(acceptLanguage, c), c.Now(h.now())}
}

// look finds a conference, in the caller's language and at no older a revision
// than the caller has seen: the one insisted upon, or the one of which there is
// an entity tag.
func (h *handler) look(ctx context.Context, conference string, acceptLanguage *string, atLeast *int64, ifNoneMatch *string) (seen, error) {
	if atLeast != nil {
		if err := h.agendas.Reach(ctx, conference, *atLeast); err != nil {
			return seen{}, err
		}
	}
	if ifNoneMatch != nil {
		if err := h.agendas.Heard(ctx, conference, newest(*ifNoneMatch)); err != nil {
			return seen{}, err
		}
	}
	facts, agenda, err := h.agendas.Conference(conference)
	if err != nil {
		return seen{}, err
	}
	return h.sees(facts, agenda, octets(acceptLanguage)), nil
}

// octets are those of a header that may be missing.
func octets(header *string) []byte {
	if header == nil {
		return nil
	}
	return []byte(*header)
}

// who is the caller; the door has let nobody in without one.
func who(ctx context.Context) (caller.Caller, error) {
	c, ok := caller.From(ctx)
	if !ok {
		return caller.Caller{}, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	return c, nil
}
