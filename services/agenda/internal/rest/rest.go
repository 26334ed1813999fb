// Package rest speaks HTTP for the agenda: it reads what the spec lets in,
// calls the rules, and renders the answer in the caller's language.
package rest

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/agenda/internal/live"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// importLimit is how large an imported file may be, in bytes.
const importLimit = 16 << 20

// BodyLimits are the routes that take more than an app's usual body.
func BodyLimits() map[string]int {
	return map[string]int{"POST /v1/conferences/:conference/imports": importLimit}
}

// Mount adds the routes to an app made by httpd.New.
func Mount(app *fiber.App, conferences *live.Conferences, keys *httpd.Keys, now func() time.Time) {
	door := httpd.NewDoor(httpd.Rules{Permissions: api.Permissions, Routes: api.Routes, MediaTypes: api.MediaTypes}, keys)
	h := &handler{live: conferences, now: now, pages: newPages(), tongues: newTongues()}
	strict := api.NewStrictHandler(h, []api.StrictMiddlewareFunc{httpd.Strict[api.StrictHandlerFunc]})
	api.RegisterHandlers(door.Router(app), strict)
}

type handler struct {
	live    *live.Conferences
	now     func() time.Time
	pages   *pages
	tongues *tongues
}

// seen is a conference as one request sees it.
type seen struct {
	facts    programme.Conference
	agenda   programme.Agenda
	language string
}

// look finds a conference, in the caller's language and at no older a revision
// than the caller has seen.
func (h *handler) look(ctx context.Context, conference string, acceptLanguage *string, atLeast *int64) (seen, error) {
	if atLeast != nil {
		if err := h.live.Reach(ctx, conference, *atLeast); err != nil {
			return seen{}, err
		}
	}
	facts, agenda, err := h.live.Conference(conference)
	if err != nil {
		return seen{}, err
	}
	return seen{facts, agenda, h.tongues.choose(acceptLanguage, facts.Languages)}, nil
}

// who is the caller; the door has let nobody in without one.
func who(ctx context.Context) (caller.Caller, error) {
	c, ok := caller.From(ctx)
	if !ok {
		return caller.Caller{}, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	return c, nil
}
